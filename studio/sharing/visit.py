"""One visitor in one publication: what they see, what is theirs alone, and asking within the limits.

A visit is made anew at every look, by `Sharing.open`, and holds no state; it reaches nothing but its own
publication's prototype at the published version.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from studio.errors import AccessDenied
from studio.sharing.allowance import Allowance
from studio.sharing.visitor import account_of
from studio.workspace.conversations import Conversations
from studio.workspace.publication_record import PublicationRecord
from studio.workspace.records import TurnRecord

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visit:
    """A visitor who was let in.

    Attributes:
        publication: what they opened.
        visitor_id: who they are in it, see `visitor.visitor_id`.
        prototype: the prototype at the published version, on this visitor's account: to read from.
            Whatever calls a model goes through `asked`.
    """

    publication: PublicationRecord
    visitor_id: str
    prototype: Any  # of the kind's own class, which whoever shows it knows
    _allowance: Allowance
    _conversations: Conversations
    _open_again: Callable[[], Visit | None]

    @property
    def account(self) -> str:
        """The account that this visitor's calls are written on."""
        return account_of(self.publication.id, self.visitor_id)

    def asked(self, ask: Callable[[Any], T], is_over: Callable[[T], bool] = lambda _: True) -> T:
        """What came of one request, which counts against the limits whatever comes of it.

        The publication is looked at again: a page may have been open since before it changed.

        Args:
            ask: is given the prototype for this one request.
            is_over: whether what `ask` gave has ended; what is still in the making has not.

        Raises:
            NotFound: it is not open any more.
            AccessDenied: it has another password by now.
            LimitReached: the visitor's day or the day's budget is used up; says when it opens again.
            StudioError: the ledger cannot be read, or `ask` failed.
        """
        now = self._open_again()
        if now is None:
            raise AccessDenied(
                "This demo has another password by now. Reload the page to enter it."
            )
        taken = self._allowance.take(now.publication, now.account)
        try:
            outcome = ask(
                now.prototype.served(
                    version=now.prototype.version,
                    account=now.account,
                    request_id=taken.request_id,
                )
            )
        except BaseException:
            taken.end()
            raise
        if is_over(outcome):
            taken.end()
        else:
            taken.ends_when(lambda: is_over(outcome))
        return outcome

    def requests_left(self) -> int | None:
        """How many requests this visitor has left today; None without such a limit."""
        return self._allowance.left(self.publication, self.account)

    def conversation(self) -> str | None:
        """The id of this visitor's conversation; None before the first request.

        It is found by who the visitor is and never by what an address says.
        """
        found = self._conversations.list(self.publication.prototype_id, self.account)
        return next((one.id for one in found if one.ended_at is None), None)

    def started_conversation(self) -> str:
        """The id of this visitor's conversation, which is started if there is none."""
        present = self.conversation()
        if present is not None:
            return present
        return self._conversations.start(self.publication.prototype_id, self.account).id

    def note(self, text: str) -> str:
        """Write down what this visitor asked for, for kinds without a talk; gives the conversation."""
        talk = self.started_conversation()
        self._conversations.append_turn(talk, "user", text)
        return talk

    def begin_anew(self) -> None:
        """End this visitor's conversation; the next request starts an empty one."""
        present = self.conversation()
        if present is not None:
            self._conversations.clear(present)

    def has_spoken(self) -> bool:
        """Whether anything was said in this visitor's conversation."""
        return bool(self._turns())

    def was_left(self, now: datetime) -> bool:
        """Whether nothing was said for as long as makes a kiosk begin anew; False without a talk."""
        turns = self._turns()
        idle = timedelta(seconds=self.publication.idle_reset_s)
        return bool(turns) and now - turns[-1].created_at > idle

    def _turns(self) -> tuple[TurnRecord, ...]:
        present = self.conversation()
        return () if present is None else self._conversations.turns(present)
