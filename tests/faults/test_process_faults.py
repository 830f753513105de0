"""The process killed at random, the clock set back, and a thousand mixed requests: nothing is lost."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.benchmarks.soak import MEMORY_BOUND, killed, mixed
from studio.config import Settings
from studio.records import Task
from studio.workbench import Workbench
from tests.faults.conftest import Broken

N_KILLS = int(os.environ.get("STUDIO_FAULT_KILLS", "5"))
"""5 in short; `studio bench soak` makes 100."""


def test_what_was_acknowledged_survives_kills_at_random_moments(tmp_path: Path) -> None:
    report = killed(tmp_path / "home", N_KILLS)
    assert report.lost == ()
    assert report.n_acknowledged > N_KILLS


def test_memory_comes_back_after_a_thousand_mixed_requests(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", is_demo=True)
    with Workbench.open(settings=settings) as workbench:
        models = {
            task.value: workbench.catalogue.default(task).id
            for task in (Task.EMBEDDING, Task.GENERATION)
        }
        report = mixed(
            workbench.models,
            models,
            1_000,
            deadline_s=settings.deadline_s,
            ledger=workbench.ledger,
        )
    assert report.unclear == ()
    assert report.is_in_time
    assert sum(report.outcomes.values()) == 1_000
    kinds = {"embedded", "written", "stopped", "left", "InvalidInput", "NotFound"}
    assert set(report.outcomes) == kinds
    assert report.growth <= MEMORY_BOUND, f"{report.before_bytes} -> {report.after_bytes}"


def test_a_clock_that_is_set_back_keeps_every_record_and_every_day(broken: Broken) -> None:
    now = datetime.now(UTC)
    service = broken.workbench.models
    for back in (timedelta(0), timedelta(hours=-5), timedelta(days=-40), timedelta(0)):
        service._clock = lambda back=back: now + back
        broken.embed("text", account="key:a", surface="api")
        broken.write("One two.", account="key:a", surface="api")
    calls = broken.workbench.ledger.frame()
    assert len(calls) == 8
    assert (calls["total_ms"] >= 0).all()
    assert (calls["queue_ms"] >= 0).all()
    assert calls["started_at"].is_monotonic_increasing
    assert broken.workbench.meters.today("key:a").n_calls >= 4
    days = broken.workbench.meters.by_day("key:", 60)
    assert sum(day.usage.n_calls for day in days) == 8


@pytest.mark.parametrize("n_seconds", [-3600, 3600])
def test_deadlines_do_not_follow_the_clock_of_the_day(
    broken: Broken, monkeypatch, n_seconds
) -> None:
    import time

    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + n_seconds)
    assert broken.write("One two.") == "One two."
    assert broken.embed("text").shape == (1, 64)
