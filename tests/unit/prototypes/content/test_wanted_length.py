"""The length that a form asks for: limits and room follow it, where the form is a template's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.templates.gallery import settings_from, template_named
from studio.prototypes.content.wanted_length import settings_for


def settings(language: str = "en") -> ContentSettings:
    empty = ContentSettings(language=language)
    return settings_from(template_named("product-description", language), empty)


@pytest.mark.parametrize(
    ("language", "length", "found"),
    [
        ("en", "300", (210, 390, 648)),
        ("en", "40", (28, 52, 180)),  # never less room than is set
        ("en", "1", (1, 2, 180)),
        ("en", "5,000", (3500, 6500, 2048)),
        ("zh", "500", (350, 650, 1194)),
    ],
)
def test_limits_and_room_follow_the_form(language, length, found):
    fitted = settings_for(settings(language), {"length": length})
    assert (fitted.checks.min_words, fitted.checks.max_words, fitted.max_new_tokens) == found


@pytest.mark.parametrize("length", ["", "0", "-5", "long"])
def test_no_length_changes_nothing(length):
    assert settings_for(settings(), {"length": length}) == settings()
    assert settings_for(settings(), {}) == settings()


def test_in_a_form_of_ones_own_a_length_may_be_that_of_a_table():
    own = replace(settings(), template="")
    assert settings_for(own, {"length": "180"}) == own
