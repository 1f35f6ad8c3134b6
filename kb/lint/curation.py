"""Rules on curation and appraisal: who checked what, why a record was withdrawn, which threats must be named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.diagnostics import Path, Problem
from kb.lint.view import StudyView
from kb.model.findings import MarkerAssociation
from kb.model.outcomes import Outcome
from kb.model.results import Proportion
from kb.model.terms import (
    Absence,
    Adjustment,
    BiasFlag,
    ComparisonKind,
    DesignType,
    EndpointKind,
    PopulationBasis,
    Sampling,
    Status,
)
from kb.model.vocabulary import EndpointTerm

_NOTHING_REPLACES = re.compile(r"\b(?:no|not|none|nothing|without)\b", re.IGNORECASE)


def withdrawn_with_reason(view: StudyView) -> Iterator[Problem]:
    """A withdrawn record gives no reason or does not say what replaces it, or a reason stands in a record that is not withdrawn.

    Ids are permanent: whoever cited the record must learn why it is gone and where to look instead.

    Fix: add `withdrawn: {reason: ..., replaced_by: ...}`; when nothing replaces it, say in the reason that nothing does.
    """
    curation = view.study.curation
    withdrawn = curation.withdrawn
    if curation.status is Status.WITHDRAWN:
        if withdrawn is None:
            yield Problem("KB901", ("curation", "status"), "withdrawn without a reason", "add withdrawn: {reason: …, replaced_by: …}")
        elif withdrawn.replaced_by is None and not _NOTHING_REPLACES.search(withdrawn.reason):
            message = "neither a replacement nor words that there is none"
            yield Problem("KB901", ("curation", "withdrawn"), message, "add replaced_by, or say in the reason that nothing replaces it")
        elif withdrawn.replaced_by == view.study.id:
            yield Problem("KB901", ("curation", "withdrawn", "replaced_by"), "replaced by itself", "name the other record")
    elif withdrawn is not None:
        message = f"a reason for withdrawal, but the status is {curation.status.value}"
        yield Problem("KB901", ("curation", "withdrawn"), message, "set status: withdrawn, or remove it")


def checked_by_another(view: StudyView) -> Iterator[Problem]:
    """A reviewed or accepted record was not checked by somebody other than its extractor.

    Double reading is what these statuses stand for. A draft needs none.

    Fix: add `checked` with the second reader and the date, or set the status back to draft.
    """
    curation = view.study.curation
    if curation.status is not Status.REVIEWED and curation.status is not Status.ACCEPTED:
        return
    extractors = {handling.by.strip().casefold() for handling in curation.extracted}
    if not curation.checked:
        yield Problem("KB902", ("curation", "status"), f"{curation.status.value}, but nobody checked it", "add checked: [{by: …, on: …}]")
    elif all(handling.by.strip().casefold() in extractors for handling in curation.checked):
        message = f"checked only by {curation.checked[0].by}, who extracted it"
        yield Problem("KB902", ("curation", "checked", 0, "by"), message, "a second person must check it, or the status is draft")


def checked_but_draft(view: StudyView) -> Iterator[Problem]:
    """A draft has been checked by a second reader, yet it is still called a draft.

    Fix: set the status to reviewed, or say in `what` why it is not.
    """
    curation = view.study.curation
    if curation.status is Status.DRAFT and curation.checked and all(handling.what is None for handling in curation.checked):
        yield Problem("KB903", ("curation", "status"), "checked, but still a draft", "set the status to reviewed, or say in `what` why not")


def claim_rests_on_something(view: StudyView) -> Iterator[Problem]:
    """A claim rests on no finding, outcome or adverse event of the record.

    A claim is what the authors conclude; what it rests on is what lets a reader weigh it.

    Fix: name the findings and outcomes in `rests_on`. A claim that rests on no number of the study says so in `scope`.
    """
    for ident, claim in view.claims:
        if not claim.rests_on and claim.scope is None:
            yield Problem("KB904", ("claims", ident), "rests on nothing", "name findings and outcomes in `rests_on`", at_key=True)


def adjustment_named(view: StudyView) -> Iterator[Problem]:
    """An association is adjusted for something while it is called unadjusted, or the other way round.

    Fix: make `adjustment` and `adjusted_for` agree. Where the source does not say for what, leave a `note`.
    """
    for ident, finding in view.study.findings.items():
        if not isinstance(finding, MarkerAssociation):
            continue
        if finding.adjustment is Adjustment.UNADJUSTED and finding.adjusted_for:
            message = f"unadjusted, but adjusted for {', '.join(finding.adjusted_for)}"
            yield Problem("KB905", ("findings", ident, "adjustment"), message, "make adjustment and adjusted_for agree")
        elif finding.adjustment is Adjustment.ADJUSTED and not finding.adjusted_for and finding.note is None:
            message = "adjusted, but not said for what"
            yield Problem(
                "KB905",
                ("findings", ident, "adjustment"),
                message,
                "name the factors in `adjusted_for`, or say in `note` that the source does not",
            )


def retracted_report(view: StudyView) -> Iterator[Problem]:
    """A report was retracted, and the record is neither withdrawn nor says anything about it.

    Fix: withdraw the record, or say in the report's `note` what still stands.
    """
    if view.study.curation.status is Status.WITHDRAWN:
        return
    for ident, report in view.reports:
        if report.retracted and report.note is None:
            yield Problem(
                "KB906", ("reports", ident, "retracted"), "a retracted report", "withdraw the record, or say in `note` what still stands"
            )


def _flags(view: StudyView, ident: str, item: object) -> set[BiasFlag]:
    own = set(getattr(item, "flags", ()))
    appraisal = view.study.appraisal
    if appraisal is not None:
        own.update(flag.flag for flag in appraisal.flags if not flag.items or ident in flag.items)
    return own


def _endpoint_kind(view: StudyView, endpoint: str) -> EndpointKind | None:
    term = view.known.endpoints.get(endpoint)
    return term.kind if isinstance(term, EndpointTerm) else None


def response_rate_of_chosen_patients(view: StudyView) -> Iterator[Problem]:
    """A response rate comes from patients who were chosen by their outcome, and nothing says so beside the number.

    In a case-control sample, or one of responders, the share of responders is what the investigators made it. Pooled with
    other response rates it misleads.

    Fix: add `flags: [case-control-sampling]` to the outcome, or a flag of the whole study to `appraisal`.
    """
    design = view.study.design
    chosen = design.sampling is Sampling.CASE_CONTROL or design.sampling is Sampling.RESPONDERS or design.type is DesignType.CASE_CONTROL
    if not chosen:
        return
    for ident, outcome in view.study.outcomes.items():
        if not isinstance(outcome.result, Proportion) or _endpoint_kind(view, outcome.endpoint) is not EndpointKind.RESPONSE:
            continue
        if BiasFlag.CASE_CONTROL not in _flags(view, ident, outcome):
            message = "a response rate of patients who were chosen by outcome"
            yield Problem("KB911", ("outcomes", ident), message, "add flags: [case-control-sampling]", at_key=True)


def outcome_of_survivors(view: StudyView) -> Iterator[Problem]:
    """Survival or response is reported for survivors alone, and nothing says so beside the number.

    Fix: add `flags: [survivors-only]` to the outcome, or a flag of the whole study to `appraisal`.
    """
    only = view.study.design.sampling is Sampling.SURVIVORS
    for ident, outcome in view.study.outcomes.items():
        population = view.study.populations.get(outcome.population)
        if not only and (population is None or population.basis is not PopulationBasis.SURVIVORS):
            continue
        kind = _endpoint_kind(view, outcome.endpoint)
        if kind is not EndpointKind.SURVIVAL and kind is not EndpointKind.RESPONSE:
            continue
        if BiasFlag.SURVIVOR_SAMPLE not in _flags(view, ident, outcome):
            yield Problem("KB912", ("outcomes", ident), "a result of survivors alone", "add flags: [survivors-only]", at_key=True)


def survival_by_response(view: StudyView) -> Iterator[Problem]:
    """Survival is compared between responders and others, without a word of the bias in that.

    To respond one must live long enough to respond: responders look better even when the treatment does nothing.

    Fix: add `flags: [responder-survival]` or `[immortal-time]` to the item, unless a landmark analysis was made; then say so in
    `note`.
    """
    for ident, outcome in view.study.outcomes.items():
        if outcome.note is not None or not _by_response(view, outcome):
            continue
        if not _flags(view, ident, outcome) & {BiasFlag.IMMORTAL_TIME, BiasFlag.RESPONDER_SURVIVAL}:
            yield Problem(
                "KB913", ("outcomes", ident), "survival by response", "add flags: [responder-survival] or [immortal-time]", at_key=True
            )


def _by_response(view: StudyView, item: Outcome) -> bool:
    if _endpoint_kind(view, item.endpoint) is not EndpointKind.SURVIVAL:
        return False
    if item.comparison is not None and item.comparison.kind is ComparisonKind.BY_OUTCOME:
        return True
    # Responders' own duration of response compares nobody; the same endpoint in both groups does.
    return _basis(view, item) is PopulationBasis.RESPONDERS and any(
        other.endpoint == item.endpoint and _basis(view, other) is PopulationBasis.NON_RESPONDERS for other in view.study.outcomes.values()
    )


def _basis(view: StudyView, outcome: Outcome) -> PopulationBasis | None:
    population = view.study.populations.get(outcome.population)
    return None if population is None else population.basis


def absent_though_read(view: StudyView) -> Iterator[Problem]:
    """A value is called not reported although only part of the source was read.

    `not-reported` says that the whole source was read and is silent. After an abstract it is `not-in-what-was-read`.

    Fix: write `not-in-what-was-read`, or set the report's `read` to full-text when it was read whole.
    """
    if any(report.read.value == "full-text" for _, report in view.reports):
        return
    study, silent = view.study, Absence.NOT_REPORTED
    design = study.design
    parts: list[tuple[Path, object]] = []
    # Asking first whether any field is silent keeps the usual record, with none, cheap.
    if any(value is silent for value in design.__dict__.values()):
        parts.append((("design",), design))
    parts += [(("populations", ident), part) for ident, part in view.populations if part.n is silent]
    parts += [(("arms", ident), arm) for ident, arm in view.arms if arm.n is silent]
    parts += [(path, part) for path, part in view.components if part.dose is silent or part.route is silent or part.schedule is silent]
    parts += [
        (("findings", ident), part)
        for ident, part in study.findings.items()
        if part.n is silent or part.assay is silent or part.compartment is silent or part.timepoint is silent
    ]
    for path, part in parts:
        for field, value in part.__dict__.items():
            if value is silent:
                message = "not reported, but no report was read whole"
                yield Problem("KB914", (*path, field), message, "write not-in-what-was-read")
