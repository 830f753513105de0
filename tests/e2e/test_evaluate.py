"""Evaluation in a real browser, on the demo engine: questions, a verdict, two versions compared."""

from __future__ import annotations

import csv
import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from studio.config import Settings
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.sample_company import sample_questions
from studio.workbench import Workbench
from tests.e2e.conftest import PHONE

N = 12
INPUT = "[data-testid=stChatInputTextArea]"
STRIP = "[class*='st-key-answer_strip_']"


@pytest.fixture(scope="module")
def some_questions(tmp_path_factory):
    """A dozen of the sample's questions as a file: enough to see, and quick to answer."""
    rows = list(csv.reader(sample_questions("en").decode().splitlines()))
    path = tmp_path_factory.mktemp("set") / "questions.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows[: N + 1])
    return path


def quoting_versions(server, slug: str) -> None:
    """Version 2 quotes the documents, version 3 also where they are less relevant."""
    settings = Settings(home=server.home, is_demo=True)
    with Workbench.open(settings=settings, resume=False) as bench:
        bot = bench.prototype(slug, Chatbot)
        quoting = replace(bot.settings, answer_style="quote")
        bot.configure(quoting)
        bot.configure(replace(quoting, min_relevance=0.2))


def open_the_sample(visitor) -> str:
    """Its address, once it has answered: then the index is there."""
    page = visitor.page
    visitor.goto("/chatbot")
    page.locator("[class*='st-key-_chooser-sample'] button").click()
    page.wait_for_selector(INPUT, timeout=60_000)
    visitor.wait_idle()
    page.fill(INPUT, "When was the company started?")
    page.keyboard.press("Enter")
    page.locator(STRIP).first.wait_for(timeout=90_000)
    slug = re.search(r"prototype=([\w-]+)", page.url)
    assert slug is not None
    return slug[1]


def measure(visitor) -> None:
    """Start a run, and wait until it is done and can be started again."""
    button = visitor.page.get_by_role("button", name=f"Measure {N} questions")
    button.click()
    expect(button).to_have_count(0, timeout=20_000)
    expect(button).to_be_visible(timeout=60_000)
    visitor.wait_idle()


def test_questions_are_measured_and_two_versions_compared(
    open_visitor, demo_server, some_questions
):
    visitor = open_visitor(demo_server)
    page = visitor.page
    slug = open_the_sample(visitor)
    quoting_versions(demo_server, slug)

    visitor.goto(f"/evaluate?prototype={slug}")
    page.get_by_role("button", name="Use the sample's questions").wait_for()
    visitor.screenshot("evaluate_empty", full_page=True)
    page.locator("input[type=file]").set_input_files(some_questions)
    measured = page.get_by_role("combobox", name=re.compile("What is measured"))
    measured.click()
    page.get_by_role("option", name=re.compile("^Version 2")).click()
    visitor.wait_idle()
    measure(visitor)
    expect(page.get_by_text(re.compile(r"token recall\): \d+% on"))).to_be_visible()
    expect(page.get_by_text("Measured just now on version 2")).to_be_visible()
    expect(measured).to_have_value(re.compile("^Version 2"))  # a run forgets no choice
    visitor.screenshot("evaluate_result", full_page=True)
    measured.click()
    page.get_by_role("option", name=re.compile("^As it is set now")).click()
    visitor.wait_idle()
    measure(visitor)

    visitor.goto(f"/compare?prototype={slug}")
    page.get_by_text("What differs").wait_for()
    expect(page.get_by_text("Relevance needed (threshold)")).to_be_visible()
    page.get_by_text("All evaluations of this set").wait_for()
    page.locator(".js-plotly-plot").wait_for()
    visitor.wait_idle()
    visitor.screenshot("compare", full_page=True)
    assert visitor.foreign_requests == []

    phone = open_visitor(demo_server, viewport=PHONE, locale="zh-CN", color_scheme="dark")
    for path in ("evaluate", "compare"):
        phone.goto(f"/{path}?prototype={slug}")
        phone.screenshot(f"{path}_phone_zh", full_page=True)
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
