"""The service page: what the models do now, and what they were asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.config import Settings
from studio.errors import ModelUnavailable
from studio.records import CallContext, EmbeddingRequest, Notice, Task
from studio.workbench import Workbench
from studio.workspace.api_key_record import KeyGrants

PAGE = "run/service.py"


def shown(at) -> str:
    found = [*at.main.markdown, *at.main.caption, *at.main.info, *at.main.subheader]
    return "\n".join(element.value for element in found)


def embed(bench, *texts: str, **context) -> None:
    model = bench.catalogue.default(Task.EMBEDDING).id
    made = CallContext(request_id="r", **context)
    bench.models.embed(EmbeddingRequest(model=model, texts=texts, context=made))


def test_before_any_call_it_says_what_will_be_here(open_page) -> None:
    at = open_page(PAGE)
    assert at.title[0].value == "Service"
    assert "No model was called in this time." in at.info[0].value
    assert "No model is loaded." in shown(at)
    assert not at.exception


def test_calls_stand_by_work_prototype_and_user(open_page, bench) -> None:
    key = bench.workspace.api_keys.create("Acme", KeyGrants())
    bot = bench.create_chatbot("Help desk")
    for _ in range(3):
        embed(bench, "text", surface="api", account=key.record.account, prototype_id=bot.id)
    embed(bench, "a", "b", surface="job")
    at = open_page(PAGE)
    assert not at.exception
    stages, prototypes, accounts = (table.value for table in at.main.dataframe)
    assert list(accounts["User"]) == ["API key Acme", "you and your team"]
    assert list(accounts["Calls"]) == [3, 1]
    assert list(accounts["Of jobs"]) == [0, 1]
    assert list(prototypes["Prototype"]) == ["Help desk", "none (a model was tried)"]
    assert list(stages["Calls"]) == [4]
    assert "**4 model calls**" in shown(at)
    assert "**0%**" in shown(at)  # of two passages none was known


def test_what_failed_is_counted_by_its_name(open_page, bench, monkeypatch) -> None:
    from studio.inference.engines.fake import FakeEmbeddingEngine

    def fail(self, batch):
        raise MemoryError

    monkeypatch.setattr(FakeEmbeddingEngine, "forward", fail)
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match="memory"):
            embed(bench, "text", surface="page")
    at = open_page(PAGE)
    assert "What failed" in shown(at)
    assert any("could not be loaded or failed" in str(table.value) for table in at.main.table)


def test_the_computer_is_measured_at_a_click_and_the_choice_counts(open_page, bench) -> None:
    at = open_page(PAGE)
    assert "was not measured yet" in shown(at)
    at.button(key="_service.measure").click().run()
    assert bench.jobs.latest("measure-machine", "machine").wait(20)
    at.run()
    choice = bench.thread_choice()
    assert bench.models._models._settings.n_threads == choice.n_threads
    assert "measured just now with demo fp32" in shown(at)
    assert list(at.main.table[-1].value["Threads"]) == [str(f.n_threads) for f in choice.figures]
    assert at.button(key="_service.measure").label == "Measure again"


def test_threads_that_were_set_stay_also_where_they_are_the_usual_number(tmp_path) -> None:
    wanted = {"STUDIO_HOME": str(tmp_path), "STUDIO_DEMO": "1"}
    usual = Settings.from_env(wanted)
    settings = Settings.from_env(wanted | {"STUDIO_THREADS": str(usual.n_threads)})
    with Workbench.open(settings=settings) as workbench:
        workbench.models.use_threads = None  # would fail
        assert workbench.measure_machine().result(20).n_threads >= 1


def test_idle_models_are_loaded_anew_with_the_measured_threads(bench) -> None:
    embed(bench, "text", surface="page")
    bench.models.use_threads(bench.settings.n_threads)
    assert [one.state for one in bench.models.status() if one.state == "loaded"] == ["loaded"]
    bench.models.use_threads(bench.settings.n_threads + 1)
    assert [one for one in bench.models.status() if one.state == "loaded"] == []


def test_it_speaks_chinese(open_page, bench) -> None:
    embed(bench, "text", surface="page")
    at = open_page(PAGE, lang="zh")
    assert at.title[0].value == "服务"
    assert "你和你的团队" in str(at.main.dataframe[-1].value)


def test_a_model_with_signs_in_its_name_is_told_of_in_its_own_words(
    open_page, bench, monkeypatch
) -> None:
    embed(bench, "text", surface="page")
    told = [
        replace(one, name="my_own_*model*", remark=Notice("It is slow."))
        for one in bench.models.status()
        if one.state == "loaded"
    ]
    monkeypatch.setattr(bench.models, "status", lambda: told)
    assert r"my\_own\_\*model\*\: It is slow\." in shown(open_page(PAGE))
    assert "：It is slow" in shown(open_page(PAGE, lang="zh"))
