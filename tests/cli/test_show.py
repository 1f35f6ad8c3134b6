import json

import pytest

from kb.cli.main import main
from tests.builders import study_data


@pytest.fixture
def show(collection, capsys):
    made = []

    def run(*args, studies=()):
        root = made[0] if made else collection(*studies).root
        made.append(root)
        with pytest.raises(SystemExit) as ended:
            main(["-C", str(root), "show", *args])
        return ended.value.code, *capsys.readouterr()

    return run


def test_a_study_is_told_with_its_places(show):
    code, out, err = show("example-1991-il2")
    assert (code, err) == (0, "")
    assert out.startswith("Example 1991  example-1991-il2  [draft]\n  Example AB. An example. 1991. PMID 1\n")
    assert "objective response: 5 of 20; 25.0 %, 95 % exact interval 8.7 to 49.1 % — renal cell carcinoma" in out
    assert '      source: abstract, sentence 1: "five of twenty patients"' in out
    assert "Harms\n  (not in what was read)\n" in out
    assert out.endswith("record: entries/studies/1991/example-1991-il2.yaml\n")


def test_the_line_of_an_item_is_the_one_in_the_file(show):
    lines = json.dumps(study_data(), indent=2).splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.strip().startswith('"response": {'))
    code, out, _ = show("example-1991-il2#response")
    assert code == 0
    assert f"(entries/studies/1991/example-1991-il2.yaml:{line})" in out


@pytest.mark.parametrize("item", ["response", "outcomes.response", "arms.a", "nk-rise", "active", "all"])
def test_one_part_is_shown_alone(show, item):
    code, out, _ = show(f"example-1991-il2#{item}")
    assert code == 0
    assert "How the study was made" not in out


def test_flags_remarks_and_other_reports_are_shown(show):
    data = study_data(
        **{
            "outcomes.response.flags": ["post-hoc"],
            "outcomes.response.note": "one unconfirmed",
            "reports.second": {"read": "abstract", "title": "More", "authors": ["Example AB"], "year": 1992},
            "outcomes.response.source": {"report": "second", "at": "table 1", "derived": "2 + 3", "also": [{"at": "text"}]},
        }
    )
    _, out, _ = show("example-1991-il2#response", studies=(data,))
    assert "! post-hoc subgroup or cut-off" in out
    assert "note: one unconfirmed" in out
    assert "source: second, table 1 [derived: 2 + 3]; also source: text" in out


def test_the_record_itself_as_json_and_yaml(show):
    code, out, _ = show("example-1991-il2", "-f", "json")
    assert code == 0
    assert study_data() == json.loads(out)
    _, out, _ = show("example-1991-il2#outcomes.response", "-f", "json")
    assert study_data()["outcomes"]["response"] == json.loads(out)
    _, out, _ = show("example-1991-il2", "-f", "yaml")
    assert study_data() == json.loads(out), "the file as it is; this one happens to be JSON"
    _, out, _ = show("example-1991-il2#response", "-f", "yaml")
    assert "endpoint: objective-response\n" in out


def test_output_to_a_file(show, tmp_path):
    target = tmp_path / "out" / "study.txt"
    code, out, _ = show("example-1991-il2", "-o", str(target))
    assert (code, out) == (0, "")
    assert target.read_text("utf-8").startswith("Example 1991")


@pytest.mark.parametrize(
    ("name", "words", "hint"),
    [
        ("exampel-1991-il2", 'no study "exampel-1991-il2"', "did you mean example-1991-il2?"),
        ("il2", 'no study "il2"', "did you mean example-1991-il2?"),
        ("zzz", 'no study "zzz"', "`kb find studies` lists the ids"),
        ("example-1991-il2#respons", 'no item "respons"', "did you mean response?"),
        ("example-1991-il2#zzz", 'no item "zzz"', "it has: a, all, "),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_unknown_names_suggest_the_nearest(show, name, words, hint, form):
    code, out, err = show(name, "-f", form)
    assert (code, out) == (2, "")
    assert words in err
    if name.endswith("zzz") and "#" in name:
        assert "it has: " in err
    else:
        assert hint in err


def test_an_unreadable_record_says_where(show):
    code, _, err = show("example-1991-il2", studies=(study_data(surprise=1),))
    assert code == 3
    assert "entries/studies/1991/example-1991-il2.yaml:" in err
    assert "KB102" in err
    assert "`kb check entries/studies/1991/example-1991-il2.yaml` shows all" in err


def test_a_file_that_is_no_text_says_so(collection, capsys):
    project = collection()
    (project.studies / "1991" / "example-1991-il2.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(SystemExit) as ended:
        main(["-C", str(project.root), "show", "example-1991-il2"])
    assert ended.value.code == 3
    assert "is not UTF-8" in capsys.readouterr().err


def test_ids_complete(collection):
    from click.testing import CliRunner

    from kb.cli.main import root_command

    root = collection().root
    result = CliRunner().invoke(
        root_command, [], prog_name="kb", env={"_KB_COMPLETE": "bash_complete", "COMP_WORDS": f"kb -C {root} show ex", "COMP_CWORD": "4"}
    )
    assert "plain,example-1991-il2" in result.output
