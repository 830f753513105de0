"""Word documents (.docx): headings, paragraphs, lists and tables as one page.

Tracked insertions are text, deletions are not. Page headers and footers are left out, pictures are
counted. Headings are also what only looks like them: paragraphs of a style for questions, and short bold
lines above a text.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from studio.ingestion.failures import MALFORMED
from studio.ingestion.markup import write_markup
from studio.ingestion.pagetext import PageText
from studio.ingestion.result import Content
from studio.ingestion.text import empty_notice
from studio.ingestion.unpacking import damaged_office, package_problem
from studio.records import Notice

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
    from mammoth.documents import Paragraph

_QUESTION_STYLE = re.compile(r"question|问题|提问|問題", re.IGNORECASE)
_LONGEST_HEADING = 80
_SENTENCE_ENDS = ("。", "；", ";", "，", ",")
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => h2:fresh
"""


def read_word(name: str, content: bytes) -> Content:
    """The text of a document as one page without a number; no page when there is none."""
    problem = package_problem(name, content)
    if problem is not None:
        return Content(pages=(), notices=(problem,))
    # Here, because they are slow to import and often not needed.
    import lxml.html
    import mammoth

    n_pictures = 0

    def count_picture(_image: object) -> dict[str, str]:
        nonlocal n_pictures
        n_pictures += 1
        return {}

    try:
        converted = mammoth.convert_to_html(
            io.BytesIO(content),
            style_map=_STYLES,
            convert_image=mammoth.images.img_element(count_picture),
            transform_document=mammoth.transforms.paragraph(_with_questions_as_headings),
            external_file_access=False,
        )
        page = PageText()
        n_rows = 0
        if converted.value.strip():
            tree = lxml.html.document_fromstring(converted.value)
            for back in tree.xpath("//a[starts-with(@href, '#') and normalize-space() = '↑']"):
                back.drop_tree()  # the arrow from a footnote back to its place
            _name_bold_lines(tree)
            n_rows = write_markup(tree, page)
    except MALFORMED:
        return Content(pages=(), notices=(damaged_office(name),))
    return _finished(name, page, n_rows, n_pictures)


def _with_questions_as_headings(paragraph: Paragraph) -> Paragraph:
    if not _QUESTION_STYLE.search(paragraph.style_name or ""):
        return paragraph
    return paragraph.copy(style_id="Heading3", style_name="heading 3")


def _name_bold_lines(tree: Element) -> None:
    """Make headings of short paragraphs that are all bold, with a text that is not right below."""
    bold = [line for line in tree.iter("p") if _is_bold(line)]
    for line in bold:
        text, below = "".join(line.itertext()).strip(), line.getnext()
        is_short = len(text) <= _LONGEST_HEADING and not text.endswith(_SENTENCE_ENDS)
        is_above_text = below is not None and below not in bold and line.getparent().tag == "body"
        if is_short and is_above_text:
            line.tag = "h4"


def _is_bold(line: Element) -> bool:
    """Whether there is a text, and all of it is bold."""
    bold = "".join("".join(part.itertext()) for part in line.iterchildren("strong"))
    return bool(bold.strip()) and "".join(bold.split()) == "".join("".join(line.itertext()).split())


def _finished(name: str, page: PageText, n_rows: int, n_pictures: int) -> Content:
    if page.is_empty:
        return Content(
            pages=(),
            notices=(pictures_notice(name, n_pictures) if n_pictures else empty_notice(name),),
        )
    notices = (pictures_notice(name, n_pictures),) if n_pictures else ()
    return Content(pages=(page.page(),), notices=notices, n_rows=n_rows or None)


def pictures_notice(name: str, n_pictures: int) -> Notice:
    """What to tell about pictures in a document."""
    return Notice(
        "The pictures in {name} were not read ({n_pictures}). If they show text, run text recognition "
        "(OCR) on the file and upload the result.",
        n_pictures=n_pictures,
        name=name,
    )
