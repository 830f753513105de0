"""Text out of a running generation: token ids to readable pieces, cut where a stop string begins.

Works on any `decode(ids) -> str`; knows no tokenizer, no model and no queue.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

REPLACEMENT = "\ufffd"
# Tokens that are decoded again as context. A character has at most 4 bytes, so it never spans more.
CONTEXT_TOKENS = 8
MAX_WINDOW_TOKENS = 24


class IncrementalDetokenizer:
    """Gives the new text of every new token, complete characters only.

    A window of the last tokens is decoded, never the whole text: tokenizers space a token by what
    stands before it, and a character may need several tokens. Decoders may show an incomplete one
    as U+FFFD or leave it out; both are waited for. U+FFFD in the middle of a text is kept.

    Args:
        decode: token ids to text.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._window: list[int] = []
        self._shown = ""  # the part of the window's text that was given out

    def add(self, ids: Sequence[int]) -> str:
        """The text that became readable with these ids; empty while a character is incomplete."""
        if not ids:
            return ""
        self._window.extend(ids)
        readable = self._decode(self._window).rstrip(REPLACEMENT)
        piece = readable[len(self._shown) :]
        if piece:
            self._shown = readable
        if len(self._window) > MAX_WINDOW_TOKENS:
            self._window = self._window[-CONTEXT_TOKENS:]
            self._shown = self._decode(self._window).rstrip(REPLACEMENT)
        return piece


class StopFilter:
    """Ends a text before the first stop string, also when it arrives in several pieces.

    Args:
        stops: the stop strings; empty ones are ignored.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._longest = max((len(stop) for stop in self._stops), default=0)
        self._held = ""

    def feed(self, piece: str) -> tuple[str, bool]:
        """The text that is safe to show now, and whether a stop string was met.

        The end of a piece that may be the beginning of a stop string is held back until the next.
        """
        if not self._stops:
            return piece, False
        text = self._held + piece
        found = [place for place in map(text.find, self._stops) if place >= 0]
        if found:
            self._held = ""
            return text[: min(found)], True
        n_held = self._possible_beginning(text)
        self._held = text[len(text) - n_held :]
        return text[: len(text) - n_held], False

    def flush(self) -> str:
        """What was held back, for the end of the text."""
        text, self._held = self._held, ""
        return text

    def _possible_beginning(self, text: str) -> int:
        for n in range(min(self._longest - 1, len(text)), 0, -1):
            if any(stop.startswith(text[-n:]) for stop in self._stops):
                return n
        return 0
