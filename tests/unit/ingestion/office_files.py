"""Small Office files and folders, written by hand so that each test says what is in its file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zip_of(files: dict[str, bytes | str]) -> bytes:
    """A compressed folder with these paths and contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: Sequence[str]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def docx(body: str, **named: str) -> bytes:
    """A Word document with this body; styles "Title", "Heading1" and "Heading2" are there.

    `named` are more styles, id to name.
    """
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{style}"><w:name w:val="{name}"/></w:style>'
        for style, name in (
            ("Title", "Title"),
            ("Heading1", "heading 1"),
            ("Heading2", "heading 2"),
            *named.items(),
        )
    )
    return zip_of(
        {
            "[Content_Types].xml": _content_types(),
            "_rels/.rels": _relations(("officeDocument", "word/document.xml")),
            "word/_rels/document.xml.rels": _relations(("styles", "styles.xml")),
            "word/styles.xml": f'<w:styles xmlns:w="{W}">{styles}</w:styles>',
            "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
        }
    )


def raw_xlsx(sheet_data: str, before: str = "") -> bytes:
    """A workbook of one sheet "S" with this XML in it; for what a library would not write."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return zip_of(
        {
            "[Content_Types].xml": _content_types(
                ("/xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
                ("/xl/worksheets/sheet1.xml", "spreadsheetml.worksheet+xml"),
            ),
            "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
            "xl/_rels/workbook.xml.rels": _relations(("worksheet", "worksheets/sheet1.xml")),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="rId0"/></sheets></workbook>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{before}<sheetData>{sheet_data}'
            "</sheetData></worksheet>",
        }
    )


def xlsx(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """A workbook with these worksheets."""
    return xlsx_made_by(lambda book: _fill(book, sheets))


def xlsx_made_by(change: Callable[[Any], None]) -> bytes:
    """A workbook after `change` was called on it; it has no worksheet before."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill(book: Any, sheets: dict[str, Sequence[Sequence[Any]]]) -> None:
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)


def pptx_made_by(change: Callable[[Any], None]) -> bytes:
    """A presentation after `change` was called on it; it has no slides before."""
    from pptx import Presentation

    deck = Presentation()
    change(deck)
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def _content_types(*parts: tuple[str, str]) -> str:
    vendor = "application/vnd.openxmlformats-officedocument."
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{vendor}{kind}"/>' for part, kind in parts
    )
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        f'ContentType="application/xml"/><Default Extension="rels" ContentType="application/'
        f'vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>'
    )


def _relations(*targets: tuple[str, str]) -> str:
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'
