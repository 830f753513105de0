from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import ModelUnavailable
from studio.inference.engines.generation_messages import (
    Addition,
    additions_line,
    cancel_line,
    events_line,
    failure_line,
    info_line,
    read_command,
    read_events,
    read_info,
)
from studio.inference.protocol import EngineInfo, StepEvent
from studio.records import Sampling, Task

EVENTS = st.builds(
    StepEvent,
    handle=st.integers(1, 2**40),
    text=st.text(),
    n_tokens=st.integers(0, 9),
    finish_reason=st.sampled_from([None, "stop", "length"]),
    cached_tokens=st.integers(0, 9),
    prompt_tokens=st.none() | st.integers(1, 9),
)


@given(st.lists(EVENTS))
def test_events_arrive_as_they_were_sent(events):
    line = events_line(events)
    assert line.count(b"\n") == 1
    assert read_events(line) == events


@given(
    st.lists(st.lists(st.integers(0, 2**31), min_size=1), max_size=3),
    st.builds(
        Sampling,
        max_new_tokens=st.integers(1, 99),
        temperature=st.floats(0, 2),
        seed=st.integers(0, 2**63),
        stop=st.lists(st.text()).map(tuple),
        json_schema=st.text(),
    ),
)
def test_requests_arrive_as_they_were_sent(prompts, sampling):
    sent = [
        Addition(serial=i, ids=np.array([ids], np.int64), sampling=sampling)
        for i, ids in enumerate(prompts)
    ]
    additions, cancelled = read_command(additions_line(sent))
    assert cancelled == []
    assert [one.serial for one in additions] == list(range(len(prompts)))
    for one, ids in zip(additions, prompts, strict=True):
        assert one.ids.dtype == np.int64
        assert one.ids.tolist() == [ids]
        assert one.sampling == sampling


def test_cancelled_serials_arrive():
    assert read_command(cancel_line([3, 1])) == ([], [3, 1])


def test_info_arrives():
    info = EngineInfo(
        model="m",
        task=Task.GENERATION,
        revision="r",
        engine="e",
        device="cpu",
        precision="fp32",
        max_tokens=5,
        follows_schema=True,
    )
    assert read_info(info_line(info)) == info


def test_a_failure_of_ours_keeps_its_template():
    line = failure_line(ModelUnavailable("No room for {name}.", name="Ada"))
    for read in (read_info, read_events):
        with pytest.raises(ModelUnavailable, match="No room for Ada") as caught:
            read(line)
        assert caught.value.notice.template == "No room for {name}."


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (MemoryError("full"), MemoryError, "full"),
        (RuntimeError("shape"), RuntimeError, "shape"),
        (ValueError("shape"), RuntimeError, "ValueError: shape"),
    ],
)
def test_another_failure_says_what_it_was(error, kind, text):
    with pytest.raises(kind) as caught:
        read_events(failure_line(error))
    assert str(caught.value) == text


def test_the_error_of_one_request_is_its_own():
    error = ModelUnavailable("No room for {name}.", name="Ada")
    found = read_events(events_line([StepEvent(handle=1, error=error), StepEvent(handle=2)]))
    assert isinstance(found[0].error, ModelUnavailable)
    assert str(found[0].error) == "No room for Ada."
    assert found[1].error is None
