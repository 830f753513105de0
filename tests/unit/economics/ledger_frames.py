"""Ledgers made up for tests: requests of a chatbot with their calls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from studio.economics.measured_base import MeasuredBase, measured_base
from studio.economics.prices import PriceBook
from studio.ledger.schema import frame_of, row_of
from studio.records import CallRecord, Stage

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR_USD = Decimal("0.10")


def call(request: str, stage: Stage, at_ms: float, **changes: object) -> CallRecord:
    """A local call that began so many ms after noon and took 10 ms."""
    values: dict[str, object] = {
        "call_id": f"{request}-{stage}-{at_ms}",
        "request_id": request,
        "prototype_id": "bot",
        "version": 1,
        "surface": "page",
        "stage": stage,
        "model": "m",
        "revision": "abc",
        "engine": "openvino",
        "device": "cpu",
        "precision": "fp32",
        "tokens_in": 10,
        "tokens_out": 0,
        "queue_ms": 0.0,
        "first_token_ms": None,
        "total_ms": 10.0,
        "busy_ms": 10.0,
        "batch_size": 1.0,
        "started_at": NOON + timedelta(milliseconds=at_ms),
    }
    return CallRecord(**(values | changes))  # type: ignore[arg-type]


def request(
    name: str, at_ms: float, *, out: int = 100, tokens_in: int = 300, **changes: object
) -> list[CallRecord]:
    """10 ms of embedding, 5 ms of search, then 100 ms of reading and 10 ms for each token."""
    total = 100.0 + 10.0 * out
    generation = {
        "tokens_in": tokens_in,
        "tokens_out": out,
        "first_token_ms": 110.0,
        "total_ms": total,
        "busy_ms": total,
    }
    return [
        call(name, Stage.EMBEDDING, at_ms),
        call(name, Stage.GENERATION, at_ms + 15.0, **(generation | changes)),
    ]


def priced(calls: Iterable[CallRecord]) -> pd.DataFrame:
    """The ledger's frame with cost."""
    return PriceBook(HOUR_USD).attach(frame_of([row_of(one) for one in calls]))


def many(n: int = 60, seed: int = 0) -> pd.DataFrame:
    """Requests a minute apart with texts of geometric length, 100 tokens in the mean."""
    lengths = np.random.default_rng(seed).geometric(1 / 100, n)
    return priced(
        one for i, out in enumerate(lengths) for one in request(f"r{i}", i * 60_000.0, out=int(out))
    )


def base_of(calls: pd.DataFrame, **changes) -> MeasuredBase:
    """The base of such a frame, on a machine at the price that it was priced with."""
    return measured_base(calls, machine_hour_usd=HOUR_USD, **changes)
