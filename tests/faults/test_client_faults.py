"""Clients of the HTTP interface that go away or read slowly hold up nobody and leave nothing running."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.contract.api_server import RunningApi, running_api

WORDS = " ".join(f"w{n}" for n in range(1_500))


@pytest.fixture(scope="module")
def api(tmp_path_factory) -> Iterator[RunningApi]:
    folder = tmp_path_factory.mktemp("faults-api")
    with running_api(folder / "home", folder / "log") as running:
        yield running


def connection(api: RunningApi, *, stream: bool) -> socket.socket:
    """A connection over which a long text was asked for."""
    at = urlsplit(api.url)
    body = json.dumps(
        {
            "model": "smollm2-135m-instruct",
            "messages": [{"role": "user", "content": WORDS}],
            "stream": stream,
            "temperature": 0,
            "max_tokens": 1_500,
        }
    ).encode()
    made = socket.create_connection((at.hostname, at.port), timeout=20)
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {at.netloc}\r\n"
        f"Authorization: Bearer {api.key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    made.sendall(head.encode() + body)
    return made


def figure(api: RunningApi, name: str) -> float:
    with urllib.request.urlopen(api.url.removesuffix("/v1") + "/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def until(is_true, timeout_s: float = 20) -> None:
    end = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def ask(api: RunningApi, text: str = "One two three.") -> dict:
    body = {"model": "smollm2-135m-instruct", "messages": [{"role": "user", "content": text}]}
    request = urllib.request.Request(
        f"{api.url}/chat/completions",
        json.dumps({**body, "temperature": 0}).encode(),
        {"Authorization": f"Bearer {api.key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


@pytest.mark.parametrize("stream", [True, False])
def test_clients_that_disconnect_leave_nothing_running(api: RunningApi, stream: bool) -> None:
    clients = [connection(api, stream=stream) for _ in range(20)]
    time.sleep(0.3)
    for client in clients:
        client.close()
    until(lambda: figure(api, "studio_model_waiting") == 0)
    until(lambda: figure(api, "studio_http_requests_running") == 0)
    assert ask(api)["choices"][0]["message"]["content"] == "One two three."


def test_a_client_that_reads_slowly_holds_up_nobody(api: RunningApi) -> None:
    slow = [connection(api, stream=True) for _ in range(12)]
    for client in slow:
        client.recv(100)
    began_s = time.monotonic()
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(ask(api))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(answers) == 4
    assert time.monotonic() - began_s < 10
    for client in slow:
        client.close()
    until(lambda: figure(api, "studio_http_requests_running") == 0)


def test_half_a_request_is_no_work(api: RunningApi) -> None:
    at = urlsplit(api.url)
    half = socket.create_connection((at.hostname, at.port), timeout=20)
    half.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
    assert ask(api)["choices"]
    half.close()
    until(lambda: figure(api, "studio_http_requests_running") == 0)
