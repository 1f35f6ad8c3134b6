"""A study as schema.org data, for search engines."""

from __future__ import annotations

from kb.export.site.frame import Settings
from kb.model.scope import conditions_of
from kb.model.study import Study
from kb.model.terms import Absence, VocabularyKind
from kb.records.collection import Vocabulary

_DESIGNS = {"clinical-trial": "MedicalTrial"}


def linked_data(study: Study, vocabulary: Vocabulary, settings: Settings) -> dict[str, object]:
    """Return the study as schema.org data for search engines: kind, design, diseases, registration, publication."""
    diseases = dict.fromkeys(term for ident in study.populations for term in conditions_of(study, ident))
    report = study.main_report
    article: dict[str, object] = {"@type": "MedicalScholarlyArticle", "name": report.named}
    if report.dated is not None:
        article["datePublished"] = str(report.dated)
    if report.doi:
        article["sameAs"] = f"https://doi.org/{report.doi}"
    if not isinstance(report.authors, Absence):
        article["author"] = [{"@type": "Person", "name": name} for name in report.authors]
    found: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": _DESIGNS.get(study.design.type.value, "MedicalObservationalStudy"),
        "identifier": study.id,
        "name": report.named,
        "healthCondition": [{"@type": "MedicalCondition", "name": vocabulary.label(VocabularyKind.CONDITIONS, term)} for term in diseases],
        "subjectOf": article,
    }
    if found["@type"] == "MedicalTrial":
        found["trialDesign"] = study.design.allocation.label
    codes = [{"@type": "MedicalCode", "codeValue": number} for number in study.registry]
    if codes:
        found["code"] = codes
    if settings.base_url:
        found["url"] = f"{settings.base_url}studies/{study.id}.html"
    return found
