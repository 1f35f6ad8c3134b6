"""Nanopublications: well formed by the public rules, and their trusty URIs those that others compute."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby, permutations
from pathlib import Path

import pyoxigraph as ox
import pytest
from nanopub_sign import Nanopub

from kb.analysis.selection import select
from kb.export.extract import make_extract
from kb.export.nanopub.rules import problems
from kb.export.nanopub.trig import items, nanopub
from kb.export.nanopub.trusty import artifact_code
from kb.export.rdf.names import XSD, Literal
from kb.project import open_project
from kb.records.index import open_index
from tests.builders import a_study, study_data
from tests.export.rdf.extracts import WHOLE, an_extract

PUBLISHED = Path(__file__).parent / "simple1.trig"
"""From the public test suite of nanopublications: Nanopublication/nanopub-testsuite, transform/signed/rsa-key1/simple1.out.trig."""
CODE = "RA7OTm5WtoZVCqgBVpHZOsx_44wEKlIBjOKHZYNbdukIs"
"""Its artifact code, simple1.out.code."""
HOSTILE = 'a\\b "quoted"\nnext } { <x> µ\u2028'


def quads(text):
    def term(value):
        if isinstance(value, ox.Literal):
            return Literal(value.value, value.datatype.value, value.language or "")
        return value.value if isinstance(value, ox.NamedNode) else ""

    parsed = ox.parse(text.encode(), format=ox.RdfFormat.TRIG)
    return [(term(quad.graph_name), term(quad.subject), term(quad.predicate), term(quad.object)) for quad in parsed]


def each(text):
    """The quads of every nanopublication of a file."""
    return [list(group) for _, group in groupby(quads(text), key=lambda quad: quad[0].partition("#")[0])]


def written(*studies):
    return "".join(nanopub(replace(an_extract(), studies=studies or (WHOLE,))))


def test_a_published_example_has_the_code_that_it_was_published_under():
    found = quads(PUBLISHED.read_text(encoding="utf-8"))
    assert CODE == artifact_code(found, CODE)
    assert [] == list(problems(found))


def test_a_changed_word_is_another_content():
    found = quads(PUBLISHED.read_text(encoding="utf-8").replace("ex:malaria", "ex:dengue"))
    assert CODE != artifact_code(found, CODE)
    assert [f"http://example.org/nanopub-validator-example/{CODE} does not name this content"] == list(problems(found))


def test_order_and_repetition_do_not_matter():
    row = ("g", "s", "p", Literal("x"))
    rows = [row, row, ("g", "s", "p", "o"), ("", "s", "p", Literal("x", "d", "EN")), ("g", "s", "p", Literal("x", XSD + "date"))]
    assert 1 == len({artifact_code(order) for order in permutations(rows)})
    assert artifact_code([("g", "s", "p", Literal("x", "d", "EN"))]) == artifact_code([("g", "s", "p", Literal("x", "d", "en"))])
    assert artifact_code([("g", "s", "p", Literal("a\\nb"))]) != artifact_code([("g", "s", "p", Literal("a\nb"))])


def test_the_empty_set_has_the_code_of_the_empty_text():
    """As the specification's empty file: FA47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU."""
    assert "RA47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" == artifact_code([])


def test_claims_and_associations_become_nanopublications():
    assert ["claims/a-claim", "findings/an-association"] == list(items(WHOLE))
    found = each(written())
    assert [[], []] == [list(problems(one)) for one in found]
    first, second = found
    base = "https://example.org/kb/id/whole-1995-every-kind"
    asserted = {quad[1] for quad in second if quad[0].endswith("#assertion")}
    assert {f"{base}/findings/an-association", f"{base}/populations/all", f"{base}/findings/an-association/timepoint"} == asserted
    assert {f"{base}/claims/a-claim"} == {quad[1] for quad in first if quad[0].endswith("#assertion")}
    derived = [quad[3] for quad in first if quad[2] == "http://www.w3.org/ns/prov#wasDerivedFrom"]
    assert [f"{base}/reports/main"] == derived


def test_the_date_is_that_of_curation():
    for on, want in (
        ("2026-01-01", Literal("2026-01-01T00:00:00Z", XSD + "dateTime")),
        ("2026-01", Literal("2026-01", XSD + "gYearMonth")),
        ("2026", Literal("2026", XSD + "gYear")),
    ):
        (found,) = each(written(a_study(**{"curation.extracted": [{"by": "x", "on": "2025"}, {"by": "y", "on": on}]})))
        assert [] == list(problems(found))
        assert [want] == [quad[3] for quad in found if quad[2] == "http://purl.org/dc/terms/created"]


def test_hostile_text_stays_text():
    (found,) = each(written(a_study(**{"claims.active.summary": HOSTILE})))
    assert [] == list(problems(found))
    assert HOSTILE in [quad[3].text for quad in found if isinstance(quad[3], Literal)]


def test_a_licence_that_is_no_id_is_said_in_words():
    (one,) = each("".join(nanopub(an_extract(a_study(), licence="Ask the authors"))))
    assert [Literal("Ask the authors")] == [quad[3] for quad in one if quad[2] == "http://purl.org/dc/terms/rights"]


def test_two_exports_are_the_same_bytes_and_state_the_selection():
    assert written() == written()
    assert written().startswith('# A "quoted" name; selection: everything; status draft\n')


def test_a_change_elsewhere_in_the_record_keeps_the_name():
    plain, noted = ({quad[0] for quad in quads(written(study))} for study in (a_study(), a_study(**{"outcomes.response.note": "a remark"})))
    assert plain == noted


def test_every_shipped_claim_and_association_is_well_formed():
    project = open_project(Path(__file__).parent, explicit=True)
    with open_index(project) as index:
        text = "".join(nanopub(make_extract(project, index, select(index, {}))))
        sql = "SELECT (SELECT count(*) FROM claims c JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn') + "
        sql += "(SELECT count(*) FROM findings f JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn' AND kind = 'association' AND endpoint IS NOT NULL)"
        ((count,),) = index.rows(sql)
    found = each(text)
    assert count == len(found)
    assert [] == [problem for one in found for problem in problems(one)]
    # Another implementation agrees; every tenth, since it only has to agree on the rules.
    texts = re.split(r"\n(?=@prefix this:)", text)[1::10]
    assert [one[0][1] for one in found[::10]] == [Nanopub(one).check().info()["uri"]["value"] for one in texts]


def _without(part):
    return lambda found: [quad for quad in found if not quad[0].endswith(part)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda found: [], "0 nanopublications are declared"),
        (lambda found: [quad for quad in found if not quad[2].endswith("hasProvenance")], "the head links 0 graphs by hasProvenance"),
        (_without("assertion"), "the graph of hasAssertion is empty"),
        (lambda found: [("else", *quad[1:]) if quad[0].endswith("assertion") else quad for quad in found], '"else" is a graph of its own'),
        (
            lambda found: [(quad[0], "x", *quad[2:]) if quad[0].endswith("provenance") else quad for quad in found],
            "the graph of hasProvenance says nothing about",
        ),
        (lambda found: [quad for quad in found if not quad[2].endswith("created")], "it has no date of creation"),
        (
            lambda found: [
                (*quad[:3], quad[3].replace("provenance", "pubinfo")) if quad[2].endswith("hasProvenance") else quad for quad in found
            ],
            "are not four graphs",
        ),
    ],
)
def test_what_is_wrong_is_named(change, said):
    (found,) = each(written(a_study()))
    assert [problem for problem in problems(change(found)) if said in problem]


def test_the_command_writes_them(collection, run_kb, tmp_path):
    root = collection(study_data()).root
    assert (0, "", "") == run_kb("-C", str(root), "export", "nanopub", "-o", str(tmp_path / "np.trig"))
    (found,) = each((tmp_path / "np.trig").read_text(encoding="utf-8"))
    assert [] == list(problems(found))
