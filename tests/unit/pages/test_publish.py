"""The publish page without a browser: publishing, changing, going back, ending (demo engine)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from components import api_address, demo_look, publish_address, publish_preview
from studio.inference.model_spec import ModelSpec
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.content.content import Content
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.records import Task
from studio.sharing.passwords import is_password
from studio.workspace.publication_record import PublicationChoices

PAGE = "share/publish.py"
CHOICES = PublicationChoices(headline="Ask us")


@pytest.fixture
def bot(bench) -> Chatbot:
    made = bench.create_chatbot("Help desk")
    made.configure(replace(made.settings, starter_questions=("What is the fee?",)))
    return made


@pytest.fixture
def opened(open_page, bot):
    """Open the page of the bot, by default as it is at first."""

    def open_(view: str = "", **address: str) -> AppTest:
        at = open_page(PAGE, prototype=bot.slug, **address)
        if view:
            (control,) = [one for one in at.segmented_control if ".view." in one.key]
            control.set_value(view).run()
        assert not at.exception
        return at

    return open_


def texts(at: AppTest) -> str:
    shown = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info]
    return "\n".join(element.value for element in shown).replace("\\", "")


def field(at: AppTest, kind: str, label: str):
    return next(one for one in getattr(at, kind) if one.label.startswith(label))


def press(at: AppTest, label: str) -> None:
    next(one for one in at.button if one.label == label).click().run()
    assert not at.exception


def test_without_a_prototype_it_says_what_is_missing(open_page):
    assert "nothing to publish yet" in texts(open_page(PAGE))


def test_every_builder_leads_here(open_page, bot):
    at = open_page("build/chatbot.py", prototype=bot.slug)
    press(at, "Publish")
    assert at.title[0].value == "Publish"
    assert field(at, "text_input", "Headline").value == "Help desk"


def test_what_visitors_cannot_expect_of_the_model_is_said_before_it_is_shown(open_page, bench):
    bench.catalogue.add(
        ModelSpec(
            id="en", name="Anglo", task=Task.GENERATION, source="remote", location="x",
            base_url="http://127.0.0.1:9/v1", languages=("en",),
        )
    )  # fmt: skip
    made = bench.create(Content, "Texts", Content.default_settings("zh"))
    made.configure(replace(made.settings, generation_model="en"))
    at = open_page(PAGE, prototype=made.slug)
    assert "Anglo does not write Chinese" in texts(at)
    bench.publish(made.id, PublicationChoices(headline="Ask us"))
    at = open_page(PAGE, prototype=made.slug)
    (control,) = [one for one in at.segmented_control if ".view." in one.key]
    control.set_value("form").run()
    assert "Anglo does not write Chinese" in texts(at)


def test_a_demo_is_published_with_what_was_entered(opened, bench, bot):
    at = opened()
    assert field(at, "text_area", "Questions").value == "What is the fee?"
    field(at, "text_input", "Headline").set_value("Ask Lin")
    field(at, "text_input", "Your name").set_value("Lin & Co")
    field(at, "text_input", "Address").set_value("Pitch Day")
    field(at, "toggle", "Ask for a password").set_value(True).run()
    field(at, "text_input", "Password").set_value("tide-2026")
    field(at, "toggle", "Kiosk").set_value(True)
    at.run()
    field(at, "number_input", "Money").set_value(2.5)
    press(at, "Publish")
    (made,) = bench.publications(bot.id)
    assert (made.headline, made.founder, made.slug) == ("Ask Lin", "Lin & Co", "pitch-day")
    assert (made.is_kiosk, made.money_per_day_usd, made.version) == (True, Decimal("2.50"), 2)
    assert made.requests_per_visitor_per_day == 100
    assert is_password("tide-2026", made.password_hash)
    assert "/d/pitch-day" in "\n".join(one.value for one in at.code)
    assert "with a password" in texts(at)


def test_a_short_password_is_said_beside_its_field_and_nothing_is_published(opened, bench, bot):
    at = opened()
    field(at, "toggle", "Ask for a password").set_value(True).run()
    press(at, "Publish")
    assert "It must have 6 to 200 characters." in texts(at)
    assert bench.publications(bot.id) == ()
    field(at, "text_input", "Password").set_value("long enough").run()
    field(at, "text_input", "Headline").set_value(" ").run()
    press(at, "Publish")
    assert "Enter a headline." in texts(at)
    assert bench.publications(bot.id) == ()


def test_changes_keep_the_password_unless_another_is_given(opened, bench, bot):
    made = bench.publish(bot.id, PublicationChoices(headline="Ask us", password_hash="scrypt$kept"))
    at = opened("form")
    field(at, "text_area", "Greeting").set_value("Good day").run()
    press(at, "Save the changes")
    changed = bench.workspace.publications.get(made.id)
    assert (changed.greeting, changed.password_hash) == ("Good day", "scrypt$kept")
    field(at, "toggle", "Ask for a password").set_value(False).run()
    press(at, "Save the changes")
    assert bench.workspace.publications.get(made.id).password_hash is None


def test_a_demo_that_has_expired_can_be_extended(opened, bench, bot):
    past = datetime.now(UTC) - timedelta(days=3)
    made = bench.publish(bot.id, PublicationChoices(headline="Ask us"))
    bench.workspace.publications.update(made.id, replace(CHOICES, expires_at=past))
    at = opened("form")
    assert "Nobody can open this demo any more" in texts(at)
    press(at, "Save the changes")
    assert "Choose a day that is still to come." in texts(at)
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    field(at, "date_input", "Open until").set_value(day).run()
    press(at, "Save the changes")
    assert bench.workspace.publications.get(made.id).expires_at > datetime.now(UTC)
    assert "Nobody can open this demo any more" not in texts(at)


def test_a_newer_version_is_published_and_taken_back_by_one_click(opened, bench, bot):
    made = bench.publish(bot.id, PublicationChoices(headline="Ask us"), note="for the pitch")
    bot.configure(replace(bot.settings, greeting="Newer"))
    at = opened()
    assert "Visitors meet version 2; the prototype is at version 3." in texts(at)
    field(at, "text_input", "What is new").set_value("warmer").run()
    press(at, "Publish version 3")
    assert bench.workspace.publications.get(made.id).version == 3
    at = opened("history")
    assert "for the pitch" in texts(at)
    assert "warmer" in texts(at)
    press(at, "Show this version again")
    assert bench.workspace.publications.get(made.id).version == 2
    assert len(bench.workspace.publications.history(made.id)) == 3


def test_a_version_that_was_made_with_another_index_says_so(opened, bench, bot):
    bench.publish(bot.id, PublicationChoices(headline="Ask us"))
    assert "another index" not in texts(opened())
    bot.configure(replace(bot.settings, passage_tokens=64))
    told = texts(opened("history"))
    assert "made with another index or training (Passage length, at most (tokens))" in told
    assert "Made with another index or training: Passage length" in told
    at = opened("split")
    press(at, "Let half of the visitors meet it")
    assert bench.publications(bot.id)[0].second_version is None


def test_people_of_the_data_are_shown_only_when_that_is_switched_on(open_page, opened, bench):
    assert not [one for one in opened().toggle if one.label.startswith("Show lists for people")]
    shop = bench.create(Recommendation, "Shop", Recommendation.default_settings("en"))
    at = open_page(PAGE, prototype=shop.slug)
    assert field(at, "toggle", "Show lists for people").value is False
    field(at, "toggle", "Show lists for people").set_value(True).run()
    press(at, "Publish")
    assert bench.publications(shop.id)[0].shows_people


def test_ending_can_be_undone(opened, bench, bot):
    bench.publish(bot.id, PublicationChoices(headline="Ask us"))
    at = opened("form")
    press(at, "End this demo")
    assert bench.publications(bot.id) == ()
    press(at, "Undo")
    assert len(bench.publications(bot.id)) == 1
    at = opened("form")
    press(at, "End this demo")
    at = opened()
    press(at, "Open it again")
    assert len(bench.publications(bot.id)) == 1


def test_the_presenter_sees_who_is_there(opened, bench, bot):
    bot.configure(replace(bot.settings, only_from_documents=False))
    made = bench.publish(
        bot.id, PublicationChoices(headline="Ask us", money_per_day_usd=Decimal(1))
    )
    assert "Nobody asked anything" in texts(opened())
    visit = bench.sharing.open(made.slug, "a" * 32).visit
    visit.asked(lambda bot: bot.ask("What is the fee?"))
    at = opened()
    figures = {one.label: one.value for one in at.metric}
    assert (figures["Visitors today"], figures["Requests today"]) == ("1", "1")
    table = at.dataframe[0].value
    assert list(table["Visitor"]) == [visit.visitor_id[:4]]
    assert table["Tokens in"].iloc[0] > 0


def test_a_money_limit_that_cannot_be_kept_is_said_beforehand(opened, bench, bot, monkeypatch):
    from studio.sharing.request_price import RequestPrice
    from studio.sharing.sharing import Sharing

    unknown = RequestPrice(mean_usd=None, n_requests=3, n_calls=3, is_demo=False)
    monkeypatch.setattr(Sharing, "price", lambda *_: unknown)
    at = opened()
    assert "Nobody knows what this prototype's model costs" in texts(at)
    assert field(at, "number_input", "Money").value is None
    known = RequestPrice(mean_usd=Decimal("0.004"), n_requests=3, n_calls=5, is_demo=False)
    monkeypatch.setattr(Sharing, "price", lambda *_: known)
    at = opened()
    assert "about 250 requests a day at the measured cost of 0.004 USD each, from 5 calls" in texts(
        at
    )


def test_the_preview_holds_text_and_never_markup():
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    shown = publish_preview.markup(
        PublicationChoices(
            headline=evil, founder=evil, greeting=evil, starter_questions=(evil,), logo=b"\x89PNG"
        ),
        has_box=True,
    )
    assert "<script" not in shown
    assert "<img src=x" not in shown
    assert shown.count("&lt;script&gt;") == 4
    assert "data:image/png;base64," in shown


def test_only_a_colour_enters_the_style_sheet():
    assert demo_look.variables("#FFEE00") == "--demo-accent:#FFEE00;--demo-on-accent:#000000"
    assert "#FFFFFF" in demo_look.variables("#0F766E")
    assert "url" not in demo_look.variables("red;} body{background:url(//evil)")


def test_the_address_stands_beside_the_page_that_is_looked_at():
    full = publish_address.full_address
    assert full("https://x.org/studio/publish", "ask") == "https://x.org/studio/d/ask"
    assert full("http://localhost:8501/publish", "ask") == "http://localhost:8501/d/ask"
    assert api_address.beside("https://x.org/studio/api", "/v1") == "https://x.org/studio/v1"
    assert api_address.beside(api_address.FALLBACK, "/v1") == "http://localhost:8501/v1"
    assert publish_address.qr_code("https://x.org/d/ask").startswith(b"\x89PNG")


def test_an_expiry_day_is_counted_to_its_end():
    from components import publish_access

    moment = datetime(2026, 5, 5, tzinfo=UTC)
    assert publish_access._day_of(moment).isoformat() == "2026-05-04"
    assert publish_access._end_of(publish_access._day_of(moment)) == moment
