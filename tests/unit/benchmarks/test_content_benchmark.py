"""The benchmark of batches on the deterministic engine: what it reports, and what its pace corrects."""

from __future__ import annotations

import json

import pytest

from studio.benchmarks import content_benchmark
from studio.benchmarks.content_benchmark import (
    ContentReport,
    PairMeasured,
    run_content_benchmark,
)
from studio.config import Settings

PAIR = PairMeasured(
    template="ad",
    n_rows=32,
    n_measured=16,
    tokens=1000,
    tokens_off=0.1,
    seconds=10.0,
    time_off=-0.1,
    time_off_before=0.34,
    drift=-0.33,
    tokens_out_per_s=50.0,
    n_accepted=30,
)
REPORT = ContentReport(
    model="m",
    pairs=(PAIR,),
    n_alone=32,
    alone_tokens_per_s=20.0,
    batch_tokens_per_s=48.0,
    alone_pace=1.0,
    batch_pace=1.1,
    n_same=32,
)


def test_bounds_are_held_at_the_pace_that_the_machine_had():
    assert REPORT.speed_up_before == pytest.approx(2.4)
    assert REPORT.speed_up == pytest.approx(2.64)  # the batch ran while the machine was slower
    assert PAIR.is_within
    assert REPORT.is_passed
    text = REPORT.as_text()
    assert "+34%" in text
    assert "-10%" in text
    assert "2.40 times, at one pace 2.64" in text


def test_all_pairs_are_measured_with_their_paces(tmp_path, monkeypatch):
    monkeypatch.setattr(content_benchmark, "N_ROWS_QUICK", 18)
    said = []
    settings = Settings(home=tmp_path / "home", is_demo=True)
    report = run_content_benchmark(settings, quick=True, probe_s=0.0, progress=said.append)
    assert [pair.template for pair in report.pairs] == list(content_benchmark.PAIRS)
    for pair in report.pairs:
        assert (pair.n_rows, pair.n_measured) == (18, 16)
        told, seconds = pair.time_off_before + 1, pair.time_off + 1
        assert seconds == pytest.approx(told * (1 + pair.drift))
    assert report.n_same == report.n_alone == 18
    assert said
    assert json.loads(report.as_json())["speed_up"] == report.speed_up
