"""What a large model writes is shown as it comes, unless it recites what it was told to be.

A document or a visitor may order a model to print its instructions. Those are the founder's; a long run
of their words in a row is no answer. Knows no model: text comes in pieces, what is no such run goes out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable

from studio.writing_systems import HAN

LONGEST = 12.0
"""Words in a row that an answer may share with the instructions; an ideograph is half a word."""
HELD = 3.0
"""From so many on, what follows is held back until it is known that the run ends."""

_HAN = re.compile(f"[{HAN}]")
_WORD = re.compile(rf"[{HAN}]|[^\W{HAN}]+")


class InstructionGuard:
    """Lets text through that does not recite the instructions; shuts where it does.

    Args:
        instructions: what the model was told to be and to do, without what anybody may read.
        show: called with each piece that is let through.
    """

    def __init__(self, instructions: str, show: Callable[[str], None]) -> None:
        self._words = _WORD.findall(instructions.casefold())
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(self._words):
            self._places[word].append(place)
        self._show = show
        self._runs: dict[int, float] = {}  # place of the last shared word -> length of the run
        self._unread = ""  # its last word may go on
        self._held = ""
        self._shown: list[str] = []
        self.is_shut = False

    def take(self, piece: str) -> None:
        """More text from the model."""
        if self.is_shut:
            return
        self._unread += piece
        *_, last = (None, *_WORD.finditer(self._unread))
        goes_on = last is not None and last.end() == len(self._unread)
        self._read(last.start() if last is not None and goes_on else len(self._unread))

    def finish(self) -> str:
        """The text that was let through, the rest of it now."""
        if not self.is_shut:
            self._read(len(self._unread))
        if not self.is_shut:
            self._let_through(self._held)
        return "".join(self._shown)

    def _read(self, end: int) -> None:
        """Look at the text up to a place between two words."""
        text, self._unread = self._unread[:end], self._unread[end:]
        at = 0
        for match in _WORD.finditer(text):
            self._held += text[at : match.end()]
            at = match.end()
            length = self._follow(match.group().casefold())
            if length >= LONGEST:
                self.is_shut, self._held = True, ""
                return
            if length < HELD:
                self._let_through(self._held)
                self._held = ""
        self._held += text[at:]

    def _follow(self, word: str) -> float:
        """The length of the longest run that ends with this word."""
        weight = 0.5 if _HAN.match(word) else 1.0
        self._runs = {
            place: self._runs.get(place - 1, 0.0) + weight for place in self._places.get(word, ())
        }
        return max(self._runs.values(), default=0.0)

    def _let_through(self, text: str) -> None:
        if text:
            self._shown.append(text)
            self._show(text)
