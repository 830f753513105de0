"""Evaluation in a real browser, on the real embedder: questions, a verdict, two versions compared."""

from __future__ import annotations

import csv
import re

import pytest

from studio.sample_company import sample_questions
from tests.e2e.conftest import PHONE

N = 12


@pytest.fixture(scope="module")
def some_questions(tmp_path_factory):
    """A dozen of the sample's questions as a file: enough to see, and quick to answer."""
    rows = list(csv.reader(sample_questions("en").decode().splitlines()))
    path = tmp_path_factory.mktemp("set") / "questions.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([rows[0], *rows[1 : N + 1]])
    return path


def measure(visitor, n_before: int) -> None:
    page = visitor.page
    page.get_by_role("button", name=f"Measure {N} questions").click()
    page.wait_for_function(
        "n => document.querySelectorAll('[data-testid=stTable]').length > n", arg=n_before,
        timeout=60_000,
    )  # fmt: skip
    page.get_by_text("Question by question").wait_for(timeout=60_000)
    visitor.wait_idle()


def test_questions_are_measured_and_two_versions_compared(
    open_visitor, studio_server, some_questions
):
    visitor = open_visitor(studio_server)
    page = visitor.page
    visitor.goto("/chatbot")
    page.locator("[class*='st-key-_chooser-sample'] button").click()
    page.wait_for_selector("[data-testid=stChatInputTextArea]", timeout=60_000)
    slug = re.search(r"prototype=([\w-]+)", page.url)
    assert slug is not None
    visitor.goto(f"/evaluate?prototype={slug[1]}")
    page.get_by_role("button", name="Use the sample's questions").wait_for()
    visitor.screenshot("evaluate_empty", full_page=True)
    page.locator("input[type=file]").set_input_files(some_questions)
    page.get_by_role("button", name=f"Measure {N} questions").wait_for()

    page.get_by_text("More", exact=True).first.click()
    style = page.get_by_role("combobox", name=re.compile("Answer style"))
    style.click()
    page.get_by_role("option", name="Quote the documents").click()
    visitor.wait_idle()
    measure(visitor, 0)
    page.get_by_text(re.compile(r"token recall\): \d+%")).first.wait_for()
    visitor.screenshot("evaluate_result", full_page=True)

    second = page.get_by_role("combobox", name=re.compile("Part of the set"))
    second.wait_for()
    page.get_by_role("button", name=f"Measure {N} questions").click()
    page.get_by_text(re.compile("Measuring")).first.wait_for()
    page.get_by_role("button", name=f"Measure {N} questions").wait_for(timeout=60_000)
    visitor.goto(f"/compare?prototype={slug[1]}")
    page.get_by_text("What differs").wait_for()
    page.get_by_text("All evaluations of this set").wait_for()
    visitor.screenshot("compare", full_page=True)
    assert visitor.foreign_requests == []

    phone = open_visitor(studio_server, viewport=PHONE, locale="zh-CN", color_scheme="dark")
    phone.goto(f"/evaluate?prototype={slug[1]}")
    phone.screenshot("evaluate_phone_zh", full_page=True)
    width = phone.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
