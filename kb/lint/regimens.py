"""Rules on regimens: doses that print has garbled, doses in words alone, schedules without structure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.diagnostics import Problem
from kb.lint.view import StudyView
from kb.model.regimen import Dose, Schedule
from kb.model.terms import Absence, AgentClass, Body, UnitFamily
from kb.model.vocabulary import AgentTerm

# "3 x 106 U": the exponent of a power of ten that sank to the line; "10(6)", "10^6" and "10⁶" are whole.
SUNKEN_POWER = re.compile(r"(?:[x×X*]\s*10\d{1,2}|^\s*10\d)(?![\d,.])\s*(?:IU|U|units?|cells?|/|\b)", re.IGNORECASE)
_UNIT_FAMILIES = (UnitFamily.IU, UnitFamily.U, UnitFamily.CETUS, UnitFamily.BRMP, UnitFamily.ROCHE)
MINIMUM_IL2_UNITS = 1000.0
"""Below this no dose of interleukin-2 in units has been given; less is a lost power of ten."""
_TIME_WORDS = re.compile(
    r"\b(?:days?|weeks?|weekly|months?|hours?|hourly|daily|hrs?|wks?|b\.?i\.?d|t\.?i\.?d|q\s?\d+\s?[hdw]|q\d+w|d\s?\d+|twice|thrice|every)\b",
    re.IGNORECASE,
)
_NUMBER_WORDS = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|once|twice|thrice|every|daily|weekly|alternate)\b", re.IGNORECASE
)


def lost_superscript(view: StudyView) -> Iterator[Problem]:
    """A dose looks as if a power of ten had lost its superscript.

    `3 x 106 U/m2` is 3 x 10(6), not 318; interleukin-2 is given in thousands of units at least. The number that is left
    is wrong by orders of magnitude, and every comparison of doses with it.

    Fix: write the power as `3 x 10(6) U/m2` when another copy of the source prints it whole. When none does, write
    `{printed: "106 U/m2"}` alone and add an ambiguity of kind `garbled` about the arm.
    """
    for path, component in view.components:
        dose = component.dose
        if isinstance(dose, Absence):
            continue
        # Milligrams and grays are never printed as powers of ten: 100 mg/m2 is 100 mg/m2.
        if (dose.family in _UNIT_FAMILIES or dose.family is UnitFamily.CELLS) and SUNKEN_POWER.search(dose.printed):
            yield _lost((*path, "dose"), f'"{dose.printed}" looks like a power of ten without its superscript')
        elif _too_small(view, component.agent, dose):
            yield _lost((*path, "dose"), f'"{dose.printed}" is far below any dose of interleukin-2')


def _too_small(view: StudyView, agent: str, dose: Dose) -> bool:
    if dose.high is None or dose.family not in _UNIT_FAMILIES or not 0 < dose.high < MINIMUM_IL2_UNITS:
        return False
    term = view.known.agents.get(agent)
    return isinstance(term, AgentTerm) and term.agent_class is AgentClass.IL2


def _lost(path: tuple[str | int, ...], message: str) -> Problem:
    return Problem("KB701", path, message, 'write 10(6) for a power of ten, or {printed: "…"} alone with an ambiguity of kind garbled')


def dose_in_words_only(view: StudyView) -> Iterator[Problem]:
    """A dose is kept as printed only, so it compares with no other.

    Nothing is wrong with that; queries by dose report such arms as not comparable.

    Fix: none needed. Where the source gives an amount and a unit, write them as text, such as `600,000 IU/kg`.
    """
    for path, component in view.components:
        if isinstance(component.dose, Dose) and not component.dose.parsed:
            message = f'the dose "{component.dose.printed}" is not comparable: it has no amount and unit'
            yield Problem("KB702", (*path, "dose"), message, "")


def schedule_in_words_only(view: StudyView) -> Iterator[Problem]:
    """The words of a schedule give days, weeks or hours that the structure leaves out.

    Amounts per day, cycle and course are computed from the structure, never from the words.

    Fix: add what the words give: `days: ["1-5"]`, `days_per_week: 5`, `times_per_day: 3`, `infusion_hours: 24`,
    `cycle_days: 21`, `weeks: ["1-4"]`. Where the words give none of these, shorten `text` to what they say.
    """
    for path, component in view.components:
        schedule = component.schedule
        if not isinstance(schedule, Schedule) or schedule.structured or schedule.max_doses is not None or schedule.until is not None:
            continue
        found = _TIME_WORDS.search(schedule.text)
        if found is not None and _NUMBER_WORDS.search(schedule.text):
            message = f'"{found[0]}" in the words, but no day, week or hour in the structure'
            yield Problem("KB703", (*path, "schedule"), message, "add days, days_per_week, times_per_day, infusion_hours or cycle_days")


def pieces_by_body(view: StudyView) -> Iterator[Problem]:
    """Radiation or pieces are dosed by body weight or surface, which no source does.

    Vials, transfusions and radiation are given flat; the unit belongs to something else.

    Fix: compare the unit with the source.
    """
    for path, component in view.components:
        dose = component.dose
        if isinstance(dose, Dose) and dose.family in (UnitFamily.GRAY, UnitFamily.COUNT) and dose.body is not Body.FLAT:
            yield Problem(
                "KB704", (*path, "dose"), f'"{dose.printed}" scales {dose.family.label} by the body', "compare the unit with the source"
            )
