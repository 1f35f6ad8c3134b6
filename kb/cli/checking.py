"""Reading and checking files for `kb check`: what is asked for, one file after another or in two processes, one report.

A record is read, checked and dropped; what rules between records need of it stays behind as a digest. Positions are looked
up only for a record that has a problem.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from kb.diagnostics import Diagnostic, Position, Problem, Severity
from kb.lint.digest import CollectionView, Digest, digest
from kb.lint.engine import COLLECTION_RULES, SEVERITY, VOCABULARY_RULES, Selection, StudyChecker, Tally, run
from kb.lint.view import FilePlace, Known
from kb.lint.vocabulary import VocabularyView
from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.model.vocabulary import Question
from kb.project import Project, resource
from kb.records.collection import Vocabulary, read_vocabulary, study_files
from kb.records.decode import decode, locate_problems, text_diagnostic
from kb.records.text import read_text
from kb.records.verified import read_verified
from kb.records.workers import in_order, reader, shrinking

PARALLEL_FROM = 200
"""Files from which a second process pays for its start."""
_LEAST = 32
"""Files that a worker is given at least at a time."""


class RecordFile(NamedTuple):
    """A record's file.

    Attributes:
        shown: Its path as the user sees it: relative below the current folder, with forward slashes. It opens the file too, for
            all processes share the current folder; a second spelling of ten thousand paths would be megabytes.
        root: Folder of the collection, in which links must stay; None outside.
    """

    shown: str
    root: str | None


@dataclass(frozen=True)
class Plan:
    """What is to be checked.

    Attributes:
        studies: Study files.
        vocabulary: Vocabulary files by kind.
        questions: Question files.
        stray: What lies in the folders of records and is never read, with the reason.
        whole: Whether this is the whole collection.
    """

    studies: tuple[RecordFile, ...]
    vocabulary: tuple[tuple[VocabularyKind, RecordFile], ...]
    questions: tuple[RecordFile, ...]
    stray: tuple[tuple[str, str], ...]
    whole: bool


@dataclass
class Report:
    """What a check found.

    Attributes:
        diagnostics: Every problem, sorted by place.
        tally: Checks that ran.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def severities(self) -> dict[str, int]:
        """Return the number of problems by severity."""
        counted = Counter(item.severity.value for item in self.diagnostics)
        return {severity.value: counted[severity.value] for severity in Severity}


def check(project: Project, paths: Sequence[Path], selection: Selection, *, jobs: int) -> Report:
    """Check what the paths name, or the whole collection.

    Args:
        project: The collection, whose vocabulary and other records answer for references.
        paths: Files and folders; the whole collection when empty.
        selection: Rules that are asked for.
        jobs: Processes to use at most.
    """
    plan = plan_of(project, paths)
    report = Report()
    vocabulary, unread = _vocabulary(project, plan, report)
    known = Known(vocabulary, unread)
    digests = list(_studies(plan, known, selection, report, jobs))
    _between(project, plan, digests, selection, report)
    _vocabulary_rules(project, plan, vocabulary, selection, report)
    report.diagnostics += [
        Diagnostic(name, Position(1, 1), Severity.WARNING, "KB006", f"never read: {reason}", "rename or move it")
        for name, reason in plan.stray
    ]
    report.tally.files += len(plan.stray)
    # What cannot be read is told whatever was selected, for no rule has looked at it; ignoring it must be asked for.
    reading = Selection((), selection.ignore)
    report.diagnostics = [
        item for item in report.diagnostics if selection.takes(item.code) or (item.code < "KB200" and reading.takes(item.code))
    ]
    report.diagnostics.sort(key=lambda item: item.sort_key)
    return report


def shown_name(path: str) -> str:
    """Return a path as the user sees it: relative below the current folder, with forward slashes."""
    return _shown(path, _below_here())


def _below_here() -> str:
    return f"{Path.cwd()}{os.sep}"


def _shown(path: str, here: str) -> str:
    return path.removeprefix(here).replace(os.sep, "/")


def absolute(path: Path) -> Path:
    """Return a path with its folders resolved, and a file that is a link left as the link that it is."""
    return path.resolve() if path.is_dir() else path.parent.resolve() / path.name


def plan_of(project: Project, paths: Sequence[Path]) -> Plan:
    """Sort what is asked for by what it is."""
    root = str(project.root)
    asked = [absolute(path) for path in paths] or [project.entries]
    files: dict[str, None] = {}
    linked: set[str] = set()
    for path in asked:
        if path.is_dir() and (path.suffix != ".yaml" or path == project.root):
            files.update(dict.fromkeys(_below(str(project.entries if path == project.root else path), linked)))
        else:
            files[str(path)] = None
    studies: list[RecordFile] = []
    vocabulary: list[tuple[VocabularyKind, RecordFile]] = []
    questions: list[RecordFile] = []
    stray: list[tuple[str, str]] = []
    kinds = {str(project.vocabulary / f"{kind.value}.yaml"): kind for kind in VocabularyKind}
    inside, vocabulary_folder = str(project.entries) + os.sep, str(project.vocabulary) + os.sep
    question_folder = str(project.questions) + os.sep
    named = {str(path) for path in asked}
    here = _below_here()
    for file in sorted(files):
        entry = RecordFile(_shown(file, here), root if file.startswith(inside) else None)
        if file in kinds:
            vocabulary.append((kinds[file], entry))
        elif file in linked:
            stray.append((entry.shown, "a link to a folder"))
        elif not file.endswith(".yaml") and file not in named:
            # The table of identifiers, and pages that tell readers about the collection, are no records.
            if not file.endswith(".md") and not (file.startswith(vocabulary_folder) and file.endswith(".tsv")):
                stray.append((entry.shown, "its name does not end in .yaml"))
        elif file.startswith(vocabulary_folder):
            stray.append((entry.shown, "no vocabulary has this name"))
        elif file.startswith(question_folder):
            questions.append(entry)
        else:
            studies.append(entry)
    whole = not paths or project.entries in asked or project.root in asked or project.studies in asked
    return Plan(tuple(studies), tuple(vocabulary), tuple(questions), tuple(stray), whole)


def _below(folder: str, linked: set[str]) -> Iterator[str]:
    """Yield every file below a folder, and what is told instead of entered: links to folders, folders named like a record."""
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in list(folders):
            path = f"{here}{os.sep}{name}"
            if Path(path).is_symlink():
                linked.add(path)
            if path in linked or name.endswith(".yaml"):
                folders.remove(name)
                names.append(name)
        yield from (f"{here}{os.sep}{name}" for name in names if not name.startswith("."))


def _vocabulary(project: Project, plan: Plan, report: Report) -> tuple[Vocabulary, frozenset[VocabularyKind]]:
    vocabulary, problems = read_vocabulary(project)
    report.tally.files += len(plan.vocabulary)
    report.diagnostics += [_renamed(problem, shown_name(str(project.root / problem.file))) for problem in problems]
    broken = {problem.file for problem in problems}
    unread = frozenset(kind for kind in VocabularyKind if project.relative(project.vocabulary / f"{kind.value}.yaml") in broken)
    for kind in sorted(unread):
        report.tally.skipped[f"{kind.label} are not looked up, because their vocabulary cannot be read"] += 1
    return vocabulary, unread


def _renamed(problem: Diagnostic, file: str) -> Diagnostic:
    return Diagnostic(file, problem.position, problem.severity, problem.code, problem.message, problem.hint, problem.line_text)


class Checked(NamedTuple):
    """What came of some study files."""

    diagnostics: list[Diagnostic]
    digests: list[Digest]
    checks: Counter[str]
    unreadable: int


def check_files(files: Iterable[RecordFile], checker: StudyChecker) -> Checked:
    """Read and check study files, keeping digests only."""
    diagnostics: list[Diagnostic] = []
    digests: list[Digest] = []
    unreadable = 0
    folder: Path | None = None
    for shown, root in files:
        if root is not None and folder is None:
            folder = Path(root)
        text = read_text(Path(shown), root=None if root is None else folder)
        if not isinstance(text, str):
            diagnostics.append(text_diagnostic(text, file=shown))
            unreadable += 1
            continue
        decoded = decode(text, Study, file=shown, advise=checker.advise, reader=reader())
        if decoded.value is None:
            diagnostics.extend(decoded.diagnostics)
            unreadable += 1
            continue
        problems = checker.check(decoded.value, None if root is None else _place(shown))
        if problems:
            diagnostics.extend(locate_problems(text, problems, file=shown, severity=SEVERITY))
        digests.append(digest(decoded.value, shown))
    return Checked(diagnostics, digests, checker.checks_run(), unreadable)


def _place(shown: str) -> FilePlace:
    folder, _, name = shown.rpartition("/")
    return FilePlace(name.removesuffix(".yaml"), folder.rpartition("/")[2] or Path.cwd().name)


def _checker(known: Known, selection: Selection) -> Callable[[Sequence[RecordFile]], Checked]:
    checker = StudyChecker(known, selection)
    return lambda files: check_files(files, checker)


def _studies(plan: Plan, known: Known, selection: Selection, report: Report, jobs: int) -> Iterator[Digest]:
    files = plan.studies
    if len(files) < PARALLEL_FROM:
        jobs = 1
    shares = [files] if jobs < 2 else shrinking(files, _LEAST, jobs)
    names = {file.shown: file.shown for file in files}
    for study in _collected(in_order(_checker, (known, selection), shares, jobs=jobs), report):
        # What comes from another process brings a copy of the file's name; one is enough.
        yield study._replace(file=names[study.file])
    report.tally.files += len(files)


def _collected(results: Iterable[Checked], report: Report) -> Iterator[Digest]:
    for result in results:
        report.diagnostics += result.diagnostics
        report.tally.checks.update(result.checks)
        if result.unreadable:
            report.tally.skipped["all rules, in records that cannot be read"] += result.unreadable
        yield from result.digests


def _between(project: Project, plan: Plan, digests: list[Digest], selection: Selection, report: Report) -> None:
    """Run the rules between records. Where only some records were named, those that they touch are read for the answer."""
    rules = selection.rules(COLLECTION_RULES)
    if not rules or not plan.studies:
        return
    ids = {study.id: study.file for study in digests}
    _name_unread(ids, plan, digests)
    if plan.whole:
        view = CollectionView(digests, ids)
    else:
        others = {file.stem: str(file) for file in study_files(project)}
        named = {str(absolute(Path(file.shown))) for file in plan.studies}
        ids = {stem: shown_name(path) for stem, path in others.items()} | ids
        subjects = frozenset(study.file for study in digests)
        related = _related(digests, {stem: path for stem, path in others.items() if path not in named})
        view = CollectionView(sorted([*digests, *related], key=lambda study: study.file), ids, subjects)
        left = len(others) - len(named & set(others.values())) - len(related)
        if left:
            rules = tuple(rule for rule in rules if rule.code != "KB804")
            report.tally.skipped[
                f"KB804 near-title, against {'the record that was' if left == 1 else f'the {left} records that were'} not named"
            ] += 1
    found = run(view, rules, report.tally)
    if found:
        _locate(found, report)


def _name_unread(ids: dict[str, str], plan: Plan, digests: Sequence[Digest]) -> None:
    """Add the ids of records that cannot be read, which are the names of their files."""
    if len(digests) < len(plan.studies):
        read = {study.file for study in digests}
        for file in plan.studies:
            if file.shown not in read:
                ids.setdefault(_place(file.shown).stem, file.shown)


def _related(digests: Sequence[Digest], others: dict[str, str]) -> list[Digest]:
    """Read the records that the named ones touch: by overlap, replacement, or an identifier found in their bytes."""
    wanted = {overlap.study for study in digests for overlap in study.overlaps}
    wanted |= {old for study in digests for old in study.formerly}
    needles = {study.id for study in digests}
    for study in digests:
        needles.update(study.registry)
        for report in study.reports:
            needles.update(value.casefold() for value in (report.doi,) if value)
            needles.update(f'"{report.pmid}"' for _ in (1,) if report.pmid)
    found = []
    marks = [needle.casefold().encode() for needle in sorted(needles)]
    for stem, path in sorted(others.items()):
        if stem not in wanted and not _mentions(path, marks):
            continue
        text = read_text(Path(path))
        decoded = decode(text, Study, file=shown_name(path)) if isinstance(text, str) else None
        if decoded is not None and decoded.value is not None:
            found.append(digest(decoded.value, shown_name(path)))
    return found


def _mentions(path: str, marks: Sequence[bytes]) -> bool:
    try:
        raw = Path(path).read_bytes().lower()
    except OSError:
        return False  # told when that file itself is checked
    return any(mark in raw for mark in marks)


def _locate(found: Iterable[tuple[str, Problem]], report: Report) -> None:
    by_file: dict[str, list[Problem]] = {}
    for file, problem in found:
        by_file.setdefault(file, []).append(problem)
    for file, problems in by_file.items():
        text = read_text(Path(file))
        if isinstance(text, str):  # it was a moment ago
            report.diagnostics.extend(locate_problems(text, problems, file=file, severity=SEVERITY))


def _vocabulary_rules(project: Project, plan: Plan, vocabulary: Vocabulary, selection: Selection, report: Report) -> None:
    questions: dict[str, Question] = {}
    paths: dict[str, RecordFile] = {kind.value: file for kind, file in plan.vocabulary}
    for file in plan.questions:
        text = read_text(Path(file.shown), root=None if file.root is None else Path(file.root))
        report.tally.files += 1
        if not isinstance(text, str):
            report.diagnostics.append(text_diagnostic(text, file=file.shown))
            continue
        decoded = decode(text, Question, file=file.shown)
        report.diagnostics += decoded.diagnostics
        if decoded.value is not None:
            questions[decoded.value.id] = decoded.value
            paths[decoded.value.id] = file
    if not paths:
        return
    verified = read_verified(project.vocabulary) or read_verified(resource("entries") / "vocabulary")
    found = run(VocabularyView(vocabulary, verified, questions), selection.rules(VOCABULARY_RULES), report.tally)
    shown = {name: file.shown for name, file in paths.items()}
    asked = [(shown[name], problem) for name, problem in found if name in shown]
    _locate(asked, report)
