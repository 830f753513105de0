"""How much of a publication was used today, and whether one more request fits.

Reads the ledger's own priced calls, so that nothing a visitor's browser says counts. A day begins at
midnight where the studio runs. Requests that were let through and have not reached the ledger yet count
too, so that many at once are no way around a limit.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from decimal import Decimal

import pandas as pd

from studio.economics.prices import Basis, PriceBook
from studio.errors import LimitReached
from studio.ledger.store import Ledger
from studio.records import Notice
from studio.sharing.visitor import account_prefix
from studio.workspace.publication_record import PublicationRecord

PENDING = timedelta(minutes=2)
"""For how long a request that was let through is taken to be on its way to the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUse:
    """What visitors of a publication did today.

    `spent_usd` is None where the price of a call is unknown; calls of the demo engine cost nothing.
    `opens_at` is the aware time when the next day begins.
    """

    n_requests: int
    n_visitors: int
    spent_usd: Decimal | None
    opens_at: datetime


class Allowance:
    """Counts and refuses; every method is thread-safe.

    Args:
        ledger: where the calls are.
        prices: gives the price book of now.
        clock: gives the aware time.
        zone: where midnight is taken; that of the machine by default.
    """

    def __init__(
        self,
        ledger: Ledger,
        prices: Callable[[], PriceBook],
        clock: Callable[[], datetime],
        zone: tzinfo | None = None,
    ) -> None:
        self._ledger = ledger
        self._prices = prices
        self._clock = clock
        self._zone = zone
        self._taken: dict[str, list[tuple[datetime, str]]] = {}
        self._lock = threading.Lock()

    def used(self, publication: PublicationRecord) -> DayUse:
        """What was used of a publication today.

        Raises:
            StudioError: the ledger cannot be read.
        """
        begins, ends = self._day()
        return _use(self._calls(publication, begins), ends)

    def left(self, publication: PublicationRecord, account: str) -> int | None:
        """How many requests a visitor has left today; None without such a limit.

        Raises:
            StudioError: the ledger cannot be read.
        """
        limit = publication.requests_per_visitor_per_day
        if limit is None:
            return None
        begins, _ends = self._day()
        with self._lock:
            used = self._n_of(publication, account, self._calls(publication, begins), begins)
        return max(0, limit - used)

    def take(self, publication: PublicationRecord, account: str) -> None:
        """Let one more request of a visitor through, and count it.

        Raises:
            LimitReached: the visitor or all of them together used up their day; says when it opens
                again. Also where money is limited and nobody knows what a call costs.
            StudioError: the ledger cannot be read.
        """
        begins, ends = self._day()
        with self._lock:
            calls = self._calls(publication, begins)
            self._check_visitor(publication, account, calls, begins, ends)
            self._check_money(publication, calls, begins, ends)
            self._taken.setdefault(publication.id, []).append((self._clock(), account))

    def _check_visitor(
        self,
        publication: PublicationRecord,
        account: str,
        calls: pd.DataFrame,
        begins: datetime,
        ends: datetime,
    ) -> None:
        limit = publication.requests_per_visitor_per_day
        if limit is not None and self._n_of(publication, account, calls, begins) >= limit:
            raise LimitReached(
                "That was today's share of this demo: {limit} requests for each visitor. It opens "
                "again in {wait}.",
                limit=limit,
                wait=self._until(ends),
            )

    def _check_money(
        self, publication: PublicationRecord, calls: pd.DataFrame, begins: datetime, ends: datetime
    ) -> None:
        budget = publication.money_per_day_usd
        if budget is None:
            return
        use = _use(calls, ends)
        if use.spent_usd is None:
            raise LimitReached(
                "This demo has a budget, but what its model costs is not known. Tell whoever showed "
                "it to you to enter a price."
            )
        each = use.spent_usd / use.n_requests if use.n_requests else Decimal(0)
        if use.spent_usd + each * self._n_pending(publication, calls, begins) >= budget:
            raise LimitReached(
                "Today's demo budget is used up. It opens again in {wait}.", wait=self._until(ends)
            )

    def _calls(self, publication: PublicationRecord, begins: datetime) -> pd.DataFrame:
        calls = self._ledger.frame(since=begins, account_prefix=account_prefix(publication.id))
        return self._prices().attach(calls)

    def _n_of(
        self, publication: PublicationRecord, account: str, calls: pd.DataFrame, begins: datetime
    ) -> int:
        """Requests of a visitor today: those in the ledger, or those let through if these are more."""
        own = calls.loc[calls["account"] == account, "request_id"]
        taken = sum(who == account for _at, who in self._today(publication, begins))
        return max(int(own.nunique()), taken)

    def _n_pending(
        self, publication: PublicationRecord, calls: pd.DataFrame, begins: datetime
    ) -> int:
        """Requests let through just now that the ledger does not have yet."""
        now = self._clock()
        recent = [at for at, _who in self._today(publication, begins) if now - at < PENDING]
        if not recent:
            return 0
        written = calls.loc[calls["started_at"] >= pd.Timestamp(recent[0]), "request_id"]
        return max(0, len(recent) - int(written.nunique()))

    def _today(
        self, publication: PublicationRecord, begins: datetime
    ) -> list[tuple[datetime, str]]:
        taken = self._taken.get(publication.id, [])
        taken[:] = [(at, who) for at, who in taken if at >= begins]
        return taken

    def _day(self) -> tuple[datetime, datetime]:
        """When the day of now began and when the next one begins."""
        here = self._clock().astimezone(self._zone)
        return tuple(
            datetime.combine(here.date() + timedelta(days=days), time(), here.tzinfo)
            for days in (0, 1)
        )  # type: ignore[return-value]  # two of them

    def _until(self, moment: datetime) -> Notice:
        minutes = math.ceil((moment - self._clock()).total_seconds() / 60)
        if minutes <= 90:
            return Notice("{n} min", n=max(1, minutes))
        return Notice("{n} h", n=math.ceil(minutes / 60))


def _use(calls: pd.DataFrame, ends: datetime) -> DayUse:
    is_unknown = calls["cost"].isna() & (calls["cost_basis"] != Basis.DEMO.value)
    known = calls["cost"].dropna()
    return DayUse(
        n_requests=int(calls["request_id"].nunique()),
        n_visitors=int(calls["account"].nunique()),
        spent_usd=None if is_unknown.any() else sum(known, Decimal(0)),
        opens_at=ends,
    )
