"""Feedback without a browser: from a thumb to an answer of the team, and versions side by side."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from components.exchanges import of_answer
from studio.export.report.facts import ReportChoices
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.workspace.feedback_record import Opinion
from studio.workspace.publication_record import PublicationChoices

RETURNS = b"# Returns\n\nMost items may be returned within 45 days of delivery.\n"
QUESTION, CORRECTION = "Do you ship parcels to Norway by ferry?", "Yes, in *five* days."


@pytest.fixture
def bot(bench):
    made = bench.create_chatbot("Help desk", ChatbotSettings(min_relevance=0.05))
    made.add_file("returns.md", RETURNS)
    made.update_index().wait(30)
    return made


@pytest.fixture
def opinion(bench, bot):
    answer = bot.ask(QUESTION)
    given = Opinion(thumb="down", reason="wrong", correction=CORRECTION)
    return bench.feedback.give(bot.id, answer.figures.request_id, of_answer(answer, "en"), given)


def texts(at: AppTest) -> str:
    shown = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info, *at.success]
    return "\n".join(element.value for element in shown).replace("\\", "")


def opened(open_page, bot, view: str = "list", **query: str) -> AppTest:
    at = open_page("share/feedback.py", prototype=bot.slug, **query)
    if view != "list":
        at.segmented_control(key="_feedback.view").set_value(view).run()
    assert not at.exception
    return at


def test_a_thumb_up_may_have_a_comment(bench, bot, open_page):
    talk = bot.start_conversation()
    bot.ask("Within how many days?", talk, surface="page")
    at = open_page("build/chatbot.py", prototype=bot.slug, conversation=talk)
    at.feedback[0].set_value(1).run()
    assert "Thank you, this was kept." in texts(at)
    assert "Comment (optional)" not in {area.label for area in at.text_area}  # only offered
    next(button for button in at.button if button.label == "Add a comment").click().run()
    assert not [area for area in at.text_area if area.label == "What should it have said?"]
    next(area for area in at.text_area if area.label == "Comment (optional)").input("Just right.")
    next(button for button in at.button if button.label == "Send").click()
    at.run()
    assert not at.exception
    (kept,) = bench.feedback.list()
    assert (kept.opinion.thumb, kept.opinion.comment) == ("up", "Just right.")
    assert "Thank you, this was kept." in texts(at)


def test_a_thumb_down_asks_why_and_is_kept_with_the_answer(bench, bot, open_page):
    talk = bot.start_conversation()
    bot.ask("Within how many days?", talk, surface="page")
    at = open_page("build/chatbot.py", prototype=bot.slug, conversation=talk)
    at.feedback[0].set_value(0).run()
    assert not at.exception
    kept = bench.feedback.list()[0]
    assert (kept.opinion.thumb, kept.version, kept.publication_id) == ("down", 1, None)
    at.pills[0].set_value("incomplete")
    next(area for area in at.text_area if area.label == "What should it have said?").input("45.")
    next(button for button in at.button if button.label == "Send").click()
    at.run()
    assert not at.exception
    assert bench.feedback.get(kept.id).opinion.correction == "45."
    assert bench.feedback.get(kept.id).opinion.reason == "incomplete"
    assert "Thank you" in texts(at)
    at.feedback[0].set_value(1).run()
    assert bench.feedback.get(kept.id).opinion.thumb == "up"


def test_an_empty_page_says_what_comes_here(bot, open_page):
    assert "Nobody has said anything yet" in texts(opened(open_page, bot))


def test_a_correction_is_read_edited_accepted_and_taken_back(bench, bot, opinion, open_page):
    at = opened(open_page, bot, feedback=opinion.id)
    assert "returns.md" in "".join(one.label for one in at.expander).replace("\\", "")
    answer = at.text_area(key=f"_feedback.answer.{opinion.id}")
    assert answer.value == CORRECTION
    answer.input("Yes, by ferry.")
    next(b for b in at.button if b.label == "Give this answer from now on").click().run()
    assert not at.exception
    assert bot.ask(QUESTION).text == "Yes, by ferry."
    assert "the team's answer is given to" in texts(at)
    at.button(key="_feedback.undo").click().run()
    assert bot.ask(QUESTION).kind != "curated"


def test_an_opinion_becomes_a_test_case_or_is_put_aside(bench, bot, opinion, open_page):
    at = opened(open_page, bot, feedback=opinion.id)
    at.multiselect(key=f"_feedback.right.{opinion.id}").set_value(["returns.md"])
    next(b for b in at.button if b.label == "Keep as an evaluation case").click().run()
    assert bench.feedback.get(opinion.id).state == "case"
    at.button(key=f"_feedback.take_back.{opinion.id}").click().run()
    at.button(key=f"_feedback.dismiss.{opinion.id}").click().run()
    assert bench.feedback.get(opinion.id).state == "dismissed"
    assert not at.exception


def test_the_list_is_filtered(bench, bot, opinion, open_page):
    at = opened(open_page, bot)
    assert any("Norway" in one.label for one in at.expander)
    at.text_input(key="_feedback.text").set_value("kayak").run()
    assert "Nothing matches" in texts(at)
    at.text_input(key="_feedback.text").set_value("FIVE").run()
    assert any("Norway" in one.label for one in at.expander)
    at.selectbox(key="_feedback.filter.thumb").set_value("up").run()
    assert "Nothing matches" in texts(at)


def test_an_opinion_of_another_prototype_is_not_opened(bench, opinion, open_page):
    other = bench.create_chatbot("Other", ChatbotSettings())
    at = opened(open_page, other, feedback=opinion.id)
    assert "Norway" not in texts(at)
    assert "feedback" not in at.query_params


def test_team_answers_are_written_switched_and_deleted(bench, bot, open_page):
    at = opened(open_page, bot, "team")
    at.text_input(key="_team.new.question").set_value(QUESTION)
    at.text_area(key="_team.new.answer").input(CORRECTION)
    next(b for b in at.button if b.label == "Give this answer from now on").click().run()
    assert not at.exception
    (kept,) = bot.team_answers.list()
    bot.ask(QUESTION)
    at.toggle(key=f"_team.on.{kept.id}").set_value(False).run()
    assert not bot.team_answers.list()[0].is_on
    assert "given 1 time" in texts(at)
    at.button(key=f"_team.delete.{kept.id}").click().run()
    assert bot.team_answers.list() == ()
    at.button(key="_team.undo").click().run()
    assert len(bot.team_answers.list()) == 1
    assert not at.exception


def test_opinions_of_another_prototype_do_not_wait_unseen(bench, bot, opinion, open_page):
    newest = bench.create_chatbot("Newer")
    at = open_page("share/feedback.py")  # nothing was chosen: the one with something to read
    assert at.selectbox(key="_business.prototype").value == bot.slug
    at = opened(open_page, newest)
    assert "Nobody has said anything yet" in texts(at)
    elsewhere = at.button(key=f"_feedback.elsewhere.{bot.slug}")
    assert elsewhere.label.replace("\\", "") == "Help desk (1)"
    elsewhere.click().run()
    assert at.selectbox(key="_business.prototype").value == bot.slug
    assert not [one for one in at.button if str(one.key).startswith("_feedback.elsewhere.")]
    bench.feedback.dismiss(opinion.id)
    at.run()
    at.segmented_control(key="_feedback.state").set_value("new").run()
    assert "Nothing new: you have decided on everything" in texts(at)
    at.text_input(key="_feedback.text").set_value("ferry").run()
    assert "Nothing matches" in texts(at)


def test_satisfaction_has_its_interval(bot, opinion, open_page):
    at = opened(open_page, bot, "satisfaction")
    assert "Wilson" in texts(at)
    assert "fewer than 20" in texts(at)


def test_two_versions_stand_side_by_side(bench, bot, opinion, open_page):
    assert "one version so far" in texts(open_page("share/versions.py", prototype=bot.slug))
    bot.configure(replace(bot.settings, n_passages=5))
    at = open_page("share/versions.py", prototype=bot.slug)
    assert not at.exception
    shown = texts(at)
    assert "Passages to read (top k): 3 → 5" in shown
    assert "Nobody has asked version 2 yet" in shown
    bot.ask(QUESTION)
    bench.feedback.accept_case(opinion.id, ["returns.md"])
    at.run()
    at.button(key="_versions.measure").click().run()
    assert not at.exception
    assert "nDCG@10" in texts(at)


CASES = b"id,question,answer,gold_document,answerable\nq1,Within how many days?,45 days,returns.md,yes\n"


def test_versions_say_what_evaluate_found_of_each(bench, bot, open_page):
    evaluation = bench.evaluation(bot.id)
    chosen = evaluation.sets.read("q.csv", CASES).record.id
    evaluation.run(chosen)
    bot.configure(replace(bot.settings, n_passages=5))
    shown = texts(open_page("share/versions.py", prototype=bot.slug))
    assert "Version 2: not measured yet." in shown
    assert re.search(r"Version 1: .+ on 1 question \(", shown)
    run = evaluation.run(chosen)
    at = open_page("share/versions.py", prototype=bot.slug)
    assert "not measured yet" not in texts(at)
    assert [one for one in at.get("page_link") if "question by question" in one.proto.label]
    page = bench.report(bot.id, ReportChoices(n_exchanges=0))
    assert str(evaluation.verdict(run)[0]) in html.unescape(page)


def test_measured_versions_are_measured_again_when_judgements_change(bench, bot, open_page):
    bot.configure(replace(bot.settings, n_passages=5))
    bench.workspace.judgements.put(bot.id, [("days", "returns.md", 1)], "thumb")
    at = open_page("share/versions.py", prototype=bot.slug)
    at.button(key="_versions.measure").click().run()
    assert "nDCG@10" in texts(at)
    bench.workspace.judgements.put(bot.id, [("days", "returns.md", 2)], "thumb")
    assert "nDCG@10" not in texts(at.run())


def test_a_split_is_begun_changed_and_decided(bench, bot, open_page):
    bot.configure(replace(bot.settings, n_passages=5))
    shown = bench.publish(bot.id, PublicationChoices(headline="Ask us"))
    at = open_page("share/versions.py", prototype=bot.slug)
    at.button(key=f"_split.begin.{shown.id}").click().run()
    assert bench.workspace.publications.get(shown.id).second_version == 1
    at.slider(key=f"_split.share.{shown.id}").set_value(20).run()
    assert bench.workspace.publications.get(shown.id).second_share_percent == 20
    assert "Nothing can be said about satisfaction yet" in texts(at)
    at.button(key=f"_split.adopt.{shown.id}.1").click().run()
    now = bench.workspace.publications.get(shown.id)
    assert (now.version, now.second_version) == (1, None)
    assert not at.exception


def test_the_publish_page_leads_to_the_test_of_two_versions(bench, bot, open_page):
    bot.configure(replace(bot.settings, n_passages=5))
    shown = bench.publish(bot.id, PublicationChoices(headline="Ask us"))
    at = open_page("share/publish.py", prototype=bot.slug)
    at.segmented_control(key=f"_publish.view.{shown.id}").set_value("split").run()
    assert "All visitors meet version 2" in texts(at)
    at.button(key=f"_split.begin.{shown.id}").click().run()
    assert not at.exception
    assert "Each visitor always meets the same one" in texts(at)
