"""A small provider of identities (OpenID Connect), for tests: whoever comes is one person."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit


@dataclass
class Provider:
    """Where it answers, and whom it vouches for."""

    url: str = ""
    client_id: str = "studio"
    person: dict[str, Any] = field(default_factory=dict)
    nonces: dict[str, str] = field(default_factory=dict)


@contextmanager
def identity_provider() -> Iterator[Provider]:
    """Run a provider on a free port; set `person` to change who comes back from it."""
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
    provider = Provider()

    def token(code: str) -> str:
        now = int(time.time())
        claims = {
            "iss": provider.url,
            "aud": provider.client_id,
            "sub": "somebody",
            "iat": now,
            "exp": now + 600,
            "nonce": provider.nonces.pop(code),
            **provider.person,
        }
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def _json(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/authorize":
                code = f"code-{len(provider.nonces)}-{time.monotonic_ns()}"
                provider.nonces[code] = query["nonce"]
                self.send_response(302)
                answer = urlencode({"code": code, "state": query["state"]})
                self.send_header("location", f"{query['redirect_uri']}?{answer}")
                self.end_headers()
            elif parts.path == "/keys":
                self._json({"keys": [key.as_dict(private=False)]})
            else:
                self._json(
                    {
                        "issuer": provider.url,
                        "authorization_endpoint": f"{provider.url}/authorize",
                        "token_endpoint": f"{provider.url}/token",
                        "jwks_uri": f"{provider.url}/keys",
                        "response_types_supported": ["code"],
                        "subject_types_supported": ["public"],
                        "id_token_signing_alg_values_supported": ["RS256"],
                    }
                )

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            code = parse_qs(body)["code"][0]
            self._json({"access_token": "x", "token_type": "Bearer", "id_token": token(code)})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()
