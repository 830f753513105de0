"""Lay out the PDF documents of the sample company from their plain-text sources.

The sources lie in ``sources/pdf/<language>/<stem>.txt``: a line that starts with ``# `` is the
title, one with ``## `` a heading, every other line a paragraph. The result goes to
``documents/<language>/<stem>.pdf``. Needs reportlab and, for Chinese, a TrueType font with
Chinese glyphs (Droid Sans Fallback, Apache-2.0, in Debian's ``fonts-droid-fallback``), of which
only the glyphs in use are embedded. The finished files are kept in the repository, so this
script is needed only after a change of the sources.
"""

from __future__ import annotations

import argparse
import importlib
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DEFAULT_FONT = Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf")
LANGUAGES = ("en", "zh")
PAGE = (419.5, 595.3)
MARGIN = 48.0
CJK_FONT = "SampleCJK"
NOT_AT_LINE_START = "，。、；：！？）”》』」%℃"
LATIN = re.compile(r"([\x20-\x7e“”]+)")
TOKEN = re.compile(r"[A-Za-z0-9@.,:+&/°%\-]+|\s+|.")
STYLES = {"title": (17.0, 24.0, 10.0), "heading": (12.0, 18.0, 4.0), "body": (11.0, 17.0, 6.0)}
FOOTER = {"en": "Maple & Tide - page {}", "zh": "枫汐 第{}页"}


def register_font(font: Path) -> None:
    """Make the Chinese font known to reportlab.

    Args:
        font: A TrueType file with Chinese glyphs.
    """
    metrics = importlib.import_module("reportlab.pdfbase.pdfmetrics")
    ttfonts = importlib.import_module("reportlab.pdfbase.ttfonts")
    metrics.registerFont(ttfonts.TTFont(CJK_FONT, str(font)))


def font_name(language: str, style: str) -> str:
    """Return the reportlab font name for a language and a style."""
    if language == "zh":
        return CJK_FONT
    return "Helvetica" if style == "body" else "Helvetica-Bold"


def runs(text: str, font: str) -> list[tuple[str, str]]:
    """Split a line into ``(font, text)`` runs.

    The Chinese font has no Latin letters and digits, so those are set in Helvetica.
    """
    if font != CJK_FONT:
        return [(font, text)]
    pieces = LATIN.split(text)
    return [("Helvetica" if i % 2 else font, piece) for i, piece in enumerate(pieces) if piece]


def measure(text: str, font: str, size: float) -> float:
    """Return the width of a line in points."""
    string_width = importlib.import_module("reportlab.pdfbase.pdfmetrics").stringWidth
    return float(sum(string_width(piece, name, size) for name, piece in runs(text, font)))


def wrap(text: str, font: str, size: float, width: float) -> list[str]:
    """Break a paragraph into lines, at spaces or between Chinese characters.

    Args:
        text: One paragraph.
        font: A font name that reportlab knows.
        size: Font size in points.
        width: Room for a line in points.

    Returns:
        The lines, without spaces at their ends.
    """
    lines: list[str] = []
    line = ""
    for token in TOKEN.findall(text):
        fits = measure(line + token, font, size) <= width
        if line and not fits and token not in NOT_AT_LINE_START:
            lines.append(line.strip())
            line = ""
        line += token
    if line.strip():
        lines.append(line.strip())
    return lines


def parse(source: str) -> list[tuple[str, str]]:
    """Split a source text into ``(style, text)`` blocks."""
    blocks: list[tuple[str, str]] = []
    for raw in source.splitlines():
        line = raw.strip()
        if line.startswith("## "):
            blocks.append(("heading", line[3:]))
        elif line.startswith("# "):
            blocks.append(("title", line[2:]))
        elif line:
            blocks.append(("body", line))
    return blocks


class Writer:
    """Writes blocks of text down the pages of one PDF file."""

    def __init__(self, target: Path, language: str, title: str) -> None:
        """Open the file.

        Args:
            target: Where the PDF goes.
            language: ``en`` or ``zh``.
            title: Title in the document's properties.
        """
        module = importlib.import_module("reportlab.pdfgen.canvas")
        # Any: reportlab is needed only here and brings no types.
        self._canvas: Any = module.Canvas(str(target), pagesize=PAGE, invariant=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor("Maple & Tide")
        self._language = language
        self._y = PAGE[1] - MARGIN
        self._page = 1

    def _line(self, x: float, y: float, text: str, font: str, size: float) -> None:
        block = self._canvas.beginText(x, y)
        for name, piece in runs(text, font):
            block.setFont(name, size)
            block.textOut(piece)
        self._canvas.drawText(block)

    def _finish_page(self) -> None:
        font = font_name(self._language, "body")
        self._line(MARGIN, MARGIN / 2, FOOTER[self._language].format(self._page), font, 8.0)
        self._canvas.showPage()
        self._page += 1
        self._y = PAGE[1] - MARGIN

    def add(self, style: str, text: str) -> None:
        """Write one block, beginning a new page where the room ends."""
        size, leading, after = STYLES[style]
        font = font_name(self._language, style)
        lines = wrap(text, font, size, PAGE[0] - 2 * MARGIN)
        needed = leading * (len(lines) + (2 if style == "heading" else 0))
        if self._y - needed < MARGIN:
            self._finish_page()
        for line in lines:
            self._line(MARGIN, self._y - size, line, font, size)
            self._y -= leading
        self._y -= after

    def close(self) -> None:
        """Finish the last page and write the file."""
        self._finish_page()
        self._canvas.save()


def make_pdf(source: Path, target: Path, language: str) -> None:
    """Lay out one document.

    Args:
        source: The text source.
        target: The PDF to write.
        language: ``en`` or ``zh``.
    """
    blocks = parse(source.read_text(encoding="utf-8"))
    writer = Writer(target, language, blocks[0][1])
    for style, text in blocks:
        writer.add(style, text)
    writer.close()


def main() -> None:
    """Lay out every document of both languages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--font", type=Path, default=DEFAULT_FONT, help="Chinese TrueType font")
    parser.add_argument("--out", type=Path, default=HERE / "documents", help="target folder")
    arguments = parser.parse_args()
    register_font(arguments.font)
    for language in LANGUAGES:
        folder = arguments.out / language
        folder.mkdir(parents=True, exist_ok=True)
        for source in sorted((HERE / "sources" / "pdf" / language).glob("*.txt")):
            make_pdf(source, folder / f"{source.stem}.pdf", language)


if __name__ == "__main__":
    main()
