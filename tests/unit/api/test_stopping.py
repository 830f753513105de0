"""A client that goes away stops the work, so that nothing writes for nobody."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable

import pytest

from studio.api.following import ClientGone, Ended, Line, follow, outcome
from studio.inference.engines.fake import FakeGenerationEngine
from tests.unit.api.conftest import Api, bearer

N_WORDS = 1_500
MODEL = "smollm2-135m-instruct"


def until(is_true: Callable[[], bool], timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def slow_api(api: Api, monkeypatch) -> Api:
    """Its model takes 20 ms a word and repeats what it is told: 1,500 words would take half a minute."""
    step = FakeGenerationEngine.step

    def slow(engine):
        time.sleep(0.02)
        return step(engine)

    monkeypatch.setattr(FakeGenerationEngine, "step", slow)
    api.workbench.models.load(MODEL)
    return api


def n_waiting(api: Api) -> int:
    return next(one.n_waiting for one in api.workbench.models.status() if one.id == MODEL)


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_goes_frees_the_model(slow_api: Api, stream: bool) -> None:
    key = slow_api.key(opens_models=True)
    words = " ".join(f"w{n}" for n in range(N_WORDS))
    body = {
        "model": MODEL,
        "messages": [{"role": "user", "content": words}],
        "stream": stream,
        "temperature": 0,
        "max_tokens": N_WORDS,
    }
    got: list[bytes] = []

    async def call() -> None:
        gone = asyncio.Event()
        is_sent = False

        async def receive():
            nonlocal is_sent
            if not is_sent:
                is_sent = True
                return {"type": "http.request", "body": json.dumps(body).encode()}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            got.append(message.get("body", b""))

        headers = [(b"content-type", b"application/json")]
        headers += [(name.lower().encode(), value.encode()) for name, value in bearer(key).items()]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "method": "POST",
            "path": "/v1/chat/completions",
            "raw_path": b"/v1/chat/completions",
            "root_path": "",
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
            "scheme": "http",
            "http_version": "1.1",
        }
        task = asyncio.create_task(slow_api.client.app(scope, receive, send))
        deadline = time.monotonic() + 20
        while n_waiting(slow_api) == 0 or (stream and len(got) < 5):
            assert not task.done(), got
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        gone.set()
        await asyncio.wait_for(task, 10)

    asyncio.run(call())
    until(lambda: n_waiting(slow_api) == 0, 5)
    (call_made,) = slow_api.workbench.ledger.frame(account=key.record.account).to_dict("records")
    assert 0 < call_made["tokens_out"] < N_WORDS / 3
    assert b"[DONE]" not in b"".join(got)
    gate = slow_api.client.app.routes[0].app._app._app.state.gate
    assert gate._admissions.n_running == 0
    assert 'status="499"' in slow_api.metrics.text().decode() or stream
    # The model answers the next one at once.
    assert slow_api.ask(MODEL, key, "One. Two.", temperature=0).status_code == 200


def test_leaving_the_loop_stops_the_work() -> None:
    stopped = threading.Event()

    def work(line: Line) -> str:
        line.on_stop(stopped.set)
        line.say("a")
        stopped.wait(10)
        return "end"

    async def never() -> bool:
        return False

    async def read() -> None:
        events = follow(work, never)
        assert await anext(events) == "a"
        await events.aclose()

    asyncio.run(read())
    assert stopped.is_set()


def test_what_is_named_too_late_is_stopped_at_once() -> None:
    late = threading.Event()
    go_on = threading.Event()

    def work(line: Line) -> None:
        go_on.wait(10)
        line.on_stop(late.set)
        assert line.is_stopped

    async def gone() -> bool:
        return True

    async def read() -> None:
        with pytest.raises(ClientGone):
            await outcome(work, gone)
        go_on.set()

    asyncio.run(read())
    assert late.wait(5)


def test_results_and_errors_come_through() -> None:
    async def never() -> bool:
        return False

    async def read() -> list[object]:
        events = [event async for event in follow(lambda line: [line.say("x"), 7][1], never)]
        assert await outcome(lambda _: "result", never) == "result"
        with pytest.raises(ValueError, match="broken"):
            await outcome(lambda _: int("broken"), never)
        return events

    assert asyncio.run(read()) == ["x", Ended(7)]
