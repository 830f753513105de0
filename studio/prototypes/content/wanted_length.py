"""The length that a form asks for: what a text is held against then, and the room that it gets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from studio.prototypes.content.form import number_of
from studio.prototypes.content.settings import RANGES, ContentSettings

LENGTH = "length"
"""The field of the templates that asks for a length in words; in Chinese in characters."""
OFF = 0.3
"""Share by which a text may be longer or shorter than it was asked for."""
TOKENS_PER_WORD = {"en": 1.6, "zh": 1.8}
SPARE_TOKENS = 24


def settings_for(settings: ContentSettings, values: Mapping[str, str]) -> ContentSettings:
    """The settings with limits and room for the length that a form asks for; as they are for none.

    Only a form of a template has such a field: in one's own "length" may be that of a table.
    """
    asked = any(one.name == LENGTH and one.type == "number" for one in settings.variables)
    wanted = number_of(values.get(LENGTH, "").strip()) if asked and settings.template else None
    if wanted is None or wanted < 1:
        return settings
    least, most = math.floor((1 - OFF) * wanted), math.ceil((1 + OFF) * wanted)
    room = round(most * TOKENS_PER_WORD[settings.language]) + SPARE_TOKENS
    return replace(
        settings,
        max_new_tokens=min(max(settings.max_new_tokens, room), int(RANGES["max_new_tokens"][1])),
        checks=replace(settings.checks, min_words=max(1, least), max_words=most),
    )
