"""Text to a model, or to located diagnostics; every problem of a document in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from kb.diagnostics import Diagnostic, Path, Problem, Severity
from kb.errors import nearest
from kb.records.shape import record_at
from kb.records.text import TextProblem, line_of
from kb.records.yaml import Place, YamlError, locate, parse, place

ModelT = TypeVar("ModelT", bound=BaseModel)

_CODES = {
    "missing": "KB101",
    "extra_forbidden": "KB102",
    "enum": "KB104",
    "literal_error": "KB104",
    "union_tag_invalid": "KB104",
    "union_tag_not_found": "KB101",
    "string_pattern_mismatch": "KB105",
    "value_error": "KB106",
}
_WRONG_TYPE = "KB103"
_OUT_OF_RANGE = "KB107"
_RANGE_ERRORS = (
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "too_short",
    "too_long",
    "string_too_short",
    "string_too_long",
    "finite_number",
)


@dataclass(frozen=True, slots=True)
class Decoded(Generic[ModelT]):
    """What a text turned out to be.

    Attributes:
        value: The model, or None when the text does not make one.
        data: The plain data, or None when the text is not YAML.
        diagnostics: Everything that is wrong, in the order of the text.
    """

    value: ModelT | None
    data: Mapping[str, Any] | None
    diagnostics: tuple[Diagnostic, ...]


Advise = Callable[[Problem, Any], str | None]
"""From a problem and the value at fault to a better hint, where the caller knows more than the model; else None."""


Reader = Callable[[str], Mapping[str, Any] | None]
"""From a text to its plain data, or to None where it leaves the text to `parse`."""


def decode(text: str, model: type[ModelT], *, file: str, advise: Advise | None = None, reader: Reader | None = None) -> Decoded[ModelT]:
    """Decode a text. Opens nothing and raises nothing for bad input.

    Args:
        text: The document.
        model: The model it should be.
        file: Name to show in diagnostics.
        advise: Gives better hints.
        reader: Asked first; what it does not read, and what the model does not take from it, is parsed.
    """
    data = None if reader is None else reader(text)
    if data is not None:
        try:
            return Decoded(model.model_validate(data), data, ())
        except ValidationError:  # told below, of what `parse` reads
            pass
    try:
        data = parse(text)
    except YamlError as error:
        shown = Diagnostic(file, error.position, Severity.ERROR, error.code, str(error), error.hint, line_of(text, error.position.line))
        return Decoded(None, None, (shown,))
    try:
        return Decoded(model.model_validate(data), data, ())
    except ValidationError as error:
        problems = list(_problems(error, data, model))
    if advise is not None:
        problems = [replace(problem, hint=advise(problem, _value_at(problem.path, data)) or problem.hint) for problem in problems]
    return Decoded(None, data, locate_problems(text, problems, file=file))


def text_diagnostic(problem: TextProblem, *, file: str) -> Diagnostic:
    """Turn a file's problem into a diagnostic."""
    return Diagnostic(file, problem.position, Severity.ERROR, problem.code, problem.message, problem.hint, problem.line_text)


def locate_problems(
    text: str,
    problems: Iterable[Problem],
    *,
    file: str,
    severity: Mapping[str, Severity] | None = None,
    places: Mapping[Path, Place] | None = None,
) -> tuple[Diagnostic, ...]:
    """Give problems their places in the text.

    Args:
        text: The document.
        problems: What was found, by path.
        file: Name to show.
        severity: Severity by code; an error where the code is not in it.
        places: Places already known, to spare the careful reader.
    """
    known = dict(places) if places is not None else locate(text)
    found = []
    for problem in problems:
        position = place(known, problem.path, at_key=problem.at_key)
        level = (severity or {}).get(problem.code, Severity.ERROR)
        found.append(Diagnostic(file, position, level, problem.code, problem.message, problem.hint, line_of(text, position.line)))
    return tuple(sorted(set(found), key=lambda item: item.sort_key))


def _problems(error: ValidationError, data: Any, model: type[BaseModel]) -> Iterable[Problem]:
    """Turn pydantic's errors into problems: union tags out of the paths, one problem a place."""
    by_path: dict[Path, list[tuple[dict[str, Any], Path]]] = {}
    for item in error.errors(include_url=False):
        path, key = _data_path(tuple(item["loc"]), data, item["type"])
        by_path.setdefault(path, []).append((dict(item), key))
    for path, items in by_path.items():
        inner = [other for other in by_path if len(other) > len(path) and other[: len(path)] == path]
        kept = [
            item
            for item, _ in items
            if not (inner and item["type"] in ("enum", "literal_error", "string_type", "model_type", "is_instance_of", "too_short"))
        ]
        value_errors = [item for item in kept if item["type"] in ("value_error", "assertion_error")]
        chosen = value_errors if value_errors and len({item["type"] for item in kept}) > 1 else kept
        missing_or_extra = [item for item in chosen if item["type"] in ("missing", "extra_forbidden")]
        yield from (_problem(item, path, data, model) for item in (missing_or_extra or _merged(chosen, _value_at(path, data))))


def _merged(items: Sequence[dict[str, Any]], value: Any) -> list[dict[str, Any]]:
    """One error of a union of scalars: the choices of all its enums together, or what is wrong with a number."""
    enums = [item for item in items if item["type"] in ("enum", "literal_error")]
    others = [item for item in items if item not in enums]
    if others and not isinstance(value, str):
        return others[:1]
    if len(items) > 1 and enums:
        first = dict(enums[0])
        first["also"] = [_expectation(item) for item in others]
        return [first]
    return list(items[:1])


def _data_path(loc: Path, data: Any, kind: str) -> tuple[Path, Path]:
    """Drop the union tags from a location by walking the data along it."""
    path: list[str | int] = []
    here = data
    for place_, step in enumerate(loc):
        last = place_ == len(loc) - 1
        if (isinstance(here, Mapping) and step in here) or (
            isinstance(here, Sequence) and not isinstance(here, str) and isinstance(step, int) and step < len(here)
        ):
            here = _value_at((step,), here)
            path.append(step)
        elif last and kind == "missing":
            path.append(step)
    return tuple(path), loc


def _value_at(path: Path, data: Any) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _expectation(item: Mapping[str, Any]) -> str:
    words: str = item["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return words


def _problem(item: Mapping[str, Any], path: Path, data: Any, model: type[BaseModel]) -> Problem:
    kind = item["type"]
    context = item.get("ctx") or {}
    name = str(path[-1]) if path else "the record"
    if item["loc"] and item["loc"][-1] == "[key]":
        return _key_problem(item, path)
    shown = _shown(_value_at(path, data))
    if kind in ("missing", "union_tag_not_found"):
        field = name if kind == "missing" else str(context.get("discriminator", "'kind'")).strip("'")
        where = path if kind == "missing" else (*path, field)
        return Problem(
            "KB101", where[:-1], f'the field "{field}" is missing', f"add `{field}:`; `kb schema` lists the fields", at_key=False
        )
    if kind == "extra_forbidden":
        return Problem("KB102", path, f'"{name}" is not a field here', _field_hint(name, path, data, model), at_key=True)
    if kind in ("enum", "literal_error", "union_tag_invalid"):
        choices = _choices(context)
        where = (*path, str(context["discriminator"]).strip("'")) if kind == "union_tag_invalid" else path
        tag = _shown(context.get("tag")) if kind == "union_tag_invalid" else shown
        near = nearest(str(context.get("tag", _value_at(path, data))), choices)
        also = f", or {' or '.join(item['also'])}" if item.get("also") else ""
        hint = f"did you mean {' or '.join(near)}?" if near else f"one of: {', '.join(choices)}"
        return Problem("KB104", where, f"{tag} is not a term of this closed set{also}", hint)
    if kind == "string_pattern_mismatch":
        return Problem("KB105", path, f"{shown} does not have the form that {name} needs", f"the form is {context.get('pattern')}")
    if kind == "value_error":
        return Problem("KB106", path, _expectation(item), "mend the value, or write the absence that applies")
    if kind in _RANGE_ERRORS:
        return Problem(
            _OUT_OF_RANGE, path, f"{shown} for {name}: {item['msg'][0].lower()}{item['msg'][1:]}", "check the number against the source"
        )
    return Problem(
        _CODES.get(kind, _WRONG_TYPE),
        path,
        f"{shown} for {name}: {item['msg'][0].lower()}{item['msg'][1:]}",
        "check the type: text in quotes, numbers without",
    )


def _key_problem(item: Mapping[str, Any], path: Path) -> Problem:
    """Say what is wrong with the name of an item, which is the key that it stands under."""
    key = path[-1]
    if not isinstance(key, str):
        what = "true or false" if isinstance(key, bool) else "nothing" if key is None else "a number"
        return Problem("KB103", path, f"the name {key} is {what}, but names are words", "write a word, such as arm-1", at_key=True)
    if item["type"] == "string_pattern_mismatch":
        hint = "lower-case letters and digits, with hyphens between them, such as partial-response"
        return Problem("KB105", path, f'"{key}" does not have the form of a name', hint, at_key=True)
    return Problem(
        "KB107", path, f'"{_shown(key)}" as a name: {item["msg"][0].lower()}{item["msg"][1:]}', "write a shorter name", at_key=True
    )


def _choices(context: Mapping[str, Any]) -> list[str]:
    words = str(context.get("expected") or context.get("expected_tags") or "")
    return [word.strip().strip("'") for word in words.replace(" or ", ", ").split(",") if word.strip()]


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = "nothing" if value is None else repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 60 else text[:57] + '…"'


def _field_hint(name: str, path: Path, data: Any, model: type[BaseModel]) -> str:
    record = record_at(model, data, path[:-1])
    fields = [] if record is None else list(record.model_fields)
    near = nearest(name, fields)
    return f"did you mean {' or '.join(near)}?" if near else f"the fields here: {', '.join(fields)}"
