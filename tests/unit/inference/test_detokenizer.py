from __future__ import annotations

import pytest

from studio.inference.detokenizer import MAX_WINDOW_TOKENS, IncrementalDetokenizer, StopFilter

TEXT = "Hi 你好, naïve 🎉🇩🇪! " * 12


def _replacing(ids):
    return bytes(ids).decode("utf-8", errors="replace")


def _dropping(ids):
    return bytes(ids).decode("utf-8", errors="ignore")


@pytest.mark.parametrize("decode", [_replacing, _dropping])
@pytest.mark.parametrize("n_per_call", [1, 2, 3, 7])
def test_pieces_join_to_the_text_without_broken_characters(decode, n_per_call):
    ids = TEXT.encode()
    detokenizer = IncrementalDetokenizer(decode)
    pieces = [
        detokenizer.add(list(ids[at : at + n_per_call])) for at in range(0, len(ids), n_per_call)
    ]
    assert "".join(pieces) == TEXT
    assert not any("\ufffd" in piece for piece in pieces)


def test_a_character_appears_only_when_it_is_complete():
    detokenizer = IncrementalDetokenizer(_replacing)
    assert [detokenizer.add([byte]) for byte in "é你".encode()] == ["", "é", "", "", "你"]


def test_no_ids_give_no_text():
    assert IncrementalDetokenizer(_replacing).add([]) == ""


def test_broken_bytes_do_not_stop_what_follows():
    detokenizer = IncrementalDetokenizer(_replacing)
    pieces = [detokenizer.add([byte]) for byte in [0x80] * 100 + list(b"end")]
    assert "".join(pieces).endswith("end")


def test_cost_per_token_does_not_grow_with_the_text():
    lengths = []

    def decode(ids):
        lengths.append(len(ids))
        return _replacing(ids)

    detokenizer = IncrementalDetokenizer(decode)
    for byte in TEXT.encode():
        detokenizer.add([byte])
    assert max(lengths) <= MAX_WINDOW_TOKENS + 1


def test_words_that_are_spaced_by_their_neighbours():
    words = ["Hello", "world", "again"] * 20
    detokenizer = IncrementalDetokenizer(lambda ids: " ".join(words[i] for i in ids))
    assert "".join(detokenizer.add([i]) for i in range(len(words))) == " ".join(words)


@pytest.mark.parametrize("n_per_piece", [1, 2, 3, 5, 100])
def test_stop_string_cuts_wherever_the_pieces_break(n_per_piece):
    text = "one two STOP three"
    shown, stops = "", StopFilter(("STOP", "three"))
    for at in range(0, len(text), n_per_piece):
        piece, is_stopped = stops.feed(text[at : at + n_per_piece])
        shown += piece
        if is_stopped:
            break
    assert shown == "one two "


def test_only_a_possible_beginning_is_held_back():
    stops = StopFilter(("END",))
    assert stops.feed("abE") == ("ab", False)
    assert stops.feed("Nx") == ("ENx", False)
    assert stops.feed("yEN") == ("y", False)
    assert stops.flush() == "EN"
    assert stops.flush() == ""


def test_earliest_of_several_stops_rules():
    assert StopFilter(("ccc", "b")).feed("a b ccc") == ("a ", True)


def test_empty_stop_strings_are_ignored():
    assert StopFilter(("",)).feed("text") == ("text", False)
