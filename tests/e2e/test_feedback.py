"""Feedback in a real browser, on the demo engine: a correction is given, accepted and then used."""

from __future__ import annotations

import re

from tests.e2e.conftest import PHONE

HISTORY = ".st-key-chat_history"
STRIP = f"{HISTORY} [class*='st-key-answer_strip_']"
INPUT = "[data-testid=stChatInputTextArea]"
QUESTION = "Do you deliver parcels to Norway by ferry?"
ALIKE = "By ferry, do you deliver parcels to Norway?"
ANOTHER = "Do you deliver parcels to Sweden by ferry?"
CORRECTION = "Yes, the ferry to Norway takes five days."


def ask(visitor, question: str) -> None:
    n_before = visitor.page.locator(STRIP).count()
    visitor.page.fill(INPUT, question)
    visitor.page.keyboard.press("Enter")
    visitor.page.locator(STRIP).nth(n_before).wait_for(timeout=60_000)
    visitor.wait_idle()


def last_answer(visitor):
    return visitor.page.locator(f"{HISTORY} [data-testid=stChatMessage]").last


def open_sample(visitor) -> None:
    visitor.goto("/chatbot")
    visitor.page.locator(".st-key-_chooser-sample, .st-key-_chooser_sample").first.locator(
        "button"
    ).click()
    visitor.page.wait_for_selector(INPUT)
    visitor.wait_idle()


def test_a_correction_is_given_accepted_and_used(open_visitor, demo_server):
    visitor = open_visitor(demo_server)
    page = visitor.page
    open_sample(visitor)
    ask(visitor, QUESTION)
    thumbs = last_answer(visitor).locator("[data-testid=stFeedback] button")
    thumbs.last.click()
    form = last_answer(visitor).locator("[data-testid=stForm]")
    form.get_by_role("radio", name="It is wrong").or_(
        form.get_by_role("button", name="It is wrong")
    ).first.click()
    form.get_by_label("What should it have said?").fill(CORRECTION)
    visitor.screenshot("feedback_form")
    form.get_by_role("button", name="Send").click()
    last_answer(visitor).get_by_text("Thank you, this was kept.").wait_for()
    last_answer(visitor).get_by_role("link", name="Use this feedback").click()

    page.get_by_role("heading", name="Feedback").wait_for()
    answer = page.get_by_label("Answer of the team")
    answer.wait_for()
    assert answer.input_value() == CORRECTION
    visitor.wait_idle()
    visitor.screenshot("feedback_review", full_page=True)
    page.get_by_role("button", name="Give this answer from now on").click()
    page.get_by_text("From now on, the team's answer is given to").wait_for()

    visitor.goto(re.sub(r".*?/feedback\?", "/chatbot?", page.url))
    ask(visitor, ALIKE)
    given = last_answer(visitor)
    given.get_by_text("Answered by the team").wait_for()
    assert CORRECTION in given.inner_text() or given.get_by_text(CORRECTION).count() == 1
    visitor.screenshot("feedback_used")
    ask(visitor, ANOTHER)
    assert last_answer(visitor).get_by_text("Answered by the team").count() == 0

    visitor.goto(re.sub(r".*?/chatbot\?", "/feedback?", page.url))
    page.get_by_role("radiogroup", name="View").get_by_role("radio", name="Team answers").click()
    page.get_by_text("given 1 time").wait_for()
    visitor.wait_idle()
    visitor.screenshot("feedback_team_answers", full_page=True)
    assert visitor.foreign_requests == []


def test_feedback_is_read_on_a_phone_in_chinese(open_visitor, demo_server):
    visitor = open_visitor(demo_server, viewport=PHONE, locale="zh-CN", color_scheme="dark")
    visitor.goto("/feedback")
    visitor.page.get_by_role("heading", name="反馈").wait_for()
    visitor.page.locator("[data-testid=stExpander] summary, [data-testid=stAlert]").first.wait_for()
    visitor.wait_idle()
    width = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    visitor.screenshot("feedback_phone_zh", full_page=True)
