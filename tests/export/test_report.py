import html5lib

from kb.analysis.listing import Listing
from kb.analysis.report import Bullets, Citations, Heading, Matrix, Paragraph
from kb.export.report import html, markdown
from kb.project import resource

BLOCKS = [
    Heading(1, "Does *it* help?"),
    Paragraph("Yes & <no>\n# not a heading"),
    Bullets(("a_b", "c")),
    Matrix(Listing(("x", "y"), [("a|b", 1), (None, 0.5)])),
    Matrix(Listing(("x",), [])),
    Citations(("one", "two")),
]


def test_markdown_escapes_what_would_be_markup():
    assert (
        "# Does \\*it\\* help?\n\nYes &amp; &lt;no&gt; \\# not a heading\n\n- a\\_b\n- c\n\n"
        "| x | y |\n| --- | --- |\n| a\\|b | 1 |\n|  | 0.5 |\n\nnone\n\n1. one\n2. two\n"
    ) == markdown(BLOCKS)


def test_html_is_valid_and_escapes():
    text = html(BLOCKS, (resource("templates") / "report.html").read_text("utf-8"), collection="Test & co")
    parsed = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    assert "Does *it* help?" == parsed.findtext("head/title")
    assert "Yes &amp; &lt;no&gt;" in text
    assert ["a|b", "1", "", "0.5"] == ["".join(cell.itertext()) for cell in parsed.iter("td")]
    assert ["one", "two"] == [item.text for item in parsed.find(".//ol")]
    assert "Test & co" == parsed.findtext(".//footer/p")
