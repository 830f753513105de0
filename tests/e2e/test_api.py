"""The API's page and its documentation in a real browser; a key at work is in `test_publish`."""

from __future__ import annotations

from tests.e2e.conftest import PHONE
from tests.e2e.test_accessibility import findings


def test_the_documentation_needs_no_network(open_visitor, demo_server) -> None:
    visitor = open_visitor(demo_server)
    visitor.page.goto(f"{demo_server.url}/v1/docs")
    visitor.page.get_by_text("/prototypes/{slug}/ask").first.wait_for()
    visitor.screenshot("api_docs")
    assert visitor.foreign_requests == []
    assert visitor.console_errors == []


def test_phone_in_chinese_and_dark(open_visitor, demo_server) -> None:
    visitor = open_visitor(demo_server, viewport=PHONE, locale="zh-CN", color_scheme="dark")
    visitor.goto("/api")
    visitor.page.get_by_role("heading", name="密钥", exact=True).wait_for()
    width = visitor.page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= PHONE["width"]
    visitor.screenshot("api_phone")
    assert findings(visitor) == []
