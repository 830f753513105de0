"""Word documents and presentations."""

from __future__ import annotations

import io
import zipfile

import pytest

from studio.ingestion.slides import read_slides
from studio.ingestion.unpacking import UnpackingLimits, package_problem
from studio.ingestion.word import read_word
from tests.unit.ingestion.office_files import docx, paragraph, pptx_made_by, table, zip_of


def test_headings_paragraphs_and_tables_keep_their_order() -> None:
    content = read_word(
        "guide.docx",
        docx(
            paragraph("The Guide", "Title")
            + paragraph("Returns", "Heading2")
            + paragraph("Within 30 days.")
            + table(["Item", "Days"], ["Tent", "30"], ["Stove", "14"])
            + paragraph("The end.")
        ),
    )

    (page,) = content.pages
    assert page.text.split("\n\n") == [
        "# The Guide",
        "## Returns",
        "Within 30 days.",
        "Item: Tent; Days: 30",
        "Item: Stove; Days: 14",
        "The end.",
    ]
    assert [page.text[row.start : row.end] for row in page.rows] == [
        "Item: Tent; Days: 30",
        "Item: Stove; Days: 14",
    ]
    assert content.n_rows == 2
    assert content.notices == ()


def test_tracked_insertions_and_content_controls_are_text_deletions_are_not() -> None:
    body = (
        "<w:p><w:r><w:t>Old </w:t></w:r><w:ins w:id='1'><w:r><w:t>new</w:t></w:r></w:ins>"
        "<w:del w:id='2'><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
        f"<w:sdt><w:sdtContent>{paragraph('In a control')}</w:sdtContent></w:sdt>"
    )

    assert read_word("a.docx", docx(body)).pages[0].text == "Old new\n\nIn a control"


@pytest.mark.parametrize("content", [docx(""), docx(paragraph(" "))])
def test_a_document_without_text_is_empty(content) -> None:
    read = read_word("a.docx", content)

    assert read.pages == ()
    assert "empty" in str(read.notices[0])


def test_every_truncation_of_an_office_file_is_refused_as_damaged() -> None:
    whole = docx(paragraph("Text"))

    for length in range(1, len(whole), 37):
        read = read_word("a.docx", whole[:length])
        assert read.pages == ()
        assert "damaged" in str(read.notices[0])


def fill_slides(deck) -> None:
    layout = deck.slide_layouts[5]  # a title and nothing else
    first = deck.slides.add_slide(layout)
    first.shapes.title.text = "Our plan"
    box = first.shapes.add_textbox(0, 3_000_000, 100, 100)
    box.text_frame.text = "Grow"
    box.text_frame.add_paragraph().text = "Earn"
    grid = first.shapes.add_table(3, 2, 0, 4_000_000, 100, 100).table
    for at, values in enumerate((("Year", "Users"), ("First", "100"), ("Second", "900"))):
        for column, value in enumerate(values):
            grid.cell(at, column).text = value
    first.notes_slide.notes_text_frame.text = "Say it slowly."
    deck.slides.add_slide(layout)
    hidden = deck.slides.add_slide(layout)
    hidden.shapes.title.text = "Backup"
    hidden._element.set("show", "0")
    group = deck.slides.add_slide(layout).shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 100, 100).text_frame.text = "In a group"


def test_slides_are_pages_with_title_text_tables_and_notes() -> None:
    content = read_slides("deck.pptx", pptx_made_by(fill_slides))

    assert [(page.number, page.text.split("\n\n")) for page in content.pages] == [
        (
            1,
            [
                "# Our plan",
                "Grow\nEarn",
                "Year: First; Users: 100",
                "Year: Second; Users: 900",
                "Say it slowly.",
            ],
        ),
        (4, ["In a group"]),
    ]
    assert [row.cells[1] for row in content.pages[0].rows] == [("Users", "100"), ("Users", "900")]
    assert "Hidden slides of deck.pptx were left out: 3" in str(content.notices[0])
    assert (content.is_complete, content.n_characters_dropped) == (False, None)


def test_diagrams_and_embedded_files_are_counted_and_told() -> None:
    def fill(deck) -> None:
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = "Our plan"
        frame = slide.shapes.add_table(1, 1, 0, 0, 100, 100)._element
        diagram = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
        frame.graphic.graphicData.set("uri", diagram)

    content = read_slides("deck.pptx", pptx_made_by(fill))

    assert content.pages[0].text == "# Our plan"
    assert "embedded files in deck.pptx were left out (1)" in str(content.notices[0])
    assert not content.is_complete


def test_one_damaged_slide_does_not_cost_the_others(monkeypatch) -> None:
    from studio.ingestion import slides

    original = slides._read_slide

    def fail_on_first(slide, number, deck) -> None:
        if number == 1:
            raise KeyError
        original(slide, number, deck)

    monkeypatch.setattr(slides, "_read_slide", fail_on_first)

    content = read_slides("deck.pptx", pptx_made_by(fill_slides))

    assert [page.number for page in content.pages] == [4]
    assert "Slide 1 of" in str(content.notices[0])
    assert not content.is_complete


def test_a_presentation_that_is_none_is_refused() -> None:
    read = read_slides(
        "a.pptx", zip_of({"[Content_Types].xml": "<x/>", "ppt/presentation.xml": ""})
    )

    assert read.pages == ()
    assert "damaged" in str(read.notices[0])


def test_what_unpacks_to_too_much_is_not_opened() -> None:
    limits = UnpackingLimits(max_total_bytes=1000, max_files=10, max_ratio=10, ratio_from_bytes=100)

    assert package_problem("a.docx", zip_of({"a": b"short"}), limits) is None
    assert "unpacks" in str(package_problem("a.docx", zip_of({"a": bytes(1001)}), limits))
    assert "unpacks" in str(package_problem("a.docx", zip_of({"a": bytes(900)}), limits))


def test_a_member_that_lies_about_its_size_is_damage() -> None:
    content = bytearray(zip_of({"word/document.xml": bytes(5000)}))
    directory = content.index(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (10).to_bytes(4, "little")

    with zipfile.ZipFile(io.BytesIO(bytes(content))) as package:
        assert package.infolist()[0].file_size == 10
    assert "damaged" in str(package_problem("a.docx", bytes(content)))


def bold(text: str) -> str:
    return f"<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{text}</w:t></w:r></w:p>"


def test_short_bold_lines_above_a_text_are_headings() -> None:
    body = (
        bold("1、多久发货？") + paragraph("一天之内。") + bold("注意，这是一整句话。")
        + paragraph("如上。") + bold("第一") + bold("第二") + bold("甲" * 81) + paragraph("完")
    )  # fmt: skip

    assert read_word("faq.docx", docx(body)).pages[0].text.split("\n\n") == [
        "#### 1、多久发货？", "一天之内。", "注意，这是一整句话。", "如上。", "第一", "第二",
        "甲" * 81, "完",
    ]  # fmt: skip


def test_a_style_for_questions_makes_headings() -> None:
    body = paragraph("How long?", "Q") + paragraph("A day.", "A") + paragraph("How much?", "Q")
    names = {"Q": "FAQ Question", "A": "FAQ Answer"}

    text = read_word("faq.docx", docx(body, **names)).pages[0].text

    assert text.split("\n\n") == ["### How long?", "A day.", "### How much?"]
