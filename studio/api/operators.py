"""Who runs the studio: whoever sits at its machine, or has the token of `STUDIO_METRICS_TOKEN`."""

from __future__ import annotations

import hmac

from starlette.requests import Request

LOOPBACK = ("127.0.0.1", "::1")
_LOCAL_NAMES = ("localhost", *LOOPBACK, "[::1]")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def is_for_operators(request: Request, token: str) -> bool:
    """Whether a request comes from this machine itself, or bears the token (none where it is empty).

    What a proxy on this machine hands on comes from elsewhere; a foreign `Host` is a web page that a
    browser on this machine was made to ask.
    """
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if token and scheme.lower() == "bearer":
        return hmac.compare_digest(sent.strip().encode(), token.encode())
    host = request.client.host if request.client else ""
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    return host in LOOPBACK and not is_forwarded and request.url.hostname in _LOCAL_NAMES
