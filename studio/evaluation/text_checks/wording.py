"""Whether phrases occur that have to, must not, or should. Knows no model.

Case, width of characters and the space between words do not matter; parts of words do: "art" does not
occur in "start". An English phrase may take a plural or another ending of s, 's, ed or ing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from studio.evaluation.text_checks.reading import plain
from studio.evaluation.text_checks.result import CheckResult
from studio.records import Notice
from studio.writing_systems import HAN

_HAN_EDGE = re.compile(f"[{HAN}]")


def occurs(phrase: str, text: str) -> bool:
    """Whether a phrase stands in a text, as words and not within another word."""
    found = _pattern(phrase)
    return found is not None and found.search(_folded(text)) is not None


def check_required(text: str, phrases: Sequence[str]) -> CheckResult:
    """Fails when a phrase is missing; `found` lists those that are."""
    wanted = _distinct(phrases)
    if not wanted:
        return CheckResult(
            name="required_words", status="skipped", notice=Notice("No words are required.")
        )
    missing = tuple(phrase for phrase in wanted if not occurs(phrase, text))
    return CheckResult(
        name="required_words",
        status="failed" if missing else "passed",
        value=1 - len(missing) / len(wanted),
        unit="share",
        found=missing,
        notice=Notice("Missing: {words}.", words=", ".join(missing))
        if missing
        else Notice("All {n} required words are there.", n=len(wanted)),
    )


def check_banned(text: str, phrases: Sequence[str]) -> CheckResult:
    """Fails when a phrase occurs; `found` lists those that do."""
    unwanted = _distinct(phrases)
    if not unwanted:
        return CheckResult(
            name="banned_words", status="skipped", notice=Notice("No words are banned.")
        )
    found = tuple(phrase for phrase in unwanted if occurs(phrase, text))
    return CheckResult(
        name="banned_words",
        status="failed" if found else "passed",
        value=float(len(found)),
        unit="words",
        found=found,
        notice=Notice("Banned words in it: {words}.", words=", ".join(found))
        if found
        else Notice("None of the {n} banned words is in it.", n=len(unwanted)),
    )


def check_keywords(text: str, keywords: Sequence[str], minimum_share: float) -> CheckResult:
    """The share of keywords that occur, against the least share; `found` lists the missing ones."""
    wanted = _distinct(keywords)
    if not wanted:
        return CheckResult(
            name="keywords", status="skipped", notice=Notice("No keywords are given.")
        )
    missing = tuple(phrase for phrase in wanted if not occurs(phrase, text))
    n = len(wanted) - len(missing)
    return CheckResult(
        name="keywords",
        status="passed" if n / len(wanted) >= minimum_share else "failed",
        value=n / len(wanted),
        unit="share",
        found=missing,
        notice=Notice(
            "{n} of {total} keywords are in it; at least {minimum} are wanted.",
            n=n,
            total=len(wanted),
            minimum=-int(-minimum_share * len(wanted) // 1),
        ),
    )


def _distinct(phrases: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phrase.strip() for phrase in phrases if phrase.strip()))


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", plain(text)).casefold()
    return re.sub(r"\s+", " ", text.replace("’", "'").replace("\u2010", "-"))


def _pattern(phrase: str) -> re.Pattern[str] | None:
    folded = _folded(phrase)
    if not folded:
        return None
    body = r"\s*".join(re.escape(part) for part in folded.split(" "))
    if " " in folded and not _HAN_EDGE.search(folded):
        # "2.1 kg" is found in "2.1kg", "two porches" not in "twoporches".
        body = re.sub(r"(?<=\d) (?=[^\W\d])", "\0", folded)
        body = r"[\s\-]*".join(
            r"[\s\-]+".join(map(re.escape, part.split(" "))) for part in body.split("\0")
        )
    before = rf"(?<![^\W{HAN}])" if folded[0].isalnum() and not _HAN_EDGE.match(folded[0]) else ""
    last = folded[-1]
    after = ""
    if last.isalpha() and not _HAN_EDGE.match(last):
        after = rf"(?:'?s|es|ed|ing)?(?![^\W_{HAN}])"
    elif last.isdigit():
        after = r"(?![\d]|[.,]\d)"
    return re.compile(before + body + after)
