"""Asking an endpoint for its models, against a small server on this machine."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from studio.errors import InvalidInput, ModelUnavailable
from studio.inference import endpoint


@pytest.fixture
def answering():
    """Start a server that answers every GET with this status and body; gives its address."""
    servers = []

    def start(status: int, body: object) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                """Keep the test's output quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/v1"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def models(*names: str) -> dict[str, object]:
    return {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}


def test_names_come_sorted(answering) -> None:
    assert endpoint.list_models(answering(200, models("b", "a")), "key") == ("a", "b")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, {"error": {"message": "bad key sk-secret"}}, "127.0.0.1 refused the key."),
        (403, {}, "127.0.0.1 refused the key."),
        (404, {}, "the error 404 instead of a list of models"),
        (500, {}, "the error 500"),
        (200, models(), "127.0.0.1 lists no models."),
        (200, b"<html>hello</html>", "not with a list of models"),
        (200, {"data": [{"name": "no id"}]}, "127.0.0.1 lists no models."),
        (200, [], "not with a list of models"),
    ],
)
def test_what_went_wrong_is_said_without_the_key(answering, status, body, said) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        endpoint.list_models(answering(status, body), "sk-secret")
    assert said in str(caught.value)
    assert "sk-secret" not in str(caught.value)


def test_nobody_listening_is_said() -> None:
    with pytest.raises(ModelUnavailable, match=r"127\.0\.0\.1 cannot be reached"):
        endpoint.list_models("http://127.0.0.1:9/v1")


@pytest.mark.parametrize("address", ["", "api.example.com", "ftp://a/v1", "http://", "http://[x"])
def test_an_address_that_is_none_is_refused_before_asking(address) -> None:
    with pytest.raises(InvalidInput, match="is no web address"):
        endpoint.list_models(address)
