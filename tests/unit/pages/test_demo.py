"""The demo without a browser: what visitors of each kind meet, and what they cannot (demo engine)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from components.demos import registry
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.prototypes.content.content import Content
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.prototypes.registry import KINDS
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import SearchSettings
from studio.sharing.passwords import hash_password
from studio.workspace.publication_record import PublicationChoices
from tests.unit.pages.conftest import UI
from tests.unit.prototypes.classifier.mails import table
from tests.unit.prototypes.recommendation.shop import events_csv, items_csv

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script> **b** $x^2$ :red[r] ![i](//evil.org)"
FEES = b"# Club\n\nThe yearly fee for the club is 19 dollars. Members get free repairs."
CHOICES = PublicationChoices(headline="Ask us", greeting="Welcome", founder="Lin")


@pytest.fixture
def bot(bench) -> Chatbot:
    made = bench.create_chatbot("Help desk")
    made.add_file("club.md", FEES)
    made.update_index().wait(30)
    made.configure(replace(made.settings, min_relevance=0.0))
    return made


@pytest.fixture(autouse=True)
def cookies(monkeypatch) -> dict[str, str]:
    """The cookies of the browser; none at first, so that every session is another visitor."""
    from streamlit.runtime.context import ContextProxy

    kept: dict[str, str] = {}
    monkeypatch.setattr(ContextProxy, "cookies", property(lambda _: kept))
    return kept


@pytest.fixture
def visit():
    """Open a demo at its address, as a browser does: `visit(slug, lang="zh")`."""

    def open_(slug: str, **address: str) -> AppTest:
        at = AppTest.from_file(UI, default_timeout=60)
        at.context["url"] = "http://localhost:8501/demo"
        at.context["locale"] = "en-US"
        for name, value in {"show": slug, **address}.items():
            at.query_params[name] = value
        at.run()
        at.switch_page("../pages/demo.py").run()
        assert not at.exception
        return at

    return open_


def texts(at: AppTest) -> str:
    shown = [*at.title, *at.markdown, *at.caption, *at.error, *at.warning, *at.info]
    return "\n".join(element.value for element in shown).replace("\\", "")


def html(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.main.get("html"))


def test_every_kind_can_be_shown():
    assert all(map(registry.has_demo, KINDS))
    assert not registry.has_demo("registry")
    assert not registry.has_demo("os")


def test_a_starter_question_is_answered_with_its_source_and_stays_after_a_reload(visit, bench, bot):
    choices = replace(CHOICES, starter_questions=("What is the fee?",))
    published = bench.publish(bot.id, choices)
    at = visit(published.slug)
    assert "Ask us" in html(at)
    assert "Welcome" in texts(at)
    at.button(key="_demo.starter.0").click().run(timeout=60)
    answers = at.main.get("bidi_component")
    assert any("19 dollars" in one.proto.json for one in answers)
    calls = bench.calls(bot.id)
    own = calls[calls["account"] != ""]
    assert own["account"].str.startswith(f"demo:{published.id}:").all()
    assert set(own["version"]) == {2}
    at.run()
    assert len(at.chat_message) == 3
    stranger = visit(published.slug)
    assert len(stranger.chat_message) == 1


def test_the_browsers_cookie_is_who_the_visitor_is(visit, bench, bot, cookies):
    published = bench.publish(bot.id, CHOICES)
    anne = bench.sharing.open(published.slug, "a" * 32).visit
    anne.prototype.stream("My secret number is 4711", anne.started_conversation()).answer()
    cookies["studio_visitor"] = "a" * 32
    assert "4711" in texts(visit(published.slug))
    cookies["studio_visitor"] = "b" * 32
    assert "4711" not in texts(visit(published.slug))
    cookies["studio_visitor"] = "a" * 31 + ":"
    assert "4711" not in texts(visit(published.slug))


def test_a_session_at_a_demos_address_gets_no_other_page(visit, bench, bot):
    at = visit(bench.publish(bot.id, CHOICES).slug)
    assert not at.sidebar.segmented_control
    at.context["url"] = "http://localhost:8501/chatbot"  # the browser claims to be elsewhere now
    at.run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        at.switch_page("../pages/build/chatbot.py")
    assert not at.sidebar.segmented_control


def test_a_founders_own_session_can_show_it_too(open_page, bench, bot):
    at = open_page("demo.py", show=bench.publish(bot.id, CHOICES).slug)
    assert "Welcome" in texts(at)


def test_nobody_reads_a_conversation_by_naming_it(visit, bench, bot):
    published = bench.publish(bot.id, CHOICES)
    anne = bench.sharing.open(published.slug, "a" * 32).visit
    talk = anne.started_conversation()
    anne.prototype.stream("My secret number is 4711", talk).answer()
    at = visit(
        published.slug, conversation=talk, visitor=anne.visitor_id, token="a" * 32, account=talk
    )
    assert "4711" not in texts(at)
    assert len(at.chat_message) == 1


def test_addresses_that_lead_nowhere_look_alike(visit, bench, bot):
    published = bench.publish(bot.id, CHOICES)
    bench.workspace.publications.end(published.id)
    shown = {texts(visit(slug)) for slug in ("never", published.slug, "", bot.slug)}
    assert len(shown) == 1
    assert "There is no demo open at this address" in shown.pop()


def test_a_demo_that_ends_closes_for_those_inside(visit, bench, bot):
    published = bench.publish(bot.id, CHOICES)
    at = visit(published.slug)
    bench.workspace.publications.end(published.id)
    at.chat_input(key="_demo.question").set_value("What is the fee?").run()
    assert "There is no demo open" in texts(at)
    assert bench.sharing.used(published.id).n_requests == 0


def test_the_password_is_asked_for_before_anything_is_shown(visit, bench, bot, monkeypatch):
    monkeypatch.setattr("studio.sharing.sharing.is_password", lambda given, _kept: given == "tide")
    choices = replace(CHOICES, password_hash=hash_password("tide-2026"))
    at = visit(bench.publish(bot.id, choices).slug)
    assert "Welcome" not in texts(at)
    assert not at.chat_input

    def give(text):
        at.text_input(key="_demo.password").set_value(text)
        at.button[0].click().run()

    give("nope")
    assert "This is not the password" in texts(at)
    for _ in range(4):
        give("nope")
    give("nope")
    assert "Try again in" in texts(at)
    assert not at.chat_input


def test_the_right_password_opens_it(visit, bench, bot):
    choices = replace(CHOICES, password_hash=hash_password("tide-2026"))
    at = visit(bench.publish(bot.id, choices).slug)
    at.text_input(key="_demo.password").set_value("tide-2026")
    at.button[0].click().run()
    assert "Welcome" in texts(at)
    assert at.chat_input


def test_a_used_up_share_is_said_and_nothing_is_asked(visit, bench, bot):
    published = bench.publish(bot.id, replace(CHOICES, requests_per_visitor_per_day=1))
    at = visit(published.slug)
    at.chat_input(key="_demo.question").set_value("What is the fee?").run(timeout=60)
    n_calls = len(bench.calls(bot.id))
    at.chat_input(key="_demo.question").set_value("And repairs?").run(timeout=60)
    assert "1 requests for each visitor. It opens again in" in texts(at)
    assert len(bench.calls(bot.id)) == n_calls
    at.run()  # as a timer of the page does: it is read, not glimpsed
    assert "1 requests for each visitor. It opens again in" in texts(at)
    assert len(at.chat_message) == 5
    at.button(key="_demo.over").click().run()
    assert "It opens again in" not in texts(at)


def test_a_question_that_was_refused_is_no_part_of_the_conversation(visit, bench, bot, cookies):
    cookies["studio_visitor"] = "a" * 32
    published = bench.publish(bot.id, replace(CHOICES, requests_per_visitor_per_day=1))
    at = visit(published.slug)
    for question in ("What is the fee?", "And repairs?"):
        at.chat_input(key="_demo.question").set_value(question).run(timeout=60)
    assert "And repairs?" in texts(at)
    at = visit(published.slug)
    assert len(at.chat_message) == 3
    assert "And repairs?" not in texts(at)


def test_it_speaks_the_language_of_the_publication_or_of_the_address(visit, bench, bot):
    slug = bench.publish(bot.id, replace(CHOICES, language="zh")).slug
    assert visit(slug).chat_input[0].placeholder == "输入问题"
    assert visit(slug, lang="en").chat_input[0].placeholder == "Ask a question"


def test_an_answer_of_the_team_is_called_so(visit, bench, bot):
    bot.team_answers.add("What is the fee?", "It is 21 dollars from January on.", language="en")
    at = visit(bench.publish(bot.id, CHOICES).slug)
    for question, is_team in (("What is the fee?", True), ("Do members get repairs?", False)):
        at.chat_input(key="_demo.question").set_value(question).run(timeout=60)
        said = "\n".join(one.value for one in at.chat_message[-1].markdown)
        assert ("Answered by the team" in said) is is_team


def test_a_question_whose_answer_was_lost_can_be_asked_again(visit, bench, bot, cookies):
    published = bench.publish(bot.id, CHOICES)
    cookies["studio_visitor"] = "a" * 32
    bench.sharing.open(published.slug, "a" * 32).visit.note("What is the fee?")
    at = visit(published.slug)
    assert "was not answered" in texts(at)
    at.button(key="_demo.ask_again").click().run(timeout=60)
    assert any("19 dollars" in one.proto.json for one in at.main.get("bidi_component"))


def test_starting_over_begins_an_empty_conversation(visit, bench, bot):
    at = visit(bench.publish(bot.id, CHOICES).slug)
    at.chat_input(key="_demo.question").set_value("What is the fee?").run(timeout=60)
    assert len(at.chat_message) == 3
    at.button(key="_demo.over").click().run()
    assert len(at.chat_message) == 1


def test_what_a_founder_typed_is_text_and_never_markup(visit, bench, bot):
    choices = PublicationChoices(
        headline=EVIL[:80],
        founder=EVIL[:80],
        greeting=EVIL,
        starter_questions=(EVIL,),
        accent="#aa3300",
    )
    at = visit(bench.publish(bot.id, choices).slug)
    head = html(at)
    assert "<img src=x" not in head
    assert "<script" not in head
    assert "&lt;img src=x onerror" in head
    greeting = next(one.value for one in at.markdown if "onerror" in one.value)
    assert re.search(r"(?<!\\)[<>$*\[\]!:]", greeting.replace("https:", "")) is None
    label = at.button(key="_demo.starter.0").label
    assert re.search(r"(?<!\\)[<>$*\[\]!]", label) is None


def test_a_search_is_asked_once_however_often_the_page_runs(visit, bench):
    search = bench.create(Search, "Find", SearchSettings(min_relevance=0.0).to_json())
    search.add_file("club.md", FEES)
    search.update_index().wait(30)
    published = bench.publish(search.id, replace(CHOICES, starter_questions=("fee",)))
    at = visit(published.slug)
    at.button(key="_demo.starter.0").click().run()
    assert "1 result" in texts(at)
    assert at.query_params["q"] in ("fee", ["fee"])
    for _ in range(3):
        at.run()
    assert bench.sharing.used(published.id).n_requests == 1
    judging = [one for one in at.feedback if "_search.thumbs" in str(one.key)]
    assert not judging  # thumbs of single results are the founder's; visitors judge the list
    at.feedback[0].set_value(0).run()
    (opinion,) = bench.feedback.list()
    assert (opinion.publication_id, opinion.opinion.thumb) == (published.id, "down")
    assert opinion.account.startswith(f"demo:{published.id}:")
    assert bench.sharing.used(published.id).n_requests == 1


@pytest.mark.parametrize("is_begun", [False, True])
def test_a_search_without_an_index_says_that_it_is_prepared_and_opens_then(visit, bench, is_begun):
    search = bench.create(Search, "Find", SearchSettings(min_relevance=0.0).to_json())
    search.add_file("club.md", FEES)
    choices = replace(CHOICES, starter_questions=("fee",))
    published = bench.publish(search.id, choices)
    # A link that somebody sent along with what they looked for waits just so.
    at = visit(published.slug, **({"q": "fee"} if is_begun else {}))
    assert "Welcome" in texts(at)
    assert "This is being prepared" in texts(at)
    assert "Nothing relevant" not in texts(at)
    assert not at.text_input
    assert bench.sharing.used(published.id).n_requests == 0
    search.update_index().wait(30)
    at.run()
    assert "This is being prepared" not in texts(at)
    assert at.text_input
    assert ("1 result" in texts(at)) is is_begun


def test_nothing_leads_out_of_a_kiosk(visit, bench):
    search = bench.create(Search, "Find", SearchSettings(min_relevance=0.0).to_json())
    shop = "name,url,about\n" + "".join(
        f"Kettle {n},https://shop.example.org/kettle-{n},Boils water for tea number {n}\n"
        for n in range(6)
    )
    search.add_file("shop.csv", shop.encode())
    search.update_index().wait(30)
    choices = replace(CHOICES, starter_questions=("kettle",))
    linked = {}
    for is_kiosk in (False, True):
        at = visit(bench.publish(search.id, replace(choices, is_kiosk=is_kiosk)).slug)
        at.button(key="_demo.starter.0").click().run()
        assert "Kettle" in texts(at)
        linked[is_kiosk] = "](https://shop.example.org/kettle-" in texts(at)
    assert linked == {False: True, True: False}


def test_a_visitor_picks_likes_and_sees_no_ids_of_others(visit, bench):
    recommender = bench.create(Recommendation, "Shop", RecommendationSettings().to_json())
    recommender.desk.add([("items.csv", items_csv()), ("events.csv", events_csv())])
    recommender.train().result(60)
    published = bench.publish(recommender.id, CHOICES)
    at = visit(published.slug)
    assert bench.sharing.used(published.id).n_requests == 0  # looking costs nothing
    offered = [one for one in at.button if (one.key or "").startswith("_recommendation.offer.")]
    offered[0].click().run()
    assert "1 ·" in texts(at)
    assert bench.sharing.used(published.id).n_requests == 1
    assert not at.pills  # nobody of the data is shown unless whoever publishes allows it
    bench.sharing.change(published.id, replace(CHOICES, shows_people=True))
    at = visit(published.slug)
    at.pills(key="_demo.person").set_value(2).run()
    assert "Took lately" in texts(at)
    shown = texts(at) + "".join(map(str, at.button)) + "".join(map(str, at.pills))
    people = [one.user_id for one in recommender.find_users()]
    assert people
    assert not any(re.search(rf"\b{user}\b", shown) for user in people)
    assert recommender.training_state().n_new_events == 0


def test_a_visitor_classifies_a_text_and_teaches_nobody(visit, bench):
    classifier = bench.create(
        Classifier, "Mail", ClassifierSettings(suggestions=("courier parcel",)).to_json()
    )
    classifier.desk.add([("mails.csv", table())])
    classifier.train().result(60)
    choices = replace(CHOICES, starter_questions=("courier parcel",))
    published = bench.publish(classifier.id, choices)
    at = visit(published.slug)
    assert bench.sharing.used(published.id).n_requests == 0
    at.button(key="_demo.starter.0").click().run()
    at.run()
    assert any("delivery" in one.value for one in at.subheader)
    assert bench.sharing.used(published.id).n_requests == 1
    assert not at.selectbox
    at.feedback[0].set_value(0).run()
    (opinion,) = bench.feedback.list()
    assert opinion.exchange.answer == "delivery"
    assert classifier.desk.given() == ()


def test_a_visitors_texts_enter_nobodys_history(visit, bench):
    content = bench.create(Content, "Texts", Content.default_settings("en"))
    published = bench.publish(content.id, CHOICES)
    at = visit(published.slug)
    write = next(one for one in at.button if one.label.startswith("Write"))
    write.click().run()
    assert "This is needed." in texts(at)
    assert bench.sharing.used(published.id).n_requests == 0  # an incomplete form costs nothing
    fill = next(one for one in at.button if one.label == "Fill in the example")
    fill.click().run()
    write = next(one for one in at.button if one.label.startswith("Write"))
    write.click().run(timeout=60)
    from components import cache

    visitor = bench.sharing.open(published.slug, at.session_state["demo.token"]).visit
    name = f"{content.id}.demo-{published.id}-{visitor.conversation()}"
    first = cache.writings().get(name).result(60)
    at.run()
    assert at.get("download_button")
    # The same form again is worth another request: it gives other texts.
    next(one for one in at.button if one.label.startswith("Write")).click().run(timeout=60)
    second = cache.writings().get(name).result(60)
    assert [one.content for one in first.texts] != [one.content for one in second.texts]
    assert bench.sharing.used(published.id).n_requests == 2
    at.run()
    assert content.history() == ()
    assert not visit(published.slug).get("download_button")
    at.button(key="_demo.over").click().run()
    assert not at.get("download_button")  # the next person at the screen
