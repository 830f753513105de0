"""Wrong passwords wait, whatever process they came to; nothing of what was typed is kept."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from studio.errors import LimitReached
from studio.sharing.attempts import N_FREE, WINDOW, Attempts
from studio.workspace.store import Workspace

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return [NOON]


@pytest.fixture
def process(tmp_path, now):
    """Start the studio anew on the same files: `process()` gives the door of its demos."""
    opened = []

    def start(door: str = "demo") -> Attempts:
        workspace = Workspace(f"sqlite:///{tmp_path / 'w.db'}", tmp_path / "files")
        opened.append(workspace)
        return Attempts(workspace.wrong_tries, door, lambda: now[0])

    yield start
    for workspace in opened:
        workspace.close()


def wrong(door: Attempts, key: str = "p") -> None:
    assert not door.is_right({key: N_FREE}, lambda: False)


def right(door: Attempts, key: str = "p") -> None:
    assert door.is_right({key: N_FREE}, lambda: True)


def test_a_restart_forgets_no_wrong_try(process, now) -> None:
    for _ in range(N_FREE):
        wrong(process())
    with pytest.raises(LimitReached, match="Try again in 1 s"):
        right(process())
    now[0] += timedelta(seconds=1)
    wrong(process())
    with pytest.raises(LimitReached, match="Try again in 2 s"):
        wrong(process())


def test_right_ones_count_not_and_old_ones_no_more(process, now) -> None:
    attempts = process()
    for _ in range(N_FREE - 1):
        wrong(attempts)
    for _ in range(10):
        right(attempts)
    wrong(attempts)
    with pytest.raises(LimitReached):
        wrong(attempts)
    now[0] += WINDOW + timedelta(seconds=1)
    for _ in range(N_FREE):
        wrong(attempts)


def test_a_whole_room_that_types_the_right_one_at_once_gets_in(process) -> None:
    attempts = process()

    def slow() -> bool:
        time.sleep(0.01)
        return True

    with ThreadPoolExecutor(30) as room:
        tries = [room.submit(attempts.is_right, {"p": N_FREE}, slow) for _ in range(30)]
        assert all(one.result() for one in tries)


def test_many_wrong_ones_at_once_are_no_way_around(process) -> None:
    attempts, checked = process(), []

    def check() -> bool:
        checked.append(True)
        time.sleep(0.01)
        return False

    with ThreadPoolExecutor(30) as crowd:
        tries = [crowd.submit(attempts.is_right, {"p": N_FREE}, check) for _ in range(30)]
    assert len(checked) == N_FREE
    assert sum(isinstance(one.exception(), LimitReached) for one in tries) == 30 - N_FREE


def test_each_key_counts_and_a_refused_try_counts_for_none(process, now) -> None:
    attempts = process()
    for person in range(3):
        assert not attempts.is_right({f"person {person}": 5, "place": 3}, lambda: False)
    for _ in range(9):
        with pytest.raises(LimitReached):
            attempts.is_right({"Ann": 5, "place": 3}, lambda: True)
    assert attempts.is_right({"Ann": 1, "elsewhere": 3}, lambda: True)


def test_each_door_counts_for_itself(process) -> None:
    demo, sign_in = process("demo"), process("sign-in")
    for _ in range(N_FREE):
        wrong(demo)
    wrong(sign_in)
    with pytest.raises(LimitReached):
        wrong(demo)


def test_tries_of_a_clock_that_was_wrong_count_no_more(process, now) -> None:
    attempts = process()
    now[0] += timedelta(days=400)
    for _ in range(N_FREE):
        wrong(attempts)
    now[0] = NOON
    for _ in range(N_FREE):
        wrong(attempts)
    with pytest.raises(LimitReached, match="Try again in 1 s"):
        wrong(attempts)


def test_what_was_tried_is_kept_as_a_hash(process, tmp_path) -> None:
    wrong(process(), "as ann@example.test from 10.0.0.1")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("w.db*"))
    assert b"ann@example.test" not in kept
    assert b"10.0.0.1" not in kept
