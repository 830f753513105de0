"""Sentences of the library in the language of this prototype.

The library says everything in English, as a template with values (`studio.records.Notice`).
`data/sentences.json` has the templates in the language of the prototype; English ones need none.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from studio.records import Notice

MARKUP = frozenset("\\`*_{}[]()<>#+-.!|$~:&")
"""Signs that a page may read as something else than themselves."""
SENTENCES = Path(__file__).resolve().parent / "data" / "sentences.json"


@cache
def _sentences() -> dict[str, str]:
    if not SENTENCES.is_file():
        return {}
    found: dict[str, str] = json.loads(SENTENCES.read_text(encoding="utf-8"))
    return found


def say(notice: Notice) -> str:
    """A sentence in the language of the prototype; sentences among its values, too."""
    values = {
        name: say(value) if isinstance(value, Notice) else value
        for name, value in notice.values.items()
    }
    text = _sentences().get(notice.template, notice.template)
    return text.format(**values) if values else text


def plain(text: str) -> str:
    """Text of documents and people where a page reads Markdown: every sign stands for itself."""
    return "".join(f"\\{sign}" if sign in MARKUP else sign for sign in text)
