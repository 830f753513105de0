"""What the drawn answer is given, and the passage in its surroundings."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from components import answer_strip, citation
from studio.prototypes.chatbot.answer import Answer, AnswerFigures, Citation, Sentence
from studio.records import Document, Notice, Page

TEXT = "Before it. " * 90 + "Tents may be returned within 60 days." + " After it." * 90
START = TEXT.index("Tents")
CITED = Citation(
    number=1,
    document_id="d1",
    document_name="returns.pdf",
    page=2,
    heading="Returns",
    start=START,
    end=START + 37,
    text="Tents may be returned within 60 days.",
    relevance=0.8,
)
FIGURES = AnswerFigures(
    n_passages=3,
    best_relevance=0.83,
    tokens_in=1412,
    tokens_out=38,
    search_ms=123.4,
    first_token_ms=934.0,
    total_ms=2412.0,
    cost=Decimal("0.0000412"),
    currency="USD",
    cost_source=Notice("this machine at {price} USD per hour", price="0.10"),
    model="m1",
    engine="openvino",
    request_id="r",
)
ANSWER = Answer(
    question="How long?",
    kind="written",
    sentences=(Sentence(text="60 days.", citations=(1,)), Sentence(text="Perhaps.", citations=())),
    citations=(CITED,),
    figures=FIGURES,
    finish_reason="stop",
)


def test_only_sentences_without_a_source_are_marked():
    data = citation._data(ANSWER)
    assert [sentence["unsourced"] for sentence in data["sentences"]] == [False, True]
    assert data["sources"] == [{"number": 1, "label": "returns.pdf, page 2"}]


def test_source_without_pages_is_told_apart_by_its_heading():
    plain = replace(CITED, page=None, document_name="fees.md")
    assert citation.label(replace(plain, heading="Club > Prices")) == "fees.md, Prices"
    assert citation.label(replace(plain, heading="")) == "fees.md"
    assert len(citation.label(replace(plain, heading="x" * 90))) == len("fees.md, ") + 40


@pytest.mark.parametrize("kind", ["quoted", "free", "greeting", "not_found"])
def test_answers_not_written_from_passages_are_not_marked(kind):
    assert not citation.has_unsourced(replace(ANSWER, kind=kind))


def test_answer_without_any_citation_is_not_marked_as_a_whole():
    assert not citation.has_unsourced(replace(ANSWER, citations=()))


def test_surroundings_are_cut_on_both_sides_with_an_ellipsis():
    document = Document(
        document_id="d1",
        name="returns.pdf",
        pages=(Page(text="First page.", number=1), Page(text=TEXT, number=2)),
    )
    before, after = citation.surroundings(CITED, document)
    assert before.startswith("…")
    assert before.endswith("Before it. ")
    assert after.startswith(" After it.")
    assert after.endswith("…")
    assert len(before) == len(after) == citation.SURROUNDINGS + 1


def test_passage_that_moved_has_no_surroundings():
    document = Document(
        document_id="d1", name="returns.pdf", pages=(Page(text="Other text now.", number=2),)
    )
    assert citation.surroundings(CITED, document) == ("", "")


def _open_dialog() -> None:
    from components import citation as drawn
    from studio.records import Document, Page
    from tests.unit.components.test_citation import CITED, TEXT

    page = Page(text=TEXT.replace("After", "<script>After</script>"), number=2)
    document = Document(document_id="d1", name="returns.pdf", pages=(page,))
    drawn.open_passage(CITED, lambda _id: document)


def test_dialog_highlights_the_passage_and_lets_no_markup_of_a_document_through():
    at = AppTest.from_function(_open_dialog).run()
    assert not at.exception
    shown = at.get("html")[0].proto.body
    assert "<mark class='passage'>Tents may be returned within 60 days.</mark>" in shown
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def _open_dialog_of_a_removed_document() -> None:
    from components import citation as drawn
    from studio.errors import NotFound
    from tests.unit.components.test_citation import CITED

    def gone(_id):
        raise NotFound("There is no document {id}.", id="d1")

    drawn.open_passage(CITED, gone)


def test_dialog_of_a_removed_document_still_shows_the_passage():
    at = AppTest.from_function(_open_dialog_of_a_removed_document).run()
    assert "removed" in at.info[0].value
    assert "Tents may be returned" in at.get("html")[0].proto.body


def test_strip_says_passages_tokens_times_and_cost_in_one_line():
    expected = (
        "3 passages · 1,412 tokens in, 38 out · first word 0.93 s · total 2.4 s · 0.000041 USD"
    )
    assert answer_strip.summary(FIGURES) == expected


def test_strip_calls_an_unknown_cost_unknown_and_never_nothing():
    line = answer_strip.summary(replace(FIGURES, cost=None, first_token_ms=None))
    assert line.endswith("cost unknown")
    assert "first word" not in line


def test_stages_add_up_to_the_whole_and_the_price_has_its_source():
    assert answer_strip._stages(FIGURES) == [
        ("Searching the documents", "123 ms"),
        ("Reading the passages, until the first word", "811 ms"),
        ("Writing", "1,478 ms"),
        ("**In all**", "2,412 ms"),
    ]
    origin = answer_strip._origin(FIGURES).replace("\\", "")
    assert "Cost: 0.0000412 USD. Price: this machine at 0.10 USD per hour." in origin


def test_an_id_with_two_underscores_in_a_row_can_be_drawn():
    def script(answer):
        from components import citation

        citation.show(answer, key="_chat.answer.a__b_1")

    at = AppTest.from_function(script, default_timeout=20, kwargs={"answer": ANSWER}).run()
    assert not at.exception
    assert len(at.main.get("bidi_component")) == 1
