"""Meters count what the ledger has of an account, by day, and never twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from studio.economics.prices import PriceBook
from studio.ledger.store import Ledger
from studio.metering import Meters, Usage
from studio.records import Stage
from tests.unit.economics.ledger_frames import NOON, call

DAY = timedelta(days=1)
HOUR_USD = Decimal("0.36")
PER_CALL = Decimal("0.000001")  # 10 ms of this machine


class Studio:
    """A ledger with meters on it, a price and a clock that can be set."""

    def __init__(self, path: Path) -> None:
        self.now, self.hour_usd = NOON, HOUR_USD
        self.ledger = Ledger(path)
        self.meters = Meters(self.ledger, lambda: PriceBook(self.hour_usd), lambda: self.now)
        self._n = 0

    def spend(self, account: str, *, days: int = 0, request: str = "", **changes: object) -> None:
        self._n += 1
        made = call(
            request or f"r{self._n}",
            Stage.GENERATION,
            0,
            call_id=str(self._n),
            account=account,
            started_at=NOON + days * DAY,
            **changes,
        )
        self.ledger.append(made)


@pytest.fixture
def studio(tmp_path):
    studio = Studio(tmp_path / "ledger.db")
    yield studio
    studio.ledger.close()


def test_today_counts_the_accounts_own_calls_and_grows(studio):
    assert studio.meters.today("key:a") == Usage()
    studio.spend("key:a", request="one", tokens_out=7)
    studio.spend("key:a", request="one")
    studio.spend("key:b")
    studio.spend("")
    first = studio.meters.today("key:a")
    assert first == Usage(
        n_requests=1, n_calls=2, tokens_in=20, tokens_out=7, cost_usd=2 * PER_CALL
    )
    assert first.tokens == 27
    assert studio.meters.today("key:a") == first
    studio.spend("key:a", error="Overloaded")
    second = studio.meters.today("key:a")
    assert (second.n_requests, second.n_failed, second.cost_usd) == (2, 1, 3 * PER_CALL)


def test_a_request_whose_calls_end_between_two_looks_counts_once(studio):
    studio.spend("key:a", request="one")
    assert studio.meters.today("key:a").n_requests == 1
    studio.spend("key:a", request="one", error="OSError")
    studio.spend("key:a", request="two")
    used = studio.meters.today("key:a")
    assert (used.n_requests, used.n_failed, used.n_calls) == (2, 1, 3)
    studio.spend("key:a", request="one", error="OSError")
    used = studio.meters.today("key:a")
    assert (used.n_requests, used.n_failed, used.n_calls) == (2, 1, 4)


def test_a_new_day_begins_at_nothing_and_late_calls_of_the_old_day_do_not_count(studio):
    studio.spend("key:a")
    assert studio.meters.today("key:a").n_calls == 1
    assert studio.meters.until_midnight() == timedelta(hours=12)
    studio.now += DAY
    assert studio.meters.today("key:a") == Usage()
    studio.spend("key:a", days=0)  # began before midnight, ended now
    assert studio.meters.today("key:a") == Usage()
    studio.spend("key:a", days=1)
    assert studio.meters.today("key:a").n_calls == 1


def test_a_new_price_counts_for_the_whole_day(studio):
    studio.spend("key:a")
    assert studio.meters.today("key:a").cost_usd == PER_CALL
    studio.hour_usd *= 3
    assert studio.meters.today("key:a").cost_usd == 3 * PER_CALL


def test_what_has_no_price_is_counted_apart_and_the_demo_costs_nothing(studio):
    studio.spend("key:a", device="remote:api.example.org", revision="no-such-model")
    studio.spend("key:a", engine="demo")
    found = studio.meters.today("key:a")
    assert (found.n_unpriced, found.cost_usd, found.n_calls) == (1, Decimal(0), 2)


def test_days_of_each_account(studio):
    studio.spend("key:a", days=-2)
    studio.spend("key:a", days=-2)
    studio.spend("key:b", days=-1)
    studio.spend("key:a")
    studio.spend("demo:x:y")
    studio.spend("key:a", days=-40)
    found = studio.meters.by_day("key:")
    assert [(one.account, one.day, one.usage.n_requests) for one in found] == [
        ("key:a", date(2026, 11, 18), 2),
        ("key:a", date(2026, 11, 20), 1),
        ("key:b", date(2026, 11, 19), 1),
    ]
    assert found[0].usage.cost_usd == 2 * PER_CALL
    assert studio.meters.by_day("key:a", n_days=1) == (found[1],)
    assert studio.meters.by_day("key:c") == ()


def test_the_last_call_on_accounts_changes_with_their_calls_alone(studio):
    studio.spend("key:a")
    first = studio.meters.last_call("key:")
    for account in ("", "visitor:a", "kez", "key"):
        studio.spend(account)
    assert studio.meters.last_call("key:") == first
    studio.spend("key:b")
    second = studio.meters.last_call("key:")
    assert second > first
    assert studio.meters.last_call("key:") == second


def test_a_later_look_reads_only_what_is_new(studio, monkeypatch):
    studio.spend("key:a")
    studio.meters.today("key:a")
    read: list[int] = []
    after: Callable = studio.ledger.after
    monkeypatch.setattr(
        studio.ledger,
        "after",
        lambda *args: (page := after(*args), read.append(len(page.calls)))[0],
    )
    monkeypatch.setattr(studio.ledger, "frame", lambda **_: pytest.fail("all was read again"))
    studio.spend("key:a")
    studio.meters.today("key:a")
    studio.meters.today("key:a")
    assert read == [1, 0]
