"""A classifier over mails whose words tell them apart, on the deterministic embedder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import InvalidInput, NotFound, StudioError
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.prototypes.replay.measuring import ReplayPlan
from studio.records import Stage
from studio.workbench import Workbench
from tests.unit.prototypes.classifier.mails import rows, table


def test_a_text_gets_its_label_with_what_it_is_like(classifier):
    found = classifier.classify("courier parcel please")
    assert found.answer == found.label == "delivery"
    assert found.ranked[0].confidence == found.confidence > 0.5
    assert sum(one.confidence for one in found.ranked) == pytest.approx(1)
    assert {one.label for one in found.nearest} == {"delivery"}
    assert found.method == "examples"
    assert "delivery" in found._repr_html_()
    assert "3 labels" in classifier._repr_markdown_()


def test_every_request_leaves_one_record_in_the_ledger(classifier, workbench):
    found = classifier.classify("refund money please", surface="page")
    calls = workbench.ledger.frame(request_id=found.figures.request_id)
    assert calls["stage"].tolist() == [Stage.EMBEDDING.value]
    assert calls["prototype_id"].tolist() == [classifier.id]
    assert found.figures.tokens_in == 3
    assert str(found.figures.cost_source) == "demo engine: not a cost"


def test_below_the_threshold_or_unlike_all_a_person_decides(classifier):
    classifier.configure(replace(classifier.settings, threshold=1.0))
    unsure = classifier.classify("parcel money please")
    assert (unsure.answer, unsure.is_sure) == ("", False)
    assert "below the threshold of 100%" in str(unsure.reason)
    classifier.configure(replace(classifier.settings, threshold=0.01))
    strange = classifier.classify("quarterly sonata for bassoon")
    assert "unlike all examples" in str(strange.reason)
    classifier.configure(replace(classifier.settings, threshold=0.0))
    assert classifier.classify("quarterly sonata for bassoon").is_sure


def test_the_test_is_on_texts_that_were_not_learnt_from(classifier):
    found = classifier.evaluation()
    assert classifier.is_evaluation_current()
    assert (found.n_test, found.n_examples, found.method) == (12, 48, "examples")
    assert found.scores.accuracy.mean >= 0.9
    assert found.frequent.mean == pytest.approx(1 / 3)
    assert found.words is not None
    assert "So few texts tell little" in str(found.verdict)
    assert classifier.training_state().n_examples == 60  # what serves has learnt from all


def test_words_that_matter_are_told(classifier):
    told = classifier.explain("hello, the courier lost my parcel")
    weights = {one.words: one.weight for one in told.words}
    assert told.label == "delivery"
    assert max(weights, key=weights.get) in ("courier", "parcel")
    assert weights["parcel"] > weights["hello"]


def test_labelling_what_is_most_useful_is_kept_and_learnt(classifier, workbench):
    first = classifier.suggest(5)
    assert len({one.text for one in first}) == 5
    for one in first:
        classifier.desk.give(one.text, "refund")
    state = classifier.training_state()
    assert (state.state, state.n_waiting) == ("stale", 5)
    assert not {one.text for one in first} & {one.text for one in classifier.suggest(20)}
    classifier.desk.take_back(first[0].text)
    classifier.train().result(60)
    state = classifier.training_state()
    assert (state.state, state.n_by_hand, state.n_waiting) == ("ready", 4, 0)
    found = classifier.evaluation()
    assert found.n_by_hand == 4
    assert found.change.n_more == 4
    assert found.change.difference.n == 12  # the same texts test
    assert [one.n_examples for one in classifier.milestones()] == [48, 52]


def test_what_was_learnt_is_there_after_a_restart(classifier, tmp_path):
    before = classifier.classify("zip broken")
    settings = Settings(home=tmp_path / "home", is_demo=True)
    with Workbench.open(settings=settings, resume=False) as again:
        found = again.prototype(classifier.id, Classifier)
        assert found.training_state().state == "ready"
        after = found.classify("zip broken")
        assert after.label == before.label
        assert after.confidence == pytest.approx(before.confidence, abs=1e-4)
        assert found.evaluation() == classifier.evaluation()
        (index,) = found.derived_folders().values()
        for manifest in Path(index).glob("*/manifest.json"):
            manifest.write_text("{}")
        found.workshop._trained = None
        assert found.training_state().state == "untrained"  # damaged: learnt again


def test_nothing_to_learn_is_said_and_names_alone_are_enough(empty):
    assert empty.training_state().state == "empty"
    with pytest.raises(NotFound, match="Train the classifier first"):
        empty.classify("a parcel")
    with pytest.raises(StudioError, match="no label yet"):
        empty.train().result(60)
    empty.desk.describe("delivery", "parcel courier postage")
    with pytest.raises(StudioError, match="only the label delivery"):
        empty.train().result(60)
    assert "only the label delivery" in str(empty.training_state().notice)
    empty.desk.describe("refund", "money return cancel")
    empty.train().result(60)
    state = empty.training_state()
    assert (state.state, state.method) == ("ready", "descriptions")
    assert "no example yet" in str(state.reason)
    assert empty.classify("my parcel and the courier").label == "delivery"
    assert empty.evaluation() is None
    assert empty.suggest() == ()


@pytest.mark.parametrize("method", ["", "examples", "descriptions"])
def test_a_set_of_one_row_is_no_failure(empty, method):
    empty.configure(replace(empty.settings, method=method))
    empty.desk.add([("one.csv", table([("a parcel", "delivery")]))])
    with pytest.raises(StudioError, match="only the label"):
        empty.train().result(60)
    empty.desk.describe("refund", "")
    empty.train().result(60)
    found = empty.classify("a parcel")
    assert found.label == "delivery" or method == "descriptions"
    assert [one.text for one in found.nearest] == ["a parcel"]


def test_few_examples_are_not_learnt_from_and_it_is_said_why(empty):
    for label in ("praise", "jobs", "rental", "press"):
        empty.desk.describe(label, "")
    empty.desk.add([("few.csv", table(rows(2, 0)))])
    empty.train().result(60)
    state = empty.training_state()
    assert state.method == "descriptions"
    assert "4 of 7 labels have no example yet" in str(state.reason)
    empty.configure(replace(empty.settings, method="examples"))
    empty.train().result(60)
    assert "You chose" in str(empty.training_state().reason)
    assert empty.training_state().method == "examples"


def test_a_text_is_asked_for(classifier):
    for text in ("  ", "x" * 20_001):
        with pytest.raises(InvalidInput, match="1 to 20000 characters"):
            classifier.classify(text)


def test_labels_are_merged_and_split_again(empty):
    empty.desk.add([("mails.csv", table([*rows(), ("torn seam", "repiar")]))])
    empty.train().result(60)
    assert "repiar" in empty.training_state().labels
    (pair,) = empty.report().alike
    empty.desk.merge(pair.rare, pair.frequent)
    empty.train().result(60)
    assert "repiar" not in empty.training_state().labels
    empty.desk.split("repiar")
    assert empty.settings.merged == ()
    with pytest.raises(InvalidInput, match="as itself"):
        empty.desk.merge("a", "a")


def test_settings_that_cannot_be_used_name_the_field():
    for change in (
        {"threshold": 1.2},
        {"method": "magic"},
        {"label_meanings": (("a", ""), ("A", ""))},
        {"label_meanings": ((" ", ""),)},
        {"label_meanings": (("a", "x" * 1001),)},
        {"label_meanings": tuple((f"l{n}", "") for n in range(501))},
    ):
        with pytest.raises(InvalidInput) as caught:
            ClassifierSettings(**change)
        assert set(caught.value.fields) == set(change)


def test_a_copy_has_the_given_labels_and_learns_by_itself(classifier, workbench):
    classifier.desk.give("something new", "refund")
    copy = workbench.duplicate(classifier.id, "Copy")
    for job in workbench.jobs.jobs():
        job.wait(60)
    assert [one.label for one in copy.desk.given()] == ["refund"]
    assert copy.training_state().state == "ready"


def test_it_is_measured_by_its_own_texts(classifier, workbench):
    plan = ReplayPlan(rounds=((1, 3), (2, 4)), n_warm_up=1)
    replay = workbench.measuring(classifier.id).start(plan).result(60)
    assert len(replay.requests) == 7
    assert replay.n_failed == 0
    assert workbench.measured_base(classifier.id).n_requests == 3  # of one caller


def test_thresholds_for_a_share_of_right_answers(classifier):
    assert classifier.threshold_for(0.5) == 0.0
    assert classifier.threshold_for(1.01) is None
