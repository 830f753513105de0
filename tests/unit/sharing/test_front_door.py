"""Cookies, short addresses and frames, as a browser gets them."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.sharing.front_door import ROUTES, FrontDoor


async def page(_request):
    return HTMLResponse("<html></html>")


async def text(_request):
    return PlainTextResponse("ok")


APP = Starlette(
    routes=[*ROUTES, Route("/health", text), Route("/{path:path}", page)],
    middleware=[Middleware(FrontDoor)],
)


@pytest.fixture
def client():
    with TestClient(APP, follow_redirects=False) as opened:
        yield opened


def test_a_demo_gives_a_cookie_that_scripts_cannot_read(client):
    cookie = client.get("/demo?show=x").headers["set-cookie"]
    assert re.fullmatch(
        r"studio_visitor=[\w-]{32}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax", cookie
    )
    assert "set-cookie" not in client.get("/demo").headers  # it has one by now


def test_everybody_gets_another_one():
    cookies = {TestClient(APP).get("/demo").headers["set-cookie"] for _ in range(5)}
    assert len(cookies) == 5


@pytest.mark.parametrize("made_up", ["guess", "../../etc", "A" * 33])
def test_a_made_up_cookie_is_replaced(made_up):
    answer = TestClient(APP).get("/demo", headers={"cookie": f"studio_visitor={made_up}"})
    assert "studio_visitor=" in answer.headers["set-cookie"]


def test_over_https_it_works_in_another_sites_frame_too(client):
    cookie = client.get("/demo", headers={"x-forwarded-proto": "https"}).headers["set-cookie"]
    assert cookie.endswith("; HttpOnly; SameSite=None; Secure; Partitioned")


def test_only_the_demo_may_be_framed_elsewhere(client):
    demo, builder = client.get("/demo"), client.get("/chatbot")
    assert "content-security-policy" not in demo.headers
    assert builder.headers["content-security-policy"] == "frame-ancestors 'self'"
    assert builder.headers["x-frame-options"] == "SAMEORIGIN"
    assert "set-cookie" not in builder.headers
    assert "content-security-policy" not in client.get("/health").headers


def test_short_addresses_lead_to_the_demo_whether_it_is_there_or_not(client):
    answer = client.get("/d/ask-us?lang=zh&embed=true&token=x")
    assert answer.headers["location"] == "../demo?show=ask-us&lang=zh&embed=true"
    odd = client.get("/d/%22%3E%3Cscript%3E%0d%0aset-cookie:x")
    assert odd.headers["location"] == "../demo?show=%22%3E%3Cscript%3E%0D%0Aset-cookie%3Ax"
    assert "set-cookie" not in odd.headers


def test_a_short_address_takes_the_query_of_a_search_along(client):
    answer = client.get(
        "/d/shop", params={"q": "防水 靴子 & <b>\r\nset-cookie: x=1", "show": "other"}
    )
    assert "set-cookie" not in answer.headers
    parts = urlsplit(answer.headers["location"])
    assert parts.path == "../demo"
    assert parse_qs(parts.query) == {
        "show": ["shop"],
        "q": ["防水 靴子 & <b>\r\nset-cookie: x=1"],
    }
    long = client.get("/d/shop", params={"q": "x" * 5000}).headers["location"]
    assert long == f"../demo?show=shop&q={'x' * 1000}"


@pytest.mark.parametrize(
    "path", ["/chatbot/demo", "/v1/prototypes/demo", "/static/demo", "/demo/x"]
)
def test_an_address_that_only_ends_like_the_demo_is_a_page_like_every_other(client, path):
    answer = client.get(path)
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


def test_below_a_path_the_demo_is_where_the_studio_is():
    door = Middleware(FrontDoor, base_path="/ai/studio")
    client = TestClient(Starlette(routes=[Route("/{path:path}", page)], middleware=[door]))
    assert "set-cookie" in client.get("/ai/studio/demo/").headers
    assert "set-cookie" not in client.get("/demo").headers
