"""Changing the search model on the chatbot's page: what it means is said, and work goes on meanwhile."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

OTHER = "bge-small-zh-v1.5"
CLUB = b"# Club\n\nThe yearly fee for the club is 19 dollars. Members get free repairs."


@pytest.fixture
def bot(bench):
    made = bench.create_chatbot("Help desk")
    made.add_file("club.md", CLUB)
    made.update_index().result(30)
    made.configure(replace(made.settings, min_relevance=0.0, embedding_model=OTHER))
    return made


def texts(at) -> str:
    shown = [*at.markdown, *at.caption, *at.warning, *at.error]
    return "\n".join(element.value for element in shown).replace("\\", "")


def n_answers(at) -> int:
    return len(at.main.get("bidi_component"))


def test_it_says_what_it_means_and_questions_are_answered_all_the_same(open_page, bot) -> None:
    at = open_page("build/chatbot.py", prototype=bot.slug)
    assert "Answers still come from the index made with" in texts(at)
    assert "The new model reads 1 passage once." in texts(at)
    assert at.button(key=f"_index.{bot.id}.build").label == "Build the index again"
    at.chat_input[0].set_value("What is the fee?").run()
    assert n_answers(at) == 1
    assert bot.index_state().state == "mismatch"  # nothing was started behind the user's back


def test_while_it_is_built_progress_stands_there_and_questions_do_not_wait(
    open_page, bench, bot, monkeypatch
) -> None:
    leave, info = threading.Event(), bench.models.info

    def slow(model):
        leave.wait(20)
        return info(model)

    monkeypatch.setattr(bench.models, "info", slow)
    at = open_page("build/chatbot.py", prototype=bot.slug)
    at.button(key=f"_index.{bot.id}.build").click().run()
    assert "questions are answered with the index that is there" in texts(at)
    assert at.button(key=f"_index.{bot.id}.cancel").label == "Cancel"
    at.chat_input[0].set_value("What is the fee?").run()
    assert n_answers(at) == 1
    leave.set()
    bot.update_index().result(30)
    assert "Ready to search: 1 passage." in texts(at.run())
    assert bot.index_state().model == OTHER


def test_new_documents_are_waited_for(open_page, bench, bot, monkeypatch) -> None:
    bot.update_index().result(30)
    bot.add_file("hours.md", b"# Hours\n\nThe shop opens at ten.")
    at = open_page("build/chatbot.py", prototype=bot.slug)
    at.chat_input[0].set_value("When does the shop open?").run()
    assert n_answers(at) == 1
    assert bot.index_state().n_documents == 2


def test_a_first_build_that_was_stopped_can_be_begun_again_where_its_lack_shows(
    open_page, bench, monkeypatch
) -> None:
    search = bench.create_search("Shop")
    search.add_file("club.md", CLUB)
    leave, embed = threading.Event(), bench.models.embed

    def slow(request):
        leave.wait(20)
        return embed(request)

    monkeypatch.setattr(bench.models, "embed", slow)
    job = search.update_index()
    job.cancel()
    leave.set()
    job.wait(20)

    at = open_page("build/search.py", prototype=search.slug)
    assert not at.exception
    assert [one.value for one in at.info if "was stopped" in one.value]
    assert not [one for one in at.error if "was stopped" in one.value]
    at.button(key=f"_index.{search.id}.build_here").click().run()
    assert not at.exception
    search.update_index().result(30)
    assert search.search("club").results
