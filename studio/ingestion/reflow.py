"""Lines as a page was typeset, back to the paragraphs that were written.

A PDF knows where each line stands, not where a paragraph ends: left as they are, the lines cut
sentences apart and Chinese words in two. Knows text only, no file.
"""

from __future__ import annotations

import re
from itertools import pairwise

FULL_LINE_SHARE = 0.7
"""A line at least this long, compared with the page's long lines, runs on into the next."""

_CJK = r"\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef"
_CJK_END = re.compile(rf"[{_CJK}]$")
_CJK_START = re.compile(rf"^[{_CJK}]")
_NEW_BLOCK = re.compile(
    r"^(?:[-*•·–▪◦]|\(?\d{1,3}[.)、]|[a-zA-Z][.)]|[一二三四五六七八九十]+、)\s*\S"
)
_HYPHENATED = re.compile(r"[^\W\d_]-$")


def reflow(text: str) -> str:
    """The text with the lines of a paragraph joined; blank lines, lists and short lines stay.

    Words that were divided at a line's end are put together again where the next line begins with a
    small letter; between Chinese characters no space is put. Text of one line is given as it is.
    """
    lines = text.split("\n")
    width = _usual_width(lines)
    joined = [lines[0]]
    for line, following in pairwise(lines):
        if _runs_on(line, following, width):
            joined[-1] = _join(joined[-1], following)
        else:
            joined.append(following)
    return "\n".join(joined)


def _usual_width(lines: list[str]) -> int:
    """How wide the page's long lines are: that of the line longer than nine in ten."""
    widths = sorted(_width(line) for line in lines if line.strip())
    return widths[int(0.9 * (len(widths) - 1))] if widths else 0


def _width(line: str) -> int:
    """Columns a line takes up; a Chinese character is twice as wide as a letter."""
    return sum(2 if _CJK_END.match(character) else 1 for character in line.strip())


def _runs_on(line: str, following: str, width: int) -> bool:
    if not line.strip() or not following.strip() or _NEW_BLOCK.match(following.lstrip()):
        return False
    return _width(line) >= FULL_LINE_SHARE * width


def _join(line: str, following: str) -> str:
    line, following = line.rstrip(), following.lstrip()
    if _HYPHENATED.search(line) and following[:1].islower():
        return line[:-1] + following
    if _CJK_END.search(line) and _CJK_START.match(following):
        return line + following
    # A number or a Latin word next to Chinese text was written without a space as often as with one.
    is_mixed = bool(_CJK_END.search(line)) != bool(_CJK_START.match(following))
    return line + ("" if is_mixed else " ") + following
