"""Characters that need several tokens are told as characters."""

from __future__ import annotations

from studio.inference.token_texts import TokenText, characters, text_in_place, token_texts


def decode(ids) -> str:
    """A token is a byte, as the rarest ones are in every byte-level vocabulary."""
    return bytes(ids).decode("utf-8", "replace")


def test_every_token_of_a_character_tells_the_character_and_its_part() -> None:
    found = token_texts(decode, list("a天。".encode()))
    assert found == (
        TokenText(text="a"),
        *(TokenText(text="天", part=part, n_parts=3) for part in (1, 2, 3)),
        *(TokenText(text="。", part=part, n_parts=3) for part in (1, 2, 3)),
    )
    assert [found[part][0].text for part in characters(found)] == ["a", "天", "。"]


def test_what_is_no_character_stays_itself_and_spoils_nothing_after_it() -> None:
    found = token_texts(decode, [0xE5, *b"ok"])
    assert [(one.text, one.n_parts) for one in found] == [("\ufffd", 1), ("o", 1), ("k", 1)]


def test_tokens_that_begin_within_a_character_belong_together() -> None:
    found = token_texts(decode, list("天b".encode()))[1:]
    assert [found[part][0].text for part in characters(found)] == ["天", "b"]
    assert characters(()) == ()


def test_another_last_part_gives_another_character_and_another_first_one_none() -> None:
    first, second, last = "天".encode()
    assert text_in_place(decode, [first, second], last) == "天"
    assert text_in_place(decode, [], first) == ""
    assert text_in_place(decode, [], ord("a")) == "a"
