"""Meters: what an account used and cost, by day, read from the ledger's own priced calls.

An account is the holder of a key or a visitor of a demo (`CallContext.account`). Days are those of
UTC. What has no price is counted apart, never as 0; calls of the demo engine are no cost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import cast

import pandas as pd

from studio.economics.prices import Basis, PriceBook
from studio.ledger.store import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was used: requests and calls of models, tokens read and written together, and its cost.

    `n_failed` of the requests had a call that failed. `cost_usd` is that of the calls with a price;
    `n_unpriced` calls have none that is known.
    """

    n_requests: int = 0
    n_failed: int = 0
    n_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: Decimal = Decimal(0)
    n_unpriced: int = 0

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.tokens_in + self.tokens_out

    def __add__(self, other: Usage) -> Usage:
        """Both together."""
        return Usage(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__slots__}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUsage:
    """What an account used on a day of UTC."""

    account: str
    day: date
    usage: Usage


def usage_of(calls: pd.DataFrame) -> Usage:
    """What calls with their cost (`PriceBook.attach`) come to; nothing for an empty table."""
    is_known = calls["cost"].notna()
    return Usage(
        n_requests=int(calls["request_id"].nunique()),
        n_failed=int(_failed(calls).nunique()),
        n_calls=len(calls),
        tokens_in=int(calls["tokens_in"].sum()),
        tokens_out=int(calls["tokens_out"].sum()),
        cost_usd=sum(calls.loc[is_known, "cost"], Decimal(0)),
        n_unpriced=int((~is_known & (calls["cost_basis"] != Basis.DEMO.value)).sum()),
    )


def _failed(calls: pd.DataFrame) -> pd.Series:
    """The requests of calls that failed, as often as they did."""
    return calls.loc[calls["error"].notna(), "request_id"]


@dataclass(slots=True)
class _Tally:
    """A day of an account as far as the ledger was read, and the prices it was counted with."""

    day: date
    prices: object
    position: int
    calls: Usage = field(default_factory=Usage)
    request_ids: set[str] = field(default_factory=set)
    failed_ids: set[str] = field(default_factory=set)

    def add(self, calls: pd.DataFrame) -> None:
        """Count calls with their cost; those of a request may come in several looks."""
        self.calls += usage_of(calls)
        self.request_ids.update(calls["request_id"])
        self.failed_ids.update(_failed(calls))

    @property
    def usage(self) -> Usage:
        """All of it, each request once."""
        return replace(self.calls, n_requests=len(self.request_ids), n_failed=len(self.failed_ids))


@dataclass(slots=True)
class _Look:
    """How far the ledger was read, and where it ended when a call was found last."""

    position: int
    last_call: int


class Meters:
    """What accounts use; every method is thread-safe.

    Args:
        ledger: every call.
        prices: the price book of now.
        clock: gives the aware time.
    """

    def __init__(
        self, ledger: Ledger, prices: Callable[[], PriceBook], clock: Callable[[], datetime]
    ) -> None:
        self._ledger = ledger
        self._prices = prices
        self._clock = clock
        self._lock = threading.Lock()
        self._tallies: dict[str, _Tally] = {}
        self._usual: dict[str, tuple[date, Usage]] = {}
        self._looks: dict[str, _Look] = {}

    def today(self, account: str) -> Usage:
        """What an account used since midnight, with every call that has ended.

        Cheap to ask before each request: only what was written since the last look is read.

        Args:
            account: as the ledger has it.

        Raises:
            StudioError: the ledger cannot be read.
        """
        day, book = self._clock().astimezone(UTC).date(), self._prices()
        prices = book.terms
        with self._lock:
            tally = self._tallies.get(account)
            if tally is None or tally.day != day or tally.prices != prices:
                end = self._ledger.position()
                calls = self._ledger.frame(account=account, since=_midnight(day), position=end)
                tally = _Tally(day, prices, end)
                tally.add(book.attach(calls))
                self._tallies = {k: t for k, t in self._tallies.items() if t.day == day}
                self._tallies[account] = tally
            page = self._ledger.after(tally.position, account)
            tally.position = page.position
            fresh = page.calls[page.calls["started_at"] >= pd.Timestamp(_midnight(day))]
            if len(fresh):
                tally.add(book.attach(fresh))
            return tally.usage

    def last_call(self, account_prefix: str) -> int:
        """Changes whenever there is a call on such an account: what sums over them are kept under.

        Cheap to ask again: only what was written since the last look is read.

        Args:
            account_prefix: how the accounts begin.

        Raises:
            StudioError: the ledger cannot be read.
        """
        with self._lock:
            look = self._looks.get(account_prefix)
            if look is None:
                end = self._ledger.position()
                look = self._looks[account_prefix] = _Look(end, end)
            page = self._ledger.after(look.position, account_prefix=account_prefix)
            look.position = page.position
            if len(page.calls):
                look.last_call = page.position
            return look.last_call

    def usual(self, account: str, account_prefix: str, n_days: int = 30) -> Usage | None:
        """What requests of an account used lately, all together; of all such accounts if it has none.

        Looked up once a day for each account that asks.

        Args:
            account: as the ledger has it.
            account_prefix: how the accounts begin.
            n_days: how many days count.

        Returns:
            The use with its `n_requests`, 1 or more; None where nothing was measured or has a price.

        Raises:
            StudioError: the ledger cannot be read.
        """
        day = self._clock().astimezone(UTC).date()
        with self._lock:
            known = self._usual.get(account)
        if known is not None and known[0] == day:
            return known[1]
        days = self.by_day(account_prefix, n_days)
        own = sum((one.usage for one in days if one.account == account), Usage())
        found = own if own.n_requests else sum((one.usage for one in days), Usage())
        usual = found if found.n_requests and not found.n_unpriced else None
        if usual is not None:  # what is not known yet soon may be
            with self._lock:
                self._usual[account] = (day, usual)
        return usual

    def by_day(self, account_prefix: str, n_days: int = 30) -> tuple[DayUsage, ...]:
        """What accounts used on each of the last days, today included; days without use are left out.

        Args:
            account_prefix: how the accounts begin, such as "key:"; each has its own days.
            n_days: how many, 1 or more.

        Returns:
            By account and day.

        Raises:
            StudioError: the ledger cannot be read.
        """
        first = self._clock().astimezone(UTC).date() - timedelta(days=n_days - 1)
        calls = self._ledger.frame(account_prefix=account_prefix, since=_midnight(first))
        if not len(calls):
            return ()
        priced = self._prices().attach(calls)
        days = priced["started_at"].dt.date
        return tuple(
            DayUsage(account=str(account), day=cast("date", day), usage=usage_of(on_day))
            for account, own in priced.groupby("account")
            for day, on_day in own.groupby(days.loc[own.index])
        )

    def until_midnight(self) -> timedelta:
        """How long it is until a new day begins."""
        now = self._clock().astimezone(UTC)
        return _midnight(now.date() + timedelta(days=1)) - now


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
