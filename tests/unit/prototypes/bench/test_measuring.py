"""The sentences that a measurement gives, on made-up figures."""

from __future__ import annotations

from studio.evaluation.comparison import compare_scores, mean_interval
from studio.prototypes.bench.measuring import (
    MeasuredWay,
    n_more_queries,
    verdicts_on,
    ways_of,
)
from studio.prototypes.search.comparing import Measured
from studio.prototypes.search.settings import SearchSettings


def way(parts, scores):
    interval = mean_interval(scores, seed=0)
    measured = Measured(
        ndcg=interval,
        recall=interval,
        reciprocal_rank=interval,
        search_ms=1.0,
        search_p95_ms=2.0,
        ndcg_of={f"q{n}": score for n, score in enumerate(scores)},
        first_right={},
    )
    return MeasuredWay(parts=parts, settings=SearchSettings(), measured=measured)


def compared(ours, theirs):
    return compare_scores(
        {str(n): score for n, score in enumerate(ours)},
        {str(n): score for n, score in enumerate(theirs)},
        name="a",
        baseline="b",
        measure="nDCG@10",
        seed=0,
    )


LOW = [0.2, 0.4, 0.3, 0.5, 0.1, 0.6, 0.3, 0.2, 0.4, 0.5]
HIGH = [score + 0.3 + 0.01 * n for n, score in enumerate(LOW)]
MIXED = [score + (0.1 if n % 2 else -0.08) for n, score in enumerate(LOW)]


def test_a_better_way_is_said_to_be_with_its_interval_and_wins():
    (said,) = verdicts_on(
        [way(("keyword",), LOW), way(("semantic",), LOW), way(("hybrid", "now"), HIGH)]
    )
    assert str(said).startswith(
        "On your 10 queries, hybrid search is better than keyword search: nDCG@10 +0.3"
    )
    assert str(said).endswith("better on 10, worse on 0.")


def test_the_trial_and_the_best_other_way_are_held_against_what_is_in_use():
    said = verdicts_on(
        [
            way(("keyword",), LOW),
            way(("semantic",), HIGH),
            way(("hybrid", "now"), LOW),
            way(("trial",), HIGH),
        ]
    )
    assert [str(one).split(":")[0] for one in said] == [
        "On your 10 queries, the search on trial is better than hybrid search",
        "On your 10 queries, semantic search is better than hybrid search",
        "hybrid search and keyword search rank equally well on all your 10 queries.",
    ]


def test_a_trial_that_is_a_plain_way_is_called_by_its_name():
    (first, *_) = verdicts_on(
        [way(("keyword", "trial"), LOW), way(("semantic",), LOW), way(("hybrid", "now"), HIGH)]
    )
    assert "keyword search is worse than hybrid search" in str(first)


def test_too_few_and_unclear_say_how_many_more():
    few = verdicts_on(
        [way(("keyword",), LOW[:3]), way(("semantic",), LOW[:3]), way(("hybrid", "now"), HIGH[:3])]
    )
    assert "Judge at least 2 more" in str(few[0])
    unclear = verdicts_on(
        [way(("keyword",), LOW), way(("semantic",), LOW), way(("hybrid", "now"), MIXED)]
    )
    assert "No difference can be shown" in str(unclear[0])
    assert "Judge about" in str(unclear[0])


def test_more_queries_follow_the_formula_for_a_mean():
    # Differences of 0.1 with a standard deviation of 0.3: (1.96 x 3)^2 = 34.6 queries in all.
    spread = [0.1 + 0.3 * sign for sign in (1, -1) * 5]
    more = n_more_queries(compared(spread, [0.0] * 10))
    assert more == 30  # 38.4 with the sample's deviation, less 10, in fives
    assert n_more_queries(compared([0.9, -0.9] * 5, [0.0] * 10)) is None


def test_plain_ways_are_plain_and_weigh_as_set():
    now = SearchSettings(diversity=0.5, rerank_model="some/reranker", semantic_weight=0.8)
    ways = ways_of(now, None)
    assert [ways[part].mode for part in ("keyword", "semantic", "hybrid")] == [
        "keyword",
        "semantic",
        "hybrid",
    ]
    assert ways["keyword"].diversity == 0.0
    assert ways["keyword"].rerank_model == ""
    assert (ways["hybrid"].semantic_weight, ways["now"]) == (0.8, now)
