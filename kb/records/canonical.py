"""Canonical text of a record: one way to write it, so that two people's edits meet in few lines.

Canonical are: the schema comment at the head, the models' order of fields, one style of indentation, double quotes where
there are quotes, one line a value, a line break at the end. Flow style and comments stay as they were written. What the
text says never changes; that is looked at before anything is returned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from pydantic import BaseModel

from kb.errors import KbError
from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.model.vocabulary import FILE_MODELS, Question
from kb.records.reorder import reordered
from kb.records.shape import record_at
from kb.records.yaml import parse

_SCHEMA = "# yaml-language-server: $schema="
_WIDE = 1 << 20
_FLOW_LIMIT = 400
"""Characters above which a mapping of the upper levels is not left on one line; below, it stays as it was written."""
_FLOW_WIDTH = 110
"""Columns up to which a short list or mapping is written on one line when a record is rendered afresh."""


class CanonicalError(KbError):
    """The canonical text would not say the same as the text it was made from; nothing was changed."""


def schema_comment(model: type[BaseModel]) -> str:
    """Return the line that tells editors the schema, as seen from the place where such files lie.

    Raises:
        ValueError: If files of that model have no place.
    """
    if model is Study:
        return f"{_SCHEMA}../../../schemas/study.schema.json"
    if model is Question:
        return f"{_SCHEMA}../../schemas/question.schema.json"
    kind = next((kind for kind in VocabularyKind if FILE_MODELS[kind] is model), None)
    if kind is None:
        raise ValueError(f"{model.__name__} is not a model of files")
    return f"{_SCHEMA}../../schemas/vocabulary-{kind.value}.schema.json"


def canonical_text(text: str, model: type[BaseModel]) -> str:
    """Return the canonical text of a record's text.

    Args:
        text: A text that can be parsed; whether it makes a valid record does not matter.
        model: Model of the file, for the order of fields and the schema comment.

    Raises:
        YamlError: If the text cannot be parsed.
        CanonicalError: If the new text would say something else.
    """
    data = parse(text)
    new = _with_head(_emitted(reordered(text.replace("\r\n", "\n"), lambda path, keys: _order(model, data, path, keys))), model)
    if not _same(data, parse(new)):
        raise CanonicalError(
            "the canonical text would say something else", hint="nothing was changed; simplify the unusual parts of the file"
        )
    return new


def render_record(data: Mapping[str, Any], model: type[BaseModel]) -> str:
    """Return the canonical text of plain data: the upper levels in block style, short leaves on one line.

    Args:
        data: Plain data; it may lack fields.
        model: Model of the file.
    """
    from ruamel.yaml.comments import CommentedMap

    styled = _styled(data, 0)
    return canonical_text(_dumped(styled if styled else CommentedMap()), model)


_LISTED = ("populations",)
"""Parts whose items stand on a line each, where they fit; other parts' items unfold."""


def _styled(value: Any, depth: int, inline: bool = False, listed: bool = False) -> Any:
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, Mapping):
        inline = inline or ((depth > 2 or (listed and depth == 2)) and bool(value) and _short(value))
        mapping = CommentedMap((str(key), _styled(item, depth + 1, inline, listed or key in _LISTED)) for key, item in value.items())
        if inline:
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, Sequence) and not isinstance(value, str):
        inline = inline or (depth > 0 and _short(value))
        sequence = CommentedSeq(_styled(item, depth + 1, inline) for item in value)
        if inline:
            sequence.fa.set_flow_style()
        return sequence
    if isinstance(value, str):
        return str(value) if _plain(value, inline=inline) else _quoted(value)
    return value


def _short(value: Any) -> bool:
    """Whether a mapping or list reads well on one line: scalars, or lists of them, and not many."""
    return len(str(value)) <= _FLOW_WIDTH and all(
        not isinstance(child, Mapping) and all(not isinstance(leaf, Mapping | list | tuple) for leaf in _children(child))
        for child in _children(value)
    )


def _children(value: Any) -> Sequence[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list | tuple) else ()


def _with_head(text: str, model: type[BaseModel]) -> str:
    """Put the schema comment at the head; one that points elsewhere is left, for a collection may keep its schemas elsewhere."""
    lines = text.split("\n")
    known = next((number for number, line in enumerate(lines) if line.startswith(_SCHEMA)), None)
    if known is None:
        return f"{schema_comment(model)}\n{text.lstrip(chr(10))}"
    return "\n".join([lines[known], *lines[:known], *lines[known + 1 :]])


def _same(left: Any, right: Any) -> bool:
    """Whether two parsed documents are equal with their types: 1 is neither 1.0 nor true."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(value, right[key]) for key, value in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(_same(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right or (left != left and right != right))


def _emitter() -> Any:
    from ruamel.yaml import YAML

    emitter = YAML()  # round trip
    emitter.preserve_quotes = True
    emitter.width = _WIDE
    emitter.indent(mapping=2, sequence=4, offset=2)
    return emitter


def _dumped(data: Any) -> str:
    stream = StringIO()
    _emitter().dump(data, stream)
    return stream.getvalue()


def _emitted(text: str) -> str:
    """Read and write with ruamel.yaml, which keeps comments; quotes and line breaks inside values are made one."""
    data = _restyled(_emitter().load(text), 0)
    lines = [line.rstrip() for line in _dumped(data).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip("\n") + "\n"


def _restyled(value: Any, depth: int) -> Any:
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import PlainScalarString, ScalarString

    if isinstance(value, CommentedMap):
        # Assigned under the same key, so that order and comments stay.
        for key in list(value):
            value[key] = _restyled(value[key], depth + 1)
        if value and (depth == 0 or (depth < 3 and len(str(value)) > _FLOW_LIMIT)):
            value.fa.set_block_style()
        return value
    if isinstance(value, CommentedSeq):
        for index in range(len(value)):
            value[index] = _restyled(value[index], depth + 1)
        return value
    if isinstance(value, ScalarString):
        # A block scalar becomes one line, plain where it can be; what was in quotes keeps them.
        return (
            PlainScalarString(value)
            if getattr(value, "style", "") in ("|", ">") and _plain(str(value), inline=True)
            else _quoted(str(value))
        )
    return value


def _quoted(text: str) -> Any:
    """Put a text in double quotes, or in single ones where it holds double quotes and nothing that needs an escape."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString

    return SingleQuotedScalarString(text) if '"' in text and text.isprintable() else DoubleQuotedScalarString(text)


_PLAIN = re.compile(r"[A-Za-z0-9(/.+À-ɏ][^\n\t:#\[\]{}\"'&*!|>%@`]*")
"""Texts that need no quotes, but for commas inside brackets; more than needed get them, never fewer."""


def _plain(text: str, *, inline: bool) -> bool:
    if _PLAIN.fullmatch(text) is None or text != text.strip() or (inline and "," in text):
        return False
    return parse(f"a: {text}") == {"a": text} and text.casefold() not in _OTHER_READERS


_OTHER_READERS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"})
"""Words that readers of YAML 1.1 take for something else; in quotes everybody reads them alike."""


def _order(model: type[BaseModel], data: Any, path: tuple[str | int, ...], keys: Sequence[str]) -> list[str]:
    """Return the keys of the mapping at a path in the order of its model's fields; unknown keys last, as they were."""
    fields = record_at(model, data, path)
    if fields is None:
        return list(keys)
    rank = {name: place for place, name in enumerate(_reading_order(fields))}
    return sorted(keys, key=lambda key: rank.get(key, len(rank)))


_LAST = ("flags", "note", "source")


def _reading_order(model: type[BaseModel]) -> list[str]:
    """Return the fields as they are read: the kind first; of facts with a source, remarks and source last.

    The fields of a model follow those of its base, which would put the source of a finding in its middle.
    """
    names = list(model.model_fields)
    last = [name for name in _LAST if name in names] if "source" in names else []
    first = [name for name in ("kind",) if name in names and names[0] != "kind" and "source" in names and "biomarker" in names]
    return [*first, *(name for name in names if name not in first and name not in last), *last]
