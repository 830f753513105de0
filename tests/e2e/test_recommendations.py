"""The recommendations page in a real browser: a founder with two files, who tests it and tries it."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE

CARD = ".st-key-panel_try [class*='st-key-recommended_']"
OFFER = ".st-key-panel_try [class*='st-key-recommendation_offer'] button:visible"
# Streamlit draws a button with a tooltip twice, one of them hidden.
LIKED = ".st-key-panel_try [class*='st-key-recommendation_likes'] button:visible"
VERDICT = re.compile(r"is worth it: of \d+ users, \d+% later took something")
# Which of these it is depends on the way of recommending that did best in the test.
REASON = re.compile("(Because you liked|Like|Often follows|like that of) Tea thing")
SHELVES = ("tea", "garden", "cycling")
N_ON_A_SHELF = 12
N_USERS = 150


def files() -> list[dict]:
    """Items of three shelves, and users of whom each buys from one, most of them tea."""
    rng = np.random.default_rng(7)
    items = ["sku,title,shelf,price,description"]
    items += [
        f"{shelf[0].upper()}{n},{shelf.title()} thing {n},{shelf},{5 + n}.50,For friends of {shelf}"
        for shelf in SHELVES
        for n in range(N_ON_A_SHELF)
    ]
    events = ["user_id,sku,event,timestamp"]
    for user in range(N_USERS):
        shelf = SHELVES[0] if user % 2 else SHELVES[1 + user % 4 // 2]
        for n in rng.choice(N_ON_A_SHELF, 6, replace=False):
            day, minute = rng.integers(1, 28), rng.integers(0, 60)
            month = rng.integers(1, 7)
            events.append(
                f"u{user},{shelf[0].upper()}{n},buy,2025-{month:02d}-{day:02d}T10:{minute:02d}:00Z"
            )
    return [
        {"name": name, "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
        for name, lines in (("items.csv", items), ("events.csv", events))
    ]


def first_card(visitor, holding: str | re.Pattern) -> None:
    expect(visitor.page.locator(CARD).first).to_contain_text(holding, timeout=60_000)


def test_two_files_become_a_tested_recommender_that_serves_a_new_user(open_visitor, demo_server):
    visitor = open_visitor(demo_server)
    page = visitor.page
    visitor.goto("/recommendations")

    # Eight clicks. One makes it, one chooses the files; "for you" is what a list is for at first.
    page.get_by_role("button", name="New recommender").click()
    upload = page.locator("[data-testid=stFileUploader] input[type=file]")
    upload.wait_for(state="attached")
    upload.set_input_files(files())
    page.locator(CARD).first.wait_for(timeout=120_000)
    expect(page.locator(".st-key-panel_settings")).to_contain_text("Events: who did what")
    expect(page.locator(".st-key-panel_settings")).to_contain_text("900 rows")

    # Two more to the verdict against popularity.
    page.get_by_role("radio", name="Test").click()
    page.get_by_role("button", name="Test it").click()
    page.get_by_text(VERDICT).first.wait_for(timeout=120_000)
    visitor.wait_idle()
    visitor.screenshot("recommendations_verdict", full_page=True)

    # One back, and three likes of a new user, who likes tea: the list follows, with a reason each.
    page.get_by_role("radio", name="Try it").click()
    for name in ("Tea thing 1", "Tea thing 4", "Tea thing 7"):
        page.get_by_label("Find items to like").fill(name)
        page.locator(OFFER, has_text=re.compile(f"{name}$")).click()
        page.locator(LIKED, has_text=name).wait_for()
    first_card(visitor, "Tea thing")
    first_card(visitor, REASON)
    visitor.wait_idle()
    visitor.screenshot("recommendations_new_user", full_page=True)

    # The item's own page, and two ways side by side.
    page.locator("[class*='st-key-_recommended-open'] button").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Goes with it").wait_for()
    expect(dialog.locator("[class*='st-key-recommended_']").first).to_contain_text("Tea thing")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    page.get_by_text("Two ways side by side").click()
    page.get_by_text(re.compile(r"items? (is|are) in both lists")).wait_for(timeout=60_000)
    visitor.wait_idle()
    visitor.screenshot("recommendations_side_by_side", full_page=True)


def test_phone_shows_the_chinese_sample_in_the_dark(open_visitor, demo_server):
    visitor = open_visitor(demo_server, viewport=PHONE, locale="zh-CN", color_scheme="dark")
    page = visitor.page
    visitor.goto("/recommendations")
    page.locator("[class*='st-key-_chooser'] button").first.click()
    page.locator(CARD).first.wait_for(timeout=120_000)
    assert page.locator(".st-key-panel_settings").is_hidden()
    page.locator(OFFER).first.click()
    page.locator(LIKED).first.wait_for()
    first_card(visitor, re.compile("因为你喜欢|像|常在|描述和|经历相似"))
    visitor.wait_idle()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    visitor.screenshot("recommendations_phone", full_page=True)
