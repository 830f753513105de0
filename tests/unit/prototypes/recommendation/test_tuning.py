"""Parameters are searched on what the test does not see; a search that was killed goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from studio.errors import Cancelled, InvalidInput, NotFound
from studio.evaluation.comparison import Interval
from studio.prototypes.recommendation.evaluating import EvaluationPlan
from studio.prototypes.recommendation.evaluation import (
    Trial,
    TuningResult,
    to_json,
    tuning_from_json,
)
from studio.prototypes.recommendation.interactions import Interactions, Items
from studio.prototypes.recommendation.tuning import TuningDesk, tune

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PLAN = EvaluationPlan(parameters={}, event_weights={}, seed=1, split="last")
N = 20


def old_and_new_taste() -> Interactions:
    """Users who change from one half of the items to the other: only what is recent tells."""
    rng = np.random.default_rng(2)
    rows = []
    for user in range(80):
        first = rng.choice(N // 2, 6, replace=False) * 2 + user % 2
        then = rng.choice(N // 2, 5, replace=False) * 2 + (user + 1) % 2
        for step, item in enumerate([*first, *then]):
            rows.append((str(user), str(item), float(step * 1000 + user)))
    users, items, times = zip(*rows, strict=True)
    known = Items.bare(tuple(map(str, range(N))))
    return Interactions.of(users=users, items=items, known=known, times_s=times)


def tuned(desk: TuningDesk, method: str = "next_item") -> TuningResult:
    return tune(
        method,
        old_and_new_taste(),
        N,
        PLAN,
        desk,
        vectors=None,
        fingerprint="f",
        now=NOW,
    )


def test_every_value_is_tried_and_the_best_is_compared_on_the_test():
    kept: list[tuple[Trial, ...]] = []
    found = tuned(TuningDesk(keep=kept.append))
    assert found.trials[0].parameters == {}
    assert len(found.trials) == 1 + 4 + 2
    assert len(kept[-1]) == len(found.trials)
    assert found.best.ndcg == max(trial.ndcg for trial in found.trials)
    assert found.test.n == 80
    assert str(found.verdict)
    assert tuning_from_json(to_json(found)) == found


def test_a_search_that_was_stopped_goes_on_where_it_was():
    kept: list[tuple[Trial, ...]] = []

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        tuned(TuningDesk(keep=kept.append, report=stop))
    assert len(kept[-1]) == 3
    new: list[tuple[Trial, ...]] = []
    told: list[int] = []
    resumed = tuned(
        TuningDesk(known=kept[-1], keep=new.append, report=lambda done, _total: told.append(done))
    )
    assert told[0] == 3  # what was known takes no time, so that it says nothing of the speed
    assert len(new) == len(resumed.trials) - 3  # those of before are not made again
    assert resumed.trials == tuned(TuningDesk()).trials


def test_a_hybrid_is_tuned_by_its_parts_and_tried_with_them_together():
    found = tuned(TuningDesk(), "hybrid")
    assert found.trials[0].method == "hybrid"
    assert {trial.method for trial in found.trials} == {
        "hybrid",
        "item_cosine",
        "next_item",
        "ease",
        "recent",
    }
    assert found.best.method == "hybrid"


def interval(mean: float, low: float) -> Interval:
    return Interval(mean=mean, low=low, high=mean + 0.05, n=90, level=0.95)


def result(best: Trial, low: float) -> TuningResult:
    usual = Trial(method="ease", parameters={}, ndcg=0.1)
    return TuningResult(
        method="ease",
        trials=(usual, best),
        best=best,
        test=interval(0.12, 0.1),
        test_default=interval(0.1, 0.08),
        gain=interval(low + 0.01, low),
        fingerprint="f",
        tuned_at=NOW,
    )


def test_the_verdict_tells_a_gain_from_chance():
    usual = Trial(method="ease", parameters={}, ndcg=0.1)
    better = Trial(method="ease", parameters={"ease.decay": 0.7}, ndcg=0.2)
    assert "Keep it" in str(result(usual, 0.0).verdict)
    assert "are better than the usual ones" in str(result(better, 0.01).verdict)
    assert "may be chance" in str(result(better, -0.01).verdict)
    assert "they are worse than the usual ones" in str(result(better, -0.1).verdict)
    assert result(better, 0.01).settings_values() == (("ease", "decay", 0.7),)
    assert result(usual, 0.0).settings_values() == ()


def test_what_was_found_becomes_settings_and_is_trained_with(own):
    with pytest.raises(NotFound, match="Nothing was tuned"):
        own.apply_tuning()
    found = own.start_tuning("next_item").result(120)
    assert own.tuning_result() == found
    before = own.version
    own.configure(replace(own.settings, tuned=(("ease", "decay", 0.7),)))
    own.apply_tuning().result(60)
    assert own.version > before
    assert ("ease", "decay", 0.7) in own.settings.tuned  # of another method: stays
    assert own.workshop.trained().methods["ease"].values["decay"] == 0.7
    assert set(found.settings_values()) <= set(own.settings.tuned)
    assert own.training_state().state == "ready"


def test_a_result_is_of_the_data_and_weights_it_was_found_on(own):
    own.start_tuning("next_item").result(120)
    assert own.is_tuning_current()
    own.configure(replace(own.settings, tuned=(("ease", "decay", 0.7),)))
    assert own.is_tuning_current()  # parameters are what it looks for
    own.configure(replace(own.settings, event_weights=(("view", 9.0),)))
    assert not own.is_tuning_current()


def test_what_failed_is_what_is_tried_again(own, monkeypatch):
    with pytest.raises(NotFound, match="was started yet"):
        own.tune_again()
    monkeypatch.setattr("studio.prototypes.recommendation.workshop.tune", _broken)
    own.start_tuning("next_item").wait(60)
    monkeypatch.undo()
    assert own.tune_again().result(120).method == "next_item"


def _broken(*_args, **_more):
    raise InvalidInput("broken")


def test_parameters_found_are_known_to_be_in_use(own):
    own.start_tuning("next_item").result(120)
    found = own.tuning_result().settings_values()
    assert own.is_tuning_applied() == (not found)
    own.configure(replace(own.settings, tuned=found))
    assert own.is_tuning_applied()
