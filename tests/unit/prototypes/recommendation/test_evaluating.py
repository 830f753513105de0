"""The honest test: what it foretells with, what it measures, what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from studio.errors import Cancelled, InvalidInput
from studio.evaluation.comparison import Interval
from studio.prototypes.recommendation.choosing import chosen_method
from studio.prototypes.recommendation.evaluating import EvaluationPlan, evaluate
from studio.prototypes.recommendation.evaluation import (
    Evaluation,
    MeasuredMethod,
    evaluation_from_json,
    to_json,
)
from studio.prototypes.recommendation.foretelling import foretelling
from studio.prototypes.recommendation.interactions import Interactions, Items
from studio.prototypes.recommendation.recommendation import Recommendation

NOW = datetime(2026, 1, 1, tzinfo=UTC)
N = 24


def crowd(*, n_users: int = 60, seed: int = 0, is_random: bool = False) -> Interactions:
    """Users who take six items each: of their own half of the items, or of all at random."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(n_users):
        half = np.arange(N) if is_random else np.arange(user % 2, N, 2)
        for step, item in enumerate(rng.choice(half, 6, replace=False).tolist()):
            rows.append((str(user), str(item), float(step * 1000 + user)))
    users, items, times = zip(*rows, strict=True)
    known = Items.bare(tuple(map(str, range(N))))
    return Interactions.of(users=users, items=items, known=known, times_s=times)


PLAN = EvaluationPlan(parameters={}, event_weights={}, methods=("popular", "item_cosine"), seed=1)


def measured(events: Interactions, plan: EvaluationPlan = PLAN) -> Evaluation:
    return evaluate(events, N, plan, vectors=None, fingerprint="f", now=NOW)


def test_a_cut_by_time_learns_from_nothing_that_comes_after():
    task = foretelling(crowd(), N, split="time")
    assert task.past.times_s.max() < task.moment_s
    for user, wanted in zip(task.users, task.wanted, strict=True):
        assert not set(wanted) & set(task.past.items[task.past.users == user])


def test_leave_last_out_takes_the_last_item_of_each_user_away():
    events = crowd()
    task = foretelling(events, N, split="last")
    assert len(task.users) == 60
    for user, wanted in zip(task.users.tolist(), task.wanted, strict=True):
        assert wanted.tolist() == [events.item_codes[events.user_codes == user][-1]]
        assert (task.past.users == user).sum() == 5


def test_few_users_with_past_and_future_are_measured_by_their_last_item():
    assert foretelling(crowd(), N).split == "last"  # 60 are fewer than 100
    assert foretelling(crowd(n_users=300), N).split == "time"


def test_users_without_a_past_are_measured_apart():
    events = crowd(n_users=300)
    late = Interactions.of(
        users=[*(events.users[c] for c in events.user_codes), "late"],
        items=[*(str(c) for c in events.item_codes), "3"],
        known=Items.bare(tuple(map(str, range(N)))),
        times_s=[*events.times_s, 9e9],
    )
    task = foretelling(late, N)
    assert task.cold_users.tolist() == [late.codes["late"]]
    assert task.cold_wanted[0].tolist() == [3]
    assert late.codes["late"] not in task.users


@pytest.mark.parametrize("n_users", [0, 1])
def test_where_nobody_took_two_items_there_is_nothing_to_measure(n_users):
    known = Items.bare(("a", "b"))
    events = Interactions.of(
        users=["u"] * n_users, items=["a"] * n_users, known=known, times_s=[1.0] * n_users
    )
    with pytest.raises(InvalidInput, match="nothing to measure"):
        foretelling(events, 2)


def test_a_taste_that_is_there_is_found_and_popularity_beaten():
    found = measured(crowd(n_users=120))
    cosine, popular = found.of("item_cosine"), found.of("popular")
    assert cosine.outcome == "better"
    assert cosine.against_popular.low > 0
    assert found.best == "item_cosine"
    assert found.methods[0].method == "item_cosine"
    assert "is worth it" in str(found.verdict)
    assert popular.against_popular is None
    assert cosine.coverage >= popular.coverage
    parts = {part.name for part in cosine.segments}
    assert {"new", "head", "tail", "one_item", "basket"} <= parts


def test_where_there_is_no_taste_nothing_is_said_to_beat_popularity():
    found = measured(crowd(n_users=120, is_random=True))
    assert found.best == "popular"
    assert "most popular" in str(found.verdict)
    assert "is worth it" not in str(found.verdict)


def test_few_users_give_no_verdict():
    assert "too few for a verdict" in str(measured(crowd(n_users=12)).verdict)


def test_the_same_seed_gives_the_same_figures_and_json_keeps_them():
    first, second = measured(crowd()), measured(crowd())
    for a, b in zip(first.methods, second.methods, strict=True):
        assert a.measures == b.measures
        assert a.ndcg_of == b.ndcg_of
    assert evaluation_from_json(to_json(first)) == first


def test_a_stopped_evaluation_stops_between_users():
    def report(done, total, notice):
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        evaluate(crowd(), N, PLAN, vectors=None, fingerprint="f", now=NOW, report=report)


def method(name: str, ndcg: float, outcome: str, **parts: float) -> MeasuredMethod:
    from studio.prototypes.recommendation.evaluation import SegmentMeasure
    from studio.prototypes.recommendation.measuring import MEASURES

    def interval(mean: float) -> Interval:
        return Interval(mean=mean, low=mean - 0.01, high=mean + 0.01, n=200, level=0.95)

    return MeasuredMethod(
        method=name,
        is_tuned=False,
        measures=dict.fromkeys(MEASURES, interval(ndcg)),
        ndcg_of={},
        against_popular=None if name == "popular" else interval(ndcg - 0.1),
        outcome=outcome,
        coverage=0.5,
        novelty=1.0,
        diversity=None,
        popularity_bias=1.0,
        segments=tuple(
            SegmentMeasure(name=part, ndcg=interval(value)) for part, value in parts.items()
        ),
        fit_s=0.1,
        memory_bytes=1,
        p95_ms=1.0,
    )


def of_methods(*methods: MeasuredMethod) -> Evaluation:
    return Evaluation(
        split="last",
        split_at=None,
        n_users=200,
        n_train=1000,
        n_wanted=200,
        methods=methods,
        fingerprint="f",
        seed=0,
        measured_at=NOW,
    )


def test_each_goal_is_served_by_what_is_best_at_it():
    found = of_methods(
        method("hybrid", 0.3, "better"),
        method("item_cosine", 0.25, "better", one_item=0.2, basket=0.1),
        method("item_bm25", 0.2, "better", one_item=0.1, basket=0.3),
        method("recent", 0.1, "unclear", cold=0.2),
        method("popular", 0.1, "same", cold=0.1),
    )
    assert found.best_for("for_you") == "hybrid"
    assert found.best_for("liked") == "item_cosine"
    assert found.best_for("basket") == "item_bm25"
    assert found.best_for("new_users") == "recent"
    assert found.best_for("trending") is None  # the test does not tell


def test_with_too_few_users_nothing_is_better_than_what_is_popular():
    found = replace(
        of_methods(
            method("item_cosine", 0.25, "better", one_item=0.2), method("popular", 0.1, "same")
        ),
        n_users=12,
    )
    assert found.best == found.best_for("for_you") == "popular"
    assert "show what is most popular" in str(found.verdict)
    there = {"item_cosine", "content", "popular"}
    assert chosen_method("for_you", there, "behaviour", found) == "popular"
    assert chosen_method("for_you", there, "content", found) == "content"  # as the data's verdict
    assert chosen_method("for_you", there, "content", replace(found, n_users=30)) == "item_cosine"


@pytest.mark.parametrize(
    ("goal", "support", "chosen"),
    [
        ("for_you", "behaviour", "hybrid"),
        ("for_you", "content", "content"),
        ("liked", "content", "content"),
        ("basket", "content", "content"),
        ("for_you", "popular", "popular"),
        ("liked", "nothing", "popular"),
        ("trending", "content", "recent"),
        ("new_users", "popular", "recent"),
    ],
)
def test_without_a_test_the_way_is_what_the_data_supports(goal, support, chosen):
    there = {"popular", "recent", "item_cosine", "next_item", "hybrid"}
    if support in ("content", "behaviour"):
        there.add("content")
    assert chosen_method(goal, there, support, None) == chosen


def test_what_a_test_found_goes_before_what_the_data_seems_to_support():
    found = of_methods(method("ease", 0.3, "better"), method("popular", 0.1, "same"))
    assert chosen_method("for_you", {"ease", "content", "popular"}, "content", found) == "ease"
    assert chosen_method("for_you", {"content", "popular"}, "content", found) == "content"


def test_a_higher_mean_that_may_be_chance_is_not_taken():
    found = of_methods(method("als", 0.12, "unclear"), method("popular", 0.1, "same"))
    assert found.best == "popular"
    assert "no personal way is better for sure" in str(found.verdict)


def test_where_all_are_worse_the_verdict_says_that_popularity_wins():
    found = of_methods(method("popular", 0.1, "same"), method("als", 0.02, "worse"))
    assert "foretells better than every personal way" in str(found.verdict)


def test_an_evaluation_is_kept_and_decides_the_method(tmp_path: Path):
    from conftest import opened, shop_in

    with opened(tmp_path / "home") as workbench:
        made = shop_in(workbench)
        assert made.method_for_goal() == "hybrid"  # nothing was measured yet
        found = made.start_evaluating().result(120)
        assert made.evaluating().state == "done"
        recommender_id = made.id
    with opened(tmp_path / "home") as workbench:
        again = workbench.prototype(recommender_id, Recommendation)
        assert again.evaluation() == found
        assert again.is_evaluation_current()
        assert again.method_for_goal() == found.best
        assert found.best != "popular"
        again.configure(replace(again.settings, event_weights=(("view", 2.0),)))
        assert not again.is_evaluation_current()


def test_several_ways_together_are_tuned_where_one_of_them_is():
    plan = replace(PLAN, parameters={"item_cosine": {"decay": 0.9}}, methods=("popular", "hybrid"))
    assert measured(crowd(), plan).of("hybrid").is_tuned
    plan = replace(PLAN, parameters={"als": {"decay": 0.9}}, methods=("popular", "hybrid"))
    assert not measured(crowd(), plan).of("hybrid").is_tuned
