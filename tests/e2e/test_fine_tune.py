"""Fine-tuning in a real browser: the sample's search model learns, is compared, and is switched to."""

from __future__ import annotations

import re

from playwright.sync_api import expect

RUN = "[class*='st-key-tuning_']"


def test_the_search_model_of_the_sample_is_tuned_compared_and_used(open_visitor, studio_server):
    visitor = open_visitor(studio_server)
    page = visitor.page
    visitor.goto("/search")
    page.wait_for_selector(".st-key-first-start", state="detached", timeout=300_000)
    page.get_by_role("button", name="Try the sample").click()
    page.locator("summary", has_text="Data").click()
    page.get_by_text("Ready to search").wait_for(timeout=120_000)

    visitor.goto("/fine-tune")
    page.get_by_role("button", name="Use the sample judgements").click()
    page.get_by_text(re.compile("examples to learn from")).wait_for(timeout=30_000)
    page.get_by_text("More", exact=True).first.click()
    rounds = page.get_by_label("Rounds (epochs)")
    rounds.fill("2")
    rounds.press("Enter")
    visitor.wait_idle()
    page.get_by_role("button", name="Start the tuning").click()
    page.locator(RUN).get_by_role("button", name="Cancel").wait_for(timeout=30_000)
    visitor.screenshot("fine_tune_running")

    run = page.locator(RUN).first
    expect(run).to_contain_text(
        re.compile("held out: nDCG@10 .* the gain is between"), timeout=300_000
    )
    expect(run.locator(".js-plotly-plot").first).to_be_visible()
    visitor.screenshot("fine_tune_done", full_page=True)
    run.get_by_role("button", name=re.compile("^Use it in")).click()
    expect(run).to_contain_text("In use in", timeout=30_000)

    visitor.goto("/search?prototype=maple-tide-catalogue")
    page.locator("summary", has_text="Data").click()
    page.get_by_text("Ready to search").wait_for(timeout=120_000)
    page.get_by_text("Version 2", exact=True).first.wait_for()
