"""Content in a real browser: the founder who makes a product-description template, sees the price of a
whole sheet before writing 20 rows of it, loses the server in the middle, and takes the texts away.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import get_args

import openpyxl
import pytest
from playwright.sync_api import expect

from studio.evaluation.text_checks.result import CheckName
from tests.e2e.conftest import PHONE

N_ALL, N_WRITTEN = 500, 20
MAX_CLICKS = 8
CARD = ".st-key-panel_try [class*='st-key-content_text_']"
PRICE = ".st-key-content_price"
FORM = "[class*='st-key-content_brief_']"
SEND = "[class*='st-key-_content-send']"


def sheet() -> bytes:
    """Briefs of 500 made-up products; the ninth name would be a formula in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("Product", "Facts", "Shelf"))
    for i in range(N_ALL):
        name = "=1+1 Lamp" if i == 8 else f"Harbour Lamp {i + 1}"
        writer.writerow(
            (name, f"shines for {20 + i} hours; weighs {100 + i} g; red steel", f"A{i}")
        )
    return text.getvalue().encode()


class Clicks:
    """Counts the clicks of a journey; typing and choosing files are none."""

    def __init__(self) -> None:
        self.n = 0

    def on(self, locator) -> None:
        locator.click()
        self.n += 1


def warm_up(visitor) -> None:
    visitor.goto("/content")
    visitor.page.wait_for_selector(".st-key-first-start", state="detached", timeout=300_000)


def stored_rows(home: Path) -> dict[int, tuple[str, str]]:
    """Text and end of the rows that are finished on the disk, by their place in the sheet."""
    with closing(sqlite3.connect(home / "workspace.db")) as database:
        query = "SELECT position, text, finished_at FROM batch_rows WHERE finished_at IS NOT NULL"
        return {
            position: (json.loads(text)["content"], ended)
            for position, text, ended in database.execute(query)
        }


def finished_rows(page) -> int:
    text = page.locator("[data-testid=stProgress]", has_text=re.compile("of 20 rows")).inner_text()
    return int(re.search(r"(\d+) of 20 rows", text)[1])


@pytest.mark.timeout(900)  # a server is started twice, and 20 rows are written by a real model
def test_a_batch_is_priced_runs_survives_a_kill_and_is_taken_away_with_its_checks(
    open_visitor, start_server, tmp_path
):
    server = start_server()
    visitor = open_visitor(server)
    page, clicks = visitor.page, Clicks()
    warm_up(visitor)

    # A template, a sheet, three rows, the price of all: before anything is run.
    clicks.on(page.get_by_role("button", name="New content generator"))
    clicks.on(page.locator(".st-key-template_product-description button"))
    page.locator(SEND).wait_for(timeout=180_000)
    clicks.on(page.get_by_role("radio", name="Batch"))
    page.locator(".st-key-panel_try [data-testid=stFileUploader] input[type=file]").set_input_files(
        {"name": "lamps.csv", "mimeType": "text/csv", "buffer": sheet()}
    )
    clicks.on(page.get_by_role("button", name="Try 3 rows"))
    price = page.locator(PRICE)
    price.wait_for(timeout=180_000)
    assert "What all 500 rows will take" in price.inner_text()
    expect(price).to_contain_text(re.compile(r"≈ [\d.,]+ USD"), timeout=60_000)
    expect(page.locator(CARD)).to_have_count(3)
    # Only people change settings: no widget that is loaded late may write its first value back.
    expect(page.get_by_text("Version 1", exact=True).first).to_be_visible()
    visitor.screenshot("content_price", full_page=True)
    page.get_by_role("spinbutton", name="Rows to write, from the first one").fill(str(N_WRITTEN))
    page.keyboard.press("Tab")
    clicks.on(page.get_by_role("button", name=f"Write {N_WRITTEN} rows"))
    assert clicks.n <= MAX_CLICKS

    # The power goes when some rows are done; what was done is there after the restart, and it goes on.
    page.get_by_role("button", name="Pause").wait_for(timeout=180_000)
    deadline = time.monotonic() + 180
    while finished_rows(page) < 2 and time.monotonic() < deadline:
        page.wait_for_timeout(300)
    before = finished_rows(page)
    assert 2 <= before < N_WRITTEN
    server.kill()
    finished = stored_rows(server.home)
    assert len(finished) >= before
    address = page.url.split("/content", 1)[1]
    again = start_server(home=server.home)
    visitor = open_visitor(again)
    page = visitor.page
    visitor.goto("/content" + address)
    page.get_by_role("radio", name="Batch").click()
    page.get_by_text(re.compile(rf"\d+ of {N_WRITTEN} rows")).first.wait_for(timeout=180_000)
    assert finished_rows(page) >= before
    page.get_by_text(re.compile("^Took: ")).wait_for(timeout=300_000)
    assert finished_rows(page) == N_WRITTEN
    visitor.screenshot("content_batch_done", full_page=True)
    stored = stored_rows(server.home)
    assert len(stored) == N_WRITTEN
    assert {position: stored[position] for position in finished} == finished  # none was repeated

    # The sheet: 20 rows as they came, with text, result and checks; no cell is a formula.
    with page.expect_download() as download:
        page.get_by_role("button", name="Download Excel").click()
    path = tmp_path / "texts.xlsx"
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    head, body = rows[0], rows[1:]
    assert len(body) == N_WRITTEN
    assert head[:3] == ("Product", "Facts", "Shelf")
    column = {name: [row[at] or "" for row in body] for at, name in enumerate(head)}
    assert all(text.strip() for text in column["text"])
    assert [text for _, (text, _) in sorted(stored.items())] == column["text"]
    checks = [name for name in head if name.startswith("check: ")]
    assert len(checks) == len(get_args(CheckName))
    said = re.compile("(passed|failed|not checked): .")
    assert all(said.match(cell) for name in checks for cell in column[name])
    assert all(1 <= int(n) <= 2 for n in column["attempts"])
    assert [row[0] for row in body][:2] == ["Harbour Lamp 1", "Harbour Lamp 2"]
    assert not any(
        cell.data_type == "f" for sheet in book for line in sheet.iter_rows() for cell in line
    )


def test_every_view_of_the_sample_fits_a_phone(open_visitor, demo_server):
    visitor = open_visitor(demo_server, viewport=PHONE, locale="zh-CN", color_scheme="dark")
    page = visitor.page
    visitor.goto("/content")
    page.locator("[class*='st-key-_chooser'] button").first.click()
    page.locator(SEND).wait_for(timeout=180_000)
    visitor.wait_idle()
    page.locator("[class*='st-key-_content-fill'] button").click()
    # Text areas and inputs alike: the example is in when the first field holds something.
    expect(page.locator(FORM).locator("input, textarea").first).to_have_value(
        re.compile(r"\S"), timeout=60_000
    )
    visitor.wait_idle()
    page.locator(f"{SEND} button").click()
    page.locator(CARD).first.wait_for(timeout=180_000)
    views = page.locator(".st-key-panel_try [data-testid=stButtonGroup]").first.get_by_role("radio")
    for i in range(views.count()):
        views.nth(i).click()
        visitor.wait_idle()
        expect(page.get_by_test_id("stException")).to_have_count(0)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
        visitor.screenshot(f"content_phone_{i}")
