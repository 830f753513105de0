"""Who acts, and what they may do.

A role says what somebody may do in the whole workspace. Who acts is asked anew at every write, so that
a role that was taken away counts at once; whoever starts a piece of work is carried into its thread.
Knows neither pages nor tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from functools import wraps
from typing import ParamSpec, TypeVar

from studio.errors import AccessDenied

P = ParamSpec("P")
T = TypeVar("T")


class Role(IntEnum):
    """What somebody may do; each role may do what those below it may.

    `NOBODY` may do nothing, a `VIEWER` looks and tries, an `EDITOR` builds, an `OWNER` also manages
    people, keys and publications, and deletes for good.
    """

    NOBODY = 0
    VIEWER = 1
    EDITOR = 2
    OWNER = 3

    @classmethod
    def named(cls, name: str) -> Role:
        """The role of that name in lower-case letters ("viewer"); NOBODY where there is none."""
        return cls.__members__.get(name.upper(), cls.NOBODY)

    @property
    def word(self) -> str:
        """Its name in lower-case letters, as it is stored."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who does something.

    Attributes:
        name: of the person; empty for the studio itself and whoever uses it without signing in.
        role: what they may do.
        user_id: of the person's account; empty without one.
    """

    name: str = ""
    role: Role
    user_id: str = ""


THE_STUDIO = Actor(role=Role.OWNER)
"""The process itself: the command line, notebooks, background work, and pages without signing in."""

VISITOR = Actor(name="visitor", role=Role.VIEWER)
"""Whoever opened a demo page."""

NOBODY = Actor(role=Role.NOBODY)
"""Somebody who has to sign in first."""

_CARRIED: ContextVar[Actor | None] = ContextVar("acting", default=None)
_IN_TURN_OF: ContextVar[str | None] = ContextVar("in_turn_of", default=None)


class Acting:
    """Tells who acts on the thread that asks.

    Args:
        find: gives the person whom a page is drawn for, or None where no page is drawn.
    """

    def __init__(self, find: Callable[[], Actor | None] = lambda: None) -> None:
        self._find = find

    def current(self) -> Actor:
        """Who acts: whoever `acting_as` or `carried` named, else whom the page is drawn for."""
        return _CARRIED.get() or self._find() or THE_STUDIO

    def require(self, role: Role) -> Actor:
        """Who acts, if they have the role or a higher one.

        Raises:
            AccessDenied: they have not; says which role it takes.
        """
        actor = self.current()
        if actor.role < role:
            raise refusal(actor, role)
        return actor

    def carried(self, work: Callable[P, T]) -> Callable[P, T]:
        """The same work, done by whoever acts now, on whatever thread it is called."""
        actor = self.current()

        @wraps(work)
        def carried_work(*args: P.args, **kwargs: P.kwargs) -> T:
            with acting_as(actor):
                return work(*args, **kwargs)

        return carried_work

    def in_turn(self, work: Callable[P, T]) -> Callable[P, T]:
        """The same work, in the turn of whoever acts now, on whatever thread it is called.

        Only who shares the models is carried, not what they may do: what somebody who looks and tries
        has begun is stored by the studio.
        """
        user = self.user_in_turn()

        @wraps(work)
        def work_in_turn(*args: P.args, **kwargs: P.kwargs) -> T:
            token = _IN_TURN_OF.set(user)
            try:
                return work(*args, **kwargs)
            finally:
                _IN_TURN_OF.reset(token)

        return work_in_turn

    def user_in_turn(self) -> str:
        """Who shares the models with the others: the id of an account, empty for the studio itself."""
        user = _IN_TURN_OF.get()
        return self.current().user_id if user is None else user


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Let somebody act within the block, on this thread."""
    token = _CARRIED.set(actor)
    try:
        yield
    finally:
        _CARRIED.reset(token)


def refusal(actor: Actor, role: Role) -> AccessDenied:
    """Why somebody may not do what takes a role, in plain words."""
    if actor.role is Role.NOBODY:
        return AccessDenied("You are not signed in. Sign in and try again.")
    if role is Role.OWNER:
        return AccessDenied("Only an owner of this studio may do that. Ask one of them.")
    return AccessDenied(
        "You can look at everything here and try it, and change nothing. To build, ask an owner of"
        " this studio to make you an editor."
    )
