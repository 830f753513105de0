"""The fine-tuning page without a browser (demo engine)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components import cache
from studio.inference.training import plan as files
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.prototypes.content.content import Content
from studio.records import Task
from studio.tuning.tuning import Tuning
from tests.unit.prototypes.classifier.mails import table
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
    assert "5 examples to learn from, 2 to see when to stop, 7 held out to measure" in texts(at)
    assert "USD" in texts(at)
    at.button(key=f"_tune.start.{judged.id}.contrastive").click().run()
    run = real.runs()[0]
    assert real.job(run.id).wait(30)
    at.run()
    assert not at.exception
    assert "equally good on the 7 queries held out" in texts(at)
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


def test_what_a_model_writes_is_a_source_to_untick(open_page, judged, real) -> None:
    at = open_page("measure/tune.py", prototype=judged.slug)
    at.button(key=f"_tune.write.{judged.id}.contrastive").click().run()
    written = real.writing(judged.id, "contrastive").result(30)
    assert written.n_dropped + len(written.examples) == 14
    at.run()
    assert not at.exception
    shelf = cache.tuning_examples()
    name = f"{judged.id}.contrastive"
    assert shelf.get(name) == written.examples
    for one in written.examples:  # what is learnt from can be read
        assert any(one.prompt[:40] in shown.value.replace("\\", "") for shown in at.caption)
    shelf.drop(name)  # learnt from meanwhile: nobody who comes by takes them again
    open_page("measure/tune.py", prototype=judged.slug)
    assert shelf.get(name) is None
    shelf.put(name, written.examples)
    at.button(key=f"_tune.write.{judged.id}.contrastive").click().run()
    more = real.writing(judged.id, "contrastive").result(30)
    at.run()
    assert shelf.get(name) == (*written.examples, *more.examples)
    boxes = [box.label for box in at.checkbox]
    assert any("Written by a model" in label for label in boxes) == bool(written.examples)


def test_search_models_are_offered_to_be_compressed(open_page, judged, real, base) -> None:  # noqa: F811
    at = open_page("measure/tune.py", prototype=judged.slug)
    at.segmented_control(key="_tune.view").set_value("compress").run()
    assert not at.exception
    assert "base" in at.selectbox(key=f"_tune.compress.{judged.id}.contrastive").options[-1].lower()
    assert not [b for b in at.button if b.key == f"_tune.write.{judged.id}.contrastive"]


def test_a_classifier_learns_from_its_own_labels(open_page, bench, real, base, play) -> None:  # noqa: F811
    play()
    made = bench.create(Classifier, "Mail", ClassifierSettings().to_json())
    at = open_page("measure/tune.py", prototype=made.slug)
    assert "Label texts and train the classifier on its page" in texts(at)
    made.desk.add([("mails.csv", table())])
    made.train().result(60)
    at = open_page("measure/tune.py", prototype=made.slug)
    assert not at.exception
    assert any("Its labelled texts" in box.label for box in at.checkbox)
    assert not at.file_uploader
    assert "Before and after are those of" not in texts(at)
    at.selectbox(key=f"_tune.base.{made.id}.contrastive").set_value("base").run()
    assert "they do not say whether the tuned model is better" in texts(at)
    at.button(key=f"_tune.start.{made.id}.contrastive").click().run()
    run = real.runs()[0]
    assert real.job(run.id).wait(60)
    at.run()
    assert not at.exception
    assert real.run(run.id).effect.measure == "accuracy"
    at.button(key=f"_tune.adopt.{run.id}").click().run()
    assert made.settings.embedding_model == real.run(run.id).model_id
    made.training().wait(60)


def test_a_classifiers_own_model_is_that_of_its_language(open_page, bench, monkeypatch) -> None:
    reads_chinese = bench.catalogue.get("use-multilingual-v3")
    monkeypatch.setattr(
        "components.tune_form.automatic_embedding_model",
        lambda _catalogue, _settings, language: (
            reads_chinese if language == "zh" else bench.catalogue.default(Task.EMBEDDING)
        ),
    )
    made = bench.create(Classifier, "Mail", ClassifierSettings(language="zh").to_json())
    at = open_page("measure/tune.py", prototype=made.slug)
    assert "can only be used, not trained" in texts(at)
    assert "Mail asks Universal Sentence Encoder multilingual v3 now" in texts(at)


def test_a_classifiers_smaller_forms_are_measured_by_its_labels(
    open_page,
    bench,
    real,
    base,  # noqa: F811
    monkeypatch,
) -> None:
    monkeypatch.setattr("studio.tuning.compressing.search_forms", lambda: ("int8",))
    made = bench.create(Classifier, "Mail", ClassifierSettings().to_json())
    made.desk.add([("mails.csv", table())])
    made.train().result(60)
    at = open_page("measure/tune.py", prototype=made.slug)
    at.segmented_control(key="_tune.view").set_value("compress").run()
    assert "accuracy is measured on the texts of its own test" in texts(at)
    assert len([one for one in at.caption if str(one.value).endswith("→ delivery")]) == 3
    at.selectbox(key=f"_tune.compress.{made.id}.contrastive").set_value("base").run()
    at.button(key=f"_tune.compress_start.{made.id}").click().run()
    run = real.compressing.runs(made.id)[0]
    real.compressing.job(run.id).result(60)
    at.run()
    assert not at.exception
    assert "macro F1" in texts(at)
    assert "Gets every text right or wrong as the model as it is" in texts(at)
    at.button(key=f"_tune.keep.{run.id}.int8").click().run()
    assert "In the catalogue" in texts(at)


def test_the_model_that_a_prototype_cannot_do_without_is_chosen_first(open_page, bench) -> None:
    content = bench.create(Content, "Texts", Content.default_settings("en"))
    chatbot = bench.create(Chatbot, "Help", Chatbot.default_settings("en"))
    chosen = [
        open_page("measure/tune.py", prototype=one.slug).segmented_control(key="_tune.method").value
        for one in (content, chatbot)
    ]
    assert chosen == ["lora", "contrastive"]
