"""The models page in a real browser: loading beside the page, the test box, adding an endpoint."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}


def choose(page, name: str) -> None:
    page.get_by_role("radio", name=name).click()


def test_a_model_loads_beside_the_page_and_answers(open_visitor, demo_server) -> None:
    visitor = open_visitor(demo_server)
    page = visitor.page
    visitor.goto("/models")
    expect(page.get_by_text("Processor", exact=True)).to_be_visible()
    unload = page.get_by_role("button", name="Unload", exact=True)
    expect(unload).to_have_count(2, timeout=20_000)  # the default models, ready ahead of the click
    unload.last.click()
    expect(unload).to_have_count(1)
    page.get_by_role("button", name="Load", exact=True).first.click()
    expect(unload).to_have_count(2, timeout=20_000)
    visitor.screenshot("models-loaded")
    choose(page, "Try a model")
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="SmolLM2 135M Instruct").click()
    page.get_by_role("button", name="Let it write").click()
    expect(page.get_by_text(re.compile(r"tokens/s.*first word after"))).to_be_visible()
    visitor.screenshot("models-try")
    assert visitor.foreign_requests == []


@pytest.fixture
def endpoint():
    """A small OpenAI-compatible server on this machine that wants the key "right"."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_allowed = self.headers.get("Authorization") == "Bearer right"
            models = {"object": "list", "data": [{"id": "tiny-chat", "object": "model"}]}
            body = json.dumps(models if is_allowed else {"error": {"message": "no"}}).encode()
            self.send_response(200 if is_allowed else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_an_endpoint_is_added_with_its_key(open_visitor, demo_server, endpoint) -> None:
    visitor = open_visitor(demo_server)
    page = visitor.page
    visitor.goto("/models")
    choose(page, "Add a model")
    choose(page, "Endpoint")
    page.get_by_role("textbox", name="Address").fill(endpoint)
    page.get_by_role("textbox", name="Key").fill("wrong")
    page.get_by_role("button", name="List models").click()
    expect(page.get_by_text("127.0.0.1 refused the key.")).to_be_visible(timeout=20_000)
    visitor.screenshot("models-add-refused")
    page.get_by_role("textbox", name="Key").fill("right")
    page.get_by_role("button", name="List models").click()
    expect(page.get_by_role("combobox", name="Model")).to_have_value("tiny-chat", timeout=20_000)
    page.get_by_role("button", name="Add the model").click()
    expect(page.get_by_text("tiny-chat is in the catalogue now.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Key")).to_have_value("")
    choose(page, "Catalogue")
    expect(page.get_by_text("tiny-chat", exact=True)).to_be_visible()
    assert "right" not in visitor.server.log.read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone(open_visitor, demo_server, scheme) -> None:
    visitor = open_visitor(demo_server, viewport=PHONE, color_scheme=scheme, locale="zh-CN")
    visitor.goto("/models")
    visitor.screenshot(f"models-phone-{scheme}", full_page=True)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
