"""A third reader of YAML, for thousands of records: it reads the plain ones quickly, and leaves every other to `parse`.

rapidyaml takes a third of ryaml's time, but is laxer than YAML in places, takes every scalar for a text, and tells no duplicate keys. So
a text is read here only where the two cannot differ: nothing in it looks like what they read differently, no key is lost on
the way, and the model accepts what came out. All others go to `parse`, which tells what is wrong.

rapidyaml writes its errors to the process's standard error before it raises them; so this module is for worker processes,
which have nothing to say there.
"""

from __future__ import annotations

from typing import Any

import ryml
from orjson import dumps, loads
from pydantic_core import SchemaValidator, core_schema

_LONGEST = 100_000
"""Characters from which a text is none of thousands of plain records."""
_room = bytearray(8 * _LONGEST)
"""Where the reader writes what it has read; a control character takes six bytes."""

# What the readers differ on, or may. `inf` is read as `.inf`; a scalar may not start with an indicator; keys are texts only here.
_ODD = SchemaValidator(
    core_schema.str_schema(
        regex_engine="rust-regex",  # one pass over the text whatever is looked for, ten times as fast as Python's
        pattern=r"(?x)"
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}~`@]"  # lines that end otherwise, empty and reserved scalars
        r"| (?:^|\n) (?:%|---|\.\.\.)"  # directives and documents
        r"| [\ \n] \#"  # comments, but for the one at the head
        r"| (?:^|[\ \n]) [,:?\]}]"  # indicators where a scalar starts
        r"| [\[{,] [,:?%|>&*!] | : [,?\]}] | : \ - [\ \n] | [\]}] \ + [^\ \n,\]}]"
        r"| \ domains:"  # whose keys are free: a key over two lines, which YAML has not, is no field's name elsewhere
        r"| (?:^|[\[{,:?-]\ |\n\ *) [%|>&*!]"
        r"| (?:^|[\ \n\[{,]) (?: 0[xob] | \+[0-9.] | [-+]?[0-9.]+[eE][-+]?[0-9]{3} | [-+]?[0-9]{19}"
        r"    | (?: True | TRUE | False | FALSE | Null | NULL | [-+]?\.?(?i:inf(?:inity)?|nan) ) (?:[\ \n,\]}:]|$)"
        r"    | (?: true | false | null | [-+]?\.?[0-9][0-9.eE+-]* ) \ *: (?:[\ \n,\]}]|$) )",
    )
)


def read_quickly(text: str) -> dict[str, Any] | None:
    """Return the plain data of a record's text as `parse` returns it, or None where only `parse` can tell."""
    if len(text) > _LONGEST or _ODD.isinstance_python(text):
        return None
    held = bytearray(text.encode())  # which the tree points into
    try:
        read = bytes(ryml.emit_json_in_place(ryml.parse_in_place(held), _room))  # never deeper than orjson writes
        data = loads(read)
    except (ryml.ExceptionBasic, IndexError, ValueError):
        return None
    # A key that stood twice is lost by now, and with it the marks around it.
    if not isinstance(data, dict) or dumps(data).count(b'"') != read.count(b'"'):
        return None
    return data
