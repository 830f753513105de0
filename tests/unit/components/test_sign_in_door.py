"""The way in over HTTP: pages lead to the form and back, and nobody else's form or address works."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from components import cache, sign_in_door, who
from studio.acting import Role

PASSWORD = "correct horse"
HTML = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def bench(monkeypatch, _isolated_home):
    monkeypatch.setenv("STUDIO_DEMO", "1")
    monkeypatch.setenv("STUDIO_SIGN_IN", "required")
    monkeypatch.setattr("studio.sharing.passwords._N", 2)
    cache.release()
    yield cache.workbench()
    cache.release()


@pytest.fixture
def ann(bench):
    return bench.accounts.add("Ann", Role.OWNER, PASSWORD)


@pytest.fixture
def browser(bench):
    async def page(request) -> PlainTextResponse:
        return PlainTextResponse(f"page {request.url.path}")

    app = Starlette(
        routes=[*sign_in_door.ROUTES, Route("/{path:path}", page)],
        middleware=[Middleware(sign_in_door.SignInDoor)],
    )
    with TestClient(app, follow_redirects=False, headers=HTML) as client:
        yield client


def sign_in(browser, **fields):
    data = {"name": "Ann", "password": PASSWORD, "next": "", **fields}
    return browser.post("/sign-in", data=data, headers={"sec-fetch-site": "same-origin"})


def test_a_page_leads_to_the_form_and_the_form_back_to_the_page(browser, ann) -> None:
    answer = browser.get("/search?prototype=shop&lang=zh")
    assert answer.status_code == 303
    assert answer.headers["location"] == "./sign-in?next=search%3Fprototype%3Dshop%26lang%3Dzh"
    form = browser.get(answer.headers["location"].removeprefix("."))
    assert 'value="search?prototype=shop&amp;lang=zh"' in form.text
    assert "default-src 'none'" in form.headers["content-security-policy"]
    assert form.headers["cache-control"] == "no-store"
    answer = sign_in(browser, next="search?prototype=shop&lang=zh")
    assert answer.status_code == 303
    assert answer.headers["location"] == "./search?prototype=shop&lang=zh"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{who.COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # it came over plain HTTP
    assert browser.get("/search?prototype=shop").text == "page /search"
    assert browser.get("/sign-in?next=jobs").headers["location"] == "./jobs"  # in already


def test_over_https_the_cookie_stays_there(browser, ann) -> None:
    answer = browser.post(
        "/sign-in",
        data={"name": "Ann", "password": PASSWORD},
        headers={"sec-fetch-site": "same-origin", "x-forwarded-proto": "https"},
    )
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\\evil.example",
        "a/../../b",
        "x\r\nset-cookie: a=b",
        "search?a=\\evil",
        "x" * 101,
    ],
)
def test_the_form_leads_nowhere_else(browser, ann, wanted) -> None:
    answer = sign_in(browser, next=wanted)
    assert answer.headers["location"] == "./"
    assert wanted not in browser.get("/sign-in", params={"next": wanted}).text


@pytest.mark.parametrize(
    "path", ["/", "/home", "/chatbot", "/people", "/activity", "/models?x=1", "/unknown"]
)
def test_no_page_is_shown_without_signing_in(browser, ann, path) -> None:
    assert browser.get(path).status_code == 303
    browser.cookies.set(who.COOKIE, "A" * 43)
    assert browser.get(path).status_code == 303


@pytest.mark.parametrize("path", ["/demo?show=shop", "/health", "/_stcore/health", "/v1/models"])
def test_what_is_for_everybody_stays_open(browser, ann, path) -> None:
    assert browser.get(path).status_code == 200


def test_a_wrong_password_says_so_keeps_the_name_and_shows_no_password(browser, ann) -> None:
    answer = sign_in(browser, name='Ann"><script>', password="a secret typo")
    assert answer.status_code == 401
    assert "The name or the password is wrong." in answer.text
    assert "Ann&#34;&gt;&lt;script&gt;" in answer.text
    assert "<script" not in answer.text
    assert "a secret typo" not in answer.text
    assert "set-cookie" not in answer.headers


def test_wrong_passwords_are_slowed(browser, ann) -> None:
    codes = [sign_in(browser, password="wrong one").status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    assert sign_in(browser).status_code == 429


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "none"}, {"origin": "https://evil.test"}],
)
def test_another_sites_form_signs_nobody_in(browser, ann, headers) -> None:
    answer = browser.post("/sign-in", data={"name": "Ann", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_form_of_many_bytes_is_not_read(browser, ann) -> None:
    assert sign_in(browser, password="x" * 20_000).status_code == 413


def test_without_an_owner_it_says_how_to_make_one_and_takes_none(browser, bench) -> None:
    page = browser.get("/sign-in").text
    assert "studio users add NAME --role owner" in page
    assert "<form" not in page
    assert sign_in(browser).status_code == 401
    assert bench.workspace.users.list() == ()


def test_the_form_speaks_the_browsers_language_and_either(browser, ann) -> None:
    assert 'lang="zh"' in browser.get("/sign-in", headers={"accept-language": "zh-CN"}).text
    assert '<html lang="en">' in browser.get("/sign-in?lang=en").text


def test_every_answer_says_what_browsers_must_not_guess(browser, ann) -> None:
    headers = browser.get("/health").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_on_this_machine_nobody_is_asked(browser, bench, monkeypatch) -> None:
    monkeypatch.setenv("STUDIO_SIGN_IN", "off")
    cache.release()
    assert browser.get("/search").text == "page /search"
    assert browser.get("/sign-in?next=jobs").headers["location"] == "./jobs"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/base/_stcore/metrics", "/_stcore/metrics/"])
def test_streamlits_figures_are_for_whoever_runs_the_studio(browser, bench, monkeypatch, path):
    assert browser.get(path).status_code == 404  # whoever this is
    monkeypatch.setattr(bench, "settings", replace(bench.settings, metrics_token="let-me-see"))
    assert browser.get(path, headers={"authorization": "Bearer let-me-see"}).status_code == 200
    here = TestClient(browser.app, base_url="http://localhost", client=("127.0.0.1", 1))
    assert here.get(path).status_code == 200
