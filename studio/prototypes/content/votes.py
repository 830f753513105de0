"""Two models or two prompts compared blind: which text is better, without knowing whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from studio.prototypes.content.text import Text
from studio.prototypes.content.writing import Writing

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

    `share` is how often the first one won, ties counted half, with its 95 % interval (Wilson);
    `is_clear` says that the interval does not include one half. None and False without votes.
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
    """The blind comparisons of one prototype. Every method may be called by any thread."""

    def start(
        self, values: Mapping[str, str], first: Contender, second: Contender, *, seed: int = 0
    ) -> Writing[Ballot]:
        """Write a text of each; which one stands left is drawn from the seed.

        Raises:
            InvalidInput: the form is not complete, or both are the same.
        """
        raise NotImplementedError

    def cast(self, ballot_id: str, vote: Vote) -> Ballot:
        """Keep a vote; the ballot then tells whose texts they are. Casting again changes it."""
        raise NotImplementedError

    def ballots(self, limit: int = 50) -> tuple[Ballot, ...]:
        """The ballots with a vote, the newest first."""
        raise NotImplementedError

    def standings(self) -> tuple[Standing, ...]:
        """How the contenders stand, those with the most votes first; () without votes."""
        raise NotImplementedError
