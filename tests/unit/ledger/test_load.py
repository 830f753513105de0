from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from studio.ledger import schema
from studio.ledger.load import load_of

BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
END = BEGIN + timedelta(minutes=10)


def frame(*calls: dict):
    rows = []
    for number, call in enumerate(calls):
        row = {
            "call_id": str(number),
            "request_id": str(number),
            "prototype_id": None,
            "version": None,
            "surface": "page",
            "stage": "embedding",
            "model": "m",
            "revision": "1",
            "engine": "fake",
            "device": "cpu",
            "precision": "fp32",
            "tokens_in": 10,
            "tokens_out": 0,
            "cached_tokens": 0,
            "queue_ms": 1.0,
            "first_token_ms": None,
            "total_ms": 10.0,
            "busy_ms": 6_000.0,
            "batch_size": 2.0,
            "error": None,
            "started_at": BEGIN,
            "account": "",
        } | call
        row["started_at"] = schema.microseconds(row["started_at"])
        rows.append(tuple(row[name] for name in schema.COLUMNS))
    return schema.frame_of(rows)


def test_nothing_is_no_load() -> None:
    load = load_of(frame(), BEGIN, END)
    assert (load.total.n_calls, load.total.p95_ms, load.total.mean_batch) == (0, None, None)
    assert load.stages == load.prototypes == load.accounts == load.errors == ()
    assert len(load.moments) == 30
    assert load.moments[3].starts_at == BEGIN + timedelta(minutes=1)


def test_figures_of_a_time() -> None:
    calls = [{"total_ms": float(ms)} for ms in range(1, 102)]
    calls += [{"error": "Overloaded", "total_ms": 1e9, "batch_size": 0.0, "busy_ms": 0.0}]
    calls += [{"started_at": END}, {"started_at": BEGIN - timedelta(seconds=1)}]
    total = load_of(frame(*calls), BEGIN, END).total
    assert (total.n_calls, total.n_failed, total.p50_ms, total.p95_ms) == (102, 1, 51.0, 96.0)
    assert total.mean_batch == 2.0
    assert total.calls_per_s == pytest.approx(102 / 600)
    assert total.busy_share == pytest.approx(101 * 6 / 600)
    assert total.first_token_p95_ms is None


def test_groups_have_those_with_most_calls_first() -> None:
    load = load_of(
        frame(
            {"account": "key:b", "prototype_id": "p"},
            {"account": "key:a", "stage": "generation", "cached_tokens": 5},
            {"account": "key:a", "surface": "job"},
        ),
        BEGIN,
        END,
    )
    assert [(one.name, one.n_calls) for one in load.accounts] == [("key:a", 2), ("key:b", 1)]
    assert [one.name for one in load.prototypes] == ["", "p"]
    assert [(one.name, one.cached_share) for one in load.stages] == [
        ("embedding", None),
        ("generation", 0.5),
    ]
    assert load.accounts[0].n_background == 1


def test_moments_show_people_and_jobs_apart() -> None:
    late = END - timedelta(microseconds=1)
    load = load_of(
        frame(
            {"started_at": late, "total_ms": 20.0},
            {"started_at": late, "surface": "job", "total_ms": 9e9},
            {"started_at": BEGIN, "error": "ModelUnavailable"},
        ),
        BEGIN,
        END,
        n_moments=10,
    )
    first, last = load.moments[0], load.moments[-1]
    assert (first.people_per_s, first.p50_ms) == (pytest.approx(1 / 60), None)
    assert (last.people_per_s, last.background_per_s) == (pytest.approx(1 / 60),) * 2
    assert (last.p95_ms, last.seconds) == (20.0, 60.0)
    assert load.errors == (("ModelUnavailable", 1),)
