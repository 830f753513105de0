"""Explanations on the demo engine; what only a real model can show is played."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from studio.config import Settings
from studio.errors import InvalidInput
from studio.explaining.explaining import RESULTS_JOB, Explaining, perplexity
from studio.inference.inspection import Inspection, TokenLook
from studio.inference.token_texts import TokenText
from studio.workbench import Workbench

DOCUMENT = (
    b"# Returns\n\nYou may return a tent within thirty days of the purchase.\n\n"
    b"# Shipping\n\nParcels to Norway take nine working days and cost twelve dollars.\n"
)


@pytest.fixture
def bench(tmp_path):
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def bot(bench):
    made = bench.create_chatbot("Bot")
    made.add_file("help.md", DOCUMENT)
    made.update_index().wait(30)
    made.configure(replace(made.settings, min_relevance=0.0))
    return made


@pytest.fixture
def explaining(bench, monkeypatch):
    """Not refused for being the demo; an answer loses 2 nats for each passage that is missing."""
    asked = []

    def inspect(folder, prompts, answer, **options):
        asked.append((prompts, answer))
        return Inspection(
            tokens=(TokenLook(of=TokenText(text="a"), probability=0.5, alternatives=()),) * 4,
            log_likelihoods=tuple(-1.0 - 2.0 * i for i in range(len(prompts))),
            attention=np.zeros((0, 0, 0, 0), np.float16),
            attended=(),
        )

    monkeypatch.setattr("studio.explaining.explaining.inspect_answer", inspect)
    tools = replace(bench._toolbox, settings=replace(bench.settings, is_demo=False))
    made = Explaining(tools, bench.provisioner, bench.prototype)
    monkeypatch.setattr(
        bench.provisioner, "transformers_folder", lambda spec, *_: bench.settings.home
    )
    made.asked = asked
    return made


def test_each_passage_is_left_out_once_and_the_rest_stays(bot, explaining) -> None:
    found = explaining.why(bot.id, "Within how many days may I return a tent?")
    prompts, answer = explaining.asked[0]
    assert answer == found.answer
    assert len(prompts) == 1 + len(found.shares)
    assert len({str(prompt) for prompt in prompts}) == len(prompts)
    assert [one.nats for one in found.shares] == sorted(
        (one.nats for one in found.shares), reverse=True
    )
    assert found.shares[-1].nats == pytest.approx(2.0)
    assert found.shares[-1].nats_per_token == pytest.approx(0.5)


def test_quotes_are_called_quotes_and_their_tokens_are_there_to_be_drawn(bot, explaining) -> None:
    bot.configure(replace(bot.settings, answer_style="quote"))
    found = explaining.why(bot.id, "Within how many days may I return a tent?")
    assert found.is_quoted
    assert len(found.inspection.tokens) == 4
    bot.configure(replace(bot.settings, answer_style="write", only_from_documents=False))
    assert not explaining.why(bot.id, "Within how many days may I return a tent?").is_quoted


def test_what_no_model_wrote_is_refused(bot, explaining) -> None:
    bot.team_answers.add("May I return a tent?", "Ask us.")
    with pytest.raises(InvalidInput, match="The team has answered"):
        explaining.why(bot.id, "May I return a tent?")
    with pytest.raises(InvalidInput, match="small talk"):
        explaining.why(bot.id, "Hello!")
    assert explaining.asked == []


def test_a_large_model_loses_exactly_the_passage_that_is_left_out(bot) -> None:
    bot.configure(replace(bot.settings, answer_style="write", only_from_documents=False))
    prompts = bot.prompts_without_each("return a tent")
    for _name, text, messages in prompts.without:
        assert any(text in message.content for message in prompts.whole)
        assert not any(text in message.content for message in messages)


def test_without_passages_there_is_nothing_to_explain(bench, explaining) -> None:
    empty = bench.create_chatbot("Empty")
    with pytest.raises(InvalidInput, match="nothing to leave out"):
        explaining.why(empty.id, "What is this?")
    with pytest.raises(InvalidInput, match="Only a chatbot"):
        explaining.why(bench.create_search("S").id, "What?")


def test_the_demo_and_empty_texts_are_refused(bench) -> None:
    with pytest.raises(InvalidInput, match="nobody can look into it"):
        bench.explaining.look("smollm2-135m-instruct", "a", "b")
    with pytest.raises(InvalidInput, match="Enter a question"):
        bench.explaining.look("smollm2-135m-instruct", " ", "b")


def test_the_map_has_every_passage(bench, bot) -> None:
    found = bench.explaining.map(bot.id)
    assert found.n_passages == len(bot.bench.passages()) > 0
    assert {one.item for one in found.passages} == {"help.md"}
    with pytest.raises(InvalidInput, match="nothing to draw"):
        bench.explaining.map(bench.create_search("S").id)


def test_perplexity_of_a_fair_coin_is_two() -> None:
    tokens = (TokenLook(of=TokenText(text="x"), probability=0.5, alternatives=()),) * 3
    looked = Inspection(
        tokens=tokens,
        log_likelihoods=(3 * float(np.log(0.5)),),
        attention=np.zeros((0, 0, 0, 0), np.float16),
        attended=(),
    )
    assert perplexity(looked) == pytest.approx(2.0)


PRODUCTS = (
    b"Name,Description\nTent,A light tent for two hikers\nPot,An iron pot for stews\n"
    b"Bag,A warm sleeping bag\n"
)


@pytest.fixture
def search(bench):
    made = bench.create_search("Shop")
    made.add_file("products.csv", PRODUCTS)
    made.update_index().wait(30)
    return made


def test_results_are_explained_by_the_words_they_share(bench, search) -> None:
    found = bench.explaining.start_results(search.id, "tent for hikers").result(30)
    best = found.results[0]
    assert best.result.title == "Tent"
    assert best.match.way == "left out"  # the demo engine shows no words
    shared = {best.match.text[a:b].lower() for a, b in best.match.shared}
    assert {"tent", "hikers"} <= shared
    weights = {one.word: one.weight for one in best.match.matches}
    assert weights["tent"] > 0
    assert weights["hikers"] > 0
    assert bench.explaining.latest_asked(RESULTS_JOB, search.id, "tent for hikers") is not None


def test_another_query_is_other_work(bench, search, monkeypatch) -> None:
    may_go_on = threading.Event()
    why = bench.explaining.why_results

    def slow(prototype_id, query, context=None):
        assert may_go_on.wait(30)
        return why(prototype_id, query, context)

    monkeypatch.setattr(bench.explaining, "why_results", slow)
    jobs = [bench.explaining.start_results(search.id, one) for one in ("tent", "pot", "tent")]
    may_go_on.set()
    assert [job.result(30).query for job in jobs] == ["tent", "pot", "tent"]
    assert jobs[0] is jobs[2]
    assert bench.explaining.latest_asked(RESULTS_JOB, search.id, "pot") is jobs[1]
    assert bench.explaining.latest_asked(RESULTS_JOB, search.id, "bag") is None


def test_nothing_found_and_what_is_no_search(bench, search, bot) -> None:
    with pytest.raises(InvalidInput, match="Only the results of a search"):
        bench.explaining.why_results(bot.id, "tent")
    empty = bench.create_search("Empty")
    assert bench.explaining.why_results(empty.id, "tent").results == ()
