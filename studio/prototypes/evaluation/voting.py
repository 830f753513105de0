"""Two runs compared blind: people read both answers to a question without knowing whose they are.

The answers are those that the runs gave, so that a vote costs nothing. Which stands left is drawn.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from studio.evaluation.elo import Match, Rating, ratings
from studio.prototypes.evaluation.comparing import compare_runs
from studio.prototypes.evaluation.run import CaseResult, EvaluationRun
from studio.workspace.evaluation_record import EvaluationVoteRecord, Vote
from studio.workspace.evaluation_runs import EvaluationRuns

Side = Literal["left", "right", "tie"]
_SCORES = {"first": 1.0, "second": 0.0, "tie": 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindPair:
    """A question with two answers; `is_swapped` says that the second run's stands left."""

    question: str
    case_id: str
    left: str
    right: str
    first_run: str
    second_run: str
    is_swapped: bool


class BlindVoting:
    """Votes between the runs of one prototype. Every method may be called by any thread.

    Args:
        prototype_id: whose runs.
        store: keeps the votes.
        run: gives a run by its id.
    """

    def __init__(
        self, prototype_id: str, store: EvaluationRuns, run: Callable[[str], EvaluationRun]
    ) -> None:
        self._id = prototype_id
        self._store = store
        self._run = run

    def next_pair(self, first_run: str, second_run: str, *, seed: int = 0) -> BlindPair | None:
        """A question that was not voted on, where the answers differ; None where there is none left.

        Raises:
            InvalidInput: both are the same run, or they have no question in common.
            NotFound: there is no such run.
        """
        first, second = self._run(first_run), self._run(second_run)
        compare_runs(first, second)  # checks that they can be compared
        voted = {
            one.case_id
            for one in self.votes()
            if {one.first_run, one.second_run} == {first_run, second_run}
        }
        ours = {one.case.case_id: one for one in second.results}
        open_pairs = [
            (one, ours[one.case.case_id])
            for one in first.results
            if one.case.case_id in ours
            and one.case.case_id not in voted
            and _said(one) != _said(ours[one.case.case_id])
        ]
        if not open_pairs:
            return None
        rng = random.Random(f"{seed}\n{len(voted)}")
        one, other = rng.choice(open_pairs)
        is_swapped = rng.random() < 0.5
        texts = (_said(one), _said(other))
        left, right = reversed(texts) if is_swapped else texts
        return BlindPair(
            question=one.case.question,
            case_id=one.case.case_id,
            left=left,
            right=right,
            first_run=first_run,
            second_run=second_run,
            is_swapped=is_swapped,
        )

    def vote(self, pair: BlindPair, side: Side) -> None:
        """Keep which side is better."""
        vote: Vote = "tie"
        if side != "tie":
            vote = "first" if (side == "left") != pair.is_swapped else "second"
        self._store.vote(self._id, pair.first_run, pair.second_run, pair.case_id, vote)

    def votes(self) -> tuple[EvaluationVoteRecord, ...]:
        """All votes, the oldest first."""
        return self._store.votes(self._id)

    def ratings(self, runs: Sequence[EvaluationRun], *, seed: int = 0) -> tuple[Rating, ...]:
        """Elo points of these runs from all votes between them, the highest first; () without votes.

        `Rating.name` is the id of the run.
        """
        ids = {run.id for run in runs}
        matches = [
            Match(first=one.first_run, second=one.second_run, score=_SCORES[one.vote])
            for one in self.votes()
            if one.first_run in ids and one.second_run in ids
        ]
        return ratings(matches, seed=seed)


def _said(result: CaseResult) -> str:
    """What a person reads of an attempt: its text, or the first five of what it found."""
    attempt = result.attempt
    if attempt is None:
        return ""
    if attempt.text is None:
        return "\n".join(f"{at}. {item}" for at, item in enumerate((attempt.ranking or ())[:5], 1))
    return attempt.text.strip()
