"""A server that others can reach asks everybody to sign in, and lets each do what their role allows."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = {"Ann": "owner", "Ed": "editor", "Vic": "viewer"}
PHONE = {"width": 390, "height": 844}


def password(name: str) -> str:
    return f"{name}'s own password"


def studio(home, *arguments: str, stdin: str = "") -> str:
    """Run a command on the machine itself, as an owner does."""
    done = subprocess.run(
        [sys.executable, "-m", "studio.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "STUDIO_HOME": str(home)},
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def open_server(start_server):
    """A server that every network reaches, without an account yet."""
    return start_server(env={"STUDIO_DEMO": "1", "STREAMLIT_SERVER_ADDRESS": "0.0.0.0"})


@pytest.fixture(scope="module")
def server(open_server):
    """The same with an owner, an editor and a viewer."""
    for name, role in PEOPLE.items():
        told = studio(
            open_server.home,
            *("users", "add", name, "--role", role, "--password-stdin"),
            stdin=password(name) + "\n",
        )
        assert told == f"{name} can sign in as {role}.\n"
    return open_server


def sign_in(visitor, name: str, typed: str | None = None) -> None:
    page = visitor.page
    page.get_by_label("Name or e-mail address").fill(name)
    page.get_by_label("Password").fill(password(name) if typed is None else typed)
    page.get_by_role("button", name="Sign in").click()


def test_without_an_account_it_says_how_to_make_one_and_nothing_more(
    open_visitor, open_server
) -> None:
    visitor = open_visitor(open_server)
    visitor.page.goto(open_server.url + "/people")
    expect(visitor.page.get_by_text("studio users add NAME --role owner")).to_be_visible()
    expect(visitor.page.locator("input:visible")).to_have_count(0)
    visitor.screenshot("sign-in-first-owner")


def test_a_deep_link_leads_through_signing_in_to_where_it_pointed(open_visitor, server) -> None:
    visitor = open_visitor(server)
    page = visitor.page
    page.goto(server.url + "/search?prototype=shop&lang=en")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert visitor.foreign_requests == []
    sign_in(visitor, "Ann", typed="not her password")
    expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong. Try again.")
    visitor.screenshot("sign-in-wrong")
    sign_in(visitor, "Ann")
    page.wait_for_url(re.compile(r"/search\?.*prototype=shop"))
    visitor.wait_idle()
    expect(page.get_by_text("There is no prototype shop.")).to_be_visible()  # she is in
    page.reload()
    visitor.wait_idle()
    expect(page.get_by_text("There is no prototype shop.")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Ann")


def test_wrong_passwords_are_slowed_also_for_the_right_one(open_visitor, start_server) -> None:
    server = start_server(env={"STUDIO_DEMO": "1", "STUDIO_SIGN_IN": "required"})
    studio(
        server.home,
        *("users", "add", "Ann", "--role", "owner", "--password-stdin"),
        stdin=password("Ann") + "\n",
    )
    visitor = open_visitor(server)
    visitor.page.goto(server.url)
    alert = visitor.page.get_by_role("alert")
    for n in range(40):
        sign_in(visitor, "Ann", typed=f"guess number {n}")
        expect(alert).to_be_visible()
        wait = re.search(r"too many .* (\d+) s", alert.inner_text())
        if wait and int(wait[1]) >= 6:  # long enough for the right one to come too early
            break
        if wait:
            visitor.page.wait_for_timeout(300)
    expect(alert).to_contain_text("There were too many wrong passwords.")
    sign_in(visitor, "Ann")
    expect(alert).to_contain_text("There were too many wrong passwords.")
    deadline = time.monotonic() + 60
    while visitor.page.get_by_label("Password").count() and time.monotonic() < deadline:
        visitor.page.wait_for_timeout(1000)
        sign_in(visitor, "Ann")
    visitor.page.wait_for_selector("[data-testid=stMain] h1")
    expect(visitor.page.get_by_test_id("stSidebar")).to_contain_text("Ann")


def test_an_editor_builds_a_viewer_only_tries_and_signing_out_closes_every_tab(
    open_visitor, server
) -> None:
    editor = open_visitor(server)
    editor.page.goto(server.url + "/")
    sign_in(editor, "Ed")
    editor.page.get_by_role("button", name="New chatbot").click()
    editor.page.wait_for_url(re.compile(r"prototype=my-chatbot"))
    editor.wait_idle()

    viewer = open_visitor(server)
    viewer.page.goto(server.url + "/")
    sign_in(viewer, "Vic")
    viewer.page.wait_for_selector("[data-testid=stMain] h1")
    viewer.wait_idle()
    expect(viewer.page.get_by_text("My chatbot")).to_be_visible()
    for name in ("New chatbot", "Delete", "Duplicate"):
        expect(viewer.page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    viewer.screenshot("viewer-home")
    viewer.page.get_by_role("button", name="Open", exact=True).click()
    viewer.page.wait_for_url(re.compile(r"prototype=my-chatbot"))
    viewer.wait_idle()
    behaviour = viewer.page.locator("summary", has_text="Behaviour")
    behaviour.click()
    viewer.page.get_by_label("Greeting").fill("Changed by a viewer")
    viewer.page.get_by_label("Greeting").blur()
    expect(viewer.page.get_by_text("change nothing").first).to_be_visible()
    viewer.screenshot("viewer-refused")
    viewer.page.reload()
    viewer.wait_idle()
    behaviour.click()
    expect(viewer.page.get_by_label("Greeting")).to_be_visible()
    expect(viewer.page.get_by_label("Greeting")).not_to_have_value("Changed by a viewer")

    second = viewer.page.context.new_page()
    second.goto(server.url + "/jobs")
    expect(second.get_by_role("heading", name="Jobs")).to_be_visible()
    viewer.page.get_by_role("button", name="Sign out").click()
    viewer.page.wait_for_url(re.compile("/sign-in"))
    second.get_by_role("link", name="Home").click()
    second.wait_for_url(re.compile("/sign-in"))
    viewer.page.goto(server.url + "/people")
    expect(viewer.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_owner_sees_who_did_what(open_visitor, server) -> None:
    visitor = open_visitor(server, viewport=PHONE, color_scheme="dark")
    visitor.page.goto(server.url + "/activity")
    sign_in(visitor, "Ann")
    expect(visitor.page.get_by_role("heading", name="Activity")).to_be_visible()
    visitor.wait_idle()
    visitor.screenshot("activity-phone")
    width = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Download the list (CSV)").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert re.search(r",Ed,created,prototype,My chatbot,", text)
    assert ",Vic,signed out,user,Vic," in text


def _answer(server, path: str, method: str = "GET", **headers: str):
    """Status and headers of a request without a browser."""
    host = server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    connection.close()
    return answer.status, answer.headers


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_other_sites_reach_nothing(server) -> None:
    status, headers = _answer(server, "/_stcore/health", Origin="https://evil.example")
    assert (status, headers["access-control-allow-origin"]) == (200, None)
    opened = [
        _answer(server, "/_stcore/stream", Origin=origin, **UPGRADE)[0]
        for origin in ("https://evil.example", server.url)
    ]
    assert opened == [403, 101]
    uploads = "/_stcore/upload_file/session/file"
    assert _answer(server, uploads, "PUT", Origin=server.url)[0] == 403  # without the token
    status, headers = _answer(server, "/sign-in", "POST", Sec_Fetch_Site="cross-site")
    assert (status, headers["set-cookie"]) == (403, None)


def test_the_headers_are_as_documented(server) -> None:
    page, demo = (_answer(server, path, Accept="text/html")[1] for path in ("/sign-in", "/demo"))
    for headers in (page, demo):
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in page["content-security-policy"]
    assert page["x-frame-options"] == "DENY"
    assert demo["x-frame-options"] is None  # a demo may stand in another site's page


def test_a_studio_that_nobody_else_reaches_asks_nobody_and_is_not_framed(start_server) -> None:
    server = start_server(env={"STUDIO_DEMO": "1"})
    status, headers = _answer(server, "/", Accept="text/html")
    assert (status, headers["x-frame-options"]) == (200, "SAMEORIGIN")
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    status, headers = _answer(server, "/search", Accept="text/html", Host="tunnel.example")
    assert (status, headers["location"]) == (303, "./sign-in?next=search")
