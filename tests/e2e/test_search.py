"""The search page in a real browser: the founder who brings a mixed folder, searches it in two
languages, tunes the search, and lets a chatbot answer from the same documents.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE
from tests.unit.ingestion.office_files import docx, paragraph, xlsx
from tests.unit.ingestion.pdf_files import pdf_with_pages

BOX = ".st-key-panel_try [data-testid=stTextInput] input"
RESULT = ".st-key-panel_try [class*='st-key-search_result_']"
VERDICT = {
    "en-US": "On your 24 queries, hybrid search is better than keyword search",
    "zh-CN": "在你的 24 条查询上，.*优于",
}
ANSWER = ".st-key-chat_history [data-testid=stChatMessage]"

PRODUCTS = [
    ("Name", "Kind", "Price", "Description"),
    (
        "Gale jacket",
        "clothing",
        189,
        "Three layers keep heavy rain out; the hood fits over a helmet.",
    ),
    ("Ember stove", "cooking", 64, "Boils a litre of water in four minutes and packs flat."),
    ("Lantern mug", "cooking", 18, "Keeps tea warm for six hours on a long drive."),
    ("Harbour towel", "clothing", 25, "Dries within an hour in the wind after a swim."),
]
GBK = (
    "产品,价格,说明\n双人帐篷,1299,两扇门，两个门厅，重两公斤\n折叠单车,2380,十秒折叠，能带上地铁\n"
).encode("gb18030")


def files() -> list[dict]:
    made = {
        "rentals.pdf": pdf_with_pages(
            "Kayaks are hired out from May to September.",
            "The deposit for a hired kayak is forty dollars and is paid back on return.",
        ),
        "house-rules.docx": docx(
            paragraph("House rules", "Heading1")
            + paragraph("Dogs may come into the shop, but not into the cafe on the first floor.")
        ),
        "catalogue.xlsx": xlsx(Products=PRODUCTS),
        "chanpin.csv": GBK,
        "holiday.png.pdf": b"\x89PNG\r\n\x1a\n" * 40,
    }
    return [
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        for name, content in made.items()
    ]


def warm_up(visitor) -> None:
    visitor.goto("/search")
    visitor.page.wait_for_selector(".st-key-first-start", state="detached", timeout=300_000)


def type_query(visitor, text: str) -> None:
    """Type a query and wait until the first result is the one for it."""
    visitor.page.locator(BOX).first.fill(text)


def first_result(visitor, holding: str) -> None:
    expect(visitor.page.locator(RESULT).first).to_contain_text(holding, timeout=60_000)


def test_mixed_folder_is_searched_in_two_languages_tuned_and_cited_by_a_chatbot(
    open_visitor, studio_server
):
    visitor = open_visitor(studio_server)
    page = visitor.page
    warm_up(visitor)

    # Bring the folder: what was read and what was not is said before anything is kept.
    page.get_by_role("button", name="New search").click()
    page.locator("[data-testid=stFileUploader] input[type=file]").first.wait_for(state="attached")
    page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(files())
    page.get_by_text("4 of 5 files will be added.").wait_for(timeout=60_000)
    refused = page.locator("[class*=st-key-incoming_]", has_text="holiday.png.pdf")
    assert "picture" in refused.inner_text().lower()
    visitor.screenshot("search_review")
    page.get_by_role("button", name="Add and build the index").click()
    page.get_by_text("Ready to search").wait_for(timeout=120_000)

    # Search by meaning in English, by words in Chinese, in a table and in a text.
    type_query(visitor, "something against bad weather while cycling")
    first_result(visitor, "Gale jacket")
    type_query(visitor, "双人帐篷多重")
    first_result(visitor, "双人帐篷")
    type_query(visitor, "what do I pay as security for a boat")
    first_result(visitor, "deposit")
    visitor.screenshot("search_results", full_page=True)

    # Tune it: three ways side by side, another weight, applied as a new version.
    page.get_by_text("Tune", exact=True).first.click()
    page.get_by_label("A query to try").fill("keeps a drink hot")
    page.get_by_text("Lantern mug").first.wait_for(timeout=60_000)
    tried = page.locator("[class*=st-key-bench_trial_]")
    tried.get_by_text("Meaning (semantic)", exact=True).click()
    page.get_by_role("button", name="Apply to this prototype").click()
    page.get_by_text("Version 2", exact=True).first.wait_for()
    visitor.wait_idle()
    visitor.screenshot("search_bench", full_page=True)

    # A chatbot takes over the documents and cites them.
    visitor.goto("/chatbot")
    page.get_by_role("button", name="New chatbot").click()
    page.get_by_role("button", name="Use another prototype's").click()
    page.get_by_role("button", name="Take its documents").click()
    page.get_by_text("Ready to search").wait_for(timeout=120_000)
    page.fill("[data-testid=stChatInputTextArea]", "How much is the deposit for a hired kayak?")
    page.keyboard.press("Enter")
    page.locator(".st-key-chat_history [class*='st-key-answer_strip_']").first.wait_for(
        timeout=120_000
    )
    answer = page.locator(ANSWER).last
    answer.get_by_text("forty dollars").first.wait_for()
    answer.get_by_text("rentals.pdf, page 2").first.wait_for()


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_sample_is_one_click_away_and_finds_what_is_meant(open_visitor, studio_server, locale):
    visitor = open_visitor(studio_server, locale=locale)
    page = visitor.page
    warm_up(visitor)
    page.locator("[class*='st-key-_chooser'] button").first.click()
    page.locator(BOX).first.wait_for(timeout=60_000)
    page.locator(".st-key-panel_try button", has_text=re.compile("knife|刀")).first.click(
        timeout=120_000
    )
    first_result(visitor, "刀" if locale == "zh-CN" else "group: knives")
    visitor.screenshot(f"search_sample_{locale}", full_page=True)

    # Its judged queries prove that both together beat words alone.
    choices = page.locator(".st-key-panel_try [data-testid=stButtonGroup]")
    choices.first.get_by_role("radio").nth(1).click()
    choices.nth(1).get_by_role("radio").nth(1).click()
    page.get_by_role("button", name=re.compile("sample judgements|示例标注")).click()
    page.locator("[data-testid=stDataFrame]").first.wait_for()
    choices.nth(1).get_by_role("radio").nth(2).click()
    page.get_by_role("button", name=re.compile("^(Measure|评测)$")).click()
    page.get_by_text(re.compile(VERDICT[locale])).first.wait_for(timeout=120_000)
    visitor.wait_idle()
    visitor.screenshot(f"search_verdict_{locale}", full_page=True)


def test_settings_survive_another_language_and_filters_stay_away(open_visitor, demo_server):
    visitor = open_visitor(demo_server)
    page = visitor.page
    visitor.goto("/search")
    page.get_by_role("button", name="New search").click()
    upload = page.locator("[data-testid=stFileUploader] input[type=file]").first
    upload.wait_for(state="attached")
    upload.set_input_files([one for one in files() if one["name"] == "catalogue.xlsx"])
    page.get_by_role("button", name="Add and build the index").click()
    page.get_by_text("Ready to search").wait_for(timeout=60_000)

    # A filter in a closed popover is taken away, and does not come back with the next query.
    type_query(visitor, "jacket stove mug towel")
    page.locator("[data-testid=stPopover] button", has_text="Price").click()
    page.locator("[data-testid=stPopoverBody] input[type=range]").first.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    away = page.get_by_role("button", name="Take filters away")
    away.wait_for()
    page.keyboard.press("Escape")
    away.click()
    expect(away).to_have_count(0)
    visitor.wait_idle()
    type_query(visitor, "mug jacket stove towel")
    page.wait_for_timeout(1500)  # as long as results follow a query
    visitor.wait_idle()
    expect(away).to_have_count(0)

    # The labels of all choices change with the language, the choices do not.
    page.get_by_text("3 Quality").click()
    page.wait_for_timeout(11_000)  # widgets count as loaded from then on
    page.get_by_text("简体中文").first.click()
    settings = page.locator(".st-key-panel_settings")
    settings.get_by_text("负责查找的模型").wait_for()
    visitor.wait_idle()
    settings.get_by_text("更多", exact=True).last.click()
    settings.get_by_text("字词和意思怎么合并").wait_for()
    visitor.wait_idle()
    page.get_by_text("第 1 版").first.wait_for()
    assert "自动" in settings.locator("[data-testid=stSelectbox] input").first.input_value()


def test_phone_shows_the_search_first(open_visitor, demo_server):
    visitor = open_visitor(demo_server, viewport=PHONE, color_scheme="dark")
    page = visitor.page
    visitor.goto("/search")
    page.locator("[class*='st-key-_chooser'] button").first.click()
    page.locator(BOX).first.wait_for(timeout=60_000)
    assert page.locator(".st-key-panel_settings").is_hidden()
    visitor.wait_idle()
    width = page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= PHONE["width"]
    visitor.screenshot("search_phone")
