"""After signing in through a provider: back to the page that was asked for.

Streamlit comes back from a provider to Home, whatever the page. So the page that leads to the provider
is kept in a cookie of ten minutes, and the answer to the provider's call leads there. Only pages of
this studio are ever kept or led to.
"""

from __future__ import annotations

import re
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "studio_next"
COOKIE_S = 600
LEAVING, COMING_BACK = "auth/login", "oauth2callback"
_PAGE = re.compile(r"[A-Za-z0-9_-]{0,100}(\?[^\s#\\]{0,2000})?")


def known_page(wanted: str) -> str:
    """A page of this studio with its query; empty for Home and for everything that is no such page."""
    return wanted if _PAGE.fullmatch(wanted) else ""


class SignInReturn:
    """Middleware around Streamlit's own addresses for signing in; all others pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep the page on the way out, and lead to it on the way back."""
        path = scope["path"].strip("/") if scope["type"] == "http" else ""
        if not path.endswith((LEAVING, COMING_BACK)):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        page = _left(headers) if path.endswith(LEAVING) else _kept(headers)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = MutableHeaders(scope=message)
                if path.endswith(LEAVING):
                    added.append("set-cookie", _cookie(quote(page, safe=""), COOKIE_S))
                elif COOKIE in headers.get("cookie", ""):
                    added.append("set-cookie", _cookie("", 0))
                    if page and added.get("location", "").endswith("/"):  # Home, and no other site
                        added["location"] = f"./{page}"
            await send(message)

        await self._app(scope, receive, with_headers)


def _left(headers: Headers) -> str:
    """The page that a browser comes from, by what it says itself; empty for another site's."""
    before = urlsplit(headers.get("referer", ""))
    if before.netloc != headers.get("host"):
        return ""
    page = before.path.rstrip("/").rpartition("/")[2]
    return known_page(page + (f"?{before.query}" if before.query else ""))


def _kept(headers: Headers) -> str:
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return known_page(unquote(cookies[COOKIE].value)) if COOKIE in cookies else ""


def _cookie(value: str, age_s: int) -> str:
    # Lax, as the way back from the provider begins at another site.
    return f"{COOKIE}={value}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Lax"
