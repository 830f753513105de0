"""A test of two versions of a publication: who meets which, how it stands, and whether it is chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from studio.evaluation.proportions import SMALLEST_WORTH
from studio.evaluation.two_groups import MIN_PEOPLE
from studio.feedback.version_comparison import VersionComparison, compare_versions
from studio.records import Notice
from studio.workspace.feedback_record import FeedbackRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitResult:
    """How a test stands, and what that means in a sentence for satisfaction and one for time."""

    comparison: VersionComparison
    on_satisfaction: Notice
    on_time: Notice


def split_result(
    calls: pd.DataFrame,
    opinions: Sequence[FeedbackRecord],
    version: int,
    second: int,
    *,
    seed: int,
) -> SplitResult:
    """The result of a test, from what happened since it began.

    Args:
        calls: calls of the publication's visitors with their cost.
        opinions: of its visitors.
        version: what most of them meet.
        second: what the share of the test meets.
        seed: decides the draws of the intervals.
    """
    ours = [one for one in opinions if one.version == version]
    theirs = [one for one in opinions if one.version == second]
    found = compare_versions(calls, ours, theirs, version, second, seed=seed)
    return SplitResult(
        comparison=found, on_satisfaction=on_satisfaction(found), on_time=on_time(found)
    )


def on_satisfaction(found: VersionComparison) -> Notice:
    """Whether people are more content with one of two versions, or whether it may be chance."""
    (n_up, n), (other_up, other_n) = found.people
    facts: dict[str, int | Notice] = {
        "version": found.versions[0],
        "other": found.versions[1],
        "n_up": n_up,
        "n": n,
        "other_up": other_up,
        "other_n": other_n,
    }
    compared = found.satisfied
    if compared is None:
        return Notice(
            "Nothing can be said about satisfaction yet. People who gave a thumb: {n} to version"
            " {version}, {other_n} to version {other}.",
            **facts,
        )
    if compared.is_clear:
        facts |= {
            "chance": _chance(compared.p_value),
            "low": round(100 * compared.difference.low),
            "high": round(100 * compared.difference.high),
        }
        if compared.difference.mean > 0:
            return Notice(
                "People are more content with version {other} than with version {version}: {other_up}"
                " of {other_n} against {n_up} of {n}, {low} to {high} points more. Chance alone would"
                " do this in {chance}.",
                **facts,
            )
        return Notice(
            "People are less content with version {other} than with version {version}: {other_up} of"
            " {other_n} against {n_up} of {n}, {low} to {high} points. Chance alone would do this in"
            " {chance}.",
            **facts,
        )
    facts["percent"] = round(100 * compared.p_value)
    if compared.n_more is None:
        return Notice(
            "This may well be chance: {other_up} of {other_n} people are content with version {other},"
            " {n_up} of {n} with version {version}. If both were equally good, such a difference would"
            " come in {percent} of 100 tests. They are so much alike that more thumbs would hardly"
            " tell.",
            **facts,
        )
    return Notice(
        "This may well be chance: {other_up} of {other_n} people are content with version {other},"
        " {n_up} of {n} with version {version}. If both were equally good, such a difference would come"
        " in {percent} of 100 tests. A difference of {points} points would show with about {n_more} more"
        " people.",
        n_more=_two_digits(compared.n_more),
        points=round(100 * max(abs(compared.difference.mean), SMALLEST_WORTH)),
        **facts,
    )


def _chance(p_value: float) -> Notice:
    """How often chance alone would show such a difference, for a difference that is clear."""
    if p_value < 0.01:
        return Notice("fewer than 1 of 100 tests")
    return Notice("about {percent} of 100 tests", percent=round(100 * p_value))


def _two_digits(n: int) -> int:
    """A number that is an estimate anyway: 594 is 590."""
    return round(n, 2 - len(str(n)))


def on_time(found: VersionComparison) -> Notice:
    """Whether one of two versions answers faster, or whether it may be chance."""
    first, second = found.requests
    facts = {
        "version": found.versions[0],
        "other": found.versions[1],
        "n": first.n_people,
        "other_n": second.n_people,
    }
    compared = found.time_ms
    if compared is None or min(first.n_people, second.n_people) < MIN_PEOPLE:
        return Notice(
            "Nothing can be said about time yet. People who asked: {n} version {version}, {other_n}"
            " version {other}; each needs at least {least}.",
            least=MIN_PEOPLE,
            **facts,
        )
    low, high = sorted((abs(compared.difference.low), abs(compared.difference.high)))
    facts |= {"low": round(low), "high": round(high)}
    if not compared.is_clear:
        return Notice(
            "No difference in time is shown: the median of version {other} is between {less} ms less"
            " and {more} ms more than that of version {version}.",
            less=round(-compared.difference.low),
            more=round(compared.difference.high),
            **facts,
        )
    if compared.difference.mean < 0:
        return Notice(
            "Version {other} answers faster than version {version}: its median is {low} to {high} ms"
            " shorter, which is not chance.",
            **facts,
        )
    return Notice(
        "Version {other} answers slower than version {version}: its median is {low} to {high} ms"
        " longer, which is not chance.",
        **facts,
    )
