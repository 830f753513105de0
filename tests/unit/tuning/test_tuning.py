"""Fine-tuning from examples to a model in use, with a training that is only played."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from decimal import Decimal

import pytest

from studio.acting import Actor, Role, acting_as
from studio.errors import AccessDenied, InvalidInput, NotFound, StudioError
from studio.inference.training import plan as files
from studio.records import Stage
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


def test_a_name_that_is_taken_is_numbered(tuning, request_, play) -> None:
    """Models are chosen from by their names, and two of one name could not be told apart."""
    play()
    long = replace(request_, name="x" * 80)
    names = [finished(tuning, one)[0].name for one in (request_, request_, request_, long, long)]
    assert names == ["Shop search", "Shop search 2", "Shop search 3", "x" * 80, "x" * 78 + " 2"]


def test_the_sample_has_examples_for_both_methods(tuning) -> None:
    passages, answers = tuning.sample("contrastive", "en"), tuning.sample("lora", "en")
    assert len(passages) == len(answers) > 90
    assert len(passages[0].answer) > len(answers[0].answer)
    assert tuning.sample("lora", "zh")[0].prompt != answers[0].prompt


def test_a_review_says_parts_time_and_cost_and_changes_nothing(tuning, request_) -> None:
    review = tuning.review(request_)
    parts = review.parted
    assert [len(part) for part in (parts.train, parts.watched, parts.held_out)] == [5, 2, 7]
    assert review.estimate.low_s < review.estimate.high_s
    assert review.estimate.basis == "guess"
    assert tuning.runs() == []


def test_a_run_ends_in_a_model_with_its_lineage(bench, tuning, request_, play) -> None:
    play()
    run, job = finished(tuning, request_)
    assert job.error is None
    assert run.outcome == "done"
    assert run.cost_usd == bench.machine_hour_usd * Decimal("36.0") / 3600
    assert run.total_s == 36.0 + run.reading_s > 36.0
    assert run.total_usd > run.cost_usd
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


def test_a_training_is_one_record_in_the_ledger(bench, tuning, request_, play) -> None:
    play()
    run, _job = finished(tuning, request_)
    calls = bench.calls(prototype_id=request_.prototype_id)
    (training,) = calls[calls["stage"] == Stage.TRAINING.value].to_dict("records")
    assert (training["surface"], training["model"]) == ("job", "base")
    assert (training["busy_ms"], training["tokens_in"]) == (36_000.0, 100)
    assert training["cost"] == run.cost_usd
    tuning.go_on(run.id).wait(30)
    again = bench.calls(prototype_id=request_.prototype_id)
    assert (again["stage"] == Stage.TRAINING.value).sum() == 1


def test_the_next_estimate_comes_from_the_last_run(tuning, request_, play) -> None:
    play()
    finished(tuning, request_)
    review = tuning.review(request_)
    assert review.estimate.basis == "earlier run"
    assert review.reading > 0


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


def test_a_run_goes_on_where_its_base_lies_now(bench, tuning, request_, base, play) -> None:
    play(fails=StudioError("x"))
    run, _job = finished(tuning, request_)
    place = tuning._store.place(run.id)
    plan = files.read_plan(place)
    files.write_plan(replace(plan, base_folder=place / "where it was"), place)
    play()
    tuning.go_on(run.id).wait(30)
    assert str(files.read_plan(place).base_folder) == base.location


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_name_is_needed(tuning, request_, name) -> None:
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


def test_questions_of_evaluation_sets_are_examples_and_their_test_part_is_held_out(
    bench, search, tuning, request_
) -> None:
    sets = bench.evaluation(search.id).sets
    rows = "\n".join(f"what is for purpose {i}, Thing {i}" for i in range(14))
    chosen = sets.read("q.csv", f"question,gold_document\n{rows}\n".encode()).record.id
    found = tuning.gather(search.id, "contrastive")
    assert sum(one.source == "evaluation set" for one in found) == 14
    tested = {case.question for case in sets.cases(chosen, "test")}
    review = tuning.review(replace(request_, examples=found))
    held = {one.prompt for one in review.parted.held_out}
    assert tested <= held
    assert not tested & {one.prompt for one in review.parted.train}


def test_what_is_mended_in_examples_is_in_the_run_and_its_lineage(tuning, request_, play) -> None:
    play()
    marked = tuple(replace(o, prompt=f"<b>{o.prompt}</b>") for o in request_.examples)
    run, _job = finished(tuning, replace(request_, examples=marked, cares=("markup",)))
    assert run.cares == ("markup",)
    assert run.fingerprint == tuning.review(request_).parted.fingerprint
    lineage = json.loads((tuning._store.place(run.id) / "lineage.json").read_text())
    assert lineage["data"]["mended"] == ["markup"]


class Writer:
    """Gives these texts one after the other, whatever it is asked."""

    def __init__(self, *texts) -> None:
        self.texts = iter(texts)
        self.asked = []

    def generate(self, request):
        self.asked.append(request.messages[0].content)
        return self

    def result(self):
        return self

    @property
    def text(self) -> str:
        return next(self.texts, "")


def test_questions_that_a_model_writes_are_marked_and_the_useless_dropped(
    search, tuning, monkeypatch
) -> None:
    writer = Writer("Question: What kind of purpose?", "zebra kayak", "", "A thing")
    monkeypatch.setattr(tuning._tools.models, "generate", writer.generate)
    written = tuning.write_examples(search.id, "contrastive", (), "any").result(30)
    (one,) = written.examples
    assert (one.prompt, one.source) == ("What kind of purpose?", "synthetic")
    assert "A thing of the kind number" in one.answer
    assert written.n_dropped == 13
    assert tuning.writing(search.id, "contrastive") is not None


def test_asked_again_a_model_reads_what_it_has_not_read(search, tuning, monkeypatch) -> None:
    def write(known):
        writer = Writer(*[f"What kind of thing, {n}?" for n in range(len(known), 14)])
        seeds = []

        def generate(request):
            seeds.append(request.sampling.seed)
            return writer.generate(request)

        monkeypatch.setattr(tuning._tools.models, "generate", generate)
        made = tuning.write_examples(search.id, "contrastive", known, "any").result(30)
        return made.examples, writer.asked, seeds

    monkeypatch.setattr("studio.tuning.writing.N_WRITTEN", 5)
    first, read, seeds = write(())
    _, read_then, seeds_then = write(first)
    assert len(first) == len(read) == len(read_then) == 5
    assert not set(read) & set(read_then)
    assert not set(seeds) & set(seeds_then)


def test_a_text_model_gets_prompts_in_other_words_but_none_of_the_test(
    bench, tuning, monkeypatch
) -> None:
    bot = bench.create_chatbot("Bot")
    writer = Writer("How long does it take?", "how long?")
    monkeypatch.setattr(tuning._tools.models, "generate", writer.generate)
    asked = (
        Example(prompt="How long?", answer="Three days."),
        Example(prompt="And this?", answer="No.", part="held_out"),
        Example(prompt="Made?", answer="Yes.", source="synthetic"),
    )
    written = tuning.write_examples(bot.id, "lora", asked, "any").result(30)
    assert [(one.prompt, one.answer) for one in written.examples] == [
        ("How long does it take?", "Three days.")
    ]
    assert len(writer.asked) == 1
