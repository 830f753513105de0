"""How much of a publication was used today, and whether one more request fits.

Reads the ledger's own priced calls, so that nothing a visitor's browser says counts. A day begins at
midnight where the studio runs. Requests that were let through and have not reached the ledger yet count
too, so that many at once are no way around a limit.
"""

from __future__ import annotations

import math
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from decimal import Decimal

import pandas as pd

from studio.economics.prices import Basis, PriceBook
from studio.errors import LimitReached
from studio.ledger.store import Ledger
from studio.records import Notice
from studio.sharing.request_price import request_price
from studio.sharing.visitor import account_prefix
from studio.workspace.publication_record import PublicationRecord

N_UNMEASURED = 2
"""Requests at once of a publication with a budget while nobody knows what one costs."""


@dataclass(slots=True, kw_only=True)
class Taken:
    """A request that was let through, and whether it still runs: until `end`, or what it waits for."""

    request_id: str
    account: str
    at: datetime
    _is_over: Callable[[], bool] | None = None
    _has_ended: bool = False

    @property
    def is_running(self) -> bool:
        """Whether it still runs; what it waited for is let go once it has ended."""
        if self._is_over is not None and self._is_over():
            self.end()
        return not self._has_ended

    def ends_when(self, is_over: Callable[[], bool]) -> None:
        """Let it run until that is so, looked at again whenever somebody asks."""
        self._is_over = is_over

    def end(self) -> None:
        """It runs no more."""
        self._has_ended, self._is_over = True, None


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
        usual_usd: gives what a request of a prototype cost so far in the mean; None where that was
            never measured.
        zone: where midnight is taken; that of the machine by default.
    """

    def __init__(
        self,
        ledger: Ledger,
        prices: Callable[[], PriceBook],
        clock: Callable[[], datetime],
        usual_usd: Callable[[str], Decimal | None],
        zone: tzinfo | None = None,
    ) -> None:
        self._ledger = ledger
        self._prices = prices
        self._clock = clock
        self._usual_usd = usual_usd
        self._zone = zone
        self._taken: dict[str, list[Taken]] = {}
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

    def take(self, publication: PublicationRecord, account: str) -> Taken:
        """Let one more request of a visitor through, and count it, with its cost until it is over.

        Raises:
            LimitReached: the visitor or all of them together used up their day; says when it opens
                again. Also where money is limited and nobody knows what a call costs, or what one
                costs was never measured and others are being answered.
            StudioError: the ledger cannot be read.
        """
        begins, ends = self._day()
        with self._lock:
            calls = self._calls(publication, begins)
            self._check_visitor(publication, account, calls, begins, ends)
            self._check_money(publication, calls, begins, ends)
            taken = Taken(request_id=uuid.uuid4().hex, account=account, at=self._clock())
            self._taken.setdefault(publication.id, []).append(taken)
            return taken

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
        running = [one for one in self._today(publication, begins) if one.is_running]
        if use.spent_usd + self._coming(publication, calls, running) >= budget:
            raise LimitReached(
                "Today's demo budget is used up. It opens again in {wait}.", wait=self._until(ends)
            )

    def _coming(
        self,
        publication: PublicationRecord,
        calls: pd.DataFrame,
        running: Sequence[Taken],
    ) -> Decimal:
        """What the requests that run are still taken to cost: each in the end as much as is usual.

        Raises:
            LimitReached: that was never measured, and enough run already.
        """
        if not running:
            return Decimal(0)
        usual = request_price(calls).usual_usd
        if usual is None:  # nothing came back today yet
            usual = self._usual_usd(publication.prototype_id)
        if usual is None:
            if len(running) >= N_UNMEASURED:
                raise LimitReached(
                    "This demo has a budget, and what a request costs is not measured yet, so few are"
                    " answered at a time. Try again in a moment."
                )
            return Decimal(0)
        spent = calls.dropna(subset=["cost"]).groupby("request_id")["cost"].sum()
        return sum(
            (max(Decimal(0), usual - spent.get(one.request_id, Decimal(0))) for one in running),
            Decimal(0),
        )

    def _calls(self, publication: PublicationRecord, begins: datetime) -> pd.DataFrame:
        calls = self._ledger.frame(since=begins, account_prefix=account_prefix(publication.id))
        return self._prices().attach(calls)

    def _n_of(
        self, publication: PublicationRecord, account: str, calls: pd.DataFrame, begins: datetime
    ) -> int:
        """Requests of a visitor today: those in the ledger and those let through."""
        own = set(calls.loc[calls["account"] == account, "request_id"])
        taken = self._today(publication, begins)
        return len(own | {one.request_id for one in taken if one.account == account})

    def _today(self, publication: PublicationRecord, begins: datetime) -> list[Taken]:
        """Those let through today, and those of before that still run."""
        taken = self._taken.get(publication.id, [])
        taken[:] = [one for one in taken if one.at >= begins or one.is_running]
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
