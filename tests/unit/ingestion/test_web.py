"""Web pages: the text, its title, lists and tables, and none of the rest."""

from __future__ import annotations

import logging

import pytest

from studio.ingestion.decoding import Decoded
from studio.ingestion.web import plain_html, read_html

PARAGRAPH = (
    "You may return anything within thirty days of delivery, as long as it is clean and complete. "
)


def read(html: str):
    return read_html("a.html", Decoded(text=html, encoding="utf-8"))


def paragraphs(html: str) -> list[str]:
    return read(html).pages[0].text.split("\n\n")


def test_the_main_text_stays_and_what_is_around_it_goes() -> None:
    menu = "".join(f"<li><a href='/{n}'>Menu entry number {n}</a></li>" for n in range(30))
    html = (
        "<html><head><title>Returns</title><style>p {}</style></head><body>"
        f"<nav><ul>{menu}</ul></nav><main><h1>Returning things</h1><p>{PARAGRAPH * 3}</p>"
        f"<h2>Refunds</h2><p>{PARAGRAPH * 3}</p></main><footer>Imprint</footer></body></html>"
    )

    content = read(html)

    text = content.pages[0].text
    assert text.startswith("# Returning things")
    assert "## Refunds" in text
    assert text.count("thirty days") == 6
    assert "Menu entry" not in text
    assert "Imprint" not in text
    assert content.n_characters_dropped > 400
    assert str(content.n_characters_dropped) in str(content.notices[0])
    assert content.is_complete


def test_the_title_stands_above_a_page_without_a_heading() -> None:
    html = f"<html><head><title>Returns</title></head><body><p>{PARAGRAPH}</p></body></html>"

    assert paragraphs(html) == ["# Returns", PARAGRAPH.strip()]


def test_a_heading_in_the_banner_is_kept_as_title() -> None:
    html = f"<html><body><header><h1>Returns</h1></header><p>{PARAGRAPH}</p></body></html>"

    assert paragraphs(html) == ["# Returns", PARAGRAPH.strip()]


def test_a_page_that_is_little_but_a_line_is_kept_whole() -> None:
    assert paragraphs("<html><body>Hello <b>you</b>!</body></html>") == ["Hello you!"]


def page_with(content: str) -> str:
    """A page whose main text is this between two paragraphs, beside a long list of links."""
    links = "".join(f"<p><a href='/{n}'>See also number {n}</a></p>" for n in range(40))
    text = f"<p>{PARAGRAPH * 3}</p>"
    return (
        f"<html><body><div class='content'><h1>Title</h1>{text}{content}{text}</div>"
        f"<div class='sidebar related'>{links}</div></body></html>"
    )


@pytest.mark.parametrize("cell", ["{n}", "<time>{n}</time>", "<data value=1>{n}</data>"])
def test_no_cell_of_a_table_is_lost(cell) -> None:
    header = "<tr><th>Name</th><th>Twin</th><th>Size</th></tr>"
    rows = "".join(
        f"<tr><td>City {n}</td><td></td><td>{cell.format(n=n * 7)}</td></tr>" for n in range(20)
    )

    content = read(page_with(f"<table>{header}{rows}</table>"))

    assert content.n_rows == 20
    assert content.pages[0].rows[19].cells == (("Name", "City 19"), ("Size", "133"))
    assert "See also" not in content.pages[0].text


def test_a_table_with_holes_is_worse_than_menus() -> None:
    rows = "".join(f"<tr><td>City {n}</td><td><form>{n}</form></td></tr>" for n in range(20))

    content = read(page_with(f"<table><tr><th>Name</th><th>Size</th></tr>{rows}</table>"))

    assert content.pages[0].rows[19].cells == (("Name", "City 19"), ("Size", "19"))


def test_where_next_to_nothing_would_be_kept_everything_is() -> None:
    answers = "".join(f"<p>Answer {n}: see the list.</p>" for n in range(60))
    html = f"<html><body><p>{PARAGRAPH}</p><div class='comments'>{answers}</div></body></html>"

    assert "Answer 59" in read(html).pages[0].text


def test_short_texts_in_tags_of_all_kinds_are_kept() -> None:
    pieces = (
        "<p>Open from <time>9:00</time> on, <label>daily</label>.</p>"
        f"<details><summary>May I return it?</summary><p>{PARAGRAPH}</p></details>"
        "<div><div class='price'>$49 <b>only</b></div></div>"
        "<figure><img src='a.png'><figcaption>A tent at dusk</figcaption></figure>"
    )

    text = read(page_with(pieces)).pages[0].text

    assert "Open from 9:00 on, daily." in text
    assert "May I return it?\n\nYou may" in text
    assert "$49 only" in text
    assert "A tent at dusk" in text
    assert "See also" not in text


def test_lists_tables_and_code_keep_their_form() -> None:
    text = plain_html(
        "<h2>A <i>title</i></h2><ul><li>one</li><li><p>two</p><ol><li>deep</li></ol></li></ul>"
        "<pre>x = 1\n  y</pre><table><tr><td>Colour:</td><td>red</td></tr>"
        "<tr><td>Weight:</td><td>2 kg</td></tr></table>line<br>break<script>no()</script>"
        "<p hidden>no</p><p style='display: none'>no</p><!-- no -->tail"
    )

    assert text.split("\n\n") == [
        "## A title",
        "- one\n- two\n  1. deep",
        "```\nx = 1\n  y\n```",
        "Colour: red",
        "Weight: 2 kg",
        "line\nbreak",
        "tail",
    ]


def test_cells_that_reach_over_rows_count_for_each() -> None:
    text = plain_html(
        "<table><tr><th>Group</th><th>Item</th></tr><tr><td rowspan=2>Tents</td><td>Cove</td></tr>"
        "<tr><td>Cape</td></tr></table>"
    )

    assert text.split("\n\n") == ["Group: Tents; Item: Cove", "Group: Tents; Item: Cape"]


def test_tables_that_only_arrange_a_page_are_text() -> None:
    text = plain_html(
        "<table><tr><td><h1>Shop</h1></td></tr><tr><td><p>Welcome</p></td></tr></table>"
    )

    assert text == "# Shop\n\nWelcome"


@pytest.mark.parametrize(
    "html",
    [
        "<html></html>",
        "<html><body><script>x</script></body></html>",
        "<!-- only a comment -->",
        "<!DOCTYPE html>",
        "<![CDATA[x]]>",
        "<?php echo 1 ?>",
    ],
)
def test_a_page_without_text_is_empty(html, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        content = read(html)

    assert content.pages == ()
    assert "empty" in str(content.notices[0])
    assert caplog.records == []
    assert plain_html(html) == ""


def test_deeply_nested_markup_is_read() -> None:
    assert "deep" in plain_html("<div>" * 1000 + "deep" + "</div>" * 1000)
