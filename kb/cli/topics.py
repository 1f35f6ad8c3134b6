"""The topics of `kb help`: one table, a line and a text each. What a table elsewhere holds is read from there."""

from __future__ import annotations

from collections.abc import Callable

from kb.errors import Exit

_EXIT_WORDS = {
    Exit.OK: "done; an empty list is a success",
    Exit.FINDINGS: "done, and something was found: problems in records, files out of step or out of form",
    Exit.USAGE: "the call makes no sense: an unknown command, option or term",
    Exit.UNREADABLE: "a collection, file or folder cannot be read or written",
    Exit.INTERNAL: "a fault of kb itself; please report it",
}


def _exit_codes() -> str:
    rows = "\n".join(f"  {code.value}  {words}" for code, words in _EXIT_WORDS.items())
    return f"""Every command exits with one of these:

{rows}

Data goes to standard output, talk and progress to standard error, so a pipe sees data alone.
"""


def _selection() -> str:
    from kb.analysis.selection import DEFAULT_STATUSES, OPTIONS

    width = max(map(len, OPTIONS))
    rows = "\n".join(f"  --{option.name:<{width}}  {option.asks}" for option in OPTIONS.values())
    return f"""Every reading command takes the same selection. Different options are joined by "and", the values of one option by
"or". A term of a vocabulary stands for itself and for every narrower term: `--condition renal-cell-carcinoma` finds
clear-cell carcinoma. A label or synonym will do for the id.

{rows}

--not-<option> leaves out what the option alone would find. Without --status, records that are {", ".join(DEFAULT_STATUSES)}
count and withdrawn ones do not. Doses compare within one family of units, or over a factor with a source; see
`kb help units`. The selection in force is printed with the output and written into exports.

  kb find outcomes --agent aldesleukin --condition renal-cell-carcinoma --endpoint objective-response
  kb find arms --dose '>=0.5 MIU/kg/d' --route iv-bolus
"""


_FORMATS_SAID = {
    "table": "for reading on a terminal, the main columns",
    "csv": "comma-separated, one header row; cells that a spreadsheet would run are defused",
    "tsv": "tab-separated, one header row",
    "json": "an object with the selection and its rows",
    "jsonl": "one object a line",
    "md": "a Markdown table",
}


def _formats() -> str:
    from kb.cli.output import FORMATS, SUFFIXES
    from kb.export.formats import FORMATS as EXPORTS

    lists = "\n".join(
        f"  {name:<6} {_FORMATS_SAID[name]} ({', '.join(end for end, form in SUFFIXES.items() if form == name)})" for name in FORMATS
    )
    width = max(map(len, EXPORTS))
    whole = "\n".join(f"  {name:<{width}}  {form.description}" for name, form in EXPORTS.items())
    return f"""Lists come as a table on a terminal and as TSV in a pipe. -f/--format asks for another form; -o/--out FILE writes a file
whose suffix says the form.

{lists}

Column names are stable. A missing value is NA in csv and tsv, null in json and jsonl, empty for people; where a number could
have stood, a column beside it says which kind of absence it is. The selection in force, statuses included, is part of table,
md and json, and is told on standard error for the others.

`kb check` has forms of its own: text, json, sarif, github. `kb export` writes whole studies:

{whole}
"""


_COMPLETION = """The shell completes commands, options, and the terms of the vocabularies.

  bash   eval "$(_KB_COMPLETE=bash_source kb)"           in ~/.bashrc
  zsh    eval "$(_KB_COMPLETE=zsh_source kb)"            in ~/.zshrc
  fish   _KB_COMPLETE=fish_source kb | source            in ~/.config/fish/config.fish
"""

_RECORD = """A file is one study: entries/studies/<year>/<id>.yaml. Ids are permanent. Parts that are referred to stand in mappings
whose keys are their ids: reports, arms, populations, findings, outcomes, adverse_events, claims.

  reports         what was published, and how much of it was read
  overlaps        patients shared with other studies, so that nobody is counted twice
  design          how the study was made
  arms            treatment groups, each with a regimen: phases of components with dose, route and schedule
  populations     denominators; every number hangs on one
  findings        what the immune system did: level, change, contrast, association
  outcomes        what the tumours and patients did: proportion, time-to-event, contrast, count, continuous, statement
  adverse_events  harms, with grade and counts
  cited           numbers of other studies that the paper repeats; never this study's results
  claims          what the authors conclude, apart from what was measured
  appraisal       our own view: flags, risk of bias
  ambiguities     what can be read two ways, or is printed wrong
  curation        how far the record has come, and through whose hands

Every fact names its place: `at` (section, sentence, table) and `anchor`, at most eight consecutive words of the source. A
value that is not there is not left blank but says why:

{absences}

`kb new ID` starts a record, `kb schema study` gives every field with its meaning, `kb explain CODE` explains a rule, and an
editor with a YAML language server shows both while you type.
"""


def _record() -> str:
    from kb.model.terms import Absence

    width = max(len(absence.value) for absence in Absence)
    return _RECORD.format(absences="\n".join(f"  {absence.value:<{width}}  {absence.note}" for absence in Absence))


def _units() -> str:
    from kb.model.terms import UnitFamily

    width = max(len(family.value) for family in UnitFamily)
    rows = "\n".join(f"  {family.value:<{width}}  {family.label}{f' ({family.note})' if family.note else ''}" for family in UnitFamily)
    return f"""A dose stays as printed and is read into amount, family of units, body basis (flat, per kg, per m2) and time. Units of
interleukin-2 were not the same everywhere: international units, and the units of Cetus, the BRMP and Roche, each measured
otherwise, and many papers print only "U". Families never merge silently:

{rows}

Two doses compare when they are of one family, or when the units vocabulary holds a factor between their families with its
source (entries/vocabulary/units.yaml). Otherwise they are not comparable, and kb says so instead of guessing. The class of a
regimen (high-dose bolus, low-dose subcutaneous, ...) follows from the parsed dose and route by rules; nobody types it.
"""


TOPICS: dict[str, tuple[str, Callable[[], str]]] = {
    # name: one line, its text
    "completion": ("Completion in bash, zsh and fish.", lambda: _COMPLETION),
    "exit-codes": ("What the exit codes mean.", _exit_codes),
    "formats": ("The forms in which lists come.", _formats),
    "record": ("The parts of a study record.", _record),
    "selection": ("How to say which part of the collection is meant.", _selection),
    "units": ("Units of dose, and which compare.", _units),
}
"""Every topic of `kb help`."""
