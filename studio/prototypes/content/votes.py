"""Two models or two prompts compared blind: which text is better, without knowing whose it is."""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast, get_args

from studio.errors import InvalidInput
from studio.evaluation.proportions import share_interval
from studio.prototypes.base import Toolbox
from studio.prototypes.content.composing import Composer
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.text import Text
from studio.prototypes.content.text_json import text_from_json, text_to_json
from studio.prototypes.content.writing import Writing
from studio.records import Notice
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

    def fingerprint(self, settings: ContentSettings, model: str) -> str:
        """Tells a way of writing from every other, whatever it is called.

        Args:
            settings: of the prototype.
            model: catalogue id of the model that writes.
        """
        told = self.applied(settings).to_json() | {"generation_model": model, "n_variants": 1}
        said = json.dumps([told, self.uses_voice], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """Two texts for the same form, in an order that was drawn.

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
    """How two contenders stand after all votes between them, as they were set then.

    `share` is how often the first one won, ties counted half, with the 95 % interval of
    `share_interval`; `is_clear` says that it does not include one half. None and False without votes.
    `models`, `version` of the settings and `created_at` are those of the newest texts; none where
    nobody knows them.
    """

    first: str
    second: str
    n_first: int
    n_second: int
    n_ties: int
    share: float | None
    low: float | None
    high: float | None
    models: tuple[str, str] = ("", "")
    version: int = 0
    created_at: datetime | None = None

    @property
    def is_clear(self) -> bool:
        """Whether one of them is better beyond chance."""
        return self.low is not None and self.high is not None and not self.low <= 0.5 <= self.high


class Votes:
    """The blind comparisons of one prototype. Every method may be called by any thread.

    Args:
        prototype_id: whose they are.
        toolbox: what it works with.
        settings: those of the prototype, read anew.
        composer: a composer for settings and the id of a request.
    """

    def __init__(
        self,
        prototype_id: str,
        toolbox: Toolbox,
        settings: Callable[[], ContentSettings],
        composer: Callable[[ContentSettings, str], Composer],
    ) -> None:
        self._id = prototype_id
        self._store = toolbox.workspace.ballots
        self._in_turn = toolbox.acting.in_turn
        self._settings = settings
        self._composer = composer

    def start(
        self,
        values: Mapping[str, str],
        first: Contender,
        second: Contender,
        *,
        seed: int | None = None,
    ) -> Writing[Ballot]:
        """Write a text of each; which one stands left is drawn.

        Both sides draw with the same seed, another one after every vote, so that the next vote is about
        other texts. The glimpses have the texts in the order of the ballot.

        Args:
            values: what was typed.
            first: one of them.
            second: the other.
            seed: what the order is drawn from; by default nobody can know it beforehand.

        Raises:
            InvalidInput: the form is not complete, or both are the same.
        """
        settings = self._settings()
        sides = (first, second)
        if first.name == second.name or _same(first, second, settings):
            raise _are_same()
        if random.Random(secrets.randbits(64) if seed is None else seed).random() < 0.5:
            sides = (second, first)
        filled = dict(values)

        def work(writing: Writing[Ballot]) -> Ballot:
            voted = self._store.list(self._id)
            drawn_with = (settings.seed + len(voted)) % 2**31
            composers = [
                self._composer(replace(side.applied(settings), seed=drawn_with), writing.request_id)
                for side in sides
            ]
            marks = [
                side.fingerprint(settings, composer.model.id)
                for side, composer in zip(sides, composers, strict=True)
            ]
            if marks[0] == marks[1]:  # the default model, and the same one by its name
                raise _are_same()
            texts = []
            for number, (side, composer) in enumerate(zip(sides, composers, strict=True)):
                writing.report(Notice("Writing text {n} of {total}", n=number + 1, total=2))
                composed = composer.compose(
                    filled, watcher=writing.watcher(number), uses_voice=side.uses_voice
                )
                texts.append(composed.text)
            left, right = texts
            if any(_is_repeated(one, texts, marks) for one in voted):
                raise InvalidInput(
                    "You have voted on these two texts already: without variety a model writes the "
                    "same text for the same brief. Fill in another brief, or raise the variety."
                )
            record = self._store.add(
                self._id,
                sides[0].name,
                sides[1].name,
                {"left": text_to_json(left), "right": text_to_json(right), "marks": marks},
            )
            return _ballot(record)

        return Writing(self._in_turn(work), n_texts=2).begin()

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
        """How the contenders stand, those with the newest texts first; () without votes.

        Votes count together where both sides were set the same, whatever they were called.
        """
        pairs: dict[frozenset[str], list[BallotRecord]] = {}
        for record in self._store.list(self._id):
            pairs.setdefault(frozenset(_marks(record)), []).append(record)
        return tuple(map(_stand, pairs.values()))


def _marks(record: BallotRecord) -> tuple[str, str]:
    """What tells the sides of a ballot from others; of an older one only their names are known."""
    left, right = record.texts.get("marks") or (record.left_name, record.right_name)
    return left, right


def _stand(records: Sequence[BallotRecord]) -> Standing:
    """How two stand after these ballots between them, the newest first."""
    newest = records[0]
    names = (newest.left_name, newest.right_name)
    left, right = (text_from_json(newest.texts[side]) for side in ("left", "right"))
    models = [text.figures.model if text.figures else "" for text in (left, right)]
    (first, mark, model), (second, other, its_model) = sorted(
        zip(names, _marks(newest), models, strict=True)
    )
    wins = Counter(
        dict(zip(("left", "right"), _marks(record), strict=True)).get(record.vote or "", "")
        for record in records
    )
    return replace(
        standing(first, second, wins[mark], wins[other], wins[""]),
        models=(model, its_model),
        version=left.version,
        created_at=newest.created_at,
    )


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


def _are_same() -> InvalidInput:
    return InvalidInput(
        "Both sides are the same. Choose another model or another instruction for one of them, and "
        "another name."
    )


def _same(first: Contender, second: Contender, settings: ContentSettings) -> bool:
    return first.applied(settings) == second.applied(settings) and (
        first.uses_voice == second.uses_voice
    )


def _is_repeated(record: BallotRecord, texts: Sequence[Text], marks: Sequence[str]) -> bool:
    """Whether a ballot has these texts for this brief, on whichever side, written the same ways."""
    stored = [text_from_json(record.texts[side]) for side in ("left", "right")]
    return (
        set(record.texts.get("marks", ())) == set(marks)
        and stored[0].values == texts[0].values
        and {text.content for text in stored} == {text.content for text in texts}
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
