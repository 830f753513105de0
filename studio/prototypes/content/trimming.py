"""What a model puts around a text, and the half sentence at which it was cut off, taken away."""

from __future__ import annotations

import re

from studio.evaluation.text_checks.reading import sentences_of


def whole_sentences(text: str) -> str:
    """The text up to the end of its last whole sentence; empty where there is none."""
    match = re.search(r"^.*(?:[.!?][\"'”’)]*(?=\s|$)|[。！？])", text, re.DOTALL)
    return match.group().strip() if match and sentences_of(match.group()) else ""


def cleaned(text: str) -> str:
    """The text without the quotation marks and the code fence that models like to put around it."""
    text = text.strip()
    fence = re.fullmatch(r"```\w*\n(.*?)\n?```", text, re.DOTALL)
    if fence:
        text = fence.group(1).strip()
    for opening, closing in (('"', '"'), ("“", "”"), ("「", "」")):
        if len(text) > 2 and text[0] == opening and text[-1] == closing:
            inner = text[1:-1]
            if opening not in inner and closing not in inner:
                return inner.strip()
    return text
