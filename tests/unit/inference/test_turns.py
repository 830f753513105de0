from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.inference.turns import BURST_S, CALM_S, FairLine, Patience, Turn, is_background
from studio.records import CallContext


def line_of(*users: str, **weights: float) -> FairLine[str]:
    line: FairLine[str] = FairLine()
    for i, user in enumerate(users):
        line.add(Turn(user=user, weight=weights.get(user, 1.0)), f"{user}{i}")
    return line


def taken(line: FairLine[str], n: int | None = None) -> list[str]:
    found = []
    while (n is None or len(found) < n) and (one := line.take()) is not None:
        found.append(one[1])
    return found


def test_users_take_turns_however_much_one_of_them_asks():
    line = line_of("a", "a", "a", "a", "b", "c", "b")
    assert taken(line) == ["a0", "b4", "c5", "a1", "b6", "a2", "a3"]


def test_a_weight_of_two_has_twice_as_many_turns():
    line = line_of(*["a"] * 30, *["b"] * 30, b=2)
    assert Counter(entry[0] for entry in taken(line, 30)) == {"a": 10, "b": 20}


def test_costly_turns_come_less_often():
    line = line_of(*["a"] * 30, *["b"] * 30)
    found = [line.take(lambda entry: 3.0 if entry[0] == "a" else 1.0)[1][0] for _ in range(20)]
    assert Counter(found) == {"a": 5, "b": 15}


def test_who_was_away_gets_no_credit_for_that_time():
    line = line_of(*["a"] * 50)
    taken(line, 40)
    for i in range(10):
        line.add(Turn(user="late"), f"late{i}")
    assert Counter(entry[0] for entry in taken(line, 10)) == {"a": 5, "l": 5}


def test_removed_entries_are_gone_and_given():
    line = line_of("a", "b", "a")
    assert line.remove(lambda entry: entry.startswith("a")) == ["a0", "a2"]
    assert (len(line), taken(line)) == (1, ["b1"])


def test_an_entry_that_goes_while_it_is_looked_at_is_not_lost():
    line = line_of("a", "b")
    answers = iter([False, True, True, True])  # as another thread may change it at any time
    gone = line.remove(lambda _: next(answers))
    assert sorted([*gone, *taken(line)]) == ["a0", "b1"]
    assert len(line) == 0


def test_many_visitors_leave_nothing_behind():
    line: FairLine[str] = FairLine()
    for i in range(1000):
        line.add(Turn(user=f"visitor{i}"), "x")
        line.take()
    assert line._shares == {}


def test_how_many_come_before_counts_turns_and_not_entries():
    line = line_of(*["flood"] * 200, "b")
    assert line.n_before(Turn(user="new")) == 2  # one of each
    assert line.n_before(Turn(user="flood")) == 201


@pytest.mark.parametrize(
    ("surface", "expected"),
    [("page", False), ("api", False), ("notebook", False), ("job", True), ("bench", True)],
)
def test_jobs_and_measurements_are_background(surface, expected):
    assert is_background(CallContext(request_id="r", surface=surface)) is expected


@given(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=60),
    st.dictionaries(st.sampled_from("abcd"), st.integers(1, 5)),
)
def test_nothing_is_lost_and_each_user_keeps_its_order(users, weights):
    line = line_of(*users, **weights)
    found = taken(line)
    assert sorted(found) == sorted(f"{user}{i}" for i, user in enumerate(users))
    for user in set(users):
        own = [int(entry[1:]) for entry in found if entry[0] == user]
        assert own == sorted(own)


@given(st.lists(st.sampled_from("abc"), min_size=3, max_size=80))
def test_nobody_gets_more_than_one_turn_ahead_while_others_wait(users):
    """Of equal weight and cost: the turns of two users who both wait differ by one at most."""
    line, waiting, had = line_of(*users), Counter(users), Counter()
    while (one := line.take()) is not None:
        user = one[1][0]
        had[user] += 1
        waiting[user] -= 1
        for other in waiting:
            if waiting[other] > 0 and waiting[user] > 0:
                assert abs(had[user] - had[other]) <= 1


def test_who_gets_a_charge_back_is_next():
    line = line_of("a", "a", "b", "b")
    turn, _ = line.take(lambda _: 5.0)
    line.refund(turn, 5.0)
    line.refund(Turn(user="unknown"), 1.0)
    assert [line.take()[0].user for _ in range(3)] == ["a", "b", "b"]


HASTY = Turn(max_wait_s=10)


def longest_s(patience: Patience, answer_s: float, now_s: float) -> float:
    """The longest wait that is not refused, of those tried."""
    waits = (0.0, 0.2, 0.3, 0.9, 1.1, 9.0, 11.0)
    return max(w for w in waits if not patience.is_too_long(w, HASTY, answer_s, now_s))


def test_a_burst_may_wait_as_long_as_is_allowed():
    patience = Patience()
    patience.note_empty(5.0)
    assert longest_s(patience, 2.0, 5.0 + BURST_S) == 9.0


def test_in_a_crowd_nobody_waits_for_long_beside_what_an_answer_takes():
    patience = Patience()
    patience.note_empty(5.0)
    now_s = 5.0 + BURST_S + 0.01
    assert longest_s(patience, 8.0, now_s) == 0.9  # an eighth is 1 s
    assert longest_s(patience, 0.01, now_s) == 0.2
    assert longest_s(patience, 600.0, now_s) == 9.0


def test_a_crowd_does_not_end_because_its_short_line_was_empty_for_a_moment():
    patience = Patience()
    patience.note_empty(0.0)
    now_s = BURST_S + 0.01
    for _ in range(100):  # somebody is refused every tenth of a second
        assert longest_s(patience, 0.1, now_s) == 0.2
        patience.note_empty(now_s)
        now_s += 0.1


def test_a_crowd_ends_when_nobody_was_refused_for_a_while():
    patience = Patience()
    patience.note_empty(0.0)
    now_s = BURST_S + 0.01
    assert longest_s(patience, 0.1, now_s) == 0.2
    now_s += CALM_S + 0.01
    patience.note_empty(now_s)
    assert longest_s(patience, 0.1, now_s) == 9.0


@pytest.mark.parametrize("turn", [Turn(is_background=True, max_wait_s=10), Turn()])
def test_who_has_time_waits_for_any_time(turn):
    patience = Patience()
    assert not patience.is_too_long(1e9, turn, 1.0, 100.0)
