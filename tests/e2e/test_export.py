"""The engineer's and the investor's journey: the code is taken away and brought back, the report opens
where there is no network, everything is backed up.
"""

from __future__ import annotations

import re
import zipfile

from playwright.sync_api import expect

from tests.e2e.conftest import PHONE


def open_sample(visitor) -> None:
    visitor.goto("/search")
    visitor.page.locator("[class*='st-key-_chooser'] button").first.click()
    visitor.page.locator(".st-key-panel_try [data-testid=stTextInput] input").first.wait_for(
        timeout=60_000
    )


def saved(page, button: str, path):
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile(button)).click()
    download.value.save_as(path)
    return path


def test_code_report_and_backup_are_taken_away_and_come_back(
    open_visitor, start_server, browser, tmp_path
):
    server = start_server(env={"STUDIO_DEMO": "1"})
    visitor = open_visitor(server)
    page = visitor.page
    open_sample(visitor)

    # From the builder's menu to the page, with the prototype chosen; the size before the file.
    page.locator(".st-key-_header-menu button").click()
    page.get_by_text("Export and report").last.click()
    page.get_by_role("heading", name="Export and report").wait_for()
    page.get_by_text("as a ZIP file").wait_for()
    assert "prototype=" in page.url
    page.get_by_role("button", name="Pack it", exact=True).click()
    archive = saved(page, "^Download .*zip", tmp_path / "export.zip")
    with zipfile.ZipFile(archive) as opened:
        assert any(name.endswith("/app.py") for name in opened.namelist())
    visitor.screenshot("export_code", full_page=True)

    # Back in, as a prototype of its own.
    page.get_by_role("radio", name="Import").click()
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(archive)
    start = page.get_by_role("button", name="Import it")
    expect(start).to_be_enabled()
    start.click()
    page.get_by_text("was imported").wait_for(timeout=60_000)

    # The report, looked at here.
    page.get_by_role("radio", name="Report").click()
    page.get_by_role("button", name="Make the report").click()
    page.get_by_role("button", name="Download the report").wait_for(timeout=60_000)
    preview = page.frame_locator("iframe[srcdoc], [data-testid=stIFrame] iframe, iframe").first
    preview.get_by_text("Prototype report").wait_for()
    visitor.screenshot("export_report", full_page=True)
    report = saved(page, "Download the report", tmp_path / "report.html")

    # Everything in one file; a restore waits for the next start, and can be taken back.
    page.get_by_role("radio", name="Backup").click()
    page.get_by_role("button", name="Make a backup").click()
    backup = saved(page, "^Download studio-backup", tmp_path / "backup.zip")
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(backup)
    ready = page.get_by_role("button", name="Check it and make it ready")
    expect(ready).to_be_enabled()
    ready.click()
    page.get_by_text("Stop the studio and start it again").wait_for(timeout=60_000)
    visitor.screenshot("export_backup", full_page=True)
    assert not visitor.foreign_requests

    # The investor opens the file where there is no network, and prints it.
    context = browser.new_context(offline=True, viewport=PHONE)
    reader = context.new_page()
    requests, errors = [], []
    reader.on("request", lambda request: requests.append(request.url))
    reader.on("console", lambda message: errors.append(message.text))
    reader.goto(report.as_uri())
    reader.get_by_role("heading", name="At a glance").or_(
        reader.get_by_role("heading", name="What it is")
    ).first.wait_for()
    assert requests == [report.as_uri()]
    assert errors == []
    assert reader.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    assert reader.pdf(format="A4").startswith(b"%PDF")
    context.close()

    # The next start begins with the backup; what was here is kept beside it.
    server.process.terminate()
    server.process.wait(30)
    again = open_visitor(start_server(env={"STUDIO_DEMO": "1"}, home=server.home))
    again.goto("/export")
    again.page.get_by_role("radio", name="Backup").click()
    again.page.get_by_role("button", name="Check it and make it ready").wait_for()
    assert len(list(server.home.parent.glob(f"{server.home.name}.before-*"))) == 1


def test_page_on_a_phone_in_chinese(open_visitor, demo_server):
    visitor = open_visitor(demo_server, viewport=PHONE, locale="zh-CN", color_scheme="dark")
    open_sample(visitor)
    visitor.goto("/export")
    page = visitor.page
    page.get_by_role("button", name="打包").wait_for()
    for view in ("报告", "导入", "备份"):
        page.get_by_role("radio", name=view).click()
        visitor.wait_idle()
    width = page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= PHONE["width"]
    visitor.screenshot("export_phone")
