"""Measure now: own questions, several callers, progress, cancel, and what is kept."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from studio.config import Settings
from studio.errors import Cancelled, InvalidInput, StudioError
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.content.content import Content
from studio.prototypes.content.forms_filled import usable_forms
from studio.prototypes.content.template import Variable
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.replay.callers import MAX_FAILED, Callers
from studio.prototypes.replay.measuring import Measuring, ReplayPlan, said
from studio.prototypes.replay.target import Replayable
from studio.records import Replied
from studio.workbench import Workbench
from tests.unit.prototypes.recommendation import shop

SHORT = ReplayPlan(rounds=((1, 8), (2, 6)), n_warm_up=1)


class Engine:
    """Answers one at a time, in 10 ms each, and counts how many ask at once."""

    def __init__(self, *, fails: bool = False) -> None:
        self.asked: list[str] = []
        self.n_inside = self.most_inside = 0
        self._turn, self._count = threading.Lock(), threading.Lock()
        self._fails = fails

    def replay_inputs(self, limit: int) -> tuple[str, ...]:
        return ("a", "b", "c")[:limit]

    def replay(self, text: str) -> Replied:
        if self._fails:
            raise StudioError("The model is gone.")
        with self._count:
            self.asked.append(text)
            self.n_inside += 1
            self.most_inside = max(self.most_inside, self.n_inside)
        with self._turn:
            time.sleep(0.01)
        with self._count:
            self.n_inside -= 1
        return Replied(request_id=f"r{len(self.asked)}")


def callers(engine: Engine, n: int, total: int, **changes) -> Callers:
    values = {
        "n_concurrent": n,
        "n_requests": total,
        "limit_s": 30.0,
        "is_cancelled": lambda: False,
    }
    return Callers(engine, itertools.cycle("abc"), **(values | changes))


def test_callers_keep_their_number_inside_and_the_rate_is_the_engines() -> None:
    engine = Engine()
    found = callers(engine, 4, 24).run()
    assert engine.most_inside == 4
    assert len(found.requests) == 24
    assert found.point is not None
    assert found.point.rate_per_s <= 105  # one at a time, 10 ms each; a busy machine takes longer
    # Little's law: four inside an engine that takes turns.
    assert found.point.mean_ms == pytest.approx(4 * 1000 / found.point.rate_per_s, rel=0.4)


def test_texts_are_taken_in_turn() -> None:
    engine = Engine()
    callers(engine, 1, 6).run()
    assert engine.asked == list("abcabc")


def test_a_service_that_fails_is_given_up() -> None:
    found = callers(Engine(fails=True), 2, 1000).run()
    assert found.point is None
    assert MAX_FAILED <= found.n_failed <= MAX_FAILED + 2
    assert str(found.failure) == "The model is gone."


def test_a_round_ends_when_its_time_is_up_but_not_without_an_answer() -> None:
    found = callers(Engine(), 1, 1000, limit_s=0.05).run()
    assert 1 <= len(found.requests) < 20


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def bot(workbench: Workbench) -> Chatbot:
    made = workbench.create_chatbot(
        "Help desk", ChatbotSettings(min_relevance=0.05, starter_questions=("How do I return?",))
    )
    made.add_file("returns.md", b"# Returns\n\nWithin 45 days.\n\n# Labels\n\nA label costs $5.\n")
    made.update_index().wait(30)
    return made


def test_a_chatbot_is_measured_and_the_base_has_its_requests(
    workbench: Workbench, bot: Chatbot
) -> None:
    measuring = workbench.measuring(bot.id)
    assert measuring.last() is None
    job = measuring.start(SHORT)
    replay = job.result(60)
    assert [(p.n_concurrent, p.n_requests) for p in replay.sweep] == [(1, 8), (2, 6)]
    assert workbench.measuring(bot.id).last() == replay
    base = workbench.measured_base(bot.id)
    # Those of one caller, and not those that ran beside others or to warm up.
    assert base.n_requests == 8
    assert base.n_missing == 22
    assert base.replay == replay
    seen = {one.total_ms for one in replay.requests if one.n_concurrent == 1}
    assert set(base.total_ms) == seen


def test_measurements_of_a_version_add_up_until_one_begins_anew(
    workbench: Workbench, bot: Chatbot
) -> None:
    measuring = workbench.measuring(bot.id)
    first = measuring.start(SHORT).result(60)
    both = measuring.start(SHORT).result(60)
    assert both.n_runs == 2
    assert both.requests[: len(first.requests)] == first.requests
    assert [(p.n_concurrent, p.n_requests) for p in both.sweep] == [(1, 16), (2, 12)]
    base = workbench.measured_base(bot.id)
    assert (base.n_requests, base.n_replayed, base.n_missing) == (16, 16, 14)
    anew = measuring.start(SHORT, anew=True).result(60)
    assert anew.n_runs == 1
    assert workbench.measured_base(bot.id).n_requests == 8


def test_another_versions_measurement_begins_anew(workbench: Workbench, bot: Chatbot) -> None:
    workbench.measuring(bot.id).start(SHORT).result(60)
    bot.configure(replace(bot.settings, min_relevance=0.06))
    measuring = workbench.measuring(bot.id)
    assert not measuring.adds_up(measuring.last())
    assert measuring.start(SHORT).result(60).n_runs == 1


def test_what_other_models_answered_is_not_added_to(workbench: Workbench, bot: Chatbot) -> None:
    measuring = workbench.measuring(bot.id)
    first = measuring.start(SHORT).result(60)
    calls = workbench.ledger.frame(prototype_id=bot.id)
    own = calls["request_id"].isin([one.request_id for one in first.requests])
    older = calls[own].assign(model="another-model")

    class Ledger:
        def __getattr__(self, name: str):
            return getattr(workbench.ledger, name)

        def frame(self, **chosen):
            now = workbench.ledger.frame(**chosen)
            return pd.concat([older, now[~now["request_id"].isin(older["request_id"])]])

    changed = Measuring(bot, replace(measuring._tools, ledger=Ledger()))
    assert changed.start(SHORT).result(60).n_runs == 1


def test_progress_counts_every_request(workbench: Workbench, bot: Chatbot) -> None:
    job = workbench.measuring(bot.id).start(SHORT)
    job.result(60)
    assert (job.progress.done, job.progress.total) == (15, 15)


def test_measuring_can_be_cancelled_and_keeps_nothing(workbench: Workbench, bot: Chatbot) -> None:
    measuring = workbench.measuring(bot.id)
    job = measuring.start(ReplayPlan(rounds=((1, 100_000),)))
    job.cancel()
    with pytest.raises(Cancelled):
        job.result(30)
    assert measuring.last() is None


def test_own_questions_come_first_then_starters_then_drafts(bot: Chatbot) -> None:
    conversation = bot.start_conversation()
    bot.ask("What does a label cost?", conversation)
    assert isinstance(bot, Replayable)
    assert bot.replay_inputs(10)[:2] == ("What does a label cost?", "How do I return?")
    assert "Labels" in bot.replay_inputs(10)
    assert bot.replay_inputs(1) == ("What does a label cost?",)


def test_nothing_to_ask_is_said(workbench: Workbench) -> None:
    empty = workbench.create_chatbot("Empty")
    measuring = workbench.measuring(empty.id)
    assert not measuring.can_start
    with pytest.raises(InvalidInput, match="nothing to ask"):
        measuring.start()


def test_a_search_is_measured_too(workbench: Workbench) -> None:
    search = workbench.create_search("Shop")
    search.add_file("goods.csv", b"name,use\nRidge tent,windy hills\nGas stove,quick meals\n")
    search.update_index().wait(30)
    workbench.measuring(search.id).start(SHORT).result(60)
    base = workbench.measured_base(search.id)
    assert base.n_requests == 8
    assert base.first_token is None
    assert {stage.stage for stage in base.stages} <= {"embedding", "between"}


def test_content_is_measured_with_its_forms_and_stores_no_text(workbench: Workbench) -> None:
    content = workbench.create(Content, "Shop texts", Content.default_settings("en"))
    (example,) = content.replay_inputs(10)
    written = content.write({**json.loads(example), "product": "Cove 1 Tent"}, 1)
    n_before = len(content.history())
    # What people wrote from comes first, then the form's own examples.
    inputs = content.replay_inputs(10)
    assert inputs[0] == json.dumps(dict(written.texts[0].values), ensure_ascii=False)
    assert inputs[1:] == (example,)
    replay = workbench.measuring(content.id).start(SHORT).result(60)
    assert replay.n_inputs == 2
    assert len(content.history()) == n_before
    base = workbench.measured_base(content.id)
    assert base.n_requests == 8 + 1
    assert "generation" in {stage.stage for stage in base.stages}


def test_a_form_that_does_not_fit_any_more_is_not_asked(workbench: Workbench) -> None:
    forms = [{"title": ""}, {"title": "A", "gone": "x"}, {"title": "A"}, {"title": "B"}]
    variables = (Variable(name="title", label="Title", required=True),)
    assert usable_forms(variables, forms, 5) == ({"title": "A"}, {"title": "B"})
    assert usable_forms(variables, forms, 1) == ({"title": "A"},)


def test_a_recommender_is_measured_once_it_is_trained(workbench: Workbench) -> None:
    made = workbench.create(Recommendation, "Shop", Recommendation.default_settings("en"))
    assert not workbench.measuring(made.id).can_start
    made.desk.add([("items.csv", shop.items_csv()), ("events.csv", shop.events_csv())])
    made.train().result(60)
    replay = workbench.measuring(made.id).start(SHORT).result(60)
    assert replay.n_inputs > 10
    base = workbench.measured_base(made.id)
    assert base.n_requests == 8
    assert [stage.stage for stage in base.stages][0] == "recommendation"


def test_a_slow_model_is_given_the_time_for_all_requests_of_one_caller(
    workbench: Workbench, bot: Chatbot
) -> None:
    # No round of several callers may begin a second request, that of one caller may.
    plan = ReplayPlan(rounds=((1, 8), (2, 16)), n_warm_up=1, limit_s=0.0, alone_limit_s=60.0)
    replay = workbench.measuring(bot.id).start(plan).result(60)
    counts = {point.n_concurrent: point.n_requests for point in replay.sweep}
    assert counts[1] == plan.n_alone == 8
    assert counts[2] < 16


def test_a_long_measurement_says_how_long_it_takes() -> None:
    assert str(said(1, 30 * 5.1)) == "Measuring with one caller, about 3 min"
    assert str(said(1, 6.0)) == "Measuring with one caller"
    assert str(said(4, 600.0)) == "Measuring with 4 callers at once"
