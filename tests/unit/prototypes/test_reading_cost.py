"""Time and price of reading follow from measured calls, and are unknown without any."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from studio.economics.prices import Basis, PriceBook
from studio.ledger.store import Ledger
from studio.prototypes.reading_cost import reading_cost
from studio.records import CallRecord, Stage

HOUR_USD = Decimal("0.36")  # a ten-thousandth of a dollar per second


def call(number: int, **changes) -> CallRecord:
    values = {
        "call_id": f"c{number}", "request_id": "r", "prototype_id": None, "version": None,
        "surface": "job", "stage": Stage.EMBEDDING, "model": "mini", "revision": "1",
        "engine": "openvino", "device": "cpu", "precision": "f32", "tokens_in": 1000, "tokens_out": 0,
        "queue_ms": 0.0, "first_token_ms": None, "total_ms": 2000.0, "busy_ms": 1000.0,
        "batch_size": 1.0, "started_at": datetime(2026, 11, 1, 12, 0, number, tzinfo=UTC),
    }  # fmt: skip
    return CallRecord(**{**values, **changes})


@pytest.fixture
def cost_after(tmp_path):
    """What reading 50 passages with 5,000 tokens takes after these calls."""

    def cost(*calls: CallRecord, n_passages: int = 50, n_tokens: int = 5000):
        ledger = Ledger(tmp_path / "ledger.db")
        for record in calls:
            ledger.append(record)
        frame = ledger.frame()
        ledger.close()
        book = PriceBook(HOUR_USD)
        return reading_cost(n_passages, n_tokens, model="mini", calls=frame, prices=book)

    return cost


def test_time_and_price_grow_with_the_tokens_of_measured_calls(cost_after):
    cost = cost_after(call(1), call(2, tokens_in=3000, total_ms=6000.0, busy_ms=3000.0))
    assert cost.n_measured_tokens == 4000
    assert cost.seconds == pytest.approx(10.0)
    assert cost.price.amount == Decimal("0.0005")
    assert cost.price.basis is Basis.MACHINE


def test_without_calls_nothing_is_made_up(cost_after):
    cost = cost_after()
    assert (cost.seconds, cost.price.amount, cost.n_measured_tokens) == (None, None, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "other"},
        {"surface": "page"},
        {"stage": Stage.GENERATION},
        {"error": "Overloaded"},
        {"tokens_in": 0},
    ],
)
def test_calls_that_say_nothing_of_reading_in_bulk_do_not_count(cost_after, changes):
    assert cost_after(call(1, **changes)).seconds is None


def test_only_the_engine_of_the_last_call_counts(cost_after):
    cost = cost_after(call(1, device="cuda", total_ms=1.0), call(2))
    assert cost.seconds == pytest.approx(10.0)


def test_unknown_price_of_a_remote_model_stays_unknown_but_the_time_is_known(cost_after):
    cost = cost_after(call(1, engine="remote", device="remote:nowhere.example", revision="x-1"))
    assert cost.seconds == pytest.approx(10.0)
    assert cost.price.amount is None
    assert cost.price.basis is Basis.UNKNOWN


def test_nothing_to_read_costs_nothing(cost_after):
    cost = cost_after(call(1), n_passages=0, n_tokens=0)
    assert (cost.seconds, cost.price.amount) == (0.0, Decimal(0))
