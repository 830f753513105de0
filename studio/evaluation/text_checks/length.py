"""Whether a text is as long as wanted. Knows no model."""

from __future__ import annotations

from studio.evaluation.text_checks.reading import length_of
from studio.evaluation.text_checks.result import CheckResult, CheckStatus
from studio.records import Notice

NOTHING = Notice("There is not a word in it.")
CUT_OFF = Notice("The text ends in the middle: the model came to its length limit.")


def check_length(
    text: str, minimum: int, maximum: int, language: str, *, is_cut_off: bool = False
) -> CheckResult:
    """The length in words (English) or characters (Chinese) against its limits; a limit of 0 is none.

    A text that the model did not end itself fails whatever its length. One without a word always fails,
    and must not: no limit has to be set for that.
    """
    n = length_of(text)
    unit = "characters" if language == "zh" else "words"
    if not n:
        return CheckResult(
            name="length", status="failed", value=0.0, unit=unit, notice=NOTHING, is_required=True
        )
    failed = bool(is_cut_off or (minimum and n < minimum) or (maximum and n > maximum))
    status: CheckStatus = "failed" if failed else "passed"
    if not (minimum or maximum or failed):
        status = "skipped"
    return CheckResult(
        name="length",
        status=status,
        value=float(n),
        unit=unit,
        notice=CUT_OFF if is_cut_off else _notice(n, minimum, maximum, language),
    )


def _notice(n: int, minimum: int, maximum: int, language: str) -> Notice:
    if language == "zh":
        if minimum and maximum:
            return Notice(
                "{n} characters; wanted are {low} to {high}.", n=n, low=minimum, high=maximum
            )
        if minimum or maximum:
            return _one_sided_characters(n, minimum, maximum)
        return Notice("{n} characters; no limit is set.", n=n)
    if minimum and maximum:
        return Notice(
            "{n} words; wanted are {low} to {high}.",
            "One word; wanted are {low} to {high}.",
            n=n,
            low=minimum,
            high=maximum,
        )
    if maximum:
        return Notice("{n} words; wanted are at most {high}.", n=n, high=maximum)
    if minimum:
        return Notice(
            "{n} words; wanted are at least {low}.",
            "One word; wanted are at least {low}.",
            n=n,
            low=minimum,
        )
    return Notice("{n} words; no limit is set.", "One word; no limit is set.", n=n)


def _one_sided_characters(n: int, minimum: int, maximum: int) -> Notice:
    if maximum:
        return Notice("{n} characters; wanted are at most {high}.", n=n, high=maximum)
    return Notice("{n} characters; wanted are at least {low}.", n=n, low=minimum)
