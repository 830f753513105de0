"""A classifier over mails whose words tell them apart, on the deterministic embedder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import InvalidInput, NotFound, StudioError
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.data import Example
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.prototypes.replay.measuring import ReplayPlan
from studio.records import Stage, Task
from studio.workbench import Workbench
from studio.workspace.feedback_record import Exchange, Opinion
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


CASES = (
    "text,label,answerable\n"
    "parcel courier tomorrow,delivery,yes\n"
    "money return tomorrow,refund,yes\n"
    "zip leaks tomorrow,Repair,yes\n"
    "courier parcel again,refund,yes\n"
    "quarterly sonata for bassoon,,no\n"
)


@pytest.fixture
def evaluation(classifier, workbench):
    return workbench.evaluation(classifier.id)


def test_a_classifier_is_measured_on_a_set_of_texts(classifier, evaluation):
    read = evaluation.sets.read("texts.csv", CASES.encode())
    run = evaluation.run(read.record.id)
    assert (run.state, run.n_failed, run.headline) == ("done", 0, "accuracy")
    assert (run.interval("accuracy").mean, run.interval("accuracy").n) == (0.75, 4)
    assert run.interval("out_of_scope").mean == 1.0
    # F1 of delivery 2/3, of refund 2/3, of repair 1: the third label is written otherwise.
    assert run.macro_f1() == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert run.setup.data_fingerprint == classifier.data_fingerprint() != ""
    assert "label" in str(evaluation.verdict(run)[0])


def test_two_thresholds_are_compared_and_other_labels_are_refused(classifier, evaluation):
    chosen = evaluation.sets.read("texts.csv", CASES.encode()).record.id
    first = evaluation.run(chosen)
    other = evaluation.run(chosen, settings=replace(classifier.settings, threshold=1.0))
    found = evaluation.compare(first.id, other.id)
    assert found.headline.measure == "accuracy"
    assert found.of("decided").comparison.difference.mean < 0
    with pytest.raises(InvalidInput, match="train again"):
        evaluation.start(chosen, settings=replace(classifier.settings, method="descriptions"))


def test_nothing_learnt_cannot_be_measured(empty, workbench):
    evaluation = workbench.evaluation(empty.id)
    chosen = evaluation.sets.read("texts.csv", CASES.encode()).record.id
    with pytest.raises(InvalidInput, match="Nothing is learnt yet"):
        evaluation.start(chosen)


def test_a_set_of_texts_that_were_learnt_from_is_warned_about(classifier, evaluation):
    text, label = rows()[0]
    table_ = f"text,label\n{text.upper()},{label}\nsome other text,refund\n"
    chosen = evaluation.sets.read("texts.csv", table_.encode()).record.id
    assert "has learnt from: 1" in " ".join(map(str, evaluation.sets.problems(chosen)))


def test_labels_told_in_feedback_and_tune_parts_are_offered_and_tests_are_not(
    classifier, evaluation, workbench
):
    told(workbench, classifier, "parcel gone once more", correction="Refund")
    told(workbench, classifier, "zip leaks once more", answer="repair", thumb="up")
    told(workbench, classifier, "nobody knows this", correction="no such label")
    chosen = evaluation.sets.create("Texts", tune_share=1.0)
    evaluation.sets.read("t.csv", b"text,label\ncourier tracking late,delivery\n", set_id=chosen.id)
    tested = evaluation.sets.create("Test", tune_share=0.0)
    evaluation.sets.read("t.csv", b"text,label\nzip leaks once more,repair\n", set_id=tested.id)
    found = {one.text: (one.label, one.source) for one in classifier.drafts()}
    assert found == {
        "parcel gone once more": ("refund", "feedback"),
        "courier tracking late": ("delivery", "evaluation set"),
    }
    classifier.desk.give_all([(one.text, one.label) for one in classifier.drafts()])
    assert classifier.drafts() == ()
    assert evaluation.sets.take_feedback(chosen.id) == 2


def told(workbench, classifier, text, *, answer="delivery", correction="", thumb="down"):
    workbench.workspace.feedback.put(
        classifier.id,
        f"r-{text}",
        Exchange(question=text, answer=answer, language="en"),
        Opinion(thumb=thumb, correction=correction),
    )


HTML = "text,label\n" + "".join(f'"<p>{text}</p>",{label}\n' for text, label in rows() if label)


def test_what_could_be_mended_is_proposed_and_then_mended_everywhere(empty):
    empty.desk.add([("mails.csv", HTML.encode())])
    empty.train().result(60)
    (finding,) = empty.report().care
    assert (finding.kind, finding.n) == ("markup", 60)
    assert empty.classify("parcel").nearest[0].text.startswith("<p>")
    empty.desk.set_cleaning(["markup"])
    assert empty.training_state().state == "stale"
    empty.train().result(60)
    found = empty.classify("<div>courier parcel</div>")
    assert found.label == "delivery"
    assert not found.nearest[0].text.startswith("<p>")
    assert empty.explain("<div>courier parcel</div>").text == "courier parcel"
    empty.desk.set_cleaning([])
    empty.train().result(60)
    assert empty.classify("parcel").nearest[0].text.startswith("<p>")
    with pytest.raises(InvalidInput, match="no soap to mend"):
        empty.desk.set_cleaning(["soap"])


def test_texts_that_a_model_makes_are_looked_at_and_never_test(classifier, workbench, monkeypatch):
    from studio.prototypes.classifier import making

    short = [*(row for row in rows(20) if row[1] != "repair"), *rows(4)[8:12]]
    classifier.desk.remove(classifier.desk.files()[0].document_id)
    classifier.desk.add([("mails.csv", table(short))])
    classifier.train().result(60)
    assert classifier.rare_labels() == ("repair",)
    words = iter(
        ["broken zip leaks again my friend", "refund money refund money now", "x", "", "y"]
    )

    class Written:
        def __init__(self, text):
            self.text = text

        def result(self):
            return self

    model = workbench.catalogue.default(Task.GENERATION).id
    monkeypatch.setattr(classifier._tools.models, "generate", lambda request: Written(next(words)))
    made = classifier.make_texts(["repair"], model).result(60)
    assert [one.text for one in made.made] == ["broken zip leaks again my friend"]
    assert made.n_dropped == making.N_EACH - 1
    assert classifier.proposals() == made
    classifier.keep_made(made.made)
    assert classifier.proposals() is None
    (own,) = [one for one in classifier.desk.tables() if one.is_made]
    classifier.desk.set_use(own.name, "learn")
    assert [one.use for one in classifier.desk.tables() if one.is_made] == ["synthetic"]
    classifier.train().result(60)
    assert classifier.report().n_made == 1
    assert made.made[0].text in classifier.learnt_texts()
    assert made.made[0].text.casefold() not in classifier.evaluation().right_by_text


def test_memory_of_the_vectors_is_told(classifier):
    state = classifier.training_state()
    dim = classifier.workshop.trained().head.weights.shape[1]
    assert state.n_bytes_learning == (60 + 12) * dim * 4
    head = classifier.workshop.trained().head
    assert state.n_bytes == (60 + 12) * dim * 4 + head.n_bytes
    assert head.n_bytes == 3 * (dim + len(head.words.terms)) * 4


def test_made_again_texts_come_of_the_next_examples(classifier):
    from studio.prototypes.classifier import making

    learn = [Example(text=f"text {n}", label="repair") for n in range(12)]
    first, then = (
        list(making._sources(making.Wanted(labels=("repair",), n_before=n), learn, 5))
        for n in (0, 1)
    )
    assert len(first) == len(then) == 5
    assert not {one.text for one in first} & {one.text for one in then}
    folder = classifier.workshop.folder
    assert making.n_made_before(folder) == 0
    making.save(making.Proposals(made=(), n_dropped=5, model="m"), folder)
    making.forget(folder)
    assert making.n_made_before(folder) == 1
