"""How close a text is to others, by the cosine of their vectors: variants, source, samples of a voice.

The vectors come from the caller; knows no model. A cosine is comparable within one model only, so that
limits are settings.
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


def check_variants(vector: Vector | None, others: Sequence[Vector], maximum: float) -> CheckResult:
    """The greatest cosine with another variant, `(dim,)` float32 of unit length each."""
    if vector is None or not len(others):
        return CheckResult(
            name="variants", status="skipped", notice=Notice("There is no other text to compare.")
        )
    closest = float(max(vector @ other for other in others))
    return CheckResult(
        name="variants",
        status="failed" if closest > maximum else "passed",
        value=closest,
        unit="share",
        notice=Notice(
            "{percent} % like another text for the same brief; at most {limit} % are allowed.",
            percent=round(100 * closest),
            limit=round(100 * maximum),
        ),
    )


def check_copying(
    text: str, source: str, vector: Vector | None, source_vector: Vector | None, maximum: float
) -> CheckResult:
    """The cosine with the source, and the longest run of words that stands in both.

    Both have to be much to fail by meaning: facts make any true text like its source. A long run of
    the same words is a copy whatever the rest says.
    """
    if not source.strip() or vector is None or source_vector is None:
        return CheckResult(
            name="copying", status="skipped", notice=Notice("There is no source to compare with.")
        )
    cosine = float(vector @ source_vector)
    run = longest_run(text, source)
    is_whole = run >= LEAST_RUN
    failed = is_whole or cosine > maximum
    copied = (run_text(text, source),) if is_whole else ()
    return CheckResult(
        name="copying",
        status="failed" if failed else "passed",
        value=cosine,
        unit="share",
        found=copied,
        notice=Notice("{n} words in a row are copied from the source.", n=run)
        if is_whole
        else Notice(
            "{percent} % like the source; at most {limit} % are allowed.",
            percent=round(100 * cosine),
            limit=round(100 * maximum),
        ),
    )


def check_voice(vector: Vector | None, samples: Sequence[Vector], minimum: float) -> CheckResult:
    """The mean cosine with the samples of the voice, against the least that is wanted; 0 measures."""
    if vector is None or not len(samples):
        return CheckResult(
            name="voice", status="skipped", notice=Notice("There are no samples of the voice.")
        )
    mean = float(np.mean([vector @ sample for sample in samples]))
    notice = Notice(
        "{percent} % like the samples of the voice; at least {limit} % are wanted.",
        percent=round(100 * mean),
        limit=round(100 * minimum),
    )
    if minimum <= 0:
        notice = Notice(
            "{percent} % like the samples of the voice; no limit is set.", percent=round(100 * mean)
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


def run_text(text: str, source: str) -> str:
    """The words of the longest run, in small letters."""
    return _run(text, source)[1]


def _run(text: str, source: str) -> tuple[int, str]:
    from difflib import SequenceMatcher

    a, b = tokens_of(text), tokens_of(source)
    match = SequenceMatcher(None, a, b, autojunk=False).find_longest_match()
    words = a[match.a : match.a + match.size]
    n_characters = sum(len(word) == 1 and word >= "\u3400" for word in words)
    is_chinese = n_characters * 2 > len(words)
    return (
        len(words) - n_characters + n_characters // 2,
        ("" if is_chinese else " ").join(words),
    )
