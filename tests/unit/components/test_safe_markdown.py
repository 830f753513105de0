"""What a model writes may not become a formula, a link, a picture, a directive or a tag."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.safe_markdown import escape, plain_lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs $5 and $6.", r"It costs \$5 and \$6."),
        ("[here](http://x.example)", r"\[here\](http://x.example)"),
        ("![p](http://x.example/p.png)", r"!\[p\](http://x.example/p.png)"),
        ("<b>bold</b>", r"\<b\>bold\</b\>"),
        (":red[x] :smile: :material/home:", r"\:red\[x\] \:smile: \:material/home:"),
        ("# Title\n  ## Two", "\\# Title\n  \\## Two"),
        ("| a | b |", "\\| a | b |"),
        ("Title\n---", "Title\n\\---"),
        ("a ~~b~~ &amp;", r"a \~\~b\~\~ \&amp;"),
        ("back\\slash", "back\\\\slash"),
    ],
)
def test_markup_beyond_emphasis_and_lists_is_made_literal(text, expected):
    assert escape(text) == expected


@pytest.mark.parametrize(
    "text", ["**bold** and *soft*", "- one\n- two", "1. one", "At 10:30.", "退货：60天"]
)
def test_emphasis_lists_times_and_chinese_stay_as_they_are(text):
    assert escape(text) == text


@given(st.text(max_size=200))
def test_no_dollar_bracket_or_angle_is_left_unescaped(text):
    escaped = escape(text)
    position = 0
    while position < len(escaped):
        if escaped[position] == "\\":
            position += 2
            continue
        assert escaped[position] not in "$[]<>"
        position += 1


def test_lines_of_a_person_keep_their_breaks():
    assert plain_lines("one\n*two*") == "one  \n\\*two\\*"
    assert plain_lines("") == ""
