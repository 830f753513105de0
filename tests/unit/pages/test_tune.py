"""The fine-tuning page without a browser (demo engine)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.inference.training import plan as files
from studio.tuning.tuning import Tuning
from tests.unit.tuning.conftest import base, play  # noqa: F401 - fixtures

PRODUCTS = "Name,Description\n" + "\n".join(
    f"Thing {i},A thing of the kind number {i} for a purpose" for i in range(14)
)


@pytest.fixture
def search(bench):
    made = bench.create_search("Shop")
    made.add_file("products.csv", PRODUCTS.encode())
    made.update_index().wait(30)
    return made


@pytest.fixture
def judged(search):
    rows = "\n".join(f"purpose {i},Thing {i},1" for i in range(14))
    search.bench.read_judgements("j.csv", f"query,document,grade\n{rows}".encode())
    return search


@pytest.fixture
def real(bench, monkeypatch):
    """The page's fine-tuning is not refused for being the demo."""
    tools = replace(bench._toolbox, settings=replace(bench.settings, is_demo=False))
    tuning = Tuning(
        tools, bench.provisioner, bench.prototype, bench.models.unload, bench.acting.require
    )
    monkeypatch.setattr(bench, "tuning", tuning)
    return tuning


def texts(at) -> str:
    shown = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info, *at.success]
    return "\n".join(element.value for element in shown).replace("\\", "")


def test_an_empty_studio_says_what_to_do_first(open_page) -> None:
    at = open_page("measure/tune.py")
    assert not at.exception
    assert "There is nothing to tune a model for yet" in texts(at)


def test_without_examples_it_says_how_many_are_wanted(open_page, search) -> None:
    at = open_page("measure/tune.py", prototype=search.slug)
    assert not at.exception
    assert "There are no examples yet." in texts(at)
    assert "Choose at least 12 examples" in texts(at)
    assert not [b for b in at.button if b.label == "Start the tuning"]


def test_judged_results_are_learnt_and_the_model_is_used(
    open_page,
    judged,
    real,
    base,  # noqa: F811
    play,  # noqa: F811
) -> None:
    play()
    at = open_page("measure/tune.py", prototype=judged.slug)
    at.selectbox(key=f"_tune.base.{judged.id}.contrastive").set_value("base").run()
    assert "7 examples to learn from, 2 to see when to stop, 5 held out to measure" in texts(at)
    assert "USD" in texts(at)
    at.button(key=f"_tune.start.{judged.id}.contrastive").click().run()
    run = real.runs()[0]
    assert real.job(run.id).wait(30)
    at.run()
    assert not at.exception
    assert "equally good on the 5 examples held out" in texts(at)
    at.button(key=f"_tune.adopt.{run.id}").click().run()
    assert judged.settings.embedding_model == real.run(run.id).model_id
    at.run()
    assert "In use in Shop" in texts(at)


def test_a_file_is_read_and_a_bad_one_is_refused(open_page, search) -> None:
    at = open_page("measure/tune.py", prototype=search.slug)
    rows = "".join(f"q{i},passage number {i}\n" for i in range(12))
    at.file_uploader[0].set_value([("e.csv", f"query,passage\n{rows}".encode(), "text/csv")]).run()
    assert not at.exception
    assert any("12" in box.label for box in at.checkbox)
    at.file_uploader[0].set_value([("e.csv", b"name,price\nx,1\n", "text/csv")]).run()
    assert "has no table with examples" in texts(at)


def test_a_stopped_run_can_go_on(open_page, judged, real, base, play) -> None:  # noqa: F811
    from studio.errors import Cancelled
    from studio.tuning.tuning import TuningRequest

    play(fails=Cancelled("Stopped."))
    examples = real.gather(judged.id, "contrastive")
    run = real.start(
        TuningRequest(
            name="Mine",
            method="contrastive",
            base_model="base",
            examples=examples,
            prototype_id=judged.id,
        )
    )
    real.job(run.id).wait(30)
    at = open_page("measure/tune.py", prototype=judged.slug)
    assert "This was stopped" in texts(at)
    play()
    at.button(key=f"_tune.go_on.{run.id}").click().run()
    real.job(run.id).wait(30)
    assert real.run(run.id).outcome == "done"
    assert files.read_result(real._store.place(run.id)).n_steps == 9


def test_it_is_there_in_chinese(open_page, search) -> None:
    at = open_page("measure/tune.py", prototype=search.slug, lang="zh")
    assert not at.exception
    assert at.title[0].value == "微调"
