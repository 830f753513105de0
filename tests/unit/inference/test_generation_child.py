from __future__ import annotations

import threading
import time
from queue import SimpleQueue

import numpy as np
import pytest

from studio.inference.engines.generation_child import serve
from studio.inference.engines.generation_messages import (
    Addition,
    additions_line,
    cancel_line,
    read_events,
)
from studio.inference.protocol import StepEvent
from studio.records import Sampling

PATIENCE_S = 10


class Counting:
    """Gives every request a number per step, as many as its prompt has tokens; notes who was there."""

    def __init__(self):
        self.left: dict[int, int] = {}
        self.steps: list[list[int]] = []
        self.fail_next = False
        self.gate = threading.Semaphore(0)

    def add(self, handle, prompt, sampling):
        if sampling.json_schema == "bad":
            raise ValueError("no such schema")
        self.left[handle] = prompt.n_tokens

    def cancel(self, handle):
        self.left.pop(handle, None)

    def step(self):
        self.steps.append(sorted(self.left))
        assert self.gate.acquire(timeout=PATIENCE_S)
        if self.fail_next:
            self.fail_next = False
            raise RuntimeError("broken")
        events = []
        for handle in list(self.left):
            self.left[handle] -= 1
            is_done = not self.left[handle]
            events.append(
                StepEvent(
                    handle=handle, text="x", n_tokens=1, finish_reason="stop" if is_done else None
                )
            )
            if is_done:
                del self.left[handle]
        return events


@pytest.fixture
def served():
    engine, commands, told = Counting(), SimpleQueue(), SimpleQueue()
    thread = threading.Thread(target=serve, args=(engine, commands, told.put))
    thread.start()
    yield engine, commands, told
    engine.gate.release(1000)
    commands.put(b"")
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def addition(serial, n_tokens, **sampling):
    return Addition(
        serial=serial, ids=np.zeros((1, n_tokens), np.int64), sampling=Sampling(**sampling)
    )


def heard(told):
    return read_events(told.get(timeout=PATIENCE_S))


def test_requests_of_one_message_begin_together_and_end_apart(served):
    engine, commands, told = served
    commands.put(additions_line([addition(1, 1), addition(2, 3)]))
    engine.gate.release(3)
    steps = [heard(told) for _ in range(3)]
    assert engine.steps == [[1, 2], [2], [2]]
    assert [[event.handle for event in step] for step in steps] == [[1, 2], [2], [2]]
    assert steps[2][0].finish_reason == "stop"


def test_it_steps_without_being_asked_and_waits_when_all_is_written(served):
    engine, commands, told = served
    engine.gate.release(1000)
    commands.put(additions_line([addition(1, 5)]))
    for _ in range(5):
        heard(told)
    commands.put(additions_line([addition(2, 1)]))
    heard(told)
    assert engine.steps == [[1]] * 5 + [[2]]


def test_a_cancelled_request_is_not_in_the_next_step(served):
    engine, commands, told = served
    commands.put(additions_line([addition(1, 9), addition(2, 2)]))
    commands.put(cancel_line([99]))
    engine.gate.release(1)
    heard(told)
    while len(engine.steps) < 2:  # it has begun the next one
        time.sleep(0.001)
    commands.put(cancel_line([1]))
    commands.put(additions_line([addition(3, 1)]))
    engine.gate.release(2)
    heard(told)
    heard(told)
    assert engine.steps == [[1, 2], [1, 2], [3]]


def test_a_failed_step_ends_what_was_running_and_nothing_else(served):
    engine, commands, told = served
    engine.fail_next = True
    engine.gate.release(2)
    commands.put(additions_line([addition(1, 1), addition(2, 1)]))
    with pytest.raises(RuntimeError, match="broken"):
        heard(told)
    assert engine.left == {}
    commands.put(additions_line([addition(3, 1)]))
    assert [event.handle for event in heard(told)] == [3]


def test_a_refused_request_is_told_alone(served):
    engine, commands, told = served
    engine.gate.release(2)
    commands.put(additions_line([addition(1, 1, json_schema="bad")]))
    (refused,) = heard(told)
    assert refused.handle == 1
    assert str(refused.error) == "ValueError: no such schema"
    commands.put(additions_line([addition(2, 1, json_schema="bad"), addition(3, 1)]))
    refused, written = heard(told)
    assert (refused.handle, written.handle) == (2, 3)
    assert refused.error is not None
    assert engine.steps == [[3]]
