"""Showing a prototype to others in a real browser, on the real models: the founder publishes a chatbot,
a visitor opens it on a phone, corrects an answer and gets the correction from then on; a customer's
program streams from the same chatbot.
"""

from __future__ import annotations

import functools
import http.server
import re
import threading
from datetime import UTC, datetime

import openai
import pytest
from openai import OpenAI
from playwright.sync_api import Error, expect

from studio.ledger.store import Ledger
from studio.records import CallRecord, Stage
from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.test_accessibility import findings

DOCUMENT = (
    b"# Club\n\nThe yearly fee for the club is 19 dollars.\n\nMembers get free repairs all year.\n"
)
FEE = "What is the yearly fee for the club?"
FEE_ALIKE = "How much does the club cost a year?"
REPAIRS = "Do members get free repairs all year?"
CORRECTION = "It is 21 dollars a year from January on."
MESSAGES = "[data-testid=stChatMessage]"
QUESTION = "[data-testid=stChatInputTextArea]"
THUMBS = "[data-testid=stFeedback] button"
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
ANSWER_MS = 120_000


@pytest.fixture(scope="module")
def published(browser, studio_server) -> str:
    """Publish a chatbot as a founder does; gives the short address below the server's."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    founder = Visitor(context.new_page(), studio_server)
    page = founder.page
    founder.goto("/chatbot")
    page.get_by_role("button", name="New chatbot").click()
    upload = page.locator("[data-testid=stFileUploader] input[type=file]").first
    upload.wait_for(state="attached")
    upload.set_input_files([{"name": "club.md", "mimeType": "text/markdown", "buffer": DOCUMENT}])
    page.get_by_role("button", name="Add and build the index").click()
    page.get_by_text("Ready to search").wait_for(timeout=300_000)  # models come first
    founder.wait_idle()

    page.get_by_role("button", name="Publish").click()
    headline = page.get_by_label("Headline")
    headline.wait_for(timeout=60_000)
    headline.fill("Ask the club")
    headline.press("Tab")
    expect(page.locator(".demo-preview h2")).to_have_text("Ask the club")
    page.get_by_label("Questions to begin with").fill(FEE)
    page.get_by_label("Questions to begin with").press("Tab")
    page.get_by_text("Ask for a password").click()
    page.get_by_label("Password", exact=True).fill("tide-2026")
    founder.screenshot("publish_form", full_page=True)
    page.get_by_test_id("stMain").get_by_role("button", name="Publish").click()
    page.locator("code", has_text="/d/ask-the-club").wait_for(timeout=60_000)
    founder.screenshot("publish_done")
    context.close()
    return "/d/ask-the-club"


def let_in(visitor, password: str = "tide-2026") -> None:
    field = visitor.page.get_by_label("Password", exact=True)
    field.fill(password)
    visitor.page.get_by_role("button", name="Open the demo").click()


def ask(visitor, question: str):
    """Ask in a demo; gives the answer once it can be judged."""
    n_before = visitor.page.locator(MESSAGES).count()
    visitor.page.fill(QUESTION, question)
    visitor.page.keyboard.press("Enter")
    answer = visitor.page.locator(MESSAGES).nth(n_before + 1)
    answer.locator(THUMBS).first.wait_for(timeout=ANSWER_MS)
    visitor.wait_idle()
    return answer


def test_a_visitor_corrects_an_answer_on_a_phone_and_sees_the_correction_used(
    open_visitor, studio_server, published
):
    visitor = open_visitor(studio_server, viewport=PHONE)
    page = visitor.page
    visitor.goto(published)
    expect(page.locator("h1")).to_have_text("Ask the club")
    assert page.locator("[data-testid=stSidebar]").count() == 0
    let_in(visitor, "wrong-one")
    page.get_by_text("This is not the password of this demo").wait_for()
    assert page.locator(QUESTION).count() == 0
    let_in(visitor)
    page.get_by_role("button", name="What is the yearly fee").click()
    page.locator("button.source").first.click(timeout=ANSWER_MS)
    page.get_by_role("dialog").get_by_text("The yearly fee for the club is 19 dollars.").wait_for()
    visitor.screenshot("demo_phone_source")
    page.keyboard.press("Escape")
    visitor.wait_idle()

    # The answer is out of date: the visitor says what it should have said.
    answer = page.locator(MESSAGES).last
    answer.locator(THUMBS).last.click()
    form = answer.locator("[data-testid=stForm]")
    form.get_by_text("It is wrong").click()
    form.get_by_label("What should it have said?").fill(CORRECTION)
    assert findings(visitor) == []
    visitor.screenshot("demo_phone_feedback")
    form.get_by_role("button", name="Send").click()
    answer.get_by_text("Thank you, this was kept.").wait_for()
    assert page.evaluate(FITS)

    page.reload()  # it is the visitor's own, so no password and no conversation is lost
    expect(page.locator(MESSAGES)).to_have_count(3, timeout=60_000)
    cookie = next(c for c in page.context.cookies() if c["name"] == "studio_visitor")
    assert cookie["httpOnly"]
    assert cookie["value"] not in page.content()

    stranger = open_visitor(studio_server, viewport=PHONE)
    stranger.goto(published)
    expect(stranger.page.get_by_label("Password", exact=True)).to_be_visible()
    let_in(stranger)
    expect(stranger.page.locator(MESSAGES)).to_have_count(1, timeout=60_000)

    # The founder reads the whole exchange, and has the correction given from now on.
    founder = open_visitor(studio_server)
    founder.goto("/feedback")
    founder.page.locator("[data-testid=stExpander] summary", has_text=FEE).click()
    correction = founder.page.get_by_label("Answer of the team")
    expect(correction).to_have_value(CORRECTION, timeout=60_000)
    expect(founder.page.get_by_test_id("stMain")).to_contain_text("club.md")
    founder.screenshot("feedback_review", full_page=True)
    founder.page.get_by_role("button", name="Give this answer from now on").click()
    founder.page.get_by_text("From now on, the team's answer is given to").wait_for()

    # The visitor asks in other words, and gets it; another question is still answered by the model.
    answer = ask(visitor, FEE_ALIKE)
    expect(answer).to_contain_text("Answered by the team")
    expect(answer).to_contain_text(CORRECTION)
    visitor.screenshot("demo_phone_corrected")
    assert page.evaluate(FITS)
    expect(ask(visitor, REPAIRS)).not_to_contain_text("Answered by the team")
    assert not visitor.foreign_requests

    # How often it was given; on the founder's phone, in Chinese and dark.
    reader = open_visitor(studio_server, viewport=PHONE, locale="zh-CN", color_scheme="dark")
    reader.goto("/feedback")
    views = reader.page.get_by_role("radiogroup", name="视图")
    views.get_by_role("radio", name="团队回答").click()
    reader.page.get_by_text("用过 1 次").wait_for()
    assert reader.page.evaluate(FITS)
    reader.screenshot("feedback_phone_zh", full_page=True)


ROW = "[class*=st-key-api_key_]"


def test_a_customers_program_streams_from_the_same_chatbot_and_its_meter_moves(
    open_visitor, studio_server, published
):
    visitor = open_visitor(studio_server)
    page = visitor.page
    visitor.goto("/api")
    page.get_by_label("Whose key it is").fill("Acme")
    page.get_by_role("button", name="Create the key").click()
    secret = page.get_by_text(re.compile(r"^ps_[\w-]{43}$")).inner_text()
    visitor.screenshot("api_key_made")
    page.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_text(secret)).to_have_count(0)

    # The same port as the pages; the official client; the sources come along.
    client = OpenAI(base_url=f"{studio_server.url}/v1", api_key=secret, max_retries=0)
    messages = [{"role": "user", "content": REPAIRS}]
    stream = client.chat.completions.create(
        model=published.rpartition("/")[2], messages=messages, stream=True
    )
    chunks = [chunk.choices[0] for chunk in stream]
    assert "".join(chunk.delta.content or "" for chunk in chunks).strip()
    assert chunks[-1].delta.citations[0]["document"] == "club.md"  # type: ignore[attr-defined]

    visitor.goto("/api")
    row = page.locator(ROW, has_text="Acme")
    expect(row).to_contain_text("Today: 1 request")
    expect(page.locator("[data-testid=stTable]").first).to_contain_text("Acme")
    expect(page.locator(".js-plotly-plot")).to_have_count(1)
    visitor.wait_idle()
    visitor.screenshot("api_used", full_page=True)
    assert findings(visitor) == []

    # Revoked by a second click, and refused from the next request on.
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("button", name="Revoke the key of Acme").click()
    page.get_by_text("1 revoked key").wait_for()
    with pytest.raises(openai.AuthenticationError):
        client.models.list()
    client.close()
    assert visitor.foreign_requests == []


def test_a_used_up_budget_is_said_and_the_founder_sees_what_it_took(
    open_visitor, studio_server, published
):
    visitor = open_visitor(studio_server)
    visitor.goto(published)
    let_in(visitor)
    visitor.page.locator(QUESTION).wait_for()
    _spend(studio_server.home, slug="ask-the-club", hours=11)  # of the day's one dollar
    visitor.page.fill(QUESTION, FEE)
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("Today's demo budget is used up. It opens again in").wait_for(
        timeout=60_000
    )
    assert visitor.page.locator("button.source").count() == 0

    founder = open_visitor(studio_server)
    founder.goto("/publish")
    founder.page.get_by_text("1.1 USD of today's 1 USD").wait_for(timeout=60_000)
    founder.screenshot("publish_live")
    founder.page.get_by_text("Look and access").click()
    money = founder.page.get_by_label("Money for all visitors in a day")
    money.fill("5")
    money.press("Tab")
    founder.page.get_by_text("Kiosk: a screen that many people use").click()
    idle = founder.page.get_by_label("Begin anew after")
    idle.fill("15")
    idle.press("Tab")
    founder.wait_idle()
    founder.page.get_by_role("button", name="Save the changes").click()
    founder.page.get_by_text("Saved. Visitors see it").wait_for(timeout=60_000)

    # The visitor's page is a kiosk from the next click on: it asks, warns and begins anew.
    page = visitor.page
    page.fill(QUESTION, FEE)
    page.keyboard.press("Enter")
    page.locator(THUMBS).first.wait_for(timeout=ANSWER_MS)
    page.get_by_text("Starting over in").wait_for(timeout=60_000)
    expect(page.locator(MESSAGES)).to_have_count(1, timeout=60_000)
    page.reload()
    expect(page.locator(MESSAGES)).to_have_count(1, timeout=60_000)


def test_it_works_in_the_frame_of_another_site_and_nothing_else_does(
    open_visitor, studio_server, published, tmp_path
):
    port = studio_server.url.rpartition(":")[2]
    for name, path in (("demo", published + "?embed=true"), ("builder", "/chatbot?embed=true")):
        (tmp_path / f"{name}.html").write_text(
            f"<iframe src='http://localhost:{port}{path}' width=390 height=700></iframe>"
        )
    handler = functools.partial(_Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        other = f"http://127.0.0.1:{site.server_port}"
        page = open_visitor(studio_server).page
        page.goto(f"{other}/demo.html")
        frame = page.frame_locator("iframe")
        frame.get_by_label("Password", exact=True).fill("tide-2026")
        frame.get_by_role("button", name="Open the demo").click()
        expect(frame.locator(MESSAGES)).to_have_count(1, timeout=60_000)
        page.screenshot(path="screenshots/demo_framed.png")
        page.goto(f"{other}/builder.html")
        with pytest.raises(Error):
            page.frame_locator("iframe").locator("[data-testid=stApp]").wait_for(timeout=5000)
        site.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args) -> None:
        """Keep the test's output clean."""


def _spend(home, slug: str, hours: float) -> None:
    """Write a visitor's call of so many machine hours, 0.10 USD each, into the studio's ledger."""
    from studio.workspace.store import Workspace

    workspace = Workspace(f"sqlite:///{home / 'workspace.db'}", home / "files")
    publication = workspace.publications.by_slug(slug)
    workspace.close()
    ledger = Ledger(home / "ledger.db")
    record = CallRecord(
        call_id="spent",
        request_id="spent",
        prototype_id=publication.prototype_id,
        version=publication.version,
        surface="page",
        stage=Stage.GENERATION,
        model="some-model",
        revision="",
        engine="openvino",
        device="cpu",
        precision="f16",
        tokens_in=1,
        tokens_out=1,
        queue_ms=0.0,
        first_token_ms=1.0,
        total_ms=2.0,
        busy_ms=hours * 3_600_000,
        batch_size=1.0,
        started_at=datetime.now(UTC),
        account=f"demo:{publication.id}:somebody",
    )
    ledger.append(record, wait=True)
    ledger.close()
