"""The catalogue: every rule, one row each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kb.diagnostics import Problem, Severity
from kb.errors import UsageError, nearest
from kb.lint import between, counts, curation, effects, identifiers, populations, provenance, references, regimens, terms, vocabulary
from kb.lint.printed import PRINTED_CODE
from kb.lint.reading import READING_RULES
from kb.lint.rule import Family, Rule, Scope

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
_FAMILIES = {
    "2": Family.IDENTIFIERS,
    "3": Family.VOCABULARY,
    "4": Family.REFERENCES,
    "5": Family.PROVENANCE,
    "6": Family.ARITHMETIC,
    "7": Family.REGIMENS,
    "8": Family.COLLECTION,
    "9": Family.CURATION,
}
_SOURCE = "outcomes.response.source"
_RESULT = "outcomes.response.result"
_DOSE = "arms.a.regimen.0.components.0.dose"
_SCHEDULE = "arms.a.regimen.0.components.0.schedule"


def _row(
    code: str, name: str, severity: Severity, check: Callable[[Any], Any], over: str, fails: str, passes: str, scope: Scope = Scope.STUDY
) -> Rule:
    return Rule(code, name, severity, _FAMILIES[code[2]], scope, check, over, fails, passes)


def _between(code: str, name: str, severity: Severity, check: Callable[[Any], Any], fails: str, passes: str) -> Rule:
    return _row(code, name, severity, check, "studies", fails, passes, Scope.COLLECTION)


def _vocabulary(code: str, name: str, check: Callable[[Any], Any], fails: str, passes: str, over: str = "terms") -> Rule:
    return _row(code, name, ERROR, check, over, fails, passes, Scope.VOCABULARY)


def printed_error(view: object) -> Iterator[Problem]:
    """A number contradicts another, and the record says that the source prints it so.

    Printed errors are kept as printed and flagged by an ambiguity of kind `printed-error`, `contradiction` or `garbled` about
    the item. What would be an error or a warning is then this note, so that it stays visible and stops nobody.

    Fix: none needed. If the number was mistyped here, correct it and remove the ambiguity.
    """
    yield from ()


# fmt: off
RULES: tuple[Rule, ...] = (
    *READING_RULES,
    _row("KB201", "name-of-file", ERROR, identifiers.name_of_file, "whole",
         "id: another-1991-il2", "id: example-1991-il2"),
    _row("KB202", "folder-of-year", ERROR, identifiers.folder_of_year, "whole",
         "reports.main.year: 1992", "reports.main.year: 1991"),
    _row("KB203", "doi-form", ERROR, identifiers.doi_form, "reports",
         "reports.main.doi: 10.1000/182.", "reports.main.doi: 10.1000/182"),
    _row("KB204", "identifier-of-report", ERROR, identifiers.pubmed_id, "reports",
         'reports.main.pmcid: PMC1', 'reports.main.pmcid: PMC2'),
    _row("KB205", "registration-form", ERROR, identifiers.registration_form, "whole",
         "registry: [NCT0055451]", "registry: [NCT00554515]"),
    _row("KB206", "orcid-check", ERROR, identifiers.orcid_check, "handlings",
         "curation.extracted.0.by: Josiah Carberry 0000-0002-1825-0079", "curation.extracted.0.by: Josiah Carberry 0000-0002-1825-0097"),
    _row("KB207", "mirror-address", ERROR, identifiers.mirror_address, "reports",
         'reports.main.urls: ["https://47.251.13.51:8081/article/1"]', 'reports.main.urls: ["https://pubmed.ncbi.nlm.nih.gov/1/"]'),
    _row("KB301", "unknown-term", ERROR, terms.unknown_term, "terms",
         "outcomes.response.endpoint: overall-response", "outcomes.response.endpoint: objective-response"),
    _vocabulary("KB311", "unverified-curie", vocabulary.unverified_curie,
                'agents.terms.aldesleukin.curies: ["NCIT:C0"]', 'agents.terms.aldesleukin.curies: ["NCIT:C1498"]'),
    _vocabulary("KB312", "broader-unknown", vocabulary.broader_unknown,
                "agents.terms.aldesleukin.broader: [interleukin-3]", "agents.terms.aldesleukin.broader: [interleukin-2]"),
    _vocabulary("KB313", "broader-circle", vocabulary.broader_circle,
                "agents.terms.interleukin-2.broader: [aldesleukin]", "agents.terms.interleukin-2.broader: []"),
    _vocabulary("KB314", "spelling-twice", vocabulary.spelling_twice,
                "agents.terms.aldesleukin.synonyms: [IL-2]", "agents.terms.aldesleukin.synonyms: [rIL-2]"),
    _vocabulary("KB315", "conversion-both-ways", vocabulary.conversion_both_ways,
                "units.terms.iu.conversions: [{to: cetus-units, factor: 6, source: a page}]",
                "units.terms.iu.conversions: []"),
    _vocabulary("KB316", "question-terms", vocabulary.question_terms,
                "questions.example.outcomes.endpoint: [response]", "questions.example.outcomes.endpoint: [objective-response]", "asked"),
    _row("KB401", "unknown-report", ERROR, references.unknown_report, "sources",
         _SOURCE + ".report: erratum", _SOURCE + ".report: main"),
    _row("KB402", "unknown-population", ERROR, references.unknown_population, "items",
         "outcomes.response.population: evaluable", "outcomes.response.population: all"),
    _row("KB403", "unknown-arm", ERROR, references.unknown_arm, "items",
         "outcomes.response.arms: [b]", "outcomes.response.arms: [a]"),
    _row("KB404", "unknown-item", ERROR, references.unknown_item, "claims",
         "claims.active.rests_on: [reponse]", "claims.active.rests_on: [response]"),
    _row("KB405", "unknown-place", ERROR, references.unknown_place, "ambiguities",
         "ambiguities: [{kind: caution, about: response, text: a small study}]",
         "ambiguities: [{kind: caution, about: outcomes.response, text: a small study}]"),
    _row("KB406", "population-circle", ERROR, references.population_circle, "populations",
         "populations.all.within: all", "populations.all.note: everybody"),
    _row("KB407", "item-twice", ERROR, references.item_twice, "items",
         "claims.response: {subject: {agent: aldesleukin}, relation: active-in, object: {condition: melanoma}, summary: It works.,"
         " rests_on: [response], source: {at: abstract, anchor: five}}",
         "claims.works: {subject: {agent: aldesleukin}, relation: active-in, object: {condition: melanoma}, summary: It works.,"
         " rests_on: [response], source: {at: abstract, anchor: five}}"),
    _row("KB408", "overlap-with-itself", ERROR, references.overlap_with_itself, "overlaps",
         "overlaps: [{study: example-1991-il2, relation: same-trial, certainty: certain, reason: same centre}]",
         "overlaps: [{study: other-1992-il2, relation: same-trial, certainty: certain, reason: same centre}]"),
    _row("KB501", "no-anchor", WARNING, provenance.no_anchor, "items",
         _SOURCE + ": {at: abstract}", _SOURCE + ': {at: abstract, derived: "2 CR + 3 PR of 20"}'),
    _row("KB502", "no-anchor-of-adverse-event", NOTE, provenance.no_anchor_of_adverse_event, "adverse_events",
         "adverse_events.fever: {term: fever, printed: fever, population: all, source: {at: table 2}}",
         "adverse_events.fever: {term: fever, printed: fever, population: all, source: {at: table 2, anchor: fever in most}}"),
    _row("KB503", "long-anchor", ERROR, provenance.long_anchor, "sources",
         _SOURCE + ".anchor: five of the twenty patients who were treated responded", _SOURCE + ".anchor: five of the twenty patients"),
    _row("KB504", "sentence-as-anchor", WARNING, provenance.sentence_as_anchor, "sources",
         _SOURCE + ".anchor: Five of the twenty patients responded.", _SOURCE + ".anchor: Five of the twenty patients"),
    _row("KB505", "long-quotation", WARNING, provenance.long_quotation, "items",
         "outcomes.response.note: the authors say \"five of the twenty patients who were treated had a response\"",
         "outcomes.response.note: the authors say that they \"had a response\""),
    _row("KB601", "events-within-total", ERROR, counts.events_within_total, "counts",
         _RESULT + ": {kind: proportion, events: 25, total: 20}", _RESULT + ": {kind: proportion, events: 5, total: 20}"),
    _row("KB602", "percent-of-counts", WARNING, counts.percent_of_counts, "counts",
         _RESULT + ": {kind: proportion, events: 5, total: 20, percent: 52}", _RESULT + ": {kind: proportion, events: 5, total: 20, percent: 25}"),
    _row("KB603", "percent-in-range", ERROR, counts.percent_in_range, "counts",
         _RESULT + ": {kind: proportion, percent: 125}", _RESULT + ": {kind: proportion, percent: 12.5}"),
    _row("KB604", "total-of-population", WARNING, counts.total_of_population, "outcomes",
         _RESULT + ": {kind: proportion, events: 5, total: 18}", _RESULT + ": {kind: proportion, events: 5, total: 20}"),
    _row("KB605", "sum-of-grades", WARNING, counts.sum_of_grades, "outcomes",
         "outcomes.cr: {endpoint: complete-response, population: all, result: {kind: proportion, events: 6, total: 20}, source: {at: abstract, anchor: six}}",
         "outcomes.cr: {endpoint: complete-response, population: all, result: {kind: proportion, events: 2, total: 20}, source: {at: abstract, anchor: two}}"),
    _row("KB606", "more-measured-than-patients", WARNING, counts.more_measured_than_patients, "findings",
         "findings.nk-rise.n: 21", "findings.nk-rise.n: 12"),
    _row("KB611", "part-within-whole", ERROR, populations.part_within_whole, "populations",
         "populations.evaluable: {n: 21, basis: evaluable, within: all}", "populations.evaluable: {n: 18, basis: evaluable, within: all}"),
    _row("KB612", "parts-exceed-whole", WARNING, populations.parts_exceed_whole, "populations",
         "populations.yes: {n: 5, basis: responders, within: all}\npopulations.no: {n: 16, basis: non-responders, within: all}",
         "populations.yes: {n: 5, basis: responders, within: all}\npopulations.no: {n: 15, basis: non-responders, within: all}"),
    _row("KB613", "arms-of-study", WARNING, populations.arms_of_study, "arms",
         "arms.b: {label: control, n: 5, regimen: []}\npopulations.all.basis: randomised",
         "arms.b: {label: control, n: 0, regimen: []}\npopulations.all.basis: randomised"),
    _row("KB614", "men-and-women", WARNING, populations.men_and_women, "populations",
         "populations.all.characteristics: {male: 15, female: 6}", "populations.all.characteristics: {male: 15, female: 5}"),
    _row("KB615", "dates-in-order", WARNING, populations.dates_in_order, "whole",
         'design.enrolment: {start: "1989-05", end: "1988"}', 'design.enrolment: {start: "1988-05", end: "1989"}'),
    _row("KB621", "bounds-in-order", ERROR, effects.bounds_in_order, "intervals",
         _RESULT + ": {kind: proportion, percent: 25, interval: {low: 49, high: 9}}",
         _RESULT + ": {kind: proportion, percent: 25, interval: {low: 9, high: 49}}"),
    _row("KB622", "estimate-inside", WARNING, effects.estimate_inside, "intervals",
         _RESULT + ": {kind: proportion, percent: 52, interval: {low: 9, high: 49}}",
         _RESULT + ": {kind: proportion, percent: 25, interval: {low: 9, high: 49}}"),
    _row("KB623", "interval-of-counts", NOTE, effects.interval_of_counts, "intervals",
         _RESULT + ": {kind: proportion, events: 5, total: 20, interval: {low: 15, high: 35, level: 95}}",
         _RESULT + ": {kind: proportion, events: 5, total: 20, interval: {low: 8.7, high: 49.1, level: 95}}"),
    _row("KB624", "interval-and-p", WARNING, effects.interval_and_p, "results",
         _RESULT + ": {kind: contrast, measure: hr, estimate: 0.6, interval: {low: 0.4, high: 0.8, level: 95}, p: 0.4}",
         _RESULT + ": {kind: contrast, measure: hr, estimate: 0.6, interval: {low: 0.4, high: 0.8, level: 95}, p: 0.004}"),
    _row(PRINTED_CODE, "printed-error", NOTE, printed_error, "ambiguities",
         _RESULT + ": {kind: proportion, events: 5, total: 20, percent: 52}\n"
         "ambiguities: [{kind: printed-error, about: outcomes.response, text: printed as 52 %}]",
         _RESULT + ": {kind: proportion, events: 5, total: 20, percent: 25}"),
    _row("KB701", "lost-superscript", WARNING, regimens.lost_superscript, "components",
         _DOSE + ": 106 U/m2", _DOSE + ": 1 x 10(6) U/m2"),
    _row("KB702", "dose-in-words-only", NOTE, regimens.dose_in_words_only, "components",
         _DOSE + ": {printed: as tolerated}", _DOSE + ": 600,000 IU/kg"),
    _row("KB703", "schedule-in-words-only", WARNING, regimens.schedule_in_words_only, "components",
         _SCHEDULE + ": {text: every 8 hours on days 1 to 5}",
         _SCHEDULE + ': {text: every 8 hours on days 1 to 5, days: ["1-5"], times_per_day: 3}'),
    _row("KB704", "pieces-by-body", WARNING, regimens.pieces_by_body, "components",
         _DOSE + ": 20 Gy/m2", _DOSE + ": 20 Gy"),
    _between("KB801", "id-twice", ERROR, between.id_twice,
             "second.curation.formerly: [example-1991-il2]", "second.curation.formerly: [other-1992-draft]"),
    _between("KB802", "same-doi", ERROR, between.same_doi,
             "first.reports.main.doi: 10.1000/182a\nsecond.reports.main.doi: 10.1000/182A",
             "first.reports.main.doi: 10.1000/182a\nsecond.reports.main.doi: 10.1000/182b"),
    _between("KB803", "same-pubmed-id", ERROR, between.same_pubmed_id,
             'second.reports.main.pmid: "1"', 'second.reports.main.pmid: "2"'),
    _between("KB804", "near-title", WARNING, between.near_title,
             "first.reports.main.title: Interleukin-2 in renal cell carcinoma\nsecond.reports.main.title: Interleukin 2 in Renal-Cell Carcinoma.",
             "first.reports.main.title: Interleukin-2 in renal cell carcinoma\nsecond.reports.main.title: Interferon alfa in melanoma"),
    _between("KB805", "overlap-with-unknown", WARNING, between.overlap_with_unknown,
             "first.overlaps: [{study: othr-1992-il2, relation: same-trial, certainty: certain, reason: same centre}]",
             "first.overlaps: [{study: other-1992-il2, relation: same-trial, certainty: certain, reason: same centre}]\n"
             "second.overlaps: [{study: example-1991-il2, relation: same-trial, certainty: certain, reason: same centre}]"),
    _between("KB806", "replacement-unknown", ERROR, between.replacement_unknown,
             "first.curation: {status: withdrawn, extracted: [{by: A, on: '2026'}], withdrawn: {reason: entered twice, replaced_by: othr-1992-il2}}",
             "first.curation: {status: withdrawn, extracted: [{by: A, on: '2026'}], withdrawn: {reason: entered twice, replaced_by: other-1992-il2}}"),
    _between("KB807", "overlap-one-sided", WARNING, between.overlap_one_sided,
             "first.overlaps: [{study: other-1992-il2, relation: nested-in, certainty: certain, reason: same centre}]",
             "first.overlaps: [{study: other-1992-il2, relation: nested-in, certainty: certain, reason: same centre}]\n"
             "second.overlaps: [{study: example-1991-il2, relation: contains, certainty: certain, reason: same centre}]"),
    _between("KB808", "same-registration", WARNING, between.same_registration,
             "first.registry: [NCT00554515]\nsecond.registry: [NCT00554515]", "first.registry: [NCT00554515]\nsecond.registry: [NCT00554516]"),
    _row("KB901", "withdrawn-with-reason", ERROR, curation.withdrawn_with_reason, "whole",
         "curation.status: withdrawn", "curation.status: withdrawn\ncuration.withdrawn: {reason: retracted; nothing replaces it}"),
    _row("KB902", "checked-by-another", ERROR, curation.checked_by_another, "whole",
         'curation.status: reviewed\ncuration.checked: [{by: A curator, on: "2026-01-02"}]',
         'curation.status: reviewed\ncuration.checked: [{by: another curator, on: "2026-01-02"}]'),
    _row("KB903", "checked-but-draft", NOTE, curation.checked_but_draft, "whole",
         'curation.checked: [{by: another curator, on: "2026-01-02"}]',
         'curation.checked: [{by: another curator, on: "2026-01-02", what: the doses only}]'),
    _row("KB904", "claim-rests-on-something", WARNING, curation.claim_rests_on_something, "claims",
         "claims.active.rests_on: []", "claims.active.rests_on: [response]"),
    _row("KB905", "adjustment-named", WARNING, curation.adjustment_named, "findings",
         "findings.nk-response: {kind: association, biomarker: nk-cell-count, compartment: blood, timepoint: {when: baseline},"
         " population: all, endpoint: objective-response, association: positive, adjustment: unadjusted, adjusted_for: [age],"
         " source: {at: abstract, anchor: went with response}}",
         "findings.nk-response: {kind: association, biomarker: nk-cell-count, compartment: blood, timepoint: {when: baseline},"
         " population: all, endpoint: objective-response, association: positive, adjustment: adjusted, adjusted_for: [age],"
         " source: {at: abstract, anchor: went with response}}"),
    _row("KB906", "retracted-report", WARNING, curation.retracted_report, "reports",
         "reports.main.retracted: true", "reports.main.retracted: true\nreports.main.note: the doses still stand"),
    _row("KB911", "response-rate-of-chosen-patients", WARNING, curation.response_rate_of_chosen_patients, "outcomes",
         "design.sampling: case-control", "design.sampling: case-control\noutcomes.response.flags: [case-control-sampling]"),
    _row("KB912", "outcome-of-survivors", WARNING, curation.outcome_of_survivors, "outcomes",
         "design.sampling: survivors-only", "design.sampling: survivors-only\noutcomes.response.flags: [survivors-only]"),
    _row("KB913", "survival-by-response", NOTE, curation.survival_by_response, "outcomes",
         "outcomes.os: {endpoint: overall-survival, population: all, comparison: {kind: by-outcome}, result: {kind: contrast, measure: p-only, p: 0.01},"
         " source: {at: abstract, anchor: lived longer}}",
         "outcomes.os: {endpoint: overall-survival, population: all, comparison: {kind: by-outcome}, result: {kind: contrast, measure: p-only, p: 0.01},"
         " flags: [responder-survival], source: {at: abstract, anchor: lived longer}}"),
    _row("KB914", "absent-though-read", WARNING, curation.absent_though_read, "whole",
         "design.masking: not-reported", "design.masking: not-in-what-was-read"),
)
# fmt: on
"""Every rule, in the order of codes."""

BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}


def find_rule(name: str) -> Rule:
    """Return a rule by code or name.

    Raises:
        UsageError: If there is none; names the nearest.
    """
    asked = name.strip().casefold()
    for rule in RULES:
        if asked in (rule.code.casefold(), rule.name):
            return rule
    begun = [code for code in BY_CODE if code.startswith(asked.upper())][:5] if len(asked) > 2 else []
    near = begun or nearest(asked.upper(), tuple(BY_CODE)) or nearest(asked, tuple(rule.name for rule in RULES))
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise UsageError(f'there is no rule "{name}"', hint=f"{hint}`kb explain` lists all rules")
