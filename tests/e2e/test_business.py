"""The business pages in a real browser: the investor's questions, from a real chatbot to the workbook.

A chatbot is measured with its own questions, served otherwise, seen in all six business models, and
taken away as a workbook whose formulas another program computes to the same numbers.
"""

from __future__ import annotations

import re

import pytest

from tests.e2e.conftest import PHONE
from tests.e2e.test_chatbot import ask, open_sample

MEASURING_MS = 420_000
MODELS = {
    "subscription": "Subscription",
    "api": "API, pay per call",
    "freemium": "Freemium with paid add-ons",
    "advertising": "Advertising",
    "data_service": "Data service",
    "consulting": "Consulting and solutions",
}


def follow(visitor, name: str) -> None:
    """Go to a page by the navigation."""
    visitor.page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
    visitor.page.get_by_role("heading", name=name, exact=True).wait_for()
    visitor.wait_idle()


def choose(visitor, name: str) -> None:
    """Choose a way of serving and wait until it is drawn."""
    visitor.page.get_by_role("radio", name=name, exact=True).click()
    visitor.wait_idle()


def open_model(visitor, key: str, name: str) -> None:
    """Open a business model's form."""
    visitor.page.get_by_role("radio", name=name, exact=True).click()
    visitor.page.locator(f"[class*=st-key-figure_first_{key}_]").first.wait_for()
    visitor.wait_idle()


@pytest.mark.timeout(900)  # 152 requests on a real model are among its steps
def test_a_chatbot_is_measured_served_otherwise_compared_and_taken_away(
    open_visitor, studio_server, tmp_path
):
    visitor = open_visitor(studio_server)
    page = visitor.page
    visitor.goto("/chatbot")
    page.wait_for_selector(".st-key-first-start", state="detached", timeout=300_000)
    open_sample(visitor)
    page.locator("summary", has_text="Data").click()
    page.get_by_text("Ready to search").first.wait_for(timeout=120_000)

    # Measured with its own questions: what a request costs, by stage.
    follow(visitor, "Cost and latency")
    page.get_by_role("button", name="Measure now").click()
    page.get_by_text("Last measured").wait_for(timeout=MEASURING_MS)
    visitor.wait_idle()
    stages = page.locator("[data-testid=stTable]").first
    assert re.search("embedding.*generation", stages.inner_text(), re.DOTALL)
    assert "requests of this prototype" not in page.inner_text("body")  # only when asked for

    # A hosted model, then an H100: the dots of all ways at 1,000 users a month.
    choose(visitor, "Hosted model")
    page.get_by_text("gpt-4o-mini", exact=False).first.wait_for()
    choose(visitor, "Own GPU")
    page.get_by_text("NVIDIA H100", exact=False).locator("visible=true").first.wait_for()
    pareto = page.locator(".st-key-cost_pareto .js-plotly-plot")
    pareto.wait_for()
    assert (
        pareto.locator(".scatterlayer .trace").count() >= 4
    )  # here, hosted, GPU, the best of them
    assert page.get_by_text("95 of 100 within (p95)").count() >= 1
    visitor.screenshot("business_cost", full_page=True)
    choose(visitor, "As measured here")

    # Six models, each with its form and its result.
    follow(visitor, "Business models")
    for key, name in MODELS.items():
        open_model(visitor, key, name)
        field = page.locator(f"[class*=st-key-_models-{key}-] input").first
        field.fill(str(float(field.input_value()) * 2))
        field.press("Tab")
        page.get_by_role("button", name="Back to the defaults").wait_for()
        visitor.wait_idle()
        assert page.locator(f"[class*=st-key-figure_first_{key}_]").count() >= 8
    open_model(visitor, "subscription", "Subscription")
    page.locator("[class*=st-key-figure_first_subscription_gross_margin] button").first.click()
    told = page.locator("[data-testid=stPopoverBody]")
    told.get_by_text("Formula:").wait_for()
    assert "computed" in told.inner_text()
    visitor.screenshot("business_provenance")
    page.keyboard.press("Escape")

    # All of them side by side, and the workbook.
    follow(visitor, "Compare models")
    page.locator(".st-key-compare_table, [class*=st-key-compare_table]").first.wait_for()
    visitor.screenshot("business_compare", full_page=True)
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("button", name="Workbook (XLSX)").click()
    content = download.value.path().read_bytes()
    assert_recomputes(content, tmp_path)


def assert_recomputes(content: bytes, folder) -> None:
    """Another program computes every formula of the workbook to the number that stands there."""
    import io

    import openpyxl

    from tests.integration.test_workbook import recomputed
    from tests.unit.economics.test_workbook import formulas_of, is_same

    book = openpyxl.load_workbook(io.BytesIO(content))
    kept = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    found = recomputed(content, folder, {})
    checked = 0
    for sheet, cell, _formula in formulas_of(book):
        assert is_same(found[(sheet.upper(), cell)], kept[sheet][cell].value), (sheet, cell)
        checked += 1
    assert checked > 36 * 10


@pytest.mark.parametrize("path", ["/cost", "/business-models", "/compare-models"])
def test_a_phone_shows_every_page_without_scrolling_sideways(open_visitor, demo_server, path):
    visitor = open_visitor(demo_server, viewport=PHONE, color_scheme="dark", locale="zh-CN")
    open_sample(visitor)
    visitor.goto(path)
    assert visitor.page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]


def test_a_scenario_is_opened_by_a_button_that_says_so(open_visitor, demo_server):
    """Streamlit's own words are put into the user's; a button with a hint is none of them."""
    visitor = open_visitor(demo_server)
    open_sample(visitor)
    ask(visitor, "For how many years can I use a gift card?")
    follow(visitor, "Compare models")
    visitor.page.get_by_label("Name of the scenario").fill("As it is")
    visitor.page.get_by_role("button", name="Keep it").click()
    kept = visitor.page.locator("[class*=st-key-scenario_]").filter(has_text="As it is")
    kept.get_by_role("button", name="Open", exact=True).wait_for(timeout=15_000)
    visitor.wait_idle()
