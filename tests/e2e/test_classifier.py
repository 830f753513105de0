"""The classifier page in a real browser: a founder with a table, who tries, labels and sees it move."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from studio.sample_company import sample_of
from tests.e2e.conftest import PHONE

PANEL = ".st-key-panel_try"
LABEL = f"{PANEL} .st-key-classifier_label_buttons button:visible"
VERDICT = re.compile(r"Right for \d+% of \d+ texts it had not seen")


@pytest.fixture(scope="module")
def table() -> dict:
    (name, content) = sample_of("classifier", "en").files[0]
    return {"name": name, "mimeType": "text/csv", "buffer": content}


def test_a_table_becomes_a_classifier_that_learns_from_five_labels(visitor, table):
    page = visitor.page
    visitor.goto("/classifier")
    page.get_by_role("button", name="New classifier").click()
    upload = page.locator("[data-testid=stFileUploader] input[type=file]")
    upload.wait_for(state="attached")
    upload.set_input_files([table])
    box = page.locator(f"{PANEL} textarea").first
    box.wait_for(timeout=60_000)
    box.fill("My tent leaks at one seam, can you mend it?")
    page.get_by_role("button", name="Classify").click()
    expect(page.locator(PANEL).get_by_role("heading", name="repair")).to_be_visible(timeout=30_000)
    visitor.wait_idle()
    visitor.screenshot("classifier_try", full_page=True)

    page.get_by_role("radio", name="Label more").click()
    expect(page.locator(PANEL).get_by_text(VERDICT).first).to_be_visible(timeout=30_000)
    for n_left in range(20, 15, -1):
        page.get_by_text(re.compile(rf"\b{n_left} texts left in this round")).wait_for()
        page.locator(LABEL).first.click()
    page.get_by_role("button", name="Learn from 5 labels").click()
    moved = page.get_by_text(re.compile(r"5 more examples moved (accuracy by [+−]\d|nothing)"))
    moved.wait_for(timeout=60_000)
    page.locator(f"{PANEL} [data-testid=stPlotlyChart]").wait_for(timeout=60_000)
    visitor.wait_idle()
    visitor.screenshot("classifier_label", full_page=True)


def test_phone_shows_the_chinese_sample_in_the_dark(open_visitor, demo_server):
    visitor = open_visitor(demo_server, viewport=PHONE, locale="zh-CN", color_scheme="dark")
    page = visitor.page
    visitor.goto("/classifier")
    page.locator("[class*='st-key-_chooser'] button").first.click()
    starter = page.locator("[class*='st-key-classifier_suggest_'] button:visible").first
    starter.click(timeout=60_000)
    page.locator(f"{PANEL} [class*='st-key-classifier_answer_']").wait_for(timeout=60_000)
    visitor.wait_idle()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    visitor.screenshot("classifier_phone", full_page=True)
