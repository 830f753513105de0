from __future__ import annotations

import gc
import threading
import weakref

import pytest

from studio import tidying
from studio.tidying import (
    BUSY_EVERY_S,
    GROWN_BYTES,
    IDLE_EVERY_S,
    TICK_S,
    WORKED_S,
    Tidying,
    tidied,
)


class Machine:
    """A studio whose clock, work and memory the test sets."""

    def __init__(self):
        self.now_s = self.worked_s = 0.0
        self.held_bytes = 10**9
        self.tidying = Tidying(
            now_s=lambda: self.now_s,
            worked_s=lambda: self.worked_s,
            held_bytes=lambda: self.held_bytes,
        )

    def pass_time(self, seconds, share):
        """Work for so long at that share of a processor; gives when it was time, in seconds."""
        due = []
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += TICK_S
            self.worked_s += TICK_S * share
            if self.tidying.tick():
                due.append(self.now_s)
        return due


@pytest.fixture
def machine():
    return Machine()


def test_a_studio_that_did_nothing_is_left_alone(machine):
    assert machine.pass_time(10 * BUSY_EVERY_S, WORKED_S / (11 * BUSY_EVERY_S)) == []


def test_it_waits_until_nobody_is_served(machine):
    assert machine.pass_time(2 * IDLE_EVERY_S, 0.5) == []
    assert machine.pass_time(2 * TICK_S, 0.0)[0] == machine.now_s - TICK_S


def test_idle_moments_close_together_are_not_all_used(machine):
    machine.pass_time(TICK_S, 1.0)
    assert machine.pass_time(IDLE_EVERY_S - 2 * TICK_S, 0.0) == []


def test_a_studio_that_is_never_idle_is_tidied_now_and_then(machine):
    assert machine.pass_time(BUSY_EVERY_S + TICK_S, 0.5)[0] == BUSY_EVERY_S


def test_a_studio_that_grew_is_tidied_at_once(machine):
    machine.pass_time(TICK_S, 1.0)
    machine.held_bytes += GROWN_BYTES + 1
    assert machine.pass_time(TICK_S, 1.0)


def test_what_was_kept_out_of_the_looks_is_looked_at(machine):
    class Ring:
        pass

    ring = Ring()
    ring.itself = ring
    gone = weakref.ref(ring)
    gc.freeze()
    try:
        del ring
        machine.tidying.tidy()
        assert gone() is None
        assert not machine.tidying.tick()  # it is done
    finally:
        gc.unfreeze()


def test_it_runs_until_it_is_stopped(monkeypatch):
    monkeypatch.setattr(tidying, "TICK_S", 0.01)
    tidied, stop = threading.Event(), threading.Event()
    work = iter(range(10**9))
    one = Tidying(now_s=lambda: 0.0, worked_s=lambda: 10.0 * next(work), held_bytes=lambda: 0)
    monkeypatch.setattr(Tidying, "tick", lambda self: True)
    monkeypatch.setattr(Tidying, "tidy", lambda self: tidied.set())
    thread = threading.Thread(target=one.run, args=(stop,))
    thread.start()
    assert tidied.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_python_looks_through_everything_no_more_while_it_is_tidied():
    before = gc.get_threshold()
    with tidied():
        assert gc.get_threshold()[2] > 100_000
        assert gc.get_freeze_count() > 0
        assert any(one.name == "tidying" for one in threading.enumerate())
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
