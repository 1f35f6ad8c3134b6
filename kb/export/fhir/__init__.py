"""FHIR R5: each study as one Bundle of ResearchStudy, Citation, Group, EvidenceVariable and Evidence."""
