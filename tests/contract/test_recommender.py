"""What every way of recommending must do, on a checkerboard whose right answer is known.

Users and items are even or odd; everybody has taken all items of the own parity but one, and that one
is what must be recommended. (The idea is that of implicit's own tests.)
"""

from __future__ import annotations

import io

import numpy as np
import pytest

from studio.errors import Cancelled, InvalidInput
from studio.prototypes.recommendation.methods import hybrid
from studio.prototypes.recommendation.methods.contract import (
    CANNOT_SAY,
    Recommender,
    TrainingData,
    Visitor,
)
from studio.prototypes.recommendation.methods.hybrid import Hybrid
from studio.prototypes.recommendation.methods.ranking import top_items
from studio.prototypes.recommendation.methods.registry import ALONE, made, usable
from studio.prototypes.recommendation.methods.visitors import visitor_of

N = 30
"""Users, and items."""
METHODS = [*ALONE, "hybrid"]
PERSONAL = [name for name in METHODS if name == "hybrid" or ALONE[name].is_personal]
SUMS = [name for name in PERSONAL if name not in ("als", "bpr", "hybrid")]
# As many hidden tastes as there are: with spare ones, what was left out may be learnt as a dislike.
SMALL = {"als": {"n_factors": 2.0}, "bpr": {"n_factors": 8.0, "n_rounds": 400.0}}


def left_out(user: int) -> int:
    return (user + 2 * (user // 2)) % N


def checkerboard() -> TrainingData:
    rng = np.random.default_rng(5)
    pairs = []
    for user in range(N):
        items = [i for i in range(N) if i % 2 == user % 2 and i != left_out(user)]
        pairs += [(user, int(item)) for item in rng.permutation(items)]
    users, items = np.asarray(pairs).T
    vectors = np.zeros((N, 3), np.float32)
    vectors[np.arange(N), np.arange(N) % 2] = 1.0
    vectors[:, 2] = np.linspace(-0.1, 0.1, N)
    return TrainingData(
        n_users=N,
        n_items=N,
        users=users.astype(np.int64),
        items=items.astype(np.int64),
        weights=np.ones(len(users), np.float32),
        times_s=np.arange(len(users), dtype=np.float64),
        segments=tuple("even" if user % 2 == 0 else "odd" for user in range(N)),
        vectors=vectors,
    )


def nothing() -> TrainingData:
    empty = np.zeros(0, np.int64)
    return TrainingData(
        n_users=0,
        n_items=4,
        users=empty,
        items=empty,
        weights=np.zeros(0, np.float32),
        times_s=np.zeros(0),
        vectors=np.zeros((4, 3), np.float32),
    )


def fitted(name: str, data: TrainingData) -> Recommender:
    method = made(name, data, SMALL)
    method.fit(data, seed=3)
    return method


@pytest.fixture(scope="module")
def board() -> TrainingData:
    return checkerboard()


@pytest.fixture(scope="module")
def methods(board: TrainingData) -> dict[str, Recommender]:
    return {name: fitted(name, board) for name in METHODS}


def test_every_method_can_be_used_on_complete_data(board: TrainingData):
    assert list(usable(board)) == METHODS


@pytest.mark.parametrize("name", METHODS)
def test_scores_are_one_number_per_item(name, methods, board):
    scores = methods[name].scores(visitor_of(board, 4))
    assert scores.shape == (N,)
    assert scores.dtype == np.float32
    assert not np.isnan(scores).any()
    assert not np.isposinf(scores).any()


@pytest.mark.parametrize("name", ["als", "bpr", "hybrid"])
def test_a_long_fitting_tells_its_rounds_and_can_be_stopped(name, board):
    told: list[tuple[int, int]] = []
    method = made(name, board, SMALL)
    method.fit(board, seed=3, told=lambda done, total: told.append((done, total)))
    assert len(told) > 2
    assert all(0 <= done <= total for done, total in told)
    assert [done for done, _ in told] == sorted(done for done, _ in told)

    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        made(name, board, SMALL).fit(board, seed=3, told=stop)


def test_weights_are_the_same_whether_scores_are_kept_or_made_again(board, monkeypatch):
    kept = fitted("hybrid", board)
    monkeypatch.setattr(hybrid, "MAX_KEPT", 0)
    again = fitted("hybrid", board)
    assert isinstance(kept, Hybrid)
    assert isinstance(again, Hybrid)
    assert kept.weights.tolist() == again.weights.tolist()


@pytest.mark.parametrize("name", METHODS)
def test_memory_is_of_everything_that_a_request_needs(name, methods):
    method = methods[name]
    parts = method.parts if isinstance(method, Hybrid) else ()
    own = sum(array.nbytes for array in method.arrays().values())
    assert method.memory_bytes == own + sum(part.memory_bytes for part in parts)
    assert method.memory_bytes >= 4 * N


@pytest.mark.parametrize("name", PERSONAL)
def test_the_missing_item_of_the_own_parity_is_recommended(name, methods, board):
    for user in range(N):
        visitor = visitor_of(board, user)
        scores = methods[name].scores(visitor).copy()
        scores[visitor.items] = CANNOT_SAY
        assert top_items(scores, 1).tolist() == [left_out(user)], name


@pytest.mark.parametrize("name", PERSONAL)
def test_somebody_new_with_likes_gets_the_same_parity(name, methods):
    scores = methods[name].scores(Visitor.liking(3, 7, 11)).copy()
    scores[[3, 7, 11]] = CANNOT_SAY
    assert all(item % 2 == 1 for item in top_items(scores, 8))


@pytest.mark.parametrize("name", PERSONAL)
def test_nothing_can_be_said_for_somebody_without_a_history(name, methods):
    assert np.isneginf(methods[name].scores(Visitor())).all()


def test_parts_that_look_at_no_history_make_no_list_for_a_stranger(board, methods):
    joined = Hybrid([methods["item_cosine"], methods["recent"]])
    assert np.isneginf(joined.scores(Visitor())).all()
    assert np.isfinite(joined.scores(Visitor.liking(1))).all()


@pytest.mark.parametrize("name", METHODS)
def test_a_list_for_all_says_whose_it_is(name, methods, board):
    visitor, items = visitor_of(board, 5), np.asarray([8, left_out(5)])
    found = methods[name].of_all(visitor, methods[name].scores(visitor)[items], items)
    assert found == ((None,) * 2 if name in PERSONAL else (name,) * 2)


def test_what_all_take_is_told_from_the_own_taste_within_a_hybrid(methods):
    joined = Hybrid([methods["item_cosine"], methods["recent"]])
    joined.restore({"weights": np.asarray([1.0, 0.5])})
    visitor, items = Visitor.liking(1, 3), np.asarray([8, 5])  # only odd ones were ever liked
    assert joined.of_all(visitor, joined.scores(visitor)[items], items) == ("recent", None)


@pytest.mark.parametrize("name", sorted(set(METHODS) - set(PERSONAL)))
def test_what_is_popular_needs_no_history(name, methods, board):
    scores = methods[name].scores(Visitor())
    assert np.isfinite(scores).all()
    history = visitor_of(board, 4)
    without_segment = Visitor(items=history.items, weights=history.weights, user=history.user)
    np.testing.assert_array_equal(scores, methods[name].scores(without_segment))


def test_a_segment_gets_what_is_popular_in_it(methods):
    scores = methods["segment"].scores(Visitor(segment="odd"))
    assert all(item % 2 == 1 for item in top_items(scores, N // 2))


@pytest.mark.parametrize("name", METHODS)
def test_the_same_seed_gives_the_same_scores(name, methods, board):
    again = fitted(name, board)
    visitor = visitor_of(board, 9)
    np.testing.assert_array_equal(methods[name].scores(visitor), again.scores(visitor))


@pytest.mark.parametrize("name", METHODS)
def test_what_was_learnt_can_be_stored_without_pickle(name, methods, board):
    stored = io.BytesIO()
    np.savez(stored, **methods[name].arrays())
    stored.seek(0)
    parts = [made(part.name, board, SMALL) for part in getattr(methods[name], "parts", ())]
    for part, own in zip(parts, getattr(methods[name], "parts", ()), strict=True):
        part.restore(own.arrays())
    other = Hybrid(parts) if name == "hybrid" else made(name, board, SMALL)
    other.restore(np.load(stored, allow_pickle=False))
    visitor = visitor_of(board, 8)
    np.testing.assert_array_equal(methods[name].scores(visitor), other.scores(visitor))
    assert methods[name].memory_bytes > 0


@pytest.mark.parametrize("name", PERSONAL)
def test_similar_items_have_the_same_parity_and_leave_out_the_item(name, methods):
    scores = methods[name].similar(6)
    assert scores[6] == CANNOT_SAY
    found = top_items(scores, 5)
    assert len(found) == 5
    assert all(item % 2 == 0 for item in found)


@pytest.mark.parametrize("name", SUMS)
def test_evidence_adds_up_to_the_score(name, methods, board):
    visitor = visitor_of(board, 5)
    items = np.asarray([left_out(5), 9, 8])
    evidence = methods[name].evidence(visitor, items)
    assert evidence is not None
    assert evidence.shape == (3, len(visitor.items))
    scores = methods[name].scores(visitor)[items]
    known = np.isfinite(scores)
    assert known[0]
    assert evidence.sum(axis=1)[known] == pytest.approx(scores[known], rel=1e-4)
    assert (evidence[~known] == 0).all()


@pytest.mark.parametrize("name", SUMS)
def test_the_latest_like_counts_most(name, methods):
    if methods[name].values["decay"] == 1:
        pytest.skip("no decay")
    late_odd = methods[name].scores(Visitor.liking(2, 3))
    late_even = methods[name].scores(Visitor.liking(3, 2))
    odd = [item for item in range(1, N, 2) if item != 3]
    counted = [i for i in odd if np.isfinite(late_odd[i]) and np.isfinite(late_even[i])]
    assert sum(late_odd[i] for i in counted) > sum(late_even[i] for i in counted)


@pytest.mark.parametrize("name", METHODS)
def test_without_any_event_nothing_can_be_said(name):
    method = made(name, nothing(), SMALL)
    method.fit(nothing())
    assert np.isneginf(method.scores(Visitor())).all()
    assert np.isneginf(method.scores(Visitor.liking(1))).all()


@pytest.mark.parametrize("name", METHODS)
def test_one_event_alone_is_no_trouble(name):
    data = TrainingData(
        n_users=1,
        n_items=3,
        users=np.zeros(1, np.int64),
        items=np.ones(1, np.int64),
        weights=np.ones(1, np.float32),
        times_s=np.zeros(1),
        segments=("a",),
        vectors=np.eye(3, dtype=np.float32),
    )
    method = made(name, data, SMALL)
    method.fit(data)
    scores = method.scores(visitor_of(data, 0))
    assert scores.shape == (3,)
    assert not np.isnan(scores).any()


@pytest.mark.parametrize("name", METHODS)
def test_an_unknown_parameter_is_refused(name):
    kind = Hybrid if name == "hybrid" else ALONE[name]
    with pytest.raises(InvalidInput, match="speed"):
        kind(values={"speed": 2.0})


@pytest.mark.parametrize("name", [n for n in METHODS if n != "hybrid"])
def test_defaults_are_among_what_tuning_tries(name):
    for parameter in ALONE[name].parameters.values():
        assert parameter.default in parameter.tried
