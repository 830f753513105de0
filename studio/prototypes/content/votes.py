"""Two models or two prompts compared blind: which text is better, without knowing whose it is."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast, get_args

from studio.errors import InvalidInput
from studio.evaluation.proportions import share_interval
from studio.prototypes.content.composing import Composer
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.text import Text
from studio.prototypes.content.text_json import text_from_json, text_to_json
from studio.prototypes.content.writing import Writing
from studio.records import Notice
from studio.workspace.ballots import Ballots
from studio.workspace.records import BallotRecord

Vote = Literal["left", "right", "tie"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One side of a comparison: what differs from the settings.

    Attributes:
        name: for people, once the vote is cast.
        model: catalogue id; empty for the settings' model.
        instructions: Jinja; empty for the settings' instruction.
        temperature: None for the settings'.
        uses_voice: whether it is told the brand voice.
    """

    name: str
    model: str = ""
    instructions: str = ""
    temperature: float | None = None
    uses_voice: bool = True

    def applied(self, settings: ContentSettings) -> ContentSettings:
        """The settings with what differs."""
        return replace(
            settings,
            generation_model=self.model or settings.generation_model,
            instructions=self.instructions or settings.instructions,
            temperature=settings.temperature if self.temperature is None else self.temperature,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """Two texts for the same form, in an order drawn by the seed.

    `names` says whose left and right are, and is None until the vote is cast.
    """

    id: str
    values: Mapping[str, str]
    left: Text
    right: Text
    vote: Vote | None
    names: tuple[str, str] | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How two contenders stand after all votes between them.

    `share` is how often the first one won, ties counted half, with the 95 % interval of
    `share_interval`; `is_clear` says that it does not include one half. None and False without votes.
    """

    first: str
    second: str
    n_first: int
    n_second: int
    n_ties: int
    share: float | None
    low: float | None
    high: float | None

    @property
    def is_clear(self) -> bool:
        """Whether one of them is better beyond chance."""
        return self.low is not None and self.high is not None and not self.low <= 0.5 <= self.high


class Votes:
    """The blind comparisons of one prototype. Every method may be called by any thread.

    Args:
        prototype_id: whose they are.
        store: keeps them.
        settings: those of the prototype, read anew.
        composer: a composer for settings and the id of a request.
    """

    def __init__(
        self,
        prototype_id: str,
        store: Ballots,
        settings: Callable[[], ContentSettings],
        composer: Callable[[ContentSettings, str], Composer],
    ) -> None:
        self._id = prototype_id
        self._store = store
        self._settings = settings
        self._composer = composer

    def start(
        self, values: Mapping[str, str], first: Contender, second: Contender, *, seed: int = 0
    ) -> Writing[Ballot]:
        """Write a text of each; which one stands left is drawn from the seed.

        The glimpses have the texts in the order of the ballot.

        Raises:
            InvalidInput: the form is not complete, or both are the same.
        """
        settings = self._settings()
        sides = (first, second)
        if first.name == second.name or _same(first, second, settings):
            raise InvalidInput(
                "Both sides are the same. Choose another model or another instruction for one of "
                "them, and another name."
            )
        if random.Random(seed).random() < 0.5:
            sides = (second, first)
        filled = dict(values)

        def work(writing: Writing[Ballot]) -> Ballot:
            texts = []
            for number, side in enumerate(sides):
                writing.report(Notice("Writing text {n} of {total}", n=number + 1, total=2))
                composer = self._composer(side.applied(settings), writing.request_id)
                composed = composer.compose(
                    filled, watcher=writing.watcher(number), uses_voice=side.uses_voice
                )
                texts.append(composed.text)
            left, right = texts
            record = self._store.add(
                self._id,
                sides[0].name,
                sides[1].name,
                {"left": text_to_json(left), "right": text_to_json(right), "first": first.name},
            )
            return _ballot(record)

        return Writing(work, n_texts=2).begin()

    def cast(self, ballot_id: str, vote: Vote) -> Ballot:
        """Keep a vote; the ballot then tells whose texts they are. Casting again changes it.

        Raises:
            NotFound: there is no such ballot.
            InvalidInput: the vote is none.
        """
        if vote not in get_args(Vote):
            raise InvalidInput(
                "A vote is one of {allowed}; {vote} was given.",
                allowed=", ".join(get_args(Vote)),
                vote=vote,
            )
        return _ballot(self._store.cast(self._id, ballot_id, vote))

    def latest(self) -> Ballot | None:
        """The newest ballot, whether it has its vote or waits for it; None where there is none."""
        record = self._store.latest(self._id)
        return None if record is None else _ballot(record)

    def ballots(self, limit: int = 50) -> tuple[Ballot, ...]:
        """The ballots with a vote, the newest first."""
        return tuple(map(_ballot, self._store.list(self._id)[:limit]))

    def standings(self) -> tuple[Standing, ...]:
        """How the contenders stand, those with the most votes first; () without votes."""
        wins: dict[tuple[str, str], Counter[str]] = {}
        for record in self._store.list(self._id):
            pair = cast("tuple[str, str]", tuple(sorted((record.left_name, record.right_name))))
            winner = {"left": record.left_name, "right": record.right_name}.get(
                record.vote or "", ""
            )
            wins.setdefault(pair, Counter())[winner] += 1
        standings = [
            standing(first, second, counts[first], counts[second], counts[""])
            for (first, second), counts in wins.items()
        ]
        return tuple(sorted(standings, key=lambda one: -(one.n_first + one.n_second + one.n_ties)))


def standing(first: str, second: str, n_first: int, n_second: int, n_ties: int) -> Standing:
    """How two stand after so many votes."""
    n = n_first + n_second + n_ties
    found = share_interval(n_first + n_ties / 2, n) if n else None
    return Standing(
        first=first,
        second=second,
        n_first=n_first,
        n_second=n_second,
        n_ties=n_ties,
        share=found.mean if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
    )


def _same(first: Contender, second: Contender, settings: ContentSettings) -> bool:
    return first.applied(settings) == second.applied(settings) and (
        first.uses_voice == second.uses_voice
    )


def _ballot(record: BallotRecord) -> Ballot:
    left = text_from_json(record.texts["left"])
    vote = cast("Vote | None", record.vote)  # only `cast` writes it
    return Ballot(
        id=record.id,
        values=left.values,
        left=left,
        right=text_from_json(record.texts["right"]),
        vote=vote,
        names=(record.left_name, record.right_name) if vote is not None else None,
        created_at=record.created_at,
    )
