from __future__ import annotations

import pytest

from studio.errors import InvalidInput
from studio.records import Document, Page, Row
from studio.retrieval.chunking import ChunkingOptions, cut
from studio.retrieval.passages import searchable_text

PRODUCTS = [
    (
        ("Name", "Fjord tent"),
        ("Text", "Two people, three seasons, dries quickly."),
        ("Colour", "green"),
    ),
    (
        ("Name", "Camp stove"),
        ("Text", "Boils a litre in four minutes even in wind."),
        ("Colour", "red"),
    ),
]


def table(rows, before: str = "", after: str = "") -> Document:
    text, found = before, []
    for cells in rows:
        line = "; ".join(f"{column}: {value}" for column, value in cells)
        found.append(Row(start=len(text), end=len(text) + len(line), cells=cells))
        text += line + "\n\n"
    page = Page(text=text + after, rows=tuple(found))
    return Document(document_id="d", name="table.csv", pages=(page,))


def passages(document: Document, **options):
    chunks = cut(document, ChunkingOptions(**options))
    for chunk in chunks:
        assert chunk.text == document.pages[0].text[chunk.start : chunk.end]
    return chunks


def test_by_rows_each_row_is_a_passage_with_its_cells() -> None:
    document = table(PRODUCTS, before="# Catalogue\n\nA word first.\n\n", after="The end.")

    chunks = passages(document, method="rows")

    assert [chunk.cells for chunk in chunks] == PRODUCTS
    assert all(searchable_text(chunk) == chunk.text for chunk in chunks)


def test_a_row_is_never_cut_by_rows_and_cut_into_pieces_with_cells_otherwise() -> None:
    rows = [*PRODUCTS, (("Name", "Rope"), ("Text", "Strong and light. " * 30))]

    whole = passages(table(rows), method="rows", max_tokens=60, overlap_tokens=0)
    pieces = passages(table(rows), method="auto", max_tokens=60, overlap_tokens=0)

    assert len(whole) == 3
    assert len(pieces) > 4
    assert all(chunk.cells == rows[2] for chunk in pieces[2:])
    assert all(chunk.heading.startswith("Name: Rope") for chunk in pieces[3:])


def test_roles_say_what_is_searched_named_and_kept() -> None:
    roles = (("Name", "title"), ("Text", "text"), ("Colour", "filter"))

    first = passages(table(PRODUCTS), method="rows", roles=roles)[0]
    hidden = passages(table(PRODUCTS), method="rows", roles=(*roles[:2], ("Colour", "ignore")))[0]

    assert first.heading == "Fjord tent"
    assert (
        searchable_text(first)
        == "Fjord tent\nTwo people, three seasons, dries quickly.\nColour: green"
    )
    assert first.cells == PRODUCTS[0]
    assert hidden.cells == PRODUCTS[0][:2]


def test_questions_are_titled_by_the_question() -> None:
    rows = [(("Question", "Can I return it?"), ("Answer", "Within seven days."))]

    (chunk,) = passages(table(rows), method="questions")

    assert chunk.heading == "Can I return it?"
    assert searchable_text(chunk) == "Can I return it?\nWithin seven days."


def test_auto_keeps_the_text_around_rows_and_leaves_short_rows_to_structure() -> None:
    document = table(PRODUCTS, before="# Catalogue\n\nA word first.\n\n", after="The end.")
    short = table([(("A", "1"),), (("A", "2"),), (("A", "3"),)])

    chunks = passages(document)

    assert [chunk.cells for chunk in chunks] == [(), *PRODUCTS, ()]
    assert "A word first." in chunks[0].text
    assert chunks[1].heading == "Catalogue"
    assert [chunk.text for chunk in passages(short)] == ["A: 1\n\nA: 2\n\nA: 3"]


def test_rows_of_a_page_without_rows_are_cut_by_structure() -> None:
    document = Document(
        document_id="d", name="d", pages=(Page(text="# A\n\nText.\n\n# B\n\nMore."),)
    )

    assert len(passages(document, method="rows")) == len(passages(document)) == 2


def test_by_tokens_headings_do_not_matter() -> None:
    document = Document(
        document_id="d", name="d", pages=(Page(text="# A\n\nText.\n\n# B\n\nMore."),)
    )

    (chunk,) = passages(document, method="tokens")

    assert chunk.heading == ""


def test_structure_gives_no_cells() -> None:
    assert all(not chunk.cells for chunk in passages(table(PRODUCTS), method="structure"))


@pytest.mark.parametrize("wrong", [{"method": "magic"}, {"roles": (("A", "price"),)}])
def test_unknown_methods_and_roles_are_refused(wrong) -> None:
    with pytest.raises(InvalidInput, match="choose one of"):
        ChunkingOptions(**wrong)
