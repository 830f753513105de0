"""Every kind of vector index keeps the same promises, checked against comparing with all vectors."""

from __future__ import annotations

import numpy as np
import pytest

from studio.records import Notice
from studio.retrieval import approximate
from studio.retrieval.approximate import ApproximateIndex, exact_neighbours, recall_of
from studio.retrieval.arranging import Arranged, arrange, arrange_again, read_arranged
from studio.retrieval.index_choice import choice_of, choose_index
from studio.retrieval.milvus import MilvusPlace, client_of
from studio.retrieval.vectors import GONE, Vectors, unit_rows

N, DIM, N_TOPICS, K = 8_000, 48, 40, 10
KINDS = ("exact", "hnsw", "ivf", "ivf_compact")
APPROXIMATE = KINDS[1:]  # those of FAISS


def clustered(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).standard_normal((N_TOPICS, DIM)).astype(np.float32)
    topics = random.integers(N_TOPICS, size=n)
    return unit_rows(centres[topics] + random.standard_normal((n, DIM)).astype(np.float32)), topics


ROWS, TOPICS = clustered(N, 1)
QUERIES, QUERY_TOPICS = clustered(60, 2)


@pytest.fixture(scope="module")
def milvus(tmp_path_factory):
    """A Milvus in this process, on a file."""
    pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
    place = MilvusPlace(uri=str(tmp_path_factory.mktemp("milvus") / "vectors.db"))
    yield place
    client_of(place).close()


@pytest.fixture(scope="module")
def milvus_folder(tmp_path_factory):
    """Of an index in Milvus."""
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module", params=(*KINDS, "milvus"))
def arranged(request) -> Arranged:
    if request.param != "milvus":
        return arrange(Vectors(ROWS), choose_index(N, DIM, wish=request.param))
    place, folder = (request.getfixturevalue(name) for name in ("milvus", "milvus_folder"))
    choice = choice_of("milvus", N, DIM, Notice("For the test."))
    return arrange(Vectors(ROWS), choice, milvus=place, folder=folder)


def nearest(rows: np.ndarray, allowed: np.ndarray | None = None) -> np.ndarray:
    possible = np.arange(len(rows)) if allowed is None else np.flatnonzero(allowed)
    return possible[exact_neighbours(Vectors(rows[possible]), QUERIES, K)]


def recall(arranged: Arranged, allowed: np.ndarray) -> float:
    expected = nearest(ROWS, allowed)
    shares = [
        np.isin(rows, arranged.dense.top(query, K, allowed)[0]).mean()
        for query, rows in zip(QUERIES, expected, strict=True)
    ]
    return float(np.mean(shares))


def test_it_finds_nearly_all_of_the_nearest(arranged) -> None:
    assert recall_of(arranged.dense, QUERIES, nearest(ROWS)) >= 0.98


def test_its_own_measure_is_true(arranged) -> None:
    assert arranged.facts.recall_at_10 == pytest.approx(
        recall_of(arranged.dense, QUERIES, nearest(ROWS)), abs=0.03
    )


@pytest.mark.parametrize("share", [0.9, 0.5, 0.2, 0.05, 0.01, 0.002])
def test_a_random_filter_costs_no_recall(arranged, share) -> None:
    allowed = np.random.default_rng(3).random(N) < share

    assert recall(arranged, allowed) >= 0.98


@pytest.mark.parametrize("n_topics", [39, 30, 20, 10, 1])
def test_a_filter_for_other_subjects_than_the_querys_costs_no_recall(arranged, n_topics) -> None:
    allowed = np.isin(TOPICS, np.arange(n_topics))

    assert recall(arranged, allowed) >= 0.97


def test_cosines_are_exact_descending_and_allowed(arranged) -> None:
    allowed = np.random.default_rng(4).random(N) < 0.6
    for query in QUERIES[:10]:
        rows, cosines = arranged.dense.top(2 * query, 25, allowed)

        assert len(rows) == len(set(rows.tolist())) == 25
        assert allowed[rows].all()
        assert (np.diff(cosines) <= 0).all()
        np.testing.assert_allclose(cosines, ROWS[rows] @ query, atol=1e-5)


@pytest.mark.parametrize("n_allowed", [0, 1, 7])
def test_fewer_are_given_only_where_fewer_are_allowed(arranged, n_allowed) -> None:
    allowed = np.zeros(N, dtype=bool)
    allowed[np.random.default_rng(5).choice(N, n_allowed, replace=False)] = True

    assert len(arranged.dense.top(QUERIES[0], 20, allowed)[0]) == n_allowed
    assert len(arranged.dense.top(QUERIES[0], N + 5)[0]) == N


def test_equal_vectors_are_ranked_by_row() -> None:
    rows = np.repeat(ROWS[:100], 40, axis=0)
    for kind in KINDS:
        dense = arrange(Vectors(rows), choose_index(len(rows), DIM, wish=kind)).dense
        found, _ = dense.top(rows[400], 5)
        assert found.tolist() == sorted(found.tolist())
        assert set(found.tolist()) <= set(range(400, 440))


def test_what_was_saved_searches_the_very_same(arranged, tmp_path, request) -> None:
    version, place = tmp_path, None
    if arranged.facts.kind == "milvus":
        version = request.getfixturevalue("milvus_folder") / "v000001"
        version.mkdir()
        place = request.getfixturevalue("milvus")
    arranged.save(version)

    opened = read_arranged(version, Vectors(ROWS), arranged.facts, place)

    for query in QUERIES[:20]:
        before, after = arranged.dense.top(query, 20), opened.dense.top(query, 20)
        assert before[0].tolist() == after[0].tolist()
        assert before[1].tolist() == after[1].tolist()


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_rows_come_and_go_without_training(kind, monkeypatch) -> None:
    arranged = arrange(Vectors(ROWS), choose_index(N, DIM, wish=kind))
    added, _ = clustered(1_000, 6)
    random = np.random.default_rng(7)
    for _ in range(3):  # a tenth goes, some come, and the rest changes its place
        n_now = arranged.dense.n_passages
        kept = random.permutation(n_now)[: int(0.9 * n_now)]
        rows = np.concatenate([added[:300], arranged.dense.vectors.rows[kept]])
        old_rows = np.concatenate([np.full(300, GONE), kept])

        with monkeypatch.context() as patch:
            patch.setattr("studio.retrieval.arranging.train", None)
            choice = choose_index(len(rows), DIM, wish=kind)
            arranged = arrange(Vectors(rows), choice, arranged, old_rows)

        assert recall_of(arranged.dense, QUERIES, nearest(rows)) >= 0.97
        found, cosines = arranged.dense.top(rows[5], 3)
        assert found[0] == 5
        np.testing.assert_allclose(cosines, rows[found] @ rows[5], atol=1e-5)


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_a_changed_index_is_saved_with_its_gaps(kind, tmp_path) -> None:
    arranged = arrange(Vectors(ROWS), choose_index(N, DIM, wish=kind))
    kept = np.arange(0, N, 2)[: int(0.4 * N)]
    kept = np.concatenate([kept, np.arange(1, N, 2)])
    rows = ROWS[kept]
    changed = arrange(Vectors(rows), choose_index(len(rows), DIM, wish=kind), arranged, kept)
    assert isinstance(changed.dense, ApproximateIndex)
    assert changed.dense.n_slots == N > changed.dense.n_passages
    changed.save(tmp_path)

    opened = read_arranged(tmp_path, Vectors(rows), changed.facts)

    assert (
        opened.dense.top(QUERIES[0], 9)[0].tolist() == changed.dense.top(QUERIES[0], 9)[0].tolist()
    )


@pytest.mark.parametrize("kind", ["ivf", "ivf_compact"])
def test_many_vectors_are_looked_through_by_all_cores_also_when_opened_again(
    kind, monkeypatch, tmp_path
) -> None:
    def found(dense: ApproximateIndex) -> tuple[int, list[list[int]]]:
        rows = [dense.top(query, 9, TOPICS > 3)[0].tolist() for query in QUERIES]
        return dense.neighbours.parallel_mode, rows

    arranged = arrange(Vectors(ROWS), choose_index(N, DIM, wish=kind))
    by_one = found(arranged.dense)
    arranged.save(tmp_path)
    monkeypatch.setattr(approximate, "_FOR_ALL_CORES", N)
    by_all = found(read_arranged(tmp_path, Vectors(ROWS), arranged.facts).dense)

    assert (by_one[0], by_all[0]) == (0, 1)
    assert by_one[1] == by_all[1]


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_an_index_that_lost_or_gained_too_much_is_made_anew(kind) -> None:
    for rows, old_rows in (
        (ROWS[: N // 2], np.arange(N // 2)),
        (np.concatenate([ROWS, clustered(N + 1, 8)[0]]), np.r_[np.arange(N), np.full(N + 1, GONE)]),
    ):
        known = arrange(Vectors(ROWS), choose_index(N, DIM, wish=kind))
        choice = choose_index(len(rows), DIM, wish=kind)
        arranged = arrange(Vectors(rows), choice, known, old_rows)

        assert arranged.facts.n_trained == len(rows)
        assert recall_of(arranged.dense, QUERIES, nearest(rows)) >= 0.97


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_a_lost_arrangement_is_made_again(kind) -> None:
    arranged = arrange(Vectors(ROWS), choose_index(N, DIM, wish=kind))

    again = arrange_again(Vectors(ROWS), arranged.facts)

    assert again.facts.kind == kind
    assert recall_of(again.dense, QUERIES, nearest(ROWS)) >= 0.97


def test_slots_that_do_not_fit_the_vectors_are_refused(tmp_path) -> None:
    arranged = arrange(Vectors(ROWS), choose_index(N, DIM, wish="ivf"))
    arranged.save(tmp_path)

    with pytest.raises(ValueError, match=r"slots\.npy"):
        read_arranged(tmp_path, Vectors(ROWS[:-1]), arranged.facts)


@pytest.mark.parametrize("kind", APPROXIMATE)
@pytest.mark.parametrize("n", [0, 1, 5])
def test_a_handful_of_vectors_is_no_trouble(kind, n) -> None:
    arranged = arrange(Vectors(ROWS[:n]), choose_index(n, DIM, wish=kind))

    assert sorted(arranged.dense.top(QUERIES[0], 9)[0].tolist()) == list(range(n))
