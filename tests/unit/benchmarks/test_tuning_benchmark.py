"""The report of `studio bench tuning`, and that every question is held out exactly once."""

from __future__ import annotations

import json

from studio.benchmarks.tuning_benchmark import N_FOLDS, TuningReport, _parted
from studio.tuning.effect import effect_of
from studio.tuning.examples import Example

EXAMPLES = [Example(prompt=f"question {i}", answer="a") for i in range(60)]


def report(**changed) -> TuningReport:
    names = [f"p{i}" for i in range(12)]
    better = effect_of(
        {name: 0.2 + i / 100 for i, name in enumerate(names)},
        {name: 0.5 + i / 90 for i, name in enumerate(names)},
        "nDCG@10",
        seed=0,
    )
    values = {
        "machine": "a machine",
        "is_quick": False,
        "search": better,
        "seconds_search": 12.0,
        "text": better,
        "seconds_text": 34.0,
        "estimated_text_s": (20.0, 60.0),
        "resumed_same": True,
    }
    return TuningReport(**(values | changed))


def test_every_question_is_held_out_once() -> None:
    held_out = [
        one.prompt
        for fold in range(N_FOLDS)
        for one in _parted(EXAMPLES, fold)
        if one.part == "held_out"
    ]
    assert sorted(held_out) == sorted(one.prompt for one in EXAMPLES)


def test_it_passes_only_where_both_gain_and_a_kill_costs_nothing() -> None:
    same = effect_of({"a": 1.0}, {"a": 1.0}, "loss", seed=0)
    assert report().is_passed
    assert report(resumed_same=None).is_passed
    assert not report(resumed_same=False).is_passed
    assert not report(text=same).is_passed


def test_it_reads_well_and_as_json() -> None:
    text = report().as_text()
    assert "gain 0.30" in text
    assert "20 to 60 s" in text
    assert json.loads(report().as_json())["seconds_text"] == 34.0
