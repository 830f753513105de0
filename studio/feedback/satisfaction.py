"""How content people are: the share of thumbs up, with its interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from studio.evaluation.comparison import Interval
from studio.evaluation.proportions import share_interval
from studio.workspace.feedback_record import FeedbackRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSatisfaction:
    """The thumbs that a version got; `share` is that of thumbs up, in [0, 1], with its interval."""

    version: int
    n_up: int
    n_down: int
    share: Interval


def satisfaction_of(opinions: Iterable[FeedbackRecord]) -> tuple[VersionSatisfaction, ...]:
    """Thumbs by version, the newest first. Every answer that somebody judged counts once."""
    ups: dict[int, list[bool]] = defaultdict(list)
    for one in opinions:
        if one.version is not None:
            ups[one.version].append(one.opinion.thumb == "up")
    return tuple(
        VersionSatisfaction(
            version=version,
            n_up=sum(found),
            n_down=len(found) - sum(found),
            share=share_interval(sum(found), len(found)),
        )
        for version, found in sorted(ups.items(), reverse=True)
    )


def content_people(opinions: Sequence[FeedbackRecord]) -> tuple[int, int]:
    """How many people are content by their last word, and how many gave one.

    Thumbs of one person are no independent witnesses, so a test counts people. The builder, who has no
    account, is nobody's visitor: each of their thumbs counts by itself.
    """
    latest: dict[str, FeedbackRecord] = {}
    for one in opinions:
        person = one.account or f"builder:{one.id}"
        if person not in latest or one.updated_at >= latest[person].updated_at:
            latest[person] = one
    return sum(one.opinion.thumb == "up" for one in latest.values()), len(latest)
