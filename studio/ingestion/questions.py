"""Lists of questions and answers written as text: "Q: ... A: ...", "问：... 答：...".

Marks each pair as a row of the page, so that it is found and answered as one; the text stays as it is.
Knows no file format.
"""

from __future__ import annotations

import re
from dataclasses import replace

from studio.records import Page, Row

COLUMNS = ("Question", "Answer")
_FEWEST = 2
_LEAD = r"^[ \t]*(?:[-*>]\s+|#{1,6}\s+|\d{1,3}[.)、]\s*)?\**"
_COLON = r"\s*\d{0,3}\s*\**\s*[:：.、]\s*\**[ \t]*"
_QUESTION = re.compile(
    rf"{_LEAD}(?:Q|Question|问题|提问|问|問題|問){_COLON}(?=\S)", re.IGNORECASE | re.MULTILINE
)
_ANSWER = re.compile(
    rf"{_LEAD}(?:A|Answer|答案|回答|解答|答){_COLON}(?=\S)", re.IGNORECASE | re.MULTILINE
)
_HEADING = re.compile(r"^#{1,6}\s+\S", re.MULTILINE)


def mark_questions(page: Page) -> Page:
    """The page with a row for each question that has an answer; the same page for fewer than two.

    An answer ends at the next question or heading.
    """
    if page.rows:
        return page
    text = page.text
    starts = list(_QUESTION.finditer(text))
    if len(starts) < _FEWEST:
        return page
    rows = []
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        answer = _ANSWER.search(text, start.end(), end)
        if answer is None:
            continue
        heading = _HEADING.search(text, answer.end(), end)
        row = _row(text, start, answer, heading.start() if heading else end)
        if row is not None:
            rows.append(row)
    return replace(page, rows=tuple(rows)) if len(rows) >= _FEWEST else page


def _row(text: str, start: re.Match[str], answer: re.Match[str], end: int) -> Row | None:
    values = (text[start.end() : answer.start()], text[answer.end() : end])
    question, reply = (" ".join(value.split()).strip("* ") for value in values)
    if not question or not reply:
        return None
    first = start.start() + len(start[0]) - len(start[0].lstrip())
    return Row(
        start=first,
        end=first + len(text[first:end].rstrip()),
        cells=((COLUMNS[0], question), (COLUMNS[1], reply)),
    )
