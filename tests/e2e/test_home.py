"""Home in a real browser: the first start, the sample, the gallery, languages, themes, a phone."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}


@pytest.mark.alone
def test_the_first_paint_comes_before_any_model(open_visitor, start_server, tmp_path) -> None:
    (tmp_path / "models").mkdir()  # nothing is there yet
    server = start_server(home=tmp_path)
    visitor = open_visitor(server)
    started = time.monotonic()
    visitor.page.goto(server.url)
    expect(visitor.page.get_by_role("heading", name="What do you want to build?")).to_be_visible(
        timeout=15_000
    )
    assert time.monotonic() - started < 15
    visitor.wait_idle()
    visitor.screenshot("home-first-start")
    assert visitor.foreign_requests == []


def test_home_makes_a_chatbot_and_deletes_it_with_undo(open_visitor, demo_server) -> None:
    visitor = open_visitor(demo_server)
    page = visitor.page
    visitor.goto("/")
    page.get_by_role("button", name="New chatbot").click()
    page.wait_for_url(re.compile(r"/chatbot\?.*prototype=my-chatbot"))
    visitor.wait_idle()
    visitor.goto("/")
    expect(page.get_by_text("My chatbot")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).first.click()
    expect(page.get_by_text("was deleted.")).to_be_visible()
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    visitor.screenshot("home-deleted")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Open", exact=True)).to_be_visible()
    expect(page.get_by_text("was deleted.")).to_be_hidden()


@pytest.mark.parametrize("kind", ["chatbot", "content", "search"])
def test_the_sample_is_one_click_away(open_visitor, demo_server, kind) -> None:
    visitor = open_visitor(demo_server)
    visitor.goto("/")
    card = visitor.page.locator(f".st-key-kind-{kind}")
    card.get_by_role("button", name="Try the sample").click()
    visitor.page.wait_for_url(re.compile(rf"/{kind}\?.*prototype="))
    visitor.wait_idle()
    expect(visitor.page.get_by_test_id("stException")).to_have_count(0)


def test_the_browser_chooses_the_language_and_the_switch_changes_it(
    open_visitor, demo_server
) -> None:
    visitor = open_visitor(demo_server, locale="zh-CN")
    page = visitor.page
    visitor.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("你想做什么？")
    page.get_by_role("radio", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you want to build?")
    visitor.wait_idle()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you want to build?")
    page.get_by_role("link", name="Models", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_home_fits_a_phone(open_visitor, demo_server, scheme, locale) -> None:
    visitor = open_visitor(demo_server, viewport=PHONE, color_scheme=scheme, locale=locale)
    visitor.goto("/")
    visitor.screenshot(f"home-phone-{scheme}-{locale}", full_page=True)
    width = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    background = visitor.page.evaluate(
        "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    )
    assert background == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 25, 26)")


def test_an_address_that_names_nothing_leads_home(open_visitor, demo_server) -> None:
    visitor = open_visitor(demo_server)
    visitor.goto("/chatbot?prototype=gone")
    expect(visitor.page.get_by_test_id("stException")).to_have_count(0)
    expect(visitor.page.get_by_test_id("stAlert").last).to_be_visible()


def test_a_click_that_fails_says_why_and_shows_no_trace(open_visitor, start_server) -> None:
    server = start_server(env={"STUDIO_DEMO": "1"})
    first, second = open_visitor(server), open_visitor(server)
    first.goto("/")
    first.page.get_by_role("button", name="New chatbot").click()
    first.page.wait_for_url(re.compile(r"prototype=my-chatbot"))
    first.wait_idle()
    first.goto("/")
    second.goto("/")
    second.page.get_by_role("button", name="Delete", exact=True).click()
    expect(second.page.get_by_text("was deleted.")).to_be_visible()
    first.page.get_by_role("button", name="Duplicate").click()  # of what is gone by now
    told = first.page.get_by_test_id("stMain").get_by_test_id("stAlert")
    expect(told).to_contain_text("was deleted. It can be restored.")
    expect(first.page.get_by_test_id("stException")).to_have_count(0)
    first.screenshot("home-click-failed")


def test_a_server_that_is_gone_is_told_in_the_language_of_the_page(
    open_visitor, start_server
) -> None:
    server = start_server(env={"STUDIO_DEMO": "1"})
    visitor = open_visitor(server, locale="zh-CN")
    visitor.goto("/")
    server.kill()
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("工作室没有响应", timeout=30_000)
    expect(dialog).to_contain_text("请在终端里重新启动")
    expect(dialog.locator("code")).to_have_text("streamlit run studio/app.py")
    visitor.screenshot("home-server-gone")
