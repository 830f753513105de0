"""What could be mended in texts is found, shown, and mended without harm to anything else."""

from __future__ import annotations

import pytest

from studio.prototypes.data_care import cared, look_over, repeats_in


@pytest.mark.parametrize(
    ("care", "before", "after"),
    [
        ("markup", "<p>Where is <b>it</b>?</p><br>Thanks &amp; bye", "Where is it?\n\nThanks & bye"),
        ("markup", "<style>p{}</style>hello", "hello"),
        ("markup", '<a href="x.html" class=b>one</a> <td nowrap>two', "one two"),
        ("markup", "the <title> tag of a<br />page &#8364;", "the <title> tag of a\npage €"),
        ("spaces", "where \u200bis\u00a0 it\r\n\r\n\r\n now ", "where is it\n\nnow"),
        ("personal", "mail me at jo@example.com", "mail me at [email]"),
    ],
)  # fmt: skip
def test_each_thing_is_mended(care, before, after) -> None:
    assert cared(before, (care,)) == after
    assert cared(before, ()) == before


@pytest.mark.parametrize(
    "text",
    [
        "a < b and b > c",
        "size <42>",
        "1 &times",
        "if a<b and b>c then",
        "the <title> tag",
        "x.com?a=1&copy=2",
        "&notit;",
        "a<i and i>c;",
        "I ❤️ 👨‍👩‍👧",
        "多少钱？",
        "<p></p>",
        "",
    ],
)
def test_what_needs_nothing_stays_as_it_is(text) -> None:
    assert cared(text, ("markup", "spaces", "personal")) == text


def test_what_is_found_is_counted_with_examples_of_before_and_after() -> None:
    texts = ["<b>one</b>", "two", "call +44 20 7946 0958", "<i>three</i>", "a  b"]
    found = {one.kind: one for one in look_over(texts)}
    assert {kind: one.n for kind, one in found.items()} == {"markup": 2, "spaces": 1, "personal": 1}
    assert found["markup"].examples[0] == ("<b>one</b>", "one")
    assert look_over(["plain", "texts"]) == ()


def test_near_repeats_are_shown_with_what_they_repeat() -> None:
    found = repeats_in(["Do you sell boats?", "something else", "Do you sell any boats?"])
    assert found is not None
    assert (found.n, found.examples) == (1, (("Do you sell any boats?", "Do you sell boats?"),))
    assert repeats_in(["one text", "another one"]) is None
