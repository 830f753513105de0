"""What the library says, in another language: its templates as the studio's pages show them.

The translations belong to the pages; here they are read as data, where they are installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

from studio.records import Notice

_FILES = {"zh": "locale/zh_CN/LC_MESSAGES/studio.po"}


@cache
def sentences(language: str) -> Mapping[str, str]:
    """English template -> the same in the language; {} for English, and where none are installed."""
    try:
        file = resources.files("components").joinpath(_FILES[language])
        content = file.read_bytes()
    except (KeyError, ModuleNotFoundError, FileNotFoundError):
        return {}
    from io import BytesIO

    from babel.messages.pofile import read_po

    return {
        message.id: message.string
        for message in read_po(BytesIO(content))
        if isinstance(message.id, str)
        and isinstance(message.string, str)
        and message.id
        and message.string
        and any(place.startswith("studio/") for place, _ in message.locations)
    }


def say(notice: Notice, language: str) -> str:
    """A sentence in the language; sentences among its values, too."""
    values = {
        name: say(value, language) if isinstance(value, Notice) else value
        for name, value in notice.values.items()
    }
    text = sentences(language).get(notice.template, notice.template)
    return text.format(**values) if values else text
