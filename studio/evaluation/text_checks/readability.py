"""How easily a text is read, 0 (hard) to 100 (easy).

English: Flesch (1948), "A new readability yardstick", Journal of Applied Psychology 32(3), as textstat
computes it. Chinese has no such formula that is agreed upon: the figure here falls from 100 at sentences
of 10 characters by 2 for each character more, which is a yardstick of ours and says so.
"""

from __future__ import annotations

import threading

from studio.evaluation.text_checks.reading import length_of, plain, sentences_of
from studio.evaluation.text_checks.result import CheckResult
from studio.records import Notice

LEAST_LENGTH = 10
_ONE_AT_A_TIME = threading.Lock()
_EASY_CHARACTERS = 10
_POINTS_PER_CHARACTER = 2


def reading_ease(text: str, language: str) -> float:
    """Reading ease, 0 to 100, of a text that has words."""
    if language == "zh":
        sentences = sentences_of(text)
        mean = length_of(text) / max(1, len(sentences))
        ease = 100 - _POINTS_PER_CHARACTER * max(0.0, mean - _EASY_CHARACTERS)
    else:
        ease = _flesch(plain(text))
    return max(0.0, min(100.0, ease))


def _flesch(text: str) -> float:
    # The dictionary of syllables is read on first use: ten threads that all do it stand in each
    # other's way for minutes.
    with _ONE_AT_A_TIME:
        import textstat

        return float(textstat.flesch_reading_ease(text))


def check_readability(text: str, minimum: float, language: str) -> CheckResult:
    """The reading ease against the least that is wanted; 0 only measures."""
    if length_of(text) < LEAST_LENGTH:
        return CheckResult(
            name="readability", status="skipped", notice=Notice("Too short to tell how it reads.")
        )
    ease = reading_ease(text, language)
    if minimum <= 0:
        notice = Notice("Reading ease {ease} of 100; no limit is set.", ease=round(ease))
    elif language == "zh":
        notice = Notice(
            "Reading ease {ease} of 100, by the length of the sentences; wanted are {minimum}.",
            ease=round(ease),
            minimum=round(minimum),
        )
    else:
        notice = Notice(
            "Reading ease {ease} of 100 (Flesch); wanted are {minimum}.",
            ease=round(ease),
            minimum=round(minimum),
        )
    failed = minimum > 0 and ease < minimum
    return CheckResult(
        name="readability",
        status="failed" if failed else "passed" if minimum > 0 else "skipped",
        value=ease,
        unit="points",
        notice=notice,
    )
