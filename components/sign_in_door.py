"""Signing in over HTTP: the form's address, and the way to it from every page that is held back.

Plain ASGI and Starlette. What a session may see is decided in the pages (`who`); this door only spares
the detour through a page, and sets the cookie.
"""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components import cache, sign_in_form, who
from components.sign_in_return import known_page
from studio.api.operators import is_for_operators
from studio.errors import AccessDenied, LimitReached, StudioError

PATH = "sign-in"
_MAX_FORM_BYTES = 10_000
_OPEN = frozenset(
    {
        *("_stcore", "static", "media", "component", "app", "auth", "oauth2callback"),
        *(PATH, "demo", "d", "v1", "health", "ready", "metrics", "favicon.ico"),
    }
)
"""First parts of addresses that are no page of the studio, or are for everybody."""

_FIGURES = "_stcore/metrics"
"""Streamlit's own figures; like the studio's they are for whoever runs it."""

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'",
    "x-frame-options": "DENY",
}


async def show_form(request: Request) -> Response:
    """The form; whoever is in already, or need not sign in, goes on at once."""
    next_page = known_page(request.query_params.get("next", ""))
    if not await run_in_threadpool(_is_held_back, request.headers, request.cookies):
        return _onwards(next_page)
    has_owner = await run_in_threadpool(cache.workbench().workspace.users.has_owner)
    draw = sign_in_form.form if has_owner else sign_in_form.first_owner
    return HTMLResponse(draw(_language(request), next_page), headers=_HEADERS)


async def take_form(request: Request) -> Response:
    """Check name and password; right ones get the cookie and the page that was asked for."""
    if not _is_own(request):
        return Response("Cross-site request refused.", status_code=403, headers=_HEADERS)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM_BYTES:
            return Response("Too long.", status_code=413, headers=_HEADERS)
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    name, password, next_page = (
        fields.get(field, [""])[0] for field in ("name", "password", "next")
    )
    address = request.client.host if request.client else ""
    accounts = cache.workbench().accounts
    try:
        token = await run_in_threadpool(accounts.sign_in, name, password, address)
    except StudioError as error:
        page = sign_in_form.form(_language(request), known_page(next_page), name[:200], error)
        return HTMLResponse(page, status_code=_status(error), headers=_HEADERS)
    answer = _onwards(known_page(next_page))
    answer.set_cookie(
        who.COOKIE,
        token,
        max_age=cache.workbench().settings.sign_in_days * 24 * 3600,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https"
        or request.headers.get("x-forwarded-proto", "") == "https",
    )
    return answer


ROUTES = (
    Route(f"/{PATH}", show_form, methods=["GET"]),
    Route(f"/{PATH}", take_form, methods=["POST"]),
)


class SignInDoor:
    """Middleware that leads a browser without a sign-in to the form, and back to its page afterwards.

    Where a provider is configured the page itself offers it, beside the form. To every answer it adds
    the headers that keep browsers from guessing types and from telling other sites an address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the way to the form."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _is_page(scope) and not who.providers():
            request = Request(scope)
            if await run_in_threadpool(_is_held_back, request.headers, request.cookies):
                path = scope["path"].strip("/")
                query = scope.get("query_string", b"").decode("latin-1")
                wanted = quote(path + (f"?{query}" if query else ""), safe="")
                # Relative, so that it also holds below a path of a proxy.
                answer = RedirectResponse(f"./{PATH}?next={wanted}", status_code=303)
                answer.headers["cache-control"] = "no-store"
                await answer(scope, receive, send)
                return

        if scope["path"].rstrip("/").endswith(_FIGURES) and not await run_in_threadpool(
            _is_operator, Request(scope)
        ):
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = MutableHeaders(scope=message)
                added.setdefault("x-content-type-options", "nosniff")
                added.setdefault("referrer-policy", "same-origin")
            await send(message)

        await self._app(scope, receive, with_headers)


def _is_page(scope: Scope) -> bool:
    """Whether a browser opens a page of the studio: one part, and HTML is wanted."""
    path = scope["path"].strip("/")
    wants_page = "text/html" in Headers(scope=scope).get("accept", "")
    return scope["method"] == "GET" and wants_page and "/" not in path and path not in _OPEN


def _is_held_back(headers: Headers, cookies: dict[str, str]) -> bool:
    try:
        bench = cache.workbench()
    except StudioError:
        return False  # there is nothing to hold back, and the page says why
    asked = who.rule(bench.settings).is_required(headers.get("host", ""), frozenset(headers.keys()))
    return asked and bench.accounts.holder(cookies.get(who.COOKIE, "")) is None


def _is_operator(request: Request) -> bool:
    try:
        token = cache.workbench().settings.metrics_token
    except StudioError:
        token = ""
    return is_for_operators(request, token)


def _onwards(next_page: str) -> RedirectResponse:
    return RedirectResponse(
        f"./{next_page}", status_code=303, headers={"cache-control": "no-store"}
    )


def _is_own(request: Request) -> bool:
    """Whether the form was sent from this studio's own page, and not by another site."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _language(request: Request) -> str:
    asked = request.query_params.get("lang", "")
    if asked in ("en", "zh"):
        return asked
    return "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"


def _status(error: StudioError) -> int:
    if isinstance(error, LimitReached):
        return 429
    return 401 if isinstance(error, AccessDenied) else 500
