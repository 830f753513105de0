"""PowerPoint presentations (.pptx): a page per slide, numbered as in the file.

The title is a heading, tables are table rows, speaker notes follow the slide. Hidden slides, diagrams
and embedded files are left out and told, pictures and charts are counted.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studio.ingestion.decoding import clean
from studio.ingestion.failures import MALFORMED
from studio.ingestion.grid import write_grid
from studio.ingestion.pagetext import PageText
from studio.ingestion.result import Content
from studio.ingestion.text import empty_notice
from studio.ingestion.unpacking import damaged_office, package_problem
from studio.ingestion.word import pictures_notice
from studio.records import Notice, Page

if TYPE_CHECKING:
    from pptx.shapes.base import BaseShape
    from pptx.slide import Slide

_MAX_GROUP_DEPTH = 20


@dataclass(slots=True)
class _Deck:
    """What was met so far on all slides."""

    pages: list[Page] = field(default_factory=list)
    n_rows: int = 0
    n_pictures: int = 0
    n_objects: int = 0
    damaged: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)


def read_slides(name: str, content: bytes) -> Content:
    """The slides that have text, numbered from 1 as in the file."""
    problem = package_problem(name, content)
    if problem is not None:
        return Content(pages=(), notices=(problem,))
    # Here, because it is slow to import and often not needed.
    from pptx import Presentation
    from pptx.exc import PythonPptxError

    deck = _Deck()
    try:
        slides = list(Presentation(io.BytesIO(content)).slides)
    except (*MALFORMED, PythonPptxError):
        return Content(pages=(), notices=(damaged_office(name),))
    for number, slide in enumerate(slides, start=1):
        try:
            _read_slide(slide, number, deck)
        except (*MALFORMED, PythonPptxError):
            deck.damaged.append(number)
    return _finished(name, deck, len(slides))


def _read_slide(slide: Slide, number: int, deck: _Deck) -> None:
    if slide._element.get("show") in ("0", "false"):  # no public name for it
        deck.hidden.append(number)
        return
    page = PageText()
    title = slide.shapes.title
    title_id = None if title is None else title.shape_id
    if title is not None and title.has_text_frame:
        heading = " ".join(clean(title.text_frame.text).split())
        page.add(f"# {heading}" if heading else "")
    for shape in _flat(slide.shapes):
        if shape.shape_id != title_id:
            _write_shape(shape, page, deck)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        page.add(_paragraphs(slide.notes_slide.notes_text_frame.text))
    if not page.is_empty:
        deck.pages.append(page.page(number=number))


def _flat(shapes: Iterable[BaseShape], depth: int = 0) -> Iterator[BaseShape]:
    """The shapes of a slide, those in groups included, from top to bottom and left to right."""
    from pptx.shapes.group import GroupShape

    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        if isinstance(shape, GroupShape):
            if depth < _MAX_GROUP_DEPTH:
                yield from _flat(shape.shapes, depth + 1)
        else:
            yield shape


def _write_shape(shape: BaseShape, page: PageText, deck: _Deck) -> None:
    from pptx.shapes.autoshape import Shape
    from pptx.shapes.graphfrm import GraphicFrame
    from pptx.shapes.picture import Picture

    if isinstance(shape, GraphicFrame) and shape.has_table:
        grid = [[clean(cell.text) for cell in row.cells] for row in shape.table.rows]
        deck.n_rows += write_grid(grid, page).n_rows
    elif isinstance(shape, Picture) or (isinstance(shape, GraphicFrame) and shape.has_chart):
        deck.n_pictures += 1
    elif isinstance(shape, GraphicFrame):  # SmartArt, embedded files
        deck.n_objects += 1
    elif isinstance(shape, Shape):
        page.add(_paragraphs(shape.text_frame.text))


def _paragraphs(text: str) -> str:
    lines = [" ".join(line.split()) for line in clean(text).split("\n")]
    return "\n".join(filter(None, lines))


def _finished(name: str, deck: _Deck, n_slides: int) -> Content:
    notices: list[Notice] = []
    if deck.damaged:
        notices.append(
            Notice(
                "{n_damaged} of {n_slides} slides of {name} are damaged and were left out, the first "
                "of them slide {slide}.",
                "Slide {slide} of {name} is damaged and was left out.",
                n_damaged=len(deck.damaged),
                n_slides=n_slides,
                name=name,
                slide=deck.damaged[0],
            )
        )
    if deck.hidden:
        notices.append(
            Notice(
                "Hidden slides of {name} were left out: {slides}. Show them in the file to have them "
                "read.",
                name=name,
                slides=", ".join(map(str, deck.hidden)),
            )
        )
    if deck.n_pictures:
        notices.append(pictures_notice(name, deck.n_pictures))
    if deck.n_objects:
        notices.append(
            Notice(
                "Diagrams (SmartArt) and embedded files in {name} were left out ({n_objects}). Copy "
                "their text into text boxes to have it read.",
                n_objects=deck.n_objects,
                name=name,
            )
        )
    if not deck.pages and not notices:
        notices.append(empty_notice(name))
    is_complete = not (deck.damaged or deck.hidden or deck.n_objects)
    return Content(
        pages=tuple(deck.pages),
        notices=tuple(notices),
        is_complete=is_complete,
        n_rows=deck.n_rows or None,
        n_characters_dropped=0 if is_complete else None,
        n_rows_dropped=0 if is_complete else None,
    )
