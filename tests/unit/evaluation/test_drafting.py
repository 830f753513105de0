"""Drafts of judgements: made of questions, headings or rare words, confirmed by people."""

from __future__ import annotations

import pytest

from studio.errors import InvalidInput
from studio.evaluation.drafting import draft_judgements
from studio.evaluation.items import Item, item_id, items_of
from studio.evaluation.judgements import query_id_of
from studio.records import Document, Page, Row


def table(*rows: tuple[tuple[str, str], ...], document_id: str = "t") -> Document:
    text, found = "", []
    for cells in rows:
        line = "; ".join(f"{column}: {value}" for column, value in cells)
        found.append(Row(start=len(text), end=len(text) + len(line), cells=cells))
        text += line + "\n"
    return Document(
        document_id=document_id, name="table.csv", pages=(Page(text=text, rows=tuple(found)),)
    )


def item(key: str, text: str) -> Item:
    return Item(item_id=key, name=f"{key}.md", text=text)


def test_rows_are_items_and_a_document_without_rows_is_one() -> None:
    socks = (("sku", "S1"), ("name", "Wool socks"))
    prose = Document(document_id="p", name="p.md", pages=(Page(text="One."), Page(text="Two.")))
    empty = Document(document_id="e", name="e.md", pages=(Page(text=" \n"),))
    items = items_of([table(socks, socks), prose, empty], key_column="sku")
    assert items == (
        Item(item_id="t#S1", name="table.csv", text="sku: S1; name: Wool socks", cells=socks),
        Item(item_id="p", name="p.md", text="One.\n\nTwo."),
    )


def test_a_row_keeps_its_id_by_its_key_and_loses_it_without_when_edited() -> None:
    old, new = (("sku", "S1"), ("price", "3")), (("sku", "S1"), ("price", "4"))
    assert item_id("t", old, key_column="sku") == item_id("t", new, key_column="sku") == "t#S1"
    assert item_id("t", old) != item_id("t", new)
    assert item_id("t", old, key_column="missing") == item_id("t", old)
    assert item_id("t") == "t"


def test_a_question_column_gives_its_questions() -> None:
    faq = table(
        (("Question", "Do you ship abroad?"), ("Answer", "Yes.")),
        (("Question", "Who pays returns?"), ("Answer", "We do.")),
    )
    drafts = draft_judgements(items_of([faq]))
    assert {draft.query for draft in drafts} == {"Do you ship abroad?", "Who pays returns?"}
    assert {draft.basis for draft in drafts} == {"question"}


def test_headings_come_one_per_item_first() -> None:
    drafts = draft_judgements(
        [
            item("a", "# Returns\n\nText.\n\n## How to *return* a parcel\n\nText."),
            item("b", "# Shipping abroad #\n\nText."),
        ]
    )
    assert [d.query for d in drafts[2:]] == ["How to *return* a parcel"]
    assert {(d.query, d.item_id) for d in drafts[:2]} == {
        ("Returns", "a"),
        ("Shipping abroad", "b"),
    }
    assert "heading" in str(drafts[0].note)


def test_rare_words_tell_where_there_is_neither() -> None:
    common = "The shop sells many things and ships them."
    drafts = draft_judgements(
        [
            item("a", f"{common} Kettles whistle when water boils; kettles whistle."),
            item("b", f"{common} Umbrellas keep rain away."),
            item("c", common),
        ],
        n=10,
    )
    by_item = {draft.item_id: draft.query for draft in drafts}
    assert set(by_item["a"].casefold().split()) >= {"kettles", "whistle"}
    assert not {"shop", "sells", "things"} & set(by_item["b"].casefold().split())
    assert {draft.basis for draft in drafts} == {"words"}


def test_chinese_gives_its_most_telling_clause() -> None:
    common = "本店出售多种商品，"
    drafts = draft_judgements(
        [item("a", common + "铸铁水壶可以直接加热。"), item("b", common + "羊毛围巾请用冷水洗涤。")]
    )
    assert {draft.item_id: draft.query for draft in drafts} == {
        "a": "铸铁水壶可以直接加热",
        "b": "羊毛围巾请用冷水洗涤",
    }


def test_a_query_that_several_items_would_give_is_given_by_none() -> None:
    drafts = draft_judgements(
        [item("a", "# Overview\n\n## Tea"), item("b", "# overview\n\n## Jam")]
    )
    assert {draft.query for draft in drafts} == {"Tea", "Jam"}


def test_the_seed_decides_and_more_only_adds() -> None:
    items = [item(f"d{n}", f"# Heading {n}\n\nText.") for n in range(30)]
    ten = draft_judgements(items, n=10, seed=1)
    assert ten == draft_judgements(list(reversed(items)), n=10, seed=1)
    assert draft_judgements(items, n=20, seed=1)[:10] == ten
    assert draft_judgements(items, n=10, seed=2) != ten


def test_a_confirmed_draft_is_a_judgement_in_the_persons_words() -> None:
    draft = draft_judgements([item("a", "# Returns\n\nText.")])[0]
    assert draft.confirmed().query == "Returns"
    judgement = draft.confirmed(" how do I send it back ", grade=2)
    assert judgement.query == "how do I send it back"
    assert judgement.query_id == query_id_of("how do I send it back")
    assert (judgement.document_id, judgement.grade) == ("a", 2)


@pytest.mark.parametrize("text", ["", "12 34 56", "# ***\n", "word"])
def test_an_item_that_says_nothing_gives_no_draft(text: str) -> None:
    assert draft_judgements([item("a", text)]) == ()


def test_fewer_than_one_draft_is_refused() -> None:
    with pytest.raises(InvalidInput, match="1 or more"):
        draft_judgements([], n=0)


def test_a_draft_has_the_passage_that_it_was_made_from() -> None:
    text = (
        "# Help\n\n## Returns\n\nWithin 45 days.\n\nAnd more.\n\n## Labels\nA label costs $4.95.\n"
    )
    drafts = draft_judgements([item("a", text)])
    assert {one.query: one.passage for one in drafts} == {
        "Help": "",
        "Returns": "Within 45 days.",
        "Labels": "A label costs $4.95.",
    }
    faq = table((("Question", "Do you ship abroad?"), ("Answer", "Yes, in nine days.")))
    assert draft_judgements(items_of([faq]))[0].passage == "Yes, in nine days."
    words = item("b", "Plain talk.\n\nZebras graze; zebras do graze.\n\nOther things.")
    assert draft_judgements([words])[0].passage == "Zebras graze; zebras do graze."
