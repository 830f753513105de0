"""How close a text is to others, by the cosine of their vectors: variants, source, samples of a voice.

What is copied is found in the words, too: by the longest run, and by the share of the text that stands
in the source piece by piece (containment of n-grams: Broder 1997, "On the resemblance and containment
of documents"; called extractive coverage by Grusky et al. 2018, "Newsroom"). The vectors come from the
caller; knows no model. A cosine is comparable within one model only, so that limits are settings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.evaluation.text_checks.reading import tokens_of
from studio.evaluation.text_checks.result import CheckResult
from studio.records import Notice

Vector = NDArray[np.float32]
LEAST_RUN = 12
"""Words in a row that stand in the source, too, from which on a text counts as copied from it."""
PIECE = 4
"""Words in a row that stand in the source, too, from which on they are a copied piece.

Of 16 sample documents in each language no other one of the same shop has more than 6% of one in such
pieces; of texts put together from three of a document's shortest sentences, 71% (English) and 75%
(Chinese) have more than `MAX_PIECES`.
"""
MAX_PIECES = 0.8
"""Share of a text that may consist of copied pieces, where these have `LEAST_RUN` words in all."""


NOT_COMPARED = Notice(
    "It could not be compared by meaning: there is no model that does so, or no text."
)


def _alike(vector: Vector, other: Vector) -> float:
    """The cosine of two vectors; 0 below it, as nothing is less than not alike."""
    return max(0.0, float(vector @ other))


def check_variants(vector: Vector | None, others: Sequence[Vector], maximum: float) -> CheckResult:
    """The greatest cosine with another variant, `(dim,)` float32 of unit length each."""
    if vector is None:
        return CheckResult(name="variants", status="skipped", notice=NOT_COMPARED)
    if not len(others):
        return CheckResult(
            name="variants", status="skipped", notice=Notice("There is no other text to compare.")
        )
    closest = max(_alike(vector, other) for other in others)
    return CheckResult(
        name="variants",
        status="failed" if closest > maximum else "passed",
        value=closest,
        unit="share",
        notice=Notice(
            "{percent}% like another text for the same brief; at most {limit}% are allowed.",
            percent=round(100 * closest),
            limit=round(100 * maximum),
        ),
    )


def check_copying(
    text: str, source: str, vector: Vector | None, source_vector: Vector | None, maximum: float
) -> CheckResult:
    """The cosine with the source, the longest run of words that stands in both, and all copied pieces.

    Meaning has to be much alike to fail by itself: facts make any true text like its source. A long run
    of the same words is a copy whatever the rest says, and so is a text put together from shorter ones.
    Words are looked at without vectors, too; a text that passes then was not looked at enough to say so.
    """
    if not source.strip():
        return CheckResult(
            name="copying", status="skipped", notice=Notice("There is no source to compare with.")
        )
    cosine = None if vector is None or source_vector is None else _alike(vector, source_vector)
    run, n_copied, share = longest_run(text, source), *_pieces(text, source)
    is_whole = run >= LEAST_RUN
    is_pieced = n_copied >= LEAST_RUN and share > MAX_PIECES
    copied = _copied(run, share, is_whole, is_pieced)
    if cosine is None and copied is None:
        return CheckResult(name="copying", status="skipped", notice=NOT_COMPARED)
    cosine = share if cosine is None else cosine
    return CheckResult(
        name="copying",
        status="failed" if copied or cosine > maximum else "passed",
        value=cosine,
        unit="share",
        found=(run_text(text, source),) if copied else (),
        notice=copied
        or Notice(
            "{percent}% like the source; at most {limit}% are allowed.",
            percent=round(100 * cosine),
            limit=round(100 * maximum),
        ),
    )


def _copied(run: int, share: float, is_whole: bool, is_pieced: bool) -> Notice | None:
    """What was copied word for word; None where nothing was, or not enough."""
    if is_whole:
        return Notice("{n} words in a row are copied from the source.", n=run)
    if is_pieced:
        return Notice(
            "{percent}% of it stands word for word in the source; at most {limit}% are allowed.",
            percent=round(100 * share),
            limit=round(100 * MAX_PIECES),
        )
    return None


def check_voice(vector: Vector | None, samples: Sequence[Vector], minimum: float) -> CheckResult:
    """The mean cosine with the samples of the voice, against the least that is wanted; 0 measures."""
    if vector is None:
        return CheckResult(name="voice", status="skipped", notice=NOT_COMPARED)
    if not len(samples):
        return CheckResult(
            name="voice", status="skipped", notice=Notice("There are no samples of the voice.")
        )
    mean = float(np.mean([_alike(vector, sample) for sample in samples]))
    notice = Notice(
        "{percent}% like the samples of the voice; at least {limit}% are wanted.",
        percent=round(100 * mean),
        limit=round(100 * minimum),
    )
    if minimum <= 0:
        notice = Notice(
            "{percent}% like the samples of the voice; no limit is set.", percent=round(100 * mean)
        )
    return CheckResult(
        name="voice",
        status="failed" if mean < minimum else "passed" if minimum > 0 else "skipped",
        value=mean,
        unit="share",
        notice=notice,
    )


def longest_run(text: str, source: str) -> int:
    """Words in a row that stand in both, at most; each Chinese character counts half a word."""
    return _run(text, source)[0]


def copied_share(text: str, source: str) -> float:
    """Share of a text that stands in the source in pieces of `PIECE` words or more, 0 to 1.

    In Chinese, whose words are mostly of two characters, twice as many characters make a piece.
    """
    return _pieces(text, source)[1]


def _pieces(text: str, source: str) -> tuple[float, float]:
    """Words of a text that stand in copied pieces (a Chinese character is half one), and their share."""
    tokens, known = tokens_of(text), tokens_of(source)
    weights = [0.5 if _is_character(token) else 1.0 for token in tokens]
    n = 2 * PIECE if sum(map(_is_character, tokens)) * 2 > len(tokens) else PIECE
    grams = {tuple(known[at : at + n]) for at in range(len(known) - n + 1)}
    copied: set[int] = set()
    for at in range(len(tokens) - n + 1):
        if tuple(tokens[at : at + n]) in grams:
            copied.update(range(at, at + n))
    n_copied = sum(weights[at] for at in copied)
    return n_copied, n_copied / sum(weights) if tokens else 0.0


def _is_character(token: str) -> bool:
    return len(token) == 1 and token >= "\u3400"


def run_text(text: str, source: str) -> str:
    """The words of the longest run, in small letters."""
    return _run(text, source)[1]


def _run(text: str, source: str) -> tuple[int, str]:
    from difflib import SequenceMatcher

    a, b = tokens_of(text), tokens_of(source)
    match = SequenceMatcher(None, a, b, autojunk=False).find_longest_match()
    words = a[match.a : match.a + match.size]
    n_characters = sum(map(_is_character, words))
    is_chinese = n_characters * 2 > len(words)
    return (
        len(words) - n_characters + n_characters // 2,
        ("" if is_chinese else " ").join(words),
    )
