"""Compression of a text model, with its losses and its speed only played."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.errors import Cancelled, InvalidInput, NotFound
from studio.inference.embedder_forms import form_of
from studio.inference.model_spec import ModelSpec, Weights
from studio.inference.training.precision_losses import AS_IT_IS, LOSSES
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.records import CallContext, EmbeddingRequest, Task
from studio.tuning.compressing import Compressing
from studio.tuning.examples import Example, part_examples
from studio.tuning.labelled import label_scores
from tests.unit.inference.gguf_files import write_gguf
from tests.unit.prototypes.classifier.mails import table

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
    def losses(module, place, cancelled):
        n = len((place / "held_out.jsonl").read_text().splitlines())
        found = {AS_IT_IS: [1.0] * n, "Q8_0": [1.0] * n, "Q4_1": [1.1] * n, "Q4_0": [1.3] * n}
        (place / LOSSES).write_text(json.dumps(found))

    monkeypatch.setattr("studio.tuning.compressing.run_module", losses)
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
    weights = Weights(folder=bench.settings.home, gguf_f16=None, revision="r", size_bytes=1)
    with monkeypatch.context() as patched:
        patched.setattr(bench.provisioner, "ensure", lambda *_: weights)
        run = compressing.start(model.id, EXAMPLES)
        with pytest.raises(InvalidInput, match="only models that came as GGUF"):
            compressing.job(run.id).result(60)
        assert compressing.run(run.id).problem is not None

    def stopped(module, place, cancelled):
        raise Cancelled("Stopped.")

    monkeypatch.setattr("studio.tuning.compressing.run_module", stopped)
    run = compressing.start(model.id, EXAMPLES)
    compressing.job(run.id).wait(60)
    assert compressing.run(run.id).problem is None


def test_a_search_model_is_measured_by_what_it_finds(bench, base, compressing, monkeypatch) -> None:
    monkeypatch.setattr("studio.tuning.compressing.search_forms", lambda: ("int8",))
    engine = "studio.inference.engines.openvino_embedding.converted_bytes"
    monkeypatch.setattr(engine, lambda *_: 7)
    run = compressing.start(base.id, EXAMPLES)
    measured = compressing.job(run.id).result(60).measured
    assert [one.form for one in measured] == ["", "int8"]
    assert all(one.tokens_per_s > 0 and one.query_ms > 0 for one in measured)
    assert (measured[0].loss, measured[0].effect, measured[0].size_bytes) == (None, None, 7)
    assert 0 < measured[0].ndcg == measured[1].ndcg <= 1
    assert measured[1].effect.outcome == "same"  # the demo engine reads every form alike
    assert not [spec.id for spec in bench.catalogue.list() if spec.name.startswith("Base (")]
    kept = bench.catalogue.get(compressing.keep(run.id, "int8"))
    assert (kept.name, kept.source) == ("Base (int8)", "folder")
    assert form_of(Path(kept.location)) == "int8"
    again = compressing.start(kept.id, EXAMPLES)
    with pytest.raises(InvalidInput, match="no smaller form already"):
        compressing.job(again.id).result(60)


def test_the_memory_of_a_form_is_not_that_of_making_it(bench, base, compressing, monkeypatch):
    monkeypatch.setattr("studio.tuning.compressing.search_forms", lambda: ("int8",))
    seen: list[tuple[str, str]] = []
    load, unload, embed = bench.models.info, bench.models.unload, bench.models.embed
    monkeypatch.setattr(bench.models, "info", lambda m: seen.append(("load", m)) or load(m))
    monkeypatch.setattr(compressing, "_unload", lambda m: seen.append(("unload", m)) or unload(m))
    monkeypatch.setattr(
        bench.models, "embed", lambda asked: seen.append(("embed", asked.model)) or embed(asked)
    )
    run = compressing.start(base.id, EXAMPLES)
    compressing.job(run.id).result(60)
    of_form = [what for what, model in seen if "int8" in model]
    assert of_form[:3] == ["load", "unload", "embed"]


@pytest.fixture
def classifier(bench) -> Classifier:
    made = bench.create(Classifier, "Mail", ClassifierSettings().to_json())
    made.desk.add([("mails.csv", table())])
    made.train().result(60)
    return made


def test_a_classifiers_model_is_measured_by_the_labels_of_its_test(
    bench, base, compressing, classifier, monkeypatch
) -> None:
    monkeypatch.setattr("studio.tuning.compressing.search_forms", lambda: ("int8",))
    # Else the words of the texts tell what their vectors no longer do.
    monkeypatch.setattr("studio.prototypes.classifier.head.ENOUGH_FOR_WORDS", 1000)
    examples = bench.tuning.gather(classifier.id, "contrastive")
    read = bench.models.embed

    def embed(request):
        """The small form reads every text alike, so it can give but one label."""
        made = read(request)
        if "int8" not in request.model:
            return made
        return replace(made, vectors=np.full_like(made.vectors, made.vectors.shape[1] ** -0.5))

    monkeypatch.setattr(bench.models, "embed", embed)
    run = compressing.start(base.id, examples, classifier.id)
    tested = classifier.labelled_texts().tested
    assert run.n_examples == len(tested)
    as_it_is, small = compressing.job(run.id).result(60).measured
    parted = part_examples(examples, "contrastive")
    scores = label_scores(
        parted,
        lambda texts: (
            read(
                EmbeddingRequest(
                    model=base.id,
                    texts=tuple(texts),
                    purpose="passage",
                    context=CallContext(request_id="r", surface="bench"),
                )
            ).vectors
        ),
        seed=0,
    )
    assert as_it_is.accuracy == pytest.approx(sum(scores.values()) / len(tested))
    assert (as_it_is.ndcg, as_it_is.loss, as_it_is.effect) == (None, None, None)
    labels = [label for _, label in tested]
    assert small.accuracy in {labels.count(label) / len(labels) for label in labels}
    assert 0 < small.macro_f1 < small.accuracy
    assert (small.effect.measure, small.effect.outcome) == ("accuracy", "worse")
    assert small.effect.gain.n == len(tested)
    assert small.tokens_per_s > 0
    assert small.query_ms > 0


def test_texts_without_a_test_of_their_own_are_parted_and_stay_so(
    base, compressing, monkeypatch
) -> None:
    monkeypatch.setattr("studio.tuning.compressing.search_forms", lambda: ())
    examples = tuple(
        Example(prompt=f"{label} {i}", answer=label, label=label, source="label", part="train")
        for i in range(10)
        for label in ("repair", "delivery")
    )
    run = compressing.start(base.id, examples)
    assert run.n_examples == 10
    (as_it_is,) = compressing.job(run.id).result(60).measured
    assert as_it_is.accuracy is not None
