"""A search model tuned for a classifier: from labelled texts to accuracy and a new training."""

from __future__ import annotations

import numpy as np
import pytest

from studio.inference.training import plan as files
from studio.inference.training.batches import take_batch
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.labelled import LabelledTexts, labelled_from_json, to_json
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.tuning.examples import Parted, part_examples
from studio.tuning.labelled import label_examples, label_pairs, label_scores
from studio.tuning.tuning import TuningRequest
from tests.unit.prototypes.classifier.mails import table

KNOWN = LabelledTexts(
    learnt=(("a one", "A"), ("a two", "A"), ("b one", "B")),
    made=(("a three", "A"),),
    tested=(("a four", "A"), ("b four", "B")),
    meanings={"A": "about a", "B": "B"},
)


@pytest.fixture
def classifier(bench) -> Classifier:
    made = bench.create(Classifier, "Mail", ClassifierSettings().to_json())
    made.desk.add([("mails.csv", table())])
    made.train().result(60)
    return made


def test_a_text_has_another_of_its_label_and_what_that_means_as_answers() -> None:
    examples = label_examples(KNOWN, ())
    told = {(one.prompt, one.answer, one.part) for one in examples}
    assert ("a one", "a two", "train") in told
    assert ("a three", "a one", "train") in told
    assert ("a two", "about a", "train") in told
    assert ("b one", "B", "train") in told  # the only one of its label
    assert ("a four", "about a", "held_out") in told
    assert {one.source for one in examples if one.prompt == "a three"} == {"synthetic"}


def test_what_is_tested_is_neither_learnt_nor_an_answer() -> None:
    known = LabelledTexts(
        learnt=(*KNOWN.learnt, ("A FOUR", "A"), ("asked there", "A")),
        made=(),
        tested=KNOWN.tested,
        meanings={},
    )
    learnt = [one for one in label_examples(known, ("Asked there",)) if one.part == "train"]
    said = {text for one in learnt for text in (one.prompt, one.answer)}
    assert not said & {"A FOUR", "asked there", "a four", "b four"}


def test_texts_of_one_label_never_stand_against_each_other_in_a_batch() -> None:
    pairs = label_pairs([one for one in label_examples(KNOWN, ()) if one.part == "train"])
    batch, later = take_batch(pairs, list(range(len(pairs))), 16)
    assert sorted(pairs[at].group for at in batch) == ["A", "B"]
    assert len(batch) + len(later) == len(pairs)


def test_accuracy_is_that_of_a_classifier_learnt_from_the_rest() -> None:
    examples = label_examples(KNOWN, ())
    parted = Parted(
        train=tuple(one for one in examples if one.part == "train"),
        watched=(),
        held_out=tuple(one for one in examples if one.part == "held_out"),
        dropped=(),
    )

    def read(texts):
        is_a = [text.lower().startswith("a") for text in texts]
        return np.array([[one, not one] for one in is_a], np.float32)

    assert label_scores(parted, read, seed=0) == {"a four": 1.0, "b four": 1.0}


def test_the_texts_of_a_training_are_kept_apart_and_survive(classifier) -> None:
    found = classifier.labelled_texts()
    assert len(found.learnt) + len(found.tested) == 60
    assert not {text for text, _ in found.learnt} & {text for text, _ in found.tested}
    assert labelled_from_json(to_json(found)) == found
    with pytest.raises(ValueError, match="no labelled texts"):
        labelled_from_json(b"{}")


def test_a_classifier_is_tuned_measured_by_its_labels_and_learns_anew(
    bench, base, tuning, play, classifier
) -> None:
    examples = tuning.gather(classifier.id, "contrastive")
    found = classifier.labelled_texts()
    parted = part_examples(examples, "contrastive")
    assert {one.prompt for one in parted.held_out} == {text for text, _ in found.tested}
    play()
    request = TuningRequest(
        name="Mail model",
        method="contrastive",
        base_model=base.id,
        examples=examples,
        prototype_id=classifier.id,
    )
    assert tuning.review(request).reading > 0
    run = tuning.start(request)
    job = tuning.job(run.id)
    assert job.wait(60)
    assert job.error is None
    run = tuning.run(run.id)
    assert run.effect.measure == "accuracy"
    assert run.effect.gain.n == len(found.tested)
    assert "accuracy" in str(run.effect.verdict) or run.effect.outcome == "same"
    pairs = files.read_pairs(tuning._store.place(run.id) / files.TRAIN)
    assert {pair.group for pair in pairs} == set(classifier.workshop.trained().labels)
    tuning.adopt(run.id, classifier.id)
    assert classifier.settings.embedding_model == run.model_id
    classifier.training().wait(60)
    assert classifier.workshop.trained().model == run.model_id


def test_a_classifier_that_learnt_nothing_has_no_examples(bench, tuning) -> None:
    bare = bench.create(Classifier, "Bare", ClassifierSettings().to_json())
    assert tuning.gather(bare.id, "contrastive") == ()
