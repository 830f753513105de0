"""Tokens as text: a character that needs several tokens is told with each of them, never as U+FFFD.

Works on any `decode(ids) -> str`; knows no tokenizer and no model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from studio.inference.detokenizer import REPLACEMENT

MAX_PARTS = 8
"""Tokens that are tried together: a character has at most 4 bytes, and a token may end another one."""

Decode = Callable[[Sequence[int]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenText:
    """The text of a token; of one that is a part of a character, that character and which part it is.

    `part` counts from 1 to `n_parts`. What is no part of any character is U+FFFD.
    """

    text: str
    part: int = 1
    n_parts: int = 1


def token_texts(decode: Decode, ids: Sequence[int]) -> tuple[TokenText, ...]:
    """The text of each token, in order."""
    found: list[TokenText] = []
    while len(found) < len(ids):
        at = len(found)
        n = next(
            (
                n
                for n in range(1, min(MAX_PARTS, len(ids) - at) + 1)
                if REPLACEMENT not in decode(ids[at : at + n])
            ),
            1,
        )
        text = decode(ids[at : at + n])
        found += [TokenText(text=text, part=part, n_parts=n) for part in range(1, n + 1)]
    return tuple(found)


def text_in_place(decode: Decode, before: Sequence[int], other: int) -> str:
    """The text of another token after the first tokens of a character; "" for a part of a character."""
    text = decode([*before, other])
    return "" if REPLACEMENT in text else text


def characters(tokens: Sequence[TokenText]) -> tuple[slice, ...]:
    """Where in the tokens each text begins and ends: those of one character together."""
    starts = [at for at, one in enumerate(tokens) if one.part == 1 or at == 0]
    return tuple(slice(start, end) for start, end in pairwise([*starts, len(tokens)]))
