"""A model hub on 127.0.0.1 that speaks as much of the protocol as a download needs."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class HubServer:
    """Serves one model, `owner/tiny`; its faults are switched on by attributes.

    Attributes:
        files: content by name; those that end in .safetensors, .bin or .gguf count as large files.
        announced: SHA-256 by name that is announced instead of the right one.
        status: answer to every question for the model, instead of 200.
        error_code: the hub's name of that error.
        bytes_per_s: speed of large files; 0 for full speed.
        hangs: accept questions and never answer.
        break_after: bytes after which the connection breaks, for large files; 0 for never.
        breaks_at: position in a file from which nothing at all comes through.
        ignores_ranges: send files from their start, whatever was asked for.
        refused: name of a file that is not handed out.
        longer: send one byte more than announced.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.announced: dict[str, str] = {}
        self.status, self.error_code = 200, ""
        self.bytes_per_s = 0
        self.hangs = self.ignores_ranges = self.longer = False
        self.break_after, self.breaks_at = 0, 1 << 40
        self.refused = ""
        self.requests: list[str] = []
        self.body: bytes | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def entry(self, name: str) -> dict[str, object]:
        content = self.files[name]
        entry: dict[str, object] = {"type": "file", "path": name, "rfilename": name}
        entry |= {"size": len(content), "oid": hashlib.sha1(content).hexdigest()}
        if name.endswith((".safetensors", ".bin", ".gguf")):
            sha256 = self.announced.get(name) or hashlib.sha256(content).hexdigest()
            entry["lfs"] = {"sha256": sha256, "oid": sha256, "size": len(content), "pointerSize": 1}
        return entry


def _handler(server: HubServer) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (Answers,), {"hub": server})


class Answers(BaseHTTPRequestHandler):
    hub: HubServer

    def log_message(self, *arguments):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        hub, path = self.hub, urlsplit(self.path).path
        hub.requests.append(f"{self.command} {path} {self.headers.get('Range', '')}".strip())
        if hub.hangs:
            time.sleep(60)
        if hub.status != 200 or "owner/tiny" not in path:
            status = hub.status if hub.status != 200 else 404
            self.answer(status, b"{}", {"X-Error-Code": hub.error_code or "RepoNotFound"})
        elif hub.body is not None:
            self.answer(200, hub.body, {})
        elif "/tree/" in path:
            self.answer_json([hub.entry(name) for name in hub.files])
        elif "/api/models/" in path:
            siblings = [hub.entry(name) for name in hub.files]
            self.answer_json({"id": "owner/tiny", "sha": COMMIT, "siblings": siblings})
        else:
            self.answer_file(path.split(f"/resolve/{COMMIT}/")[-1])

    def answer_json(self, value):
        self.answer(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def answer_file(self, name):
        content, start = self.hub.files[name], 0
        if name == self.hub.refused:
            self.answer(403, b"", {})
            return
        content += b"x" if self.hub.longer else b""
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{self.hub.entry(name)["oid"]}"'}
        headers["Accept-Ranges"] = "bytes"
        given = self.headers.get("Range")
        if given and not self.hub.ignores_ranges:
            start = int(given.removeprefix("bytes=").partition("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        is_broken = self.hub.break_after and len(content) > 10_000
        end = min(start + self.hub.break_after, self.hub.breaks_at) if is_broken else None
        self.answer(206 if start else 200, content[start:], headers, end and max(0, end - start))

    def answer(self, status, body, headers, n_sent=None):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if n_sent is not None and n_sent < len(body):
            body = body[:n_sent]
            self.close_connection = True
        speed = self.hub.bytes_per_s if len(body) > 10_000 else 0
        step = max(1, speed // 20) if speed else max(1, len(body))
        try:
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                time.sleep(0.05 if speed else 0)
        except OSError:  # the client has gone
            return
