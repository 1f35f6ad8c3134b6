"""Rows of the catalogue for what the readers find themselves: bytes, syntax and structure."""

from __future__ import annotations

from kb.diagnostics import Severity
from kb.lint.rule import Family, Rule, Scope


def _row(code: str, name: str, fails: str, passes: str, text: str, severity: Severity = Severity.ERROR) -> Rule:
    family = Family.SYNTAX if code < "KB100" else Family.STRUCTURE
    scope = Scope.TEXT if code < "KB100" else Scope.STUDY
    return Rule(code, name, severity, family, scope, None, "", fails, passes, text)


READING_RULES: tuple[Rule, ...] = (
    _row(
        "KB001",
        "not-a-file",
        "a folder named example-1991-il2.yaml, or a link to nothing",
        "a plain file",
        """A record is not a plain file that can be read: a folder, a link to nothing, a pipe, a file without permission.

        Fix: rename the folder, mend the link, or give yourself the right to read the file.""",
    ),
    _row(
        "KB002",
        "link-out",
        "a link to a file beside the collection",
        "the file itself",
        """A link leads out of the collection.

        Records are read and published; a link could publish any file of the machine.

        Fix: copy the file into the collection.""",
    ),
    _row(
        "KB003",
        "too-large",
        "a file of two megabytes",
        "a file of some kilobytes",
        """A file is larger than one megabyte.

        The longest record of a real study is a hundredth of that.

        Fix: split the file, or remove what does not belong in a record.""",
    ),
    _row(
        "KB004",
        "not-utf-8",
        "a text in Latin-1: the byte 0xE9 for é",
        "the same text in UTF-8",
        """A file is not UTF-8.

        Fix: save it as UTF-8; in most editors that is the default or stands under "save with encoding".""",
    ),
    _row(
        "KB005",
        "control-character",
        "id: example-1991-il2\x07",
        "id: example-1991-il2",
        """A text holds a control character, a byte order mark or an invisible line break.

        They come along with text from PDF files, and no search finds the word that holds one.

        Fix: remove the character; the caret stands under it.""",
    ),
    _row(
        "KB006",
        "never-read",
        "a file example-1991-il2.yml in entries/studies/",
        "the same file named example-1991-il2.yaml",
        """A file in the folders of records is never read, because its name does not end in `.yaml`.

        A record under `.yml` or `.yaml.txt` is missing from every list without a word.

        Fix: rename the file, or move it out of the folder.""",
        Severity.WARNING,
    ),
    _row(
        "KB010",
        "yaml-syntax",
        "reports: {main: [",
        "reports: {main: []}",
        """A text is not YAML.

        Often a text that holds `: ` or ` #`, or starts with a bracket, lacks its quotes; or a bracket, a quote or the
        indentation does not close.

        Fix: put the text in quotes, or mend the place that the caret shows or the line before it.""",
    ),
    _row(
        "KB011",
        "key-twice",
        "id: example-1991-il2\nid: example-1992-il2",
        "id: example-1991-il2",
        """A key stands twice in one mapping.

        Other readers keep one of the two without a word.

        Fix: keep one, or rename the second.""",
    ),
    _row(
        "KB012",
        "anchor-alias-tag",
        "first: &a text\nsecond: *a",
        "first: text\nsecond: text",
        """A text uses an anchor, an alias or a tag of YAML.

        A fact stands in one place and is plain text, a number, a list or a mapping. Aliases can also grow a small file to
        gigabytes.

        Fix: write the value out; put a text that starts with `&`, `*` or `!` in quotes.""",
    ),
    _row(
        "KB013",
        "second-document",
        "id: example-1991-il2\n---\nid: example-1992-il2",
        "id: example-1991-il2",
        """A file holds a second document.

        Fix: give each record a file of its own, or remove the line `---`.""",
    ),
    _row(
        "KB014",
        "not-a-mapping",
        "- example-1991-il2",
        "id: example-1991-il2",
        """A file is empty, or holds a list or a single value instead of fields.

        Fix: start with a field, such as `id: family-1991-two-words`; `kb new` writes a fresh record.""",
    ),
    _row(
        "KB015",
        "too-deep",
        "a: " + "[" * 200 + "]" * 200,
        "a: [[]]",
        """A text is nested deeper than any record.

        Fix: look for brackets that were opened and never closed.""",
    ),
    _row(
        "KB101",
        "field-missing",
        "design.type: ...",
        "design.type: clinical-trial",
        """A field that every record needs is missing.

        Nothing is guessed: where the source is silent, the field holds the absence that applies.

        Fix: add the field. Absences are not-reported, not-in-what-was-read, not-measured, unclear, contradictory and
        not-applicable.""",
    ),
    _row(
        "KB102",
        "field-unknown",
        "design.desing: clinical-trial",
        "design.note: clinical-trial",
        """A field is not one that the record may have here.

        A misspelt field would be lost without a word.

        Fix: write the field that the hint names; `kb schema` lists all.""",
    ),
    _row(
        "KB103",
        "wrong-type",
        "reports.main.pmid: 2012995",
        'reports.main.pmid: "2012995"',
        """A value has the wrong type: a number where text belongs, a text where a list belongs.

        Fix: put text that looks like a number in quotes; write a list in brackets.""",
    ),
    _row(
        "KB104",
        "not-in-closed-set",
        "design.type: clinical trail",
        "design.type: clinical-trial",
        """A word is not a term of the closed set that the field takes.

        Fix: write the term that the hint names; `kb schema` lists all terms.""",
    ),
    _row(
        "KB105",
        "wrong-form",
        "reports.main.doi: doi:10.1000/182",
        "reports.main.doi: 10.1000/182",
        """A text does not have the form of its field: an id, a DOI, a date, an address.

        Ids are lower-case words with hyphens; a DOI starts with 10.; a date is 1991, 1991-03 or 1991-03-17; an address
        starts with https://.

        Fix: write the value in the form that the hint shows.""",
    ),
    _row(
        "KB106",
        "impossible-value",
        "arms.a.regimen.0.components.0.dose: 600,000 XY/kg",
        "arms.a.regimen.0.components.0.dose: 600,000 IU/kg",
        """A value cannot be what its field says: a dose with an unknown unit, a P value of 3, two targets at once.

        Fix: mend the value. A dose that cannot be parsed is written as `{printed: ...}` alone.""",
    ),
    _row(
        "KB107",
        "out-of-range",
        "populations.all.n: -3",
        "populations.all.n: 20",
        """A number or a text is smaller, larger, shorter or longer than its field allows.

        Fix: check the number against the source; shorten the text.""",
    ),
)
"""What the readers find, in the order of codes."""
