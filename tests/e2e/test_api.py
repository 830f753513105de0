"""An engineer takes over: a key from the page, a stream by the official client, a meter that moves."""

from __future__ import annotations

import re

import openai
import pytest
from openai import OpenAI
from playwright.sync_api import expect

from studio.config import Settings
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.workbench import Workbench
from studio.workspace.publication_record import PublicationChoices
from tests.e2e.conftest import PHONE, Server
from tests.e2e.test_accessibility import findings

RETURNS = b"# Labels\n\nA return label costs $4.95 for domestic parcels.\n"
QUESTION = "What does a return label cost for domestic parcels?"
ROW = "[class*=st-key-api_key_]"


@pytest.fixture(scope="module")
def server(start_server, tmp_path_factory) -> Server:
    """A studio in demo mode with a chatbot published as "help-desk"."""
    home = tmp_path_factory.mktemp("published")
    with Workbench.open(settings=Settings(home=home, is_demo=True)) as workbench:
        bot = workbench.create_chatbot("Help desk", ChatbotSettings(min_relevance=0.05))
        bot.add_file("returns.md", RETURNS)
        bot.update_index().wait(60)
        workbench.publish(bot.id, PublicationChoices(headline="Help desk"), slug="help-desk")
    return start_server(env={"STUDIO_DEMO": "1"}, home=home)


def test_a_key_is_made_used_metered_and_revoked(open_visitor, server) -> None:
    visitor = open_visitor(server)
    page = visitor.page
    visitor.goto("/api")
    page.get_by_label("Whose key it is").fill("Acme")
    page.get_by_role("button", name="Create the key").click()
    secret = page.get_by_text(re.compile(r"^ps_[\w-]{43}$")).inner_text()
    visitor.screenshot("api_key_made")
    page.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_text(secret)).to_have_count(0)

    # The same port as the pages; the official client; the sources come along.
    client = OpenAI(base_url=f"{server.url}/v1", api_key=secret, max_retries=0)
    ask = [{"role": "user", "content": QUESTION}]
    stream = client.chat.completions.create(model="help-desk", messages=ask, stream=True)
    chunks = [chunk.choices[0] for chunk in stream]
    assert "4.95" in "".join(chunk.delta.content or "" for chunk in chunks)
    assert chunks[-1].delta.citations[0]["document"] == "returns.md"  # type: ignore[attr-defined]

    visitor.goto("/api")
    row = page.locator(ROW, has_text="Acme")
    expect(row).to_contain_text("Today: 1 request")
    expect(page.locator("[data-testid=stTable]").first).to_contain_text("Acme")
    expect(page.locator(".js-plotly-plot")).to_have_count(1)
    visitor.wait_idle()
    visitor.screenshot("api_used", full_page=True)
    assert findings(visitor) == []

    # Revoked by a second click, and refused from the next request on.
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("button", name="Revoke the key of Acme").click()
    page.get_by_text("1 revoked key").wait_for()
    with pytest.raises(openai.AuthenticationError):
        client.models.list()
    client.close()
    assert visitor.foreign_requests == []


def test_the_documentation_needs_no_network(open_visitor, server) -> None:
    visitor = open_visitor(server)
    visitor.page.goto(f"{server.url}/v1/docs")
    visitor.page.get_by_text("/prototypes/{slug}/ask").first.wait_for()
    visitor.screenshot("api_docs")
    assert visitor.foreign_requests == []
    assert visitor.console_errors == []


def test_phone_in_chinese_and_dark(open_visitor, server) -> None:
    visitor = open_visitor(server, viewport=PHONE, locale="zh-CN", color_scheme="dark")
    visitor.goto("/api")
    visitor.page.get_by_role("heading", name="密钥", exact=True).wait_for()
    width = visitor.page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= PHONE["width"]
    visitor.screenshot("api_phone")
    assert findings(visitor) == []
