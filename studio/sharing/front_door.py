"""What a browser meets before any page: the visitor's cookie, short addresses, who may frame the studio.

Plain ASGI, so that nothing is buffered. Knows neither pages nor stores, and looks up no publication: a
short address that leads nowhere redirects like every other.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.sharing.visitor import COOKIE, COOKIE_DAYS, is_token, new_token

DEMO_PATH = "demo"
SHORT_PATH = "d"
_MAX_SLUG = 100
_KEPT = {"lang": 10, "embed": 10, "q": 1000}
"""What a short address may say beside the slug, and how many characters of it; `q` is what a search
begins with."""


async def short_address(request: Request) -> RedirectResponse:
    """Lead `/d/<slug>` to the demo page, whatever the slug; `lang`, `embed` and `q` go along."""
    slug = request.path_params["slug"][:_MAX_SLUG]
    kept = "".join(
        f"&{name}={quote(request.query_params[name][:limit], safe='')}"
        for name, limit in _KEPT.items()
        if name in request.query_params
    )
    # Relative, so that it also holds below a path of a proxy.
    return RedirectResponse(f"../{DEMO_PATH}?show={quote(slug, safe='')}{kept}", status_code=307)


ROUTES = (Route(f"/{SHORT_PATH}/{{slug}}", short_address),)


class FrontDoor:
    """Middleware around the whole studio.

    It gives a browser that opens a demo the visitor's cookie (unreadable for scripts), and lets only the
    demo be framed by other sites. Over HTTPS the cookie also works inside another site's frame, there
    as one of its own; without HTTPS browsers allow that to nobody, and a framed visitor is known for as
    long as the page stays open.

    Args:
        app: what is behind the door.
        base_path: below which path the studio answers; "" for none. Only the demo page right below it
            is the demo: a longer address that ends alike is a page like every other.
    """

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        self._app = app
        self._demo_path = f"{base_path.strip('/')}/{DEMO_PATH}".strip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with headers added to what comes back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_demo = scope["path"].strip("/") == self._demo_path
        needs_cookie = is_demo and not _has_token(headers)
        is_https = _is_https(scope, headers)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = MutableHeaders(scope=message)
                if needs_cookie:
                    added.append("set-cookie", _cookie(is_https))
                if needs_cookie or is_demo:
                    added["cache-control"] = "no-store"
                if not is_demo and added.get("content-type", "").startswith("text/html"):
                    added.setdefault("content-security-policy", "frame-ancestors 'self'")
                    added.setdefault("x-frame-options", "SAMEORIGIN")
            await send(message)

        await self._app(scope, receive, with_headers)


def _is_https(scope: Scope, headers: Headers) -> bool:
    # A proxy that ends TLS says so; somebody who says so falsely only gets a stricter cookie.
    return scope.get("scheme") == "https" or headers.get("x-forwarded-proto", "") == "https"


def _has_token(headers: Headers) -> bool:
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return False
    return COOKIE in cookies and is_token(cookies[COOKIE].value)


def _cookie(is_https: bool) -> str:
    age_s = COOKIE_DAYS * 24 * 3600
    scope = "SameSite=None; Secure; Partitioned" if is_https else "SameSite=Lax"
    return f"{COOKIE}={new_token()}; Path=/; Max-Age={age_s}; HttpOnly; {scope}"
