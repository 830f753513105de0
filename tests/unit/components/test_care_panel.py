"""Before and after of what is mended can be told apart, also where only spaces differ."""

from __future__ import annotations

import pytest

from components import care_panel


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a  b c", "a␣␣b c"),
        (" a ", "␣a␣"),
        ("a\nb\u200bc", "a⏎b‹200b›c"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_spaces_that_a_browser_does_not_draw_are_shown_as_signs(text: str, shown: str) -> None:
    assert care_panel._shown(text) == f"“{shown}”"
