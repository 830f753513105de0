"""Compression of a text model, with its losses and its speed only played."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from studio.errors import Cancelled, InvalidInput, NotFound
from studio.inference.model_spec import ModelSpec
from studio.inference.training.precision_losses import AS_IT_IS, LOSSES
from studio.records import Task
from studio.tuning.compressing import Compressing
from studio.tuning.examples import Example
from tests.unit.inference.gguf_files import write_gguf

EXAMPLES = tuple(Example(prompt=f"q {i}", answer=f"a {i}") for i in range(14))


@pytest.fixture
def model(bench, tmp_path) -> ModelSpec:
    write_gguf(tmp_path / "m.gguf", kind="F16")
    spec = ModelSpec(
        id="mine",
        name="Mine",
        task=Task.GENERATION,
        source="gguf",
        location=str(tmp_path / "m.gguf"),
    )
    bench.catalogue.add(spec)
    return spec


@pytest.fixture
def compressing(bench, monkeypatch) -> Compressing:
    def losses(place, context):
        n = len((place / "held_out.jsonl").read_text().splitlines())
        found = {AS_IT_IS: [1.0] * n, "Q8_0": [1.0] * n, "Q4_1": [1.1] * n, "Q4_0": [1.3] * n}
        (place / LOSSES).write_text(json.dumps(found))

    monkeypatch.setattr("studio.tuning.compressing._run_child", losses)
    monkeypatch.setattr(
        bench.provisioner, "transformers_folder", lambda spec, *_: bench.settings.home
    )
    tools = replace(bench._toolbox, settings=replace(bench.settings, is_demo=False))
    return Compressing(tools, bench.provisioner, bench.models.unload, bench.acting.require)


def test_every_form_is_measured_before_one_is_offered(bench, model, compressing) -> None:
    run = compressing.start(model.id, EXAMPLES)
    measured = compressing.job(run.id).result(60).measured
    assert [one.form for one in measured] == ["", "Q8_0", "Q4_1", "Q4_0"]
    assert [one.effect.outcome for one in measured[1:]] == ["same", "worse", "worse"]
    assert measured[0].effect is None
    assert all(one.tokens_per_s > 0 for one in measured)
    sizes = [one.size_bytes for one in measured]
    assert sizes == sorted(sizes, reverse=True)
    # What was loaded to be measured is in nobody's way afterwards.
    assert [spec.id for spec in bench.catalogue.list() if spec.name.startswith("Mine (")] == []


def test_a_form_that_is_kept_is_an_entry_of_its_own(bench, model, compressing) -> None:
    run = compressing.start(model.id, EXAMPLES)
    compressing.job(run.id).result(60)
    model_id = compressing.keep(run.id, "Q8_0")
    assert bench.catalogue.get(model_id).name == "Mine (Q8_0)"
    assert compressing.keep(run.id, "Q8_0") == model_id
    kept = {one.form: one.model_id for one in compressing.run(run.id).measured}
    assert kept == {"": "", "Q8_0": model_id, "Q4_1": "", "Q4_0": ""}
    with pytest.raises(NotFound, match="was not measured"):
        compressing.keep(run.id, "Q2_K")


def test_few_examples_and_the_demo_are_refused(bench, model, compressing) -> None:
    with pytest.raises(InvalidInput, match="There are 3 different"):
        compressing.start(model.id, EXAMPLES[:3])
    with pytest.raises(InvalidInput, match="demo engine"):
        bench.tuning.compressing.start(model.id, EXAMPLES)


def test_a_model_without_gguf_says_so_and_a_stop_is_no_failure(
    bench, model, compressing, monkeypatch
) -> None:
    run = compressing.start("all-minilm-l6-v2", EXAMPLES)
    with pytest.raises(InvalidInput, match="only models that came as GGUF"):
        compressing.job(run.id).result(60)
    assert compressing.run(run.id).problem is not None

    def stopped(place, context):
        raise Cancelled("Stopped.")

    monkeypatch.setattr("studio.tuning.compressing._run_child", stopped)
    run = compressing.start(model.id, EXAMPLES)
    compressing.job(run.id).wait(60)
    assert compressing.run(run.id).problem is None
