"""The way back from a provider: to the page that was asked for, and to no other site."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from components.sign_in_return import COOKIE, SignInReturn

HOST = "http://studio.test"


async def to_provider(_request) -> RedirectResponse:
    return RedirectResponse("https://provider.test/authorize", status_code=302)


async def to_home(_request) -> RedirectResponse:
    return RedirectResponse("/", status_code=302)


@pytest.fixture
def browser():
    routes = [Route("/auth/login", to_provider), Route("/oauth2callback", to_home)]
    routes.append(Route("/{path:path}", to_home))
    app = Starlette(routes=routes, middleware=[Middleware(SignInReturn)])
    with TestClient(app, base_url=HOST, follow_redirects=False) as client:
        yield client


def leave(browser, page: str):
    return browser.get("/auth/login?provider=x", headers={"referer": page})


def test_it_leads_back_to_the_page_with_its_query_once(browser) -> None:
    answer = leave(browser, f"{HOST}/search?prototype=shop&q=%E9%9B%A8%E8%A1%A3")
    assert answer.headers["location"] == "https://provider.test/authorize"
    assert "HttpOnly; SameSite=Lax" in answer.headers["set-cookie"]
    back = browser.get("/oauth2callback?code=1")
    assert back.headers["location"] == "./search?prototype=shop&q=%E9%9B%A8%E8%A1%A3"
    assert COOKIE not in browser.cookies
    assert browser.get("/oauth2callback?code=2").headers["location"] == "/"


def test_home_leads_back_to_home_also_after_another_try(browser) -> None:
    leave(browser, f"{HOST}/search")
    leave(browser, f"{HOST}/")
    assert browser.get("/oauth2callback").headers["location"] == "/"


@pytest.mark.parametrize(
    "page",
    ["", "https://evil.test/search", f"{HOST}/a%0d%0ab", f"{HOST}/search?a b", "//evil.test/x"],
)
def test_another_sites_page_is_not_kept(browser, page) -> None:
    leave(browser, page)
    assert browser.get("/oauth2callback").headers["location"] == "/"


@pytest.mark.parametrize(
    "value", ["%2F%2Fevil.test", "https%3A%2F%2Fevil.test", "x%0d%0ay", "..%2Fx"]
)
def test_a_made_up_cookie_leads_nowhere_else(browser, value) -> None:
    browser.cookies.set(COOKIE, value)
    assert browser.get("/oauth2callback").headers["location"] == "/"


def test_other_addresses_are_left_alone(browser) -> None:
    leave(browser, f"{HOST}/search")
    answer = browser.get("/jobs")
    assert answer.headers["location"] == "/"
    assert "set-cookie" not in answer.headers
