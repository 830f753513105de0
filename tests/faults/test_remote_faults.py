"""Endpoints elsewhere that are slow, break off or answer nonsense: said plainly and in time."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from studio.errors import DeadlineExceeded, ModelUnavailable, StudioError
from studio.inference.engines import remote_embedding, remote_endpoint
from studio.inference.model_spec import ModelSpec
from studio.records import (
    CallContext,
    EmbeddingRequest,
    GenerationRequest,
    Message,
    Task,
)
from studio.workbench import Settings, Workbench
from tests.faults.conftest import within

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
WORD = b'data: {"id":"c","object":"chat.completion.chunk","created":0,"model":"m","choices":[{"index":0,'
HALF = WORD + b'"delta":{"content":"Hel'
WHOLE = WORD + b'"delta":{"content":"Hello"},"finish_reason":null}]}\n\n'
PAGE = b"<!doctype html><title>Sign in to the network</title>"
OK_PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    % len(PAGE)
) + PAGE

Answer = Callable[[socket.socket], None]


def breaks_off(connection: socket.socket) -> None:
    connection.sendall(HEAD + WHOLE)


def half_a_token(connection: socket.socket) -> None:
    connection.sendall(HEAD + HALF)


def resets(connection: socket.socket) -> None:
    linger = b"\x01\0\0\0\0\0\0\0"  # on, for no time: a close is then a reset
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def resets_in_the_middle(connection: socket.socket) -> None:
    connection.sendall(HEAD + WHOLE)
    time.sleep(0.05)
    resets(connection)


def web_page(connection: socket.socket) -> None:
    connection.sendall(OK_PAGE)


def not_http(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example.com ESMTP\r\n")


def wrong_json(connection: socket.socket) -> None:
    body = b'{"data": [{"index": 0, "embedding": ["a", null]}], "choices": "none"}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
    connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def silent(connection: socket.socket) -> None:
    time.sleep(30)


def drips(connection: socket.socket) -> None:
    """A byte now and then, for ever: no single wait is long."""
    connection.sendall(HEAD)
    for _ in range(300):
        connection.sendall(b":")
        time.sleep(0.1)


def read_request(connection: socket.socket) -> None:
    """Take in the whole request: what is left unread would make a reset of every close."""
    request = b""
    while b"\r\n\r\n" not in request:
        part = connection.recv(65_536)
        if not part:  # the client went away
            return
        request += part
    head, _, body = request.partition(b"\r\n\r\n")
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    n_left = (int(found[1]) if found else 0) - len(body)
    while n_left > 0 and (part := connection.recv(65_536)):
        n_left -= len(part)


@contextmanager
def endpoint(answer: Answer) -> Iterator[str]:
    """The address of a server that answers everything so."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    is_over = threading.Event()

    def talk(connection: socket.socket) -> None:
        with connection:
            try:
                read_request(connection)
                answer(connection)
            except OSError:
                return

    def listen() -> None:
        while not is_over.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                continue
            connection.settimeout(None)
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
    finally:
        is_over.set()
        thread.join()
        server.close()


@pytest.fixture
def studio(tmp_path, monkeypatch) -> Iterator[Workbench]:
    monkeypatch.setattr(remote_endpoint, "READ_TIMEOUT_S", 0.5)
    monkeypatch.setattr(remote_endpoint.client_of, "__defaults__", (0.5,))
    monkeypatch.setattr(remote_embedding, "READ_TIMEOUT_S", 0.3)
    settings = Settings(home=tmp_path / "home", offline=True, deadline_s=2)
    with Workbench.open(settings=settings) as workbench:
        yield workbench


def add(studio: Workbench, url: str, task: Task) -> None:
    studio.catalogue.add(
        ModelSpec(id="far", name="Far", task=task, source="remote", location="m", base_url=url)
    )


def write(studio: Workbench) -> str:
    request = GenerationRequest(
        model="far",
        messages=(Message(role="user", content="Hello"),),
        context=CallContext(request_id="r"),
    )
    stream = studio.models.generate(request)
    return "".join(stream) + stream.result().text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (breaks_off, "broke off in the middle of an answer"),
        (half_a_token, "broke off|cannot be read"),
        (resets, "cannot be reached"),
        (resets_in_the_middle, "cannot be reached|broke off|cannot be read"),
        (web_page, "broke off|cannot be read"),
        (not_http, "cannot be reached"),
        (wrong_json, "broke off|cannot be read"),
        (silent, "did not answer in time"),
        (drips, "nothing of an answer within 2 s"),
    ],
)
def test_a_text_from_a_bad_endpoint_ends_with_a_clear_error(studio, answer, words) -> None:
    with endpoint(answer) as url:
        add(studio, url, Task.GENERATION)
        with pytest.raises(ModelUnavailable, match=words):
            within(6, lambda: write(studio))
    studio.ledger.flush()
    assert len(studio.ledger.frame()) == 1


@pytest.mark.parametrize("answer", [resets, web_page, not_http, wrong_json, silent])
def test_vectors_from_a_bad_endpoint_end_with_a_clear_error(studio, answer) -> None:
    with endpoint(answer) as url:
        add(studio, url, Task.EMBEDDING)
        request = EmbeddingRequest(
            model="far", texts=("text",), context=CallContext(request_id="r")
        )
        with pytest.raises(ModelUnavailable, match=r"127\.0\.0\.1"):
            within(6, lambda: studio.models.embed(request))


def test_a_slow_endpoint_holds_up_nobody_elses_text(studio) -> None:
    with endpoint(drips) as url:
        add(studio, url, Task.GENERATION)
        began_s = time.monotonic()
        ends = []

        def ask() -> None:
            with pytest.raises(DeadlineExceeded):
                write(studio)
            ends.append(time.monotonic() - began_s)

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert len(ends) == 6
    assert max(ends) < 4


def one_after_another(*answers: Answer) -> Answer:
    """Each connection gets the next of them, the last one for ever."""
    left = list(answers)

    def answer(connection: socket.socket) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(connection)

    return answer


def whole(connection: socket.socket) -> None:
    end = WORD + b'"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    connection.sendall(HEAD + WHOLE + end)


def begins_only(connection: socket.socket) -> None:
    """The head and the role come, as from servers that answer before their model writes."""
    connection.sendall(HEAD + WORD + b'"delta":{"role":"assistant","content":""}}]}\n\n')


def begins_and_resets(connection: socket.socket) -> None:
    begins_only(connection)
    time.sleep(0.05)
    resets(connection)


@pytest.mark.parametrize("death", [begins_only, begins_and_resets, resets])
def test_an_answer_without_a_word_yet_is_asked_for_once_more(studio, caplog, death) -> None:
    with endpoint(one_after_another(death, whole)) as url:
        add(studio, url, Task.GENERATION)
        assert within(6, lambda: write(studio)) == "HelloHello"  # as pieces and as a whole
    assert "sent again" in caplog.text


def test_it_is_not_asked_for_for_ever(studio) -> None:
    with endpoint(one_after_another(begins_only, begins_only, whole)) as url:
        add(studio, url, Task.GENERATION)
        with pytest.raises(ModelUnavailable, match="broke off"):
            within(6, lambda: write(studio))


@pytest.mark.parametrize("death", [breaks_off, resets_in_the_middle])
def test_an_answer_that_has_begun_is_not_asked_for_again(studio, death) -> None:
    with endpoint(one_after_another(death, whole)) as url:
        add(studio, url, Task.GENERATION)
        with pytest.raises(ModelUnavailable, match="broke off in the middle of an answer"):
            within(6, lambda: write(studio))


def test_an_endpoint_that_comes_back_is_used_again(studio) -> None:
    with endpoint(one_after_another(resets, resets, breaks_off, whole)) as url:
        add(studio, url, Task.GENERATION)
        found = ""
        for _ in range(4):
            try:
                found = write(studio)
            except StudioError:
                continue
    assert found == "HelloHello"
