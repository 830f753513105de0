"""Chinese that sounds alike: what a query may have meant whose characters the documents do not have.

Chinese has no spelling, but it is typed by its sound: whoever takes the wrong one of several
characters (帐蓬 for 帐篷), writes traditional ones where the documents have simplified ones, or forgets
to switch the keyboard (zhangpeng) has typed the right syllables. Tones do not count, and neither do
the pairs of sounds that many speakers do not tell apart (zh and z, n and l, -ng and -n). Readings are
those of pypinyin. Knows no index.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from studio.retrieval.terms import CHINESE_BREAKS, CJK_CLASS, pairs_of

RUN = re.compile(rf"[{CJK_CLASS}]+")
"""A run of Chinese, Japanese or Korean characters."""

_LONGEST = 30  # characters or letters; nobody mistypes a paragraph, and the search takes its square
# A known pair outweighs two characters changed for ones of the same sound, which is a whole word
# chosen wrongly, but not two of similar sound.
_KNOWN, _SAME_SOUND, _SIMILAR_SOUND = 3.0, 1.0, 1.5
_FREQUENCY = 1e-3  # decides among equals only
_INITIALS = {"zh": "z", "ch": "c", "sh": "s", "n": "l"}
_SYLLABLE = re.compile(r"(zh|ch|sh|[^aeiouv]?)(.*)")


@dataclass(frozen=True, slots=True)
class _Piece:
    """One character that may stand for what is typed up to `end`, and what taking it costs."""

    end: int
    character: str
    cost: float


class Homophones:
    """The pairs of characters that some texts have, found by their sound. Never changes.

    Args:
        terms: the terms of the texts with how often each occurs; what is no pair of characters is
            passed over.
    """

    def __init__(self, terms: Mapping[str, int]) -> None:
        self._pairs = {term: n for term, n in terms.items() if len(term) == 2 and RUN.match(term)}

    def correction(self, run: str) -> str:
        """A run of characters with unknown ones replaced by characters of the texts that sound alike.

        Between question words and particles, which stay. A part where all is known, where nothing
        sounds alike or which is longer than thirty characters stays as it is.
        """
        end, parts = 0, []
        for kept in [*CHINESE_BREAKS.finditer(run), None]:
            start, next_end = kept.span() if kept else (len(run), len(run))
            parts += [self._corrected(run[end:start]), run[start:next_end]]
            end = next_end
        return "".join(parts)

    def _corrected(self, part: str) -> str:
        if not 1 < len(part) <= _LONGEST or all(pair in self._pairs for pair in pairs_of(part)):
            return part
        lattice = [
            [_Piece(place + 1, one, cost) for one, cost in self._like(character).items()]
            for place, character in enumerate(part)
        ]
        return self._best(lattice)

    def typed(self, letters: str) -> str | None:
        """The characters of the texts that a word in Latin letters spells in pinyin.

        Args:
            letters: small letters without tones or spaces; ü is typed as v.

        Returns:
            At least two characters, each of which stands beside its neighbour somewhere in the texts;
            None when the letters spell nothing of that kind.
        """
        if not self._pairs or len(letters) > _LONGEST:
            return None
        lattice = [
            [
                _Piece(end, character, _SAME_SOUND)
                for end in range(start + 1, min(start + 6, len(letters)) + 1)
                for character in self._by_sound.get(letters[start:end], ())
            ]
            for start in range(len(letters))
        ]
        found = self._best(lattice)
        links = [pair in self._pairs for pair in map("".join, zip(found, found[1:], strict=False))]
        covered = links and all(
            a or b for a, b in zip([False, *links], [*links, False], strict=True)
        )
        return found if covered else None

    def _like(self, character: str) -> dict[str, float]:
        """The characters that may have been meant, with what each costs; the one itself is free."""
        found = {}
        for sound in _sounds(character):
            found.update(
                dict.fromkeys(self._by_similar_sound.get(_blurred(sound), ()), _SIMILAR_SOUND)
            )
        for sound in _sounds(character):
            found.update(dict.fromkeys(self._by_sound.get(sound, ()), _SAME_SOUND))
        return {**found, character: 0.0}

    def _best(self, lattice: Sequence[Sequence[_Piece]]) -> str:
        """The way through the pieces with the most known pairs for the least cost; "" without a way."""
        ways: list[dict[str, tuple[float, str]]] = [{} for _ in range(len(lattice) + 1)]
        ways[0][""] = (0.0, "")
        for place, pieces in enumerate(lattice):
            for piece in pieces:
                ending = ways[piece.end]
                for last, (score, text) in ways[place].items():
                    new = score - piece.cost + self._worth(last + piece.character)
                    if piece.character not in ending or new > ending[piece.character][0]:
                        ending[piece.character] = (new, text + piece.character)
        return max(ways[-1].values(), default=(0.0, ""))[1]

    def _worth(self, pair: str) -> float:
        number = self._pairs.get(pair)
        return _KNOWN + _FREQUENCY * math.log(number) if number else 0.0

    @cached_property
    def _by_sound(self) -> dict[str, tuple[str, ...]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for character in sorted(set("".join(self._pairs))):
            for sound in _sounds(character):
                found[sound].append(character)
        return {sound: tuple(characters) for sound, characters in found.items()}

    @cached_property
    def _by_similar_sound(self) -> dict[str, tuple[str, ...]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for sound, characters in self._by_sound.items():
            found[_blurred(sound)].extend(characters)
        return {sound: tuple(characters) for sound, characters in found.items()}


def _sounds(character: str) -> tuple[str, ...]:
    """The readings of a character without tones, none for kana and Hangul."""
    from pypinyin import Style, pinyin

    (readings,) = pinyin(character, style=Style.NORMAL, heteronym=True)
    return tuple(reading for reading in readings if reading.isascii())


def _blurred(sound: str) -> str:
    """A syllable as those hear it who do not tell zh from z, n from l and -ng from -n."""
    match = _SYLLABLE.fullmatch(sound)
    if match is None:
        return sound
    initial, final = match.groups()
    return _INITIALS.get(initial, initial) + re.sub(r"ng$", "n", final)
