"""What a batch will take, reckoned from a few rows: sums, shares, unknown prices."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from studio.economics.prices import PriceBook
from studio.prototypes.content.batch import spread
from studio.prototypes.content.estimate import BatchEstimate, MeasuredRow, estimate
from studio.records import CallRecord, Stage


def call(**changes) -> CallRecord:
    values = {
        "call_id": "c",
        "request_id": "r",
        "prototype_id": None,
        "version": None,
        "surface": "job",
        "stage": Stage.GENERATION,
        "model": "smollm2-135m-instruct",
        "revision": "1",
        "engine": "openvino-genai",
        "device": "cpu",
        "precision": "fp32",
        "tokens_in": 100,
        "tokens_out": 20,
        "queue_ms": 0.0,
        "first_token_ms": 10.0,
        "total_ms": 4000.0,
        "busy_ms": 500.0,
        "batch_size": 8.0,
        "started_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return CallRecord(**{**values, **changes})


ROW = MeasuredRow(calls=(call(),), n_attempts=1, n_counted=100)
PRICES = PriceBook(Decimal("0.36"), {})


def test_ten_times_the_rows_take_ten_times_as_much():
    small = estimate(10, [100] * 4, [ROW] * 4, PRICES, 8)
    large = estimate(100, [100] * 4, [ROW] * 4, PRICES, 8)
    assert (small.tokens_in, small.tokens_out) == (1000, 200)
    assert (large.tokens_in, large.tokens_out) == (10_000, 2_000)
    assert small.seconds == pytest.approx(5.0)
    assert large.cost == 10 * small.cost
    assert small.cost == Decimal("0.36") / 3600 * 5


def test_attempts_multiply_the_prompts():
    twice = MeasuredRow(calls=(call(), call()), n_attempts=2, n_counted=100)
    found = estimate(10, [100], [twice], PRICES, 8)
    assert (found.tokens_in, found.tokens_out, found.attempts_per_row) == (2000, 400, 2)


def test_what_comes_to_a_prompt_later_is_taken_from_the_rows_that_were_tried():
    """Passages of documents, say: 40 tokens were counted where 100 were read."""
    grounded = MeasuredRow(calls=(call(),), n_attempts=1, n_counted=40)
    found = estimate(10, [40, 80], [grounded], PRICES, 8)
    assert found.tokens_in == 10 * 60 * 100 / 40
    assert not found.is_counted
    assert "estimated" in str(found.notice)
    assert estimate(10, [100], [ROW], PRICES, 8).is_counted


def test_the_prompts_of_a_model_elsewhere_are_estimated():
    remote = call(device="remote:example.org", engine="remote")
    found = estimate(
        10, [100], [MeasuredRow(calls=(remote,), n_attempts=1, n_counted=100)], PRICES, 8
    )
    assert not found.is_counted


def test_rows_that_cannot_be_written_take_nothing():
    failed = MeasuredRow(calls=(), n_attempts=0, n_counted=0)
    found = estimate(10, [100, 100, 0, 0], [ROW, ROW, failed, failed], PRICES, 8)
    assert (found.tokens_in, found.tokens_out) == (500, 100)


def test_time_and_money_are_those_of_warm_rows_and_tokens_of_all():
    cold = MeasuredRow(
        calls=(call(busy_ms=9000.0, tokens_out=40),), n_attempts=1, n_counted=100, is_warm=False
    )
    found = estimate(10, [100], [cold, ROW], PRICES, 8)
    assert found.seconds == pytest.approx(5.0)
    assert found.tokens_out == 300
    alone = estimate(10, [100], [cold], PRICES, 8)
    assert alone.seconds == pytest.approx(90.0)


def test_the_end_of_a_batch_is_counted_once():
    """Four texts share the machine well, the last four are written beside few others."""
    crowded = MeasuredRow(calls=(call(busy_ms=100.0, batch_size=8.0),), n_attempts=1, n_counted=100)
    ending = MeasuredRow(calls=(call(busy_ms=300.0, batch_size=2.0),), n_attempts=1, n_counted=100)
    rows = [crowded] * 4 + [ending] * 4
    found = estimate(80, [100], rows, PRICES, 8)
    assert found.seconds == pytest.approx(80 * 0.1 + 4 * 0.2)
    assert found.cost == pytest.approx(Decimal("0.36") / 3600 * Decimal("8.8"))
    assert estimate(8, [100], rows, PRICES, 8).seconds == pytest.approx(4 * 0.1 + 4 * 0.3)


def test_remote_calls_wait_side_by_side():
    row = MeasuredRow(
        calls=(call(device="remote:example.org", engine="remote", busy_ms=4000.0),),
        n_attempts=1,
        n_counted=100,
    )
    assert estimate(16, [100], [row], PRICES, 16).seconds == pytest.approx(4.0)


def test_an_unknown_price_stays_unknown():
    unknown = MeasuredRow(
        calls=(
            call(
                engine="remote",
                device="remote:example.org",
                model="nobody-knows",
                revision="nobody-knows",
            ),
        ),
        n_attempts=1,
        n_counted=100,
    )
    found = estimate(10, [100], [unknown], PRICES, 8)
    assert found.cost is None
    assert not found.has_prices


def test_nothing_was_written():
    failed = MeasuredRow(calls=(), n_attempts=0, n_counted=0)
    found = estimate(10, [0], [failed], PRICES, 8)
    assert (found.tokens_in, found.tokens_out, found.seconds, found.cost) == (0, 0, 0, 0)


def test_an_estimate_survives_json():
    found = estimate(10, [100], [ROW], PRICES, 8)
    stored = found.to_json()
    assert BatchEstimate.from_json(stored).to_json() == stored
    assert BatchEstimate.from_json(stored).cost == found.cost


@pytest.mark.parametrize(("n", "k"), [(3, 5), (12, 3), (64, 16), (1000, 200)])
def test_rows_are_taken_all_over_the_sheet(n, k):
    positions = spread(n, k)
    assert positions == sorted(set(positions))
    assert len(positions) == min(n, k)
    assert all(0 <= at < n for at in positions)
