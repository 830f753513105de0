"""The classifier page without a browser (demo engine): tables, labels, trying, labelling, the test."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.settings import ClassifierSettings
from tests.unit.prototypes.classifier.mails import rows, table

PAGE = "build/classifier.py"


@pytest.fixture
def classifier(bench) -> Classifier:
    return bench.create(Classifier, "Mail", ClassifierSettings().to_json())


@pytest.fixture
def trained(classifier) -> Classifier:
    classifier.desk.add([("mails.csv", table([*rows(), ("one more", "refnud")]))])
    classifier.train().result(60)
    return classifier


@pytest.fixture
def opened(open_page):
    """Open the page of a classifier in one of its views."""

    def open_(classifier: Classifier, view: str = "try", **query: str) -> AppTest:
        at = open_page(PAGE, prototype=classifier.slug, **query)
        if view != "try":
            at.segmented_control(key="_builder.view").set_value(view).run()
        assert not at.exception
        return at

    return open_


def texts(at: AppTest) -> str:
    shown = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info, *at.success]
    shown += [*at.subheader]
    return "\n".join(element.value for element in shown).replace("\\", "")


def test_without_a_prototype_one_is_chosen_or_made(open_page):
    at = open_page(PAGE)
    assert at.title[0].value == "Classifier"
    assert at.button(key="_chooser.new").label == "New classifier"


def test_empty_classifier_says_what_to_do_and_takes_the_sample(opened, classifier, bench):
    at = opened(classifier)
    assert "Nothing to tell apart yet" in texts(at)
    at.button(key=f"_classifier.sample.{classifier.id}").click().run()
    for job in bench.jobs.jobs():
        job.wait(60)
    at.run()
    assert not at.exception
    assert [fold.label for fold in at.expander][0] == "**1** Data · 1 table"
    assert len(classifier.training_state().labels) == 7


def test_labels_alone_make_a_classifier(opened, classifier, bench):
    at = opened(classifier)
    for name in ("delivery", "refund"):
        at.text_input(key=f"_classifier.new_label.{classifier.id}").set_value(name)
        next(one for one in at.button if one.label == "Add").click().run()
    for job in bench.jobs.jobs():
        job.wait(60)
    at.run()
    key = f"_classifier.meaning.{classifier.id}.0.delivery"
    at.text_input(key=key).set_value("parcel").run()
    assert not at.exception
    assert classifier.settings.label_meanings == (("delivery", "parcel"), ("refund", ""))
    assert "no example yet" in texts(at)


def test_a_text_is_classified_explained_and_corrected(opened, trained):
    at = opened(trained)
    at.text_area(key=f"_classifier.text.{trained.id}").set_value("courier parcel")
    next(one for one in at.button if one.label == "Classify").click().run()
    assert not at.exception
    assert ":material/label: delivery" in texts(at)
    n_calls = len(trained._tools.ledger.frame(prototype_id=trained.id))
    at.button(key=f"_classifier.why.{trained.id}").click().run()
    assert "Green words speak for “delivery”" in texts(at)
    correct = next(s for s in at.selectbox if "_classifier.correct" in str(s.key))
    correct.set_value("repair").run()
    assert [(one.text, one.label) for one in trained.desk.given()] == [("courier parcel", "repair")]
    at.run()
    trained._tools.ledger.flush()
    # Running the page again asks nothing again: one call to explain, no other.
    assert len(trained._tools.ledger.frame(prototype_id=trained.id)) <= n_calls + 2
    assert "Train again to decide by them" in texts(at)


def test_an_unsure_answer_names_a_person(opened, trained):
    at = opened(trained)
    at.slider(key=f"_classifier.{trained.id}.threshold").set_value(1.0).run()
    assert trained.settings.threshold == 1.0
    at.text_area(key=f"_classifier.text.{trained.id}").set_value("parcel refund")
    next(one for one in at.button if one.label == "Classify").click().run()
    assert "Not sure: a person decides" in texts(at)


def test_a_confidence_a_hair_below_the_threshold_does_not_read_as_the_same(trained):
    text = rows()[0][0]
    sure = trained.classify(text).confidence
    trained.configure(replace(trained.settings, threshold=sure + 0.0001))
    found = trained.classify(text)
    assert not found.is_sure
    assert "just below the threshold" in str(found.reason)


def test_a_typing_mistake_is_offered_to_be_merged(opened, trained, bench):
    at = opened(trained)
    assert "“refnud” (1) may be “refund” (20) with a typing mistake" in texts(at)
    at.button(key=f"_classifier.merge.{trained.id}.0").click().run()
    assert trained.settings.merged == (("refnud", "refund"),)
    for job in bench.jobs.jobs():
        job.wait(60)
    at.run()
    at.button(key=f"_classifier.split.{trained.id}.0").click().run()
    assert trained.settings.merged == ()


def test_labelling_keeps_each_label_at_once_and_can_be_undone(opened, trained, bench):
    at = opened(trained, "label")
    assert "20 texts left" not in texts(at)
    assert "12 texts left in this round" in texts(at)
    at.button(key=f"_classifier.label.{trained.id}.0").click().run()
    assert "11 texts left in this round" in texts(at)
    assert len(trained.desk.given()) == 1
    at.button(key=f"_classifier.undo.{trained.id}").click().run()
    assert trained.desk.given() == ()
    assert "12 texts left in this round" in texts(at)
    at.button(key=f"_classifier.skip.{trained.id}").click().run()
    other = next(s for s in at.selectbox if "_classifier.other" in str(s.key))
    other.set_value("repair").run()
    assert [one.label for one in trained.desk.given()] == ["repair"]
    learn = at.button(key=f"_classifier.learn.{trained.id}")
    assert learn.label == "Learn from 1 label"
    learn.click().run()
    for job in bench.jobs.jobs():
        job.wait(60)
    at.run()
    assert not at.exception
    assert "1 label given here was learnt from." in texts(at)
    assert "1 more example moved nothing: the" in texts(at)


def test_the_test_is_drawn_with_its_verdict_and_mistakes(opened, trained, monkeypatch):
    at = opened(trained, "test")
    assert "texts it had not seen" in texts(at)
    assert len(at.get("plotly_chart")) >= 2
    assert not at.dataframe[0].value.empty
    at.toggle(key=f"_classifier.more_quality.{trained.id}").set_value(True).run()
    assert not at.exception
    assert "expected calibration error" in texts(at)
    trained.desk.give("a new one", "refund")
    at.run()
    assert "have changed since this test" in texts(at)
    monkeypatch.setattr("components.classifier_quality.progress.is_active", lambda job: True)
    at.run()
    assert "have changed since this test" not in texts(at)
    assert "before the training that runs now" in texts(at)


def test_labels_of_any_signs_are_listed_as_they_are(opened, classifier):
    """What is chosen from a list is no Markdown: a backslash before a sign would be seen."""
    two = ("card_lost", "card-late*")  # nothing tells them apart, so there are mistakes
    alike = [(f"card number {i} please", two[i * 7 % 5 % 2]) for i in range(60)]
    alike += [("my pin", "pin_new")]
    classifier.desk.add([("mails.csv", table(alike))])
    classifier.train().result(60)
    at = opened(classifier, "test")
    listed = at.selectbox(key=f"_classifier.mistakes.{classifier.id}").options
    assert set(listed) <= {"card_lost", "card-late*", "pin_new"}
    at = opened(classifier, "data")
    assert at.multiselect(key=f"_classifier.making.{classifier.id}.labels").options == ["pin_new"]


def test_the_data_are_described(opened, trained):
    at = opened(trained, "data")
    assert {metric.label: metric.value for metric in at.metric}["Examples"] == "61"
    assert "Only one example of: refnud" in texts(at)
    assert "another one with a typing mistake: refnud → refund" in texts(at)


def test_without_a_test_it_is_said_what_is_needed(opened, classifier):
    classifier.desk.describe("a", "")
    classifier.desk.describe("b", "")
    classifier.train().result(60)
    assert "No test yet" in texts(opened(classifier, "test"))
    assert "no text without a label" in texts(opened(classifier, "label"))


def test_a_failed_training_is_said_and_can_be_tried_again(opened, classifier):
    classifier.desk.add([("one.csv", table([("a parcel", "delivery")]))])
    classifier.train().wait(60)
    at = opened(classifier)
    assert "only the label delivery" in texts(at)
    assert at.button(key=f"_classifier.train.try.{classifier.id}").label == "Train now"


@pytest.mark.parametrize("view", ["try", "label", "test", "data"])
def test_every_view_speaks_chinese(opened, trained, view):
    at = opened(trained, view, lang="zh")
    assert not at.exception
    assert at.segmented_control(key="_builder.view").options[0] == "试用"


def test_data_is_mended_on_a_tick_and_a_model_writes_for_rare_labels(opened, classifier):
    few = [("<p>parcel courier today</p>", "delivery"), *rows(20)[:40], *rows(4)[8:12]]
    classifier.desk.add([("mails.csv", table(few))])
    classifier.train().result(60)
    at = opened(classifier, "data")
    assert "1 text has HTML tags or entities." in texts(at)
    at.checkbox(key=f"_classifier.care.markup.{classifier.id}").check().run()
    assert classifier.settings.cleaning == ("markup",)
    classifier.training().wait(60)
    at.run()
    at.checkbox(key=f"_classifier.care.markup.{classifier.id}").uncheck().run()
    assert classifier.settings.cleaning == ()
    classifier.training().wait(60)
    at.button(key=f"_classifier.making.{classifier.id}.start").click().run()
    classifier.making().wait(60)
    at.run()
    assert not at.exception
    made = classifier.proposals()
    assert made is not None
    assert len(made.made) + made.n_dropped == 5
    assert "of no use" in texts(at)
    keep = [one for one in at.button if one.key == f"_classifier.made_keep.{classifier.id}"]
    assert bool(keep) == bool(made.made)  # nothing to keep, no button for it
    at.button(key=f"_classifier.made_drop.{classifier.id}").click().run()
    assert classifier.proposals() is None


def test_labels_told_in_a_set_are_taken_and_taken_back(opened, trained, bench):
    sets = bench.evaluation(trained.id).sets
    chosen = sets.create("Texts", tune_share=1.0)
    sets.read("t.csv", b"text,label\ncourier tracking late,delivery\n", set_id=chosen.id)
    at = opened(trained, "label")
    assert "courier tracking late" in texts(at)
    at.button(key=f"_classifier.draft.{trained.id}.0").click().run()
    assert [(one.text, one.label) for one in trained.desk.given()] == [
        ("courier tracking late", "delivery")
    ]
    at.button(key=f"_classifier.drafts_back.{trained.id}").click().run()
    assert not at.exception
    assert trained.desk.given() == ()
