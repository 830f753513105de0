"""Fine-tuning from examples to a model in use, with a training that is only played."""

from __future__ import annotations

import json
import zipfile
from decimal import Decimal

import pytest

from studio.acting import Actor, Role, acting_as
from studio.errors import AccessDenied, InvalidInput, NotFound, StudioError
from studio.inference.training import plan as files
from studio.tuning.examples import Example
from studio.tuning.tuning import TuningRequest

PRODUCTS = "Name,Description\n" + "\n".join(
    f"Thing {i},A thing of the kind number {i} for a purpose" for i in range(14)
)


@pytest.fixture
def search(bench):
    made = bench.create_search("Shop")
    made.add_file("products.csv", PRODUCTS.encode())
    made.update_index().wait(30)
    rows = "\n".join(f"purpose {i},Thing {i},1" for i in range(14)) + "\npurpose 3,Thing 4,0"
    made.bench.read_judgements("j.csv", f"query,document,grade\n{rows}".encode())
    return made


@pytest.fixture
def request_(search, base, tuning) -> TuningRequest:
    return TuningRequest(
        name="Shop search",
        method="contrastive",
        base_model=base.id,
        examples=tuning.gather(search.id, "contrastive"),
        prototype_id=search.id,
    )


def finished(tuning, request_):
    run = tuning.start(request_)
    job = tuning.job(run.id)
    assert job.wait(30)
    return tuning.run(run.id), job


def test_judgements_become_examples_with_what_is_wrong_as_negatives(search, tuning) -> None:
    found = tuning.gather(search.id, "contrastive")
    assert len(found) == 14
    assert [one.negative_items for one in found if one.prompt == "purpose 3"] == [
        ("products.csv#Thing 4",)
    ]


def test_a_text_model_learns_from_the_team_and_from_corrections(bench, tuning) -> None:
    bot = bench.create_chatbot("Bot")
    bench.workspace.curated_answers.add(bot.id, "How long?", "Three days.")
    found = tuning.gather(bot.id, "lora")
    assert [(one.prompt, one.answer, one.source) for one in found] == [
        ("How long?", "Three days.", "team")
    ]
    assert tuning.gather(bot.id, "contrastive") == ()


def test_the_sample_has_examples_for_both_methods(tuning) -> None:
    passages, answers = tuning.sample("contrastive", "en"), tuning.sample("lora", "en")
    assert len(passages) == len(answers) > 90
    assert len(passages[0].answer) > len(answers[0].answer)
    assert tuning.sample("lora", "zh")[0].prompt != answers[0].prompt


def test_a_review_says_parts_time_and_cost_and_changes_nothing(tuning, request_) -> None:
    review = tuning.review(request_)
    parts = review.parted
    assert [len(part) for part in (parts.train, parts.watched, parts.held_out)] == [7, 2, 5]
    assert review.estimate.low_s < review.estimate.high_s
    assert review.estimate.basis == "guess"
    assert tuning.runs() == []


def test_a_run_ends_in_a_model_with_its_lineage(bench, tuning, request_, play) -> None:
    play()
    run, job = finished(tuning, request_)
    assert job.error is None
    assert run.outcome == "done"
    assert run.cost_usd == bench.machine_hour_usd * Decimal("36.0") / 3600
    assert run.effect is not None
    assert run.effect.measure == "nDCG@10"
    assert run.effect.outcome == "same"  # the demo engine gives the same vectors for every model
    assert run.loss is not None
    assert run.loss.gain.mean == pytest.approx(0.5)
    spec = bench.catalogue.get(run.model_id)
    assert (spec.name, spec.licence, spec.source) == ("Shop search", "MIT", "folder")
    lineage = json.loads((tuning._store.place(run.id) / files.MODEL / "lineage.json").read_text())
    assert lineage["base_model"]["revision"] == run.base_revision != ""
    assert lineage["data"]["fingerprint"] == run.fingerprint
    assert lineage["settings"]["seed"] == 0


def test_the_next_estimate_comes_from_the_last_run(tuning, request_, play) -> None:
    play()
    finished(tuning, request_)
    assert tuning.review(request_).estimate.basis == "earlier run"


def test_a_prototype_uses_the_model_and_searches_on(bench, search, tuning, request_, play) -> None:
    play()
    run, _job = finished(tuning, request_)
    assert tuning.adopt(run.id, search.id) == 2
    assert search.settings.embedding_model == run.model_id
    search.index_state().job.wait(30)
    assert search.index_state().model == run.model_id
    with pytest.raises(NotFound):
        tuning.adopt("nothing", search.id)


def test_the_model_can_be_taken_away(tuning, request_, play) -> None:
    play()
    run, _job = finished(tuning, request_)
    names = zipfile.ZipFile(tuning.export(run.id)).namelist()
    assert {"lineage.json", "model/model.safetensors", "model/tokenizer.json"} <= set(names)


def test_nothing_gained_makes_no_model(bench, tuning, request_, play) -> None:
    play(best_step=0, stopped_by="patience")
    run, _job = finished(tuning, request_)
    assert (run.outcome, run.model_id) == ("no_gain", "")
    assert len([s for s in bench.catalogue.list() if s.id.startswith("tuned")]) == 0
    with pytest.raises(InvalidInput, match="has made no model"):
        tuning.adopt(run.id, request_.prototype_id)
    with pytest.raises(NotFound):
        tuning.export(run.id)


def test_a_failure_is_kept_with_its_words_and_can_be_tried_again(tuning, request_, play) -> None:
    play(fails=StudioError("There is not enough memory."))
    run, _job = finished(tuning, request_)
    assert run.outcome == "failed"
    assert run.problem["template"] == "There is not enough memory."
    play()
    tuning.go_on(run.id).wait(30)
    assert (tuning.run(run.id).outcome, tuning.run(run.id).problem) == ("done", None)


def test_what_was_measured_before_is_not_measured_again(tuning, request_, play) -> None:
    play(fails=StudioError("x"))
    run, _job = finished(tuning, request_)
    before = tuning._store.place(run.id) / "before.json"
    scores = json.loads(before.read_text())
    before.write_text(json.dumps(dict.fromkeys(scores, 0.0)))
    play()
    tuning.go_on(run.id).wait(30)
    assert tuning.run(run.id).effect.before.mean == 0.0


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_name_is_needed(tuning, request_, name) -> None:
    from dataclasses import replace

    with pytest.raises(InvalidInput, match="name of 1 to 80"):
        tuning.start(replace(request_, name=name))


def test_models_that_cannot_be_trained_say_why(tuning) -> None:
    listed = {one.spec.id: one.problem for one in tuning.tunable("contrastive")}
    assert listed["all-minilm-l6-v2"] is None
    assert "can only be used, not trained" in str(listed["use-multilingual-v3"])
    with pytest.raises(InvalidInput, match="something else"):
        tuning.review(
            TuningRequest(
                name="x",
                method="lora",
                base_model="all-minilm-l6-v2",
                examples=(Example(prompt="a", answer="b"),),
            )
        )


def test_the_demo_trains_nothing(bench, request_) -> None:
    with pytest.raises(InvalidInput, match="demo engine"):
        bench.tuning.start(request_)


def test_a_viewer_starts_nothing(tuning, request_) -> None:
    with acting_as(Actor(name="v", role=Role.VIEWER)), pytest.raises(AccessDenied):
        tuning.start(request_)


def test_a_run_that_was_damaged_is_left_out(tuning, request_, play) -> None:
    play()
    run, _job = finished(tuning, request_)
    (tuning._store.place(run.id) / "run.json").write_text("{")
    assert tuning.runs() == []
    with pytest.raises(NotFound):
        tuning.run("../etc")
