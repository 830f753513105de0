"""Who is served next: people before background work, and everybody in turn by their weight.

Start-time fair queueing (Goyal, Vin and Cheng 1996): each user has a virtual time that grows with the
work done for them divided by their weight; whoever has had the least is next. Knows no model, no
thread and no text.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from studio.records import CallContext

BACKGROUND_SURFACES = frozenset({"job", "bench"})
"""Where calls come from for which nobody sits and waits."""

BURST_S = 1.0
"""A line that was empty less long ago is a burst: people who came together, and will all be served."""
CALM_S = 2.0
"""A crowd is over when nobody had to be refused for so long."""
STANDING_SHARE = 1 / 8
SHORTEST_WAIT_S = 0.25
"""So long anybody may wait in a crowd: a share of the time an answer takes, but not less than this."""

EntryT = TypeVar("EntryT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Whose request it is and how long it may wait.

    Attributes:
        user: who shares the model with the others: an account, a person; empty for the owner.
        is_background: whether nobody sits and waits for it.
        weight: how much of the model its user gets beside others of weight 1.
        deadline_s: after how long without any piece of the answer whoever asked is told that it
            failed.
        max_wait_s: expected time in the queue above which it is refused; None to wait for any time.
    """

    user: str = ""
    is_background: bool = False
    weight: float = 1.0
    deadline_s: float = 120.0
    max_wait_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Who shares a model with others, and how much of it they get beside one of weight 1."""

    user: str = ""
    weight: float = 1.0


ANYBODY = Turn()
"""A person without a name, in no hurry."""


def is_background(context: CallContext) -> bool:
    """Whether nobody sits and waits for a call: it comes from a job or a measurement."""
    return context.surface in BACKGROUND_SURFACES


@dataclass(slots=True)
class _Share(Generic[EntryT]):
    """A user's waiting entries, oldest first, and the virtual time of what they had."""

    weight: float
    used: float
    entries: deque[tuple[Turn, EntryT]] = field(default_factory=deque)


class Patience:
    """How long people may be made to wait for their turn.

    A burst may wait as long as is allowed at all. A line that does not end is a crowd: waiting then
    serves nobody, as a short line keeps the model as busy as a long one. Who would wait there for more
    than a fraction of what an answer takes is refused, so that those who are accepted are served as
    ever, however many ask (the idea of controlled delay, Nichols and Jacobson 2012). Whoever holds it
    has a lock.
    """

    def __init__(self) -> None:
        self._empty_s = -math.inf
        self._refused_s: float | None = (
            None  # the last time, or when the crowd began; None: no crowd
        )

    def note_empty(self, now_s: float) -> None:
        """Nobody waits at this moment."""
        self._empty_s = now_s

    def is_too_long(self, wait_s: float, turn: Turn, answer_s: float, now_s: float) -> bool:
        """Whether somebody who would wait for so long is refused; takes note of it.

        Args:
            wait_s: how long that is expected to be.
            turn: whose it would be; background work is never refused for that.
            answer_s: how long an answer takes once its turn has come.
            now_s: by the clock of `note_empty`.
        """
        if turn.is_background or turn.max_wait_s is None:
            return False
        if self._refused_s is not None and now_s - self._refused_s > CALM_S:
            self._refused_s = None
        if self._refused_s is None and now_s - self._empty_s > BURST_S:
            self._refused_s = now_s
        most_s = turn.max_wait_s
        if self._refused_s is not None:
            most_s = min(most_s, max(SHORTEST_WAIT_S, STANDING_SHARE * answer_s))
        if wait_s <= most_s:
            return False
        if self._refused_s is not None:
            self._refused_s = now_s
        return True


class FairLine(Generic[EntryT]):
    """A queue of many users in which each gets a share by weight, however many entries they have.

    Entries of one user keep their order. Not thread-safe: whoever holds it has a lock.
    """

    def __init__(self) -> None:
        self._shares: dict[str, _Share[EntryT]] = {}
        self._clock = 0.0  # virtual time of the entry that was taken last
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[EntryT]:
        """All entries, user by user."""
        for share in self._shares.values():
            for _, entry in share.entries:
                yield entry

    def n_of(self, user: str) -> int:
        """How many entries of a user wait."""
        share = self._shares.get(user)
        return 0 if share is None else len(share.entries)

    def add(self, turn: Turn, entry: EntryT) -> None:
        """Put an entry behind those of its user. Who was away gets no credit for that time."""
        share = self._shares.get(turn.user)
        if share is None:
            share = self._shares[turn.user] = _Share(turn.weight, self._clock)
        elif not share.entries:
            share.used = max(share.used, self._clock)
        share.weight = turn.weight
        share.entries.append((turn, entry))
        self._n += 1

    def take(self, cost: Callable[[EntryT], float] = lambda _: 1.0) -> tuple[Turn, EntryT] | None:
        """Take out whose turn it is, and charge the user; None if nothing waits.

        Args:
            cost: how much work serving the entry now is, in any unit; asked once, of the entry that
                is taken, so that it may serve it and say how much that was.
        """
        waiting = [share for share in self._shares.values() if share.entries]
        if not waiting:
            return None
        share = min(waiting, key=lambda one: one.used)  # of equals who came first
        turn, entry = share.entries.popleft()
        self._n -= 1
        self._clock = share.used
        share.used += cost(entry) / share.weight
        self._forget_idle()
        return turn, entry

    def refund(self, turn: Turn, cost: float) -> None:
        """Take back what a user was charged for work that was not done."""
        share = self._shares.get(turn.user)
        if share is not None:
            share.used -= cost / share.weight

    def remove(self, is_gone: Callable[[EntryT], bool]) -> list[EntryT]:
        """Take out all entries of which `is_gone` is true, and give them; each is asked about once."""
        gone: list[EntryT] = []
        for share in self._shares.values():
            kept: deque[tuple[Turn, EntryT]] = deque()
            for turn, entry in share.entries:
                if is_gone(entry):
                    gone.append(entry)
                else:
                    kept.append((turn, entry))
            share.entries = kept
        self._n -= len(gone)
        self._forget_idle()
        return gone

    def n_before(self, turn: Turn) -> float:
        """How many entries of all users would be taken before a new one of this user.

        Each other user is taken from as often as their weight allows until this user's turn comes.
        """
        own = self._shares.get(turn.user)
        n_own = 0 if own is None else len(own.entries)
        n_rounds = (n_own + 1) / turn.weight
        others = (share for user, share in self._shares.items() if user != turn.user)
        return n_own + sum(min(len(one.entries), n_rounds * one.weight) for one in others)

    def _forget_idle(self) -> None:
        """Drop users who wait for nothing and are owed nothing, so that the table stays short."""
        if not self._n:  # nobody waits: all begin anew
            self._shares.clear()
            return
        idle = [u for u, one in self._shares.items() if not one.entries and one.used <= self._clock]
        for user in idle:
            del self._shares[user]
