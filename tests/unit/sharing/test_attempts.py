"""Wrong passwords wait, whatever process they came to; nothing of what was typed is kept."""

from __future__ import annotations

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


def test_a_restart_forgets_no_wrong_try(process, now) -> None:
    for _ in range(N_FREE):
        process().begin("p")
    with pytest.raises(LimitReached, match="Try again in 1 seconds"):
        process().begin("p")
    now[0] += timedelta(seconds=1)
    process().begin("p")
    with pytest.raises(LimitReached, match="Try again in 2 seconds"):
        process().begin("p")


def test_a_right_one_is_taken_back_and_old_ones_count_no_more(process, now) -> None:
    attempts = process()
    for _ in range(N_FREE - 1):
        attempts.begin("p")
    for _ in range(10):
        attempts.was_right(attempts.begin("p"))
    attempts.begin("p")
    with pytest.raises(LimitReached):
        attempts.begin("p")
    now[0] += WINDOW + timedelta(seconds=1)
    for _ in range(N_FREE):
        attempts.begin("p")


def test_each_door_counts_for_itself(process) -> None:
    demo, sign_in = process("demo"), process("sign-in")
    for _ in range(N_FREE):
        demo.begin("p")
    sign_in.begin("p")
    with pytest.raises(LimitReached):
        demo.begin("p")


def test_tries_of_a_clock_that_was_wrong_count_no_more(process, now) -> None:
    attempts = process()
    now[0] += timedelta(days=400)
    for _ in range(N_FREE):
        attempts.begin("p")
    now[0] = NOON
    for _ in range(N_FREE):
        attempts.begin("p")
    with pytest.raises(LimitReached, match="Try again in 1 seconds"):
        attempts.begin("p")


def test_what_was_tried_is_kept_as_a_hash(process, tmp_path) -> None:
    process().begin("as ann@example.test from 10.0.0.1")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("w.db*"))
    assert b"ann@example.test" not in kept
    assert b"10.0.0.1" not in kept
