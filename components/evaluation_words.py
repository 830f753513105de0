"""How evaluations are called and how their figures read. Draws nothing."""

from __future__ import annotations

import math
from decimal import Decimal

from components import format as fmt
from components.i18n import _, translate
from studio.evaluation.case import CaseSource, Part
from studio.evaluation.comparison import Interval, signed
from studio.prototypes.evaluation.measures import MEASURES
from studio.workspace.evaluation_record import RunState

JOINER = "\u2060"  # where there is little room, the line breaks before the bracket and not within

MAIN = (
    "token_recall", "accuracy", "right_when_sure", "decided", "out_of_scope", "answered", "refused",
    "R@5", "nDCG@10", "citation_recall", "groundedness",
    "checks", "accepted", "judge", "latency_ms", "cost_usd",
)  # fmt: skip
"""The measures that are shown at once; the others are behind "More measures"."""


def parts() -> dict[Part, str]:
    """The parts of a set."""
    return {
        "all": _("All questions"),
        "tune": _("Tune part: to choose settings by"),
        "test": _("Test part: to report on"),
    }


def sources() -> dict[CaseSource, str]:
    """Where a question is from."""
    return {
        "upload": _("file"),
        "feedback": _("feedback"),
        "draft": _("draft"),
        "sample": _("sample"),
        "typed": _("typed"),
    }


def states() -> dict[RunState, str]:
    """Where a run stands."""
    return {
        "waiting": _("waiting"),
        "running": _("running"),
        "done": _("done"),
        "failed": _("failed"),
        "cancelled": _("stopped"),
    }


def label(measure: str) -> str:
    """What a measure is called."""
    return translate(MEASURES[measure].label)


def meaning(measure: str) -> str:
    """What a measure counts, in a sentence."""
    return translate(MEASURES[measure].meaning)


def value(measure: str, number: float) -> str:
    """A figure of a measure with its unit; "–" for none."""
    if not math.isfinite(number):
        return "–"
    match MEASURES[measure].unit:
        case "ms":
            return fmt.duration(number / 1000)
        case "usd":
            return fmt.money(Decimal(str(number)))
        case _:
            return fmt.share(number)


def span(measure: str, interval: Interval) -> str:
    """A mean with the ends of its interval; alone where the interval has no width."""
    mean = value(measure, interval.mean)
    if interval.n == 0 or interval.low == interval.high:
        return mean
    low, high = value(measure, interval.low), value(measure, interval.high)
    return f"{mean} ({low}{JOINER}–{JOINER}{high})"


def difference(measure: str, interval: Interval) -> str:
    """How far two means are apart, with the ends of the interval; shares in points."""

    def said(number: float) -> str:
        if MEASURES[measure].unit == "share":
            points = round(100 * number)
            return signed(points, "d") if points else "0"
        sign = "−" if number < 0 else "+"
        return sign + value(measure, abs(number))

    middle = said(interval.mean)
    if MEASURES[measure].unit == "share":
        middle = _("{n} points", n=middle)
    if interval.n == 0 or interval.low == interval.high:
        return middle
    return f"{middle} ({said(interval.low)}{JOINER} … {JOINER}{said(interval.high)})"


def short(text: str, n: int = 90) -> str:
    """The beginning of a text in one line."""
    line = " ".join(text.split())
    return line if len(line) <= n else line[: n - 1] + "…"
