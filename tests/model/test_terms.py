import inspect

import pytest

from kb.model import terms
from kb.model.terms import ClosedSet, OverlapRelation
from kb.project import resource

SETS = [found for _, found in inspect.getmembers(terms, inspect.isclass) if issubclass(found, ClosedSet) and found is not ClosedSet]
VERIFIED = {
    line.split("\t")[0] for line in (resource("entries") / "vocabulary" / "verified-curies.tsv").read_text("utf-8").splitlines()[1:]
}


@pytest.mark.parametrize("found", SETS, ids=lambda found: found.__name__)
def test_every_term_has_a_label_and_a_verified_or_own_identifier(found):
    assert found.__doc__
    labels = [term.label for term in found]
    assert len(set(labels)) == len(labels)
    for term in found:
        assert term.label
        assert term.curie.startswith("kb:") or term.curie in VERIFIED, f"{found.__name__}.{term.name}: {term.curie}"
        assert term is found(term.value)


@pytest.mark.parametrize("relation", list(OverlapRelation))
def test_overlap_relations_invert(relation):
    assert relation is relation.inverse.inverse


def test_nesting_and_data_cuts_have_another_side():
    assert OverlapRelation.CONTAINS is OverlapRelation.NESTED_IN.inverse
    assert OverlapRelation.SAME_COHORT_LATER is OverlapRelation.SAME_COHORT_EARLIER.inverse
    assert OverlapRelation.SHARES_PATIENTS is OverlapRelation.SHARES_PATIENTS.inverse
