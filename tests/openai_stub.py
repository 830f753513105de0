"""An OpenAI-compatible endpoint on 127.0.0.1 for tests: answers by a rule, fails on demand."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "sk-test-very-secret"


class Endpoint:
    """What the stub was asked, and how it shall fail (an HTTP status) or how slowly it shall write.

    A request that has the parameter `refuses` is refused with status `refuses_with`, one that has one
    of `unknown` likewise, and the first of these is named as OpenAI names it. `says` are the
    answers it gives, one after another, the last one for ever; without any it answers by a rule.
    """

    def __init__(self) -> None:
        self.requests: list[dict] = []
        self.fail_with = 0
        self.code = "x"  # what a failure calls itself
        self.refuses = ""
        self.refuses_with = 400
        self.unknown: tuple[str, ...] = ()
        self.says: list[str] = []
        self.delay = threading.Event()  # set: stop delaying
        self.delay_s = 0.0
        self.thoughts = 0  # so many pieces of reasoning come before an answer
        self.retry_after = ""  # what a refusal says of it
        self.revision = ""  # of the weights that make vectors, told where it is set
        self.n_written = 0
        self.base_url = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: Endpoint

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.endpoint.requests.append(body)
        status = self.endpoint.fail_with
        if self.headers["Authorization"] != f"Bearer {KEY}":
            status = 401
        if not status and self.endpoint.refuses in body:
            status = self.endpoint.refuses_with
        unknown = next((name for name in self.endpoint.unknown if name in body), "")
        if not status and unknown:
            message = f"Unsupported parameter: '{unknown}' is not supported with this model."
            error = {"message": message, "param": unknown, "code": "unsupported_parameter"}
            self._send(self.endpoint.refuses_with, {"error": error})
        elif status:
            message = f"Incorrect API key provided: {self.headers['Authorization']}"
            self._send(
                status, {"error": {"message": message, "type": "x", "code": self.endpoint.code}}
            )
        elif self.path == "/v1/embeddings":
            told = {"revision": self.endpoint.revision} if self.endpoint.revision else {}
            self._send(200, _embeddings(body["input"]) | told)
        elif self.path == "/v1/chat/completions":
            self._stream(body)
        else:
            self._send(404, {"error": {"message": "no such path"}})

    def _send(self, status, content):
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status != 200 and self.endpoint.retry_after:
            self.send_header("Retry-After", self.endpoint.retry_after)
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        says = self.endpoint.says
        words = says.pop(0) if len(says) > 1 else says[0] if says else ""
        words = re.findall(r"\S+\s*", words) or _answer(body)
        limit = body.get("max_tokens") or body.get("max_completion_tokens") or len(words)
        try:
            for _ in range(self.endpoint.thoughts):
                thought = _chunk(None)
                thought["choices"][0]["delta"] = {"reasoning_content": "hm"}
                self._event(thought)
            for word in words[:limit]:
                self.endpoint.delay.wait(self.endpoint.delay_s)
                self._event(_chunk(word))
                self.endpoint.n_written += 1
            self._event(_chunk(None, "length" if len(words) > limit else "stop"))
            usage = {
                "prompt_tokens": 42,
                "completion_tokens": min(limit, len(words)),
                "total_tokens": 0,
                "prompt_tokens_details": {"cached_tokens": 16},
            }
            self._event({**_chunk(None), "choices": [], "usage": usage})
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:  # the client has gone
            return

    def _event(self, content):
        self.wfile.write(f"data: {json.dumps(content)}\n\n".encode())
        self.wfile.flush()


@contextmanager
def running_endpoint():
    """Yields the `Endpoint` of a running server."""
    endpoint = Endpoint()
    handler = type("Handler", (_Handler,), {"endpoint": endpoint})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    endpoint.base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield endpoint
    finally:
        endpoint.delay.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(body):
    """The words of the last turn, each with a number that the seed gives; 40 at least."""
    words = body["messages"][-1]["content"].split() or ["nothing"]
    seed = body.get("seed", 0)
    return [("" if i == 0 else " ") + f"{words[i % len(words)]}{seed}" for i in range(40)]


def _chunk(text, reason=None):
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "stub",
        "choices": [
            {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": reason}
        ],
    }


def _embeddings(texts):
    # Shuffled on purpose: the order is in `index`.
    rows = [
        {"object": "embedding", "index": i, "embedding": [len(text) + 1.0, text.count("a"), 2.0]}
        for i, text in reversed(list(enumerate(texts)))
    ]
    return {"object": "list", "data": rows, "model": "stub", "usage": {"prompt_tokens": 1}}
