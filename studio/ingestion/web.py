"""Web pages (.html): the main text with the title above it, without menus, footers and advertisements.

trafilatura tells the main text from the rest. Where it keeps next to nothing of a page, little less
than everything, or tables with holes, all text is taken but menus, headers and footers.
"""

from __future__ import annotations

import copy
import logging
from typing import TYPE_CHECKING

from studio.ingestion.decoding import Decoded, clean
from studio.ingestion.failures import MALFORMED
from studio.ingestion.markup import SURROUNDINGS, is_block, visible_text, write_markup
from studio.ingestion.pagetext import PageText
from studio.ingestion.result import Content
from studio.ingestion.text import empty_notice, encoding_notices
from studio.records import Notice

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LEAST_SHARE = 0.25
"""Keeping less than this of what stands outside menus, trafilatura has missed the main text."""
_MOST_SHARE = 0.9
"""Keeping more, it has left out little, and that may as well be text."""

# Opening hours, labels and results of forms; and blocks that hold a text without a paragraph in them,
# such as prices, questions that unfold their answer, what stands below a picture.
_DROPPED_INLINE = ("time", "label", "output", "meter")
_DROPPED_BLOCKS = ("div", "section", "article", "summary", "figcaption", "center")


def read_html(name: str, decoded: Decoded) -> Content:
    """The text of a web page as one page without a number; no page when there is none."""
    try:
        tree = _parsed(clean(decoded.text))
        page, n_rows = _main_text(tree)
        n_all = _n_letters(visible_text(tree))
    except MALFORMED:  # next to nothing is too broken for this parser, but a nearly empty file is
        return Content(pages=(), notices=(empty_notice(name),))
    if page.is_empty:
        return Content(pages=(), notices=(empty_notice(name),))
    result = page.page()
    notices = list(encoding_notices(name, decoded))
    n_dropped = max(0, n_all - _n_letters(result.text))
    if n_dropped:
        notices.append(
            Notice(
                "{n_characters} characters of {name} were taken for menus, headers, footers or "
                "advertisements and left out.",
                n_characters=n_dropped,
                name=name,
            )
        )
    return Content(
        pages=(result,),
        notices=tuple(notices),
        is_complete=decoded.n_replaced == 0,
        n_rows=n_rows or None,
        n_characters_dropped=n_dropped + decoded.n_replaced,
    )


def plain_html(text: str) -> str:
    """All text of a piece of HTML, such as the body of an e-mail; "" when there is none."""
    page = PageText()
    try:
        write_markup(_parsed(clean(text)), page)
    except MALFORMED:
        return ""
    return page.page().text


def _parsed(text: str) -> HtmlElement:
    """The tree of a page. Raises ValueError where there is no element and no text in it."""
    import lxml.etree
    import lxml.html

    # Otherwise text below 200 levels of tags is dropped without a word.
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        return lxml.html.document_fromstring(text.encode("utf-8"), parser=parser)
    except lxml.etree.LxmlError as error:  # nothing but comments, a doctype or instructions
        raise ValueError(str(error)) from error


def _main_text(tree: HtmlElement) -> tuple[PageText, int]:
    """The main text where leaving out the rest is worth it, else all but menus and the like."""
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    whole, n_whole_rows = _titled(tree, tree, without=SURROUNDINGS)
    found = bare_extraction(_prepared(tree), include_comments=False, favor_recall=True)
    if found is None or isinstance(found, dict) or found.body is None:
        return whole, n_whole_rows
    main, n_rows = _titled(tree, found.body)
    kept = _n_letters(main.page().text) / max(1, _n_letters(whole.page().text))
    # It loses cells of tables now and then; then, rather menus than holes.
    loses_cells = _n_cells(main) < _n_cells(whole)
    if _LEAST_SHARE <= kept <= _MOST_SHARE and not loses_cells:
        return main, n_rows
    return whole, n_whole_rows


def _prepared(tree: HtmlElement) -> HtmlElement:
    """A copy in which text does not stand in tags that trafilatura drops with what is in them."""
    from lxml import etree

    prepared = copy.deepcopy(tree)
    etree.strip_tags(prepared, *_DROPPED_INLINE)
    for element in prepared.iter("figure"):  # as a whole, with the words below the picture
        element.tag = "div"
    for element in prepared.iter(*_DROPPED_BLOCKS):
        if not any(is_block(child) for child in element.iterdescendants()):
            element.tag = "p"
    return prepared


def _titled(
    tree: HtmlElement, body: HtmlElement, *, without: frozenset[str] = frozenset()
) -> tuple[PageText, int]:
    """The text of `body`, below the page's title unless it has a first heading of its own."""
    text = PageText()
    n_rows = write_markup(body, text, without=without)
    title = _title(tree)
    if text.is_empty or not title or text.page().text.startswith("# ") or _has_line(text, title):
        return text, n_rows
    titled = PageText()
    titled.add(f"# {title}")
    write_markup(body, titled, without=without)
    return titled, n_rows


def _title(tree: HtmlElement) -> str:
    for element in (tree.find(".//h1"), tree.find(".//title")):
        title = "" if element is None else " ".join(clean("".join(element.itertext())).split())
        if title:
            return title
    return ""


def _has_line(text: PageText, title: str) -> bool:
    return f"# {title}" in text.page().text.split("\n\n")


def _n_cells(page: PageText) -> int:
    return sum(len(row.cells) for row in page.page().rows)


def _n_letters(text: str) -> int:
    return len("".join(text.split()))
