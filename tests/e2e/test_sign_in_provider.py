"""Signing in through a provider of identities: who is listed comes in, who is not stays out."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from playwright.sync_api import expect

from studio.acting import Role
from studio.config import Settings
from studio.workbench import Workbench
from tests.e2e.identity_provider import identity_provider


@pytest.fixture
def provider():
    with identity_provider() as provider:
        yield provider


def test_only_people_on_the_list_come_in(
    open_visitor, start_server, provider, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        f"""[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "{"x" * 40}"
[auth.acme]
client_id = "{provider.client_id}"
client_secret = "secret"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
"""
    )
    home = tmp_path / "home"
    home.mkdir()
    with Workbench.open(settings=Settings(home=home, is_demo=True), resume=False) as bench:
        bench.accounts.add("ann@acme.test", Role.OWNER)
    server = start_server(
        env={
            "STUDIO_DEMO": "1",
            "STUDIO_SIGN_IN": "required",
            "STREAMLIT_SECRETS_FILES": str(secrets),
        },
        home=home,
        port=port,
    )
    provider.person = {"email": "eve@acme.test", "email_verified": True}
    visitor = open_visitor(server)
    page = visitor.page
    page.goto(server.url)
    expect(page.get_by_role("link", name="Sign in with a password")).to_be_visible()
    page.get_by_role("button", name="Sign in with Acme").click()
    expect(page.get_by_text("eve@acme.test is not among the people")).to_be_visible()
    expect(page.get_by_role("heading", name="What do you want to build?")).to_have_count(0)
    visitor.screenshot("sign-in-provider-unknown")

    provider.person = {"email": "ann@acme.test", "email_verified": True}
    other = open_visitor(server)
    other.page.goto(f"{server.url}/people?lang=en")  # after signing in it is this page that opens
    other.page.get_by_role("button", name="Sign in with Acme").click()
    expect(other.page.get_by_role("heading", name="People", exact=True)).to_be_visible()
    assert other.page.url.startswith(f"{server.url}/people?lang=en")
    expect(other.page.get_by_test_id("stSidebar")).to_contain_text("ann@acme.test")
    other.page.reload()
    expect(other.page.get_by_test_id("stSidebar")).to_contain_text("ann@acme.test")
    other.page.get_by_role("button", name="Sign out").click()
    expect(other.page.get_by_role("button", name="Sign in with Acme")).to_be_visible()
