"""Two versions side by side: how long they took, what they cost, how content people were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from studio.evaluation.proportions import SharesCompared, compare_shares
from studio.evaluation.two_groups import GroupsCompared, compare_groups
from studio.feedback.requests import MeasuredRequests, measured_requests
from studio.feedback.satisfaction import content_people
from studio.workspace.feedback_record import FeedbackRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionComparison:
    """What is known of two versions; None where one of them has nothing to compare.

    `time_ms` compares medians, `cost_usd` means (a bill is a sum), `satisfied` people by their last
    thumb. `requests` and `people` are of both: how many requests, and (content, asked) people.
    """

    versions: tuple[int, int]
    requests: tuple[MeasuredRequests, MeasuredRequests]
    people: tuple[tuple[int, int], tuple[int, int]]
    time_ms: GroupsCompared | None
    cost_usd: GroupsCompared | None
    satisfied: SharesCompared | None


def compare_versions(
    calls: pd.DataFrame,
    opinions: Sequence[FeedbackRecord],
    other_opinions: Sequence[FeedbackRecord],
    version: int,
    other: int,
    *,
    seed: int,
) -> VersionComparison:
    """Hold a version against another.

    Args:
        calls: the ledger's table with cost; calls of other versions are left out.
        opinions: on the first version.
        other_opinions: on the other.
        version: the first.
        other: the other.
        seed: decides the draws of the intervals.
    """
    first, second = (measured_requests(calls, one) for one in (version, other))
    people, others = content_people(opinions), content_people(other_opinions)
    return VersionComparison(
        versions=(version, other),
        requests=(first, second),
        people=(people, others),
        time_ms=compare_groups(first.total_ms, second.total_ms, "median", seed=seed),
        cost_usd=compare_groups(first.cost_usd, second.cost_usd, "mean", seed=seed),
        satisfied=compare_shares(*people, *others),
    )
