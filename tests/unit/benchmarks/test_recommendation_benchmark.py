from __future__ import annotations

from dataclasses import replace

import pytest

from studio.benchmarks.recommendation_benchmark import (
    RecommendationReport,
    drawn_data,
    measure_speed,
    movielens,
    run_recommendation_benchmark,
)
from studio.errors import NotFound


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> RecommendationReport:
    """The whole on a handful of ratings: two groups of users, each with films of its own."""
    folder = tmp_path_factory.mktemp("data") / "ml_latest_small"
    folder.mkdir()
    films = "\n".join(f"{n},Film {n},Drama|Comedy" for n in range(20))
    (folder / "movies.csv").write_text(f"movieId,title,genres\n{films}\n")
    lines = [
        f"{user},{(step * 2 + user % 2 + user) % 20},{3 + step % 3}.0,{1000 * step + user}"
        for user in range(30)
        for step in range(6)
    ]
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + "\n".join(lines))
    import studio.benchmarks.recommendation_benchmark as benchmark

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchmark, "SIZES", ((60, 80),))
        patch.setattr(benchmark, "N_PER_USER", 10)
        return run_recommendation_benchmark(folder.parent, quick=True)


def test_the_report_has_quality_speed_and_every_promise(report):
    assert report.evaluation.n_users == 30
    assert {speed.method for speed in report.speeds} == {
        "item_cosine",
        "item_bm25",
        "als",
        "hybrid",
    }
    assert all(speed.p95_ms > 0 and speed.memory_mb > 0 for speed in report.speeds)
    text = report.as_text()
    assert "popular" in text
    assert "leave-last-out" in text
    assert "implicit alone" in text
    assert '"checks"' in report.as_json()


def test_a_promise_that_is_missed_fails_the_whole(report):
    # Thirty users with films of their own: popularity is not what it is on MovieLens.
    missed = [check.name for check in report.checks if not check.is_passed]
    assert any("popular" in name for name in missed)
    assert not report.is_passed
    slow = replace(report, speeds=tuple(replace(s, p95_ms=25.0) for s in report.speeds))
    assert sum("under 20 ms" in c.name and not c.is_passed for c in slow.checks) == 4


def test_growth_is_compared_with_the_number_of_items(report):
    small = report.speeds[0]
    large = replace(small, n_items=small.n_items * 4, p50_ms=small.p50_ms * 5)
    grown = replace(report, speeds=(small, large)).checks[-1]
    assert "4 times the items" in grown.name
    assert not grown.is_passed


def test_drawn_data_has_a_long_tail_and_is_the_same_each_time():
    first, second = drawn_data(50, 40), drawn_data(50, 40)
    assert (first.items == second.items).all()
    counts = sorted(first.matrix.getnnz(axis=0), reverse=True)
    assert counts[0] > 4 * max(1, counts[-1])


def test_speed_is_measured_on_few_users_too():
    assert {s.n_items for s in measure_speed(30, 20, quick=True)} == {20}


def test_a_missing_collection_is_said(tmp_path):
    with pytest.raises(NotFound, match="--data"):
        movielens(tmp_path)
