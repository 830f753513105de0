"""Evaluating and comparing without a browser: from no questions to a verdict on two versions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.settings import ClassifierSettings
from tests.unit.prototypes.classifier.mails import table

RETURNS = (
    b"# Returns\n\nMost items may be returned within 45 days of delivery.\n\n"
    b"# Labels\n\nA return label costs $4.95 for domestic parcels.\n"
)
QUESTIONS = (
    b"id,question,answer,gold_document,answerable\n"
    b"q1,Within how many days may items be returned?,45 days,returns.md,yes\n"
    b"q2,What does a return label cost for domestic parcels?,$4.95,returns.md,yes\n"
    b"q3,zebra quantum kayak?,,,no\n"
)


@pytest.fixture
def bot(bench):
    made = bench.create_chatbot(
        "Help desk", ChatbotSettings(min_relevance=0.15, answer_style="quote")
    )
    made.add_file("returns.md", RETURNS)
    made.update_index().wait(30)
    return made


@pytest.fixture
def evaluation(bench, bot):
    return bench.evaluation(bot.id)


@pytest.fixture
def questions(evaluation):
    return evaluation.sets.read("questions.csv", QUESTIONS).record.id


def texts(at: AppTest) -> str:
    shown = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info, *at.success]
    return "\n".join(str(element.value) for element in shown).replace("\\", "")


def opened(open_page, bot, page: str = "evaluate", view: str = "", **query: str) -> AppTest:
    at = open_page(f"measure/{page}.py", prototype=bot.slug, **query)
    if view:
        at.segmented_control(key=f"_evaluation.{bot.id}.view").set_value(view).run()
    assert not at.exception
    return at


@pytest.mark.parametrize("page", ["evaluate", "compare"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_a_prototype_it_says_what_to_do(open_page, page, lang):
    at = open_page(f"measure/{page}.py", lang=lang)
    assert not at.exception
    assert not at.error
    assert texts(at).strip()


def test_without_questions_it_says_what_to_do_and_takes_a_file(open_page, bot, evaluation):
    at = opened(open_page, bot)
    assert "Give it questions whose right answers you know" in texts(at)
    uploader = at.file_uploader(key=f"_evaluation.upload.{bot.id}.0")
    uploader.set_value([("questions.csv", QUESTIONS, "text/csv")])
    at.run()
    assert not at.exception
    assert [one.n_cases for one in evaluation.sets.list()] == [3]
    assert at.button(key=f"_evaluation.{bot.id}.start").label == "Measure 3 questions"


def test_a_file_is_added_to_a_set_that_is_there(open_page, bot, evaluation, questions):
    at = opened(open_page, bot, view="more")
    n = evaluation.sets.get(questions).n_cases
    more = b"question,answer\nIs it free on Sundays?,Yes\n,without a question\n"
    at.file_uploader(key=f"_evaluation.upload.{bot.id}.0").set_value([("m.csv", more, "text/csv")])
    at.run()
    assert not at.exception
    assert not [one.value for one in at.error]
    assert evaluation.sets.get(questions).n_cases == n + 1
    assert len(evaluation.sets.list()) == 1
    assert "Row 2: " in texts(at)
    assert "Rows are counted without the header." in texts(at)


def test_a_file_that_cannot_be_used_says_why(open_page, bot, evaluation):
    at = opened(open_page, bot)
    at.file_uploader(key=f"_evaluation.upload.{bot.id}.0").set_value(
        [("bad.csv", b"a,b\n1,2\n", "text/csv")]
    )
    at.run()
    assert "The columns are: a, b" in texts(at)
    assert evaluation.sets.list() == ()


def test_what_came_of_the_first_file_is_said_where_one_lands(open_page, bot, evaluation):
    at = opened(open_page, bot)
    content = QUESTIONS + b"q4,,an answer without a question,,yes\n"
    at.file_uploader(key=f"_evaluation.upload.{bot.id}.0").set_value(
        [("questions.csv", content, "text/csv")]
    )
    at.run()
    assert not at.exception
    assert "Row 4: The question is empty" in texts(at)
    evaluation.run(evaluation.sets.list()[0].id)
    at.run()
    assert "Row 4: " not in texts(at)  # figures are there now


def test_a_star_beside_a_version_is_explained(open_page, bot, evaluation, questions):
    key = f"_evaluation.{bot.id}.run.{questions}"
    evaluation.run(questions)
    assert not opened(open_page, bot).selectbox(key=key).help
    evaluation.run(questions, settings=replace(bot.settings, answer_style="write"))
    assert "another model or manner" in opened(open_page, bot).selectbox(key=key).help


def test_rows_with_the_same_reason_are_told_together(open_page, bot, evaluation):
    at = opened(open_page, bot)
    rows = "".join(f"what of {n}?,no *such* one.md\n" for n in range(12))
    content = f"question,gold_document\nWhy?,returns.md\n{rows}".encode()
    at.file_uploader(key=f"_evaluation.upload.{bot.id}.0").set_value(
        [("q.csv", content, "text/csv")]
    )
    at.run()
    shown = texts(at)
    assert "Rows 2, 3, 4, 5, 6, 7, 8, 9 (+4): Kept without its document" in shown
    assert "and 2 more" not in shown
    assert shown.count("Kept without") == 1


def test_many_looks_at_the_test_part_are_warned_of_where_one_measures(
    open_page, bot, evaluation, questions
):
    for n in range(1, 5):
        evaluation.run(questions, settings=replace(bot.settings, n_passages=n))
    at = opened(open_page, bot)
    assert "with 4 different settings" in texts(at)
    assert "partly luck" not in texts(at)
    evaluation.run(questions, settings=replace(bot.settings, n_passages=5))
    at.run()
    assert any("The best of many is partly luck" in one.value for one in at.warning)
    assert "so far" not in texts(at)


def test_the_samples_questions_are_one_click_away(open_page, bench):
    bot = bench.sample_chatbot()
    bot.update_index().wait(60)
    at = opened(open_page, bot)
    at.button(key=f"_evaluation.{bot.id}.sample").click().run()
    assert not at.exception
    assert [one.n_cases for one in bench.evaluation(bot.id).sets.list()] == [144]


def test_what_it_takes_is_said_before_and_the_verdict_after(open_page, bot, evaluation, questions):
    at = opened(open_page, bot)
    assert "Nothing was measured with these settings yet" in texts(at)
    at.button(key=f"_evaluation.{bot.id}.try").click().run()
    assert evaluation.trial(questions, "all", bot.settings).wait(30)
    at.run()
    assert "Takes about" in texts(at)
    at.button(key=f"_evaluation.{bot.id}.start").click().run()
    (record,) = evaluation.runs()
    evaluation.job(record.id).wait(30)
    at.run()
    shown = texts(at)
    assert "Expected answer is in it (token recall): 100% on 2 questions" in shown
    assert "That is few questions" in shown
    assert "the same again gives the same answers" in shown
    labels = [str(row) for table in at.table for row in table.value.index]
    assert "Unanswerable questions refused" in labels
    assert "Time of an answer" in labels
    assert "ROUGE" not in " ".join(labels)
    at.toggle(key=f"_evaluation.{record.id}.measures").set_value(True).run()
    labels = [str(row) for table in at.table for row in table.value.index]
    assert any("ROUGE-L" in label for label in labels)


def test_after_a_run_the_browser_is_told_what_was_chosen(
    open_page, bot, evaluation, questions, monkeypatch
):
    monkeypatch.setattr("components.session.LOADED_S", 0.01)
    at = opened(open_page, bot)
    key = f"_evaluation.{bot.id}"
    at.toggle(key=f"{key}.more").set_value(True).run()
    at.selectbox(key=f"{key}.style").set_value("write").run()
    at.button(key=f"{key}.start").click().run()
    evaluation.job(evaluation.runs()[0].id).wait(30)
    at.run()
    # A server that still knows them does not say so of itself, and the browser draws the first ones.
    at.session_state[f"view.{key}.is_away"] = True
    at.run()
    assert (at.toggle(key=f"{key}.more").value, at.selectbox(key=f"{key}.style").value) == (
        True, "write",
    )  # fmt: skip
    assert at.toggle(key=f"{key}.more").proto.set_value
    assert at.selectbox(key=f"{key}.style").proto.set_value


def test_a_stopped_run_says_so_and_goes_on(open_page, bot, evaluation, questions, bench):
    run = evaluation.run(questions)
    bench.workspace.evaluation_runs.set_state(run.id, "cancelled")
    at = opened(open_page, bot)
    assert "stopped: 3 of 3 questions are done" in texts(at)
    at.button(key=f"_evaluation.{run.id}.resume").click().run()
    evaluation.job(run.id).wait(30)
    assert evaluation.get(run.id).state == "done"


def test_an_evaluation_is_deleted_and_brought_back(open_page, bot, evaluation, questions):
    run = evaluation.run(questions)
    at = opened(open_page, bot)
    at.button(key=f"_evaluation.{run.id}.delete").click().run()
    assert evaluation.runs() == ()
    at.button(key="_evaluation.undo_run").click().run()
    assert [one.id for one in evaluation.runs()] == [run.id]


def test_questions_are_listed_with_their_part_and_deleted_with_undo(
    open_page, bot, evaluation, questions
):
    at = opened(open_page, bot, view="questions")
    key = f"_evaluation.cases.{questions}.{hash(('q1', 'q2', 'q3'))}"
    table = at.data_editor(key=key).value
    assert list(table["Right answer"]) == ["45 days", "$4.95", "should be refused"]
    assert set(table["Part"]) <= {"tune", "test"}
    at.session_state[key] = {
        "edited_rows": {0: {"Delete": True}},
        "added_rows": [],
        "deleted_rows": [],
    }
    at.run()
    at.button(key=f"_evaluation.{bot.id}.delete").click().run()
    assert [case.case_id for case in evaluation.sets.cases(questions)] == ["q2", "q3"]
    at.button(key=f"_evaluation.{bot.id}.undo").click().run()
    assert len(evaluation.sets.cases(questions)) == 3


def test_drafts_wait_for_a_person(open_page, bot, evaluation, questions):
    at = opened(open_page, bot, view="more")
    at.button(key=f"_evaluation.{bot.id}.draft").click().run()
    confirm = next(button for button in at.button if button.label == "Confirm")
    assert len(evaluation.sets.cases(questions)) == 3
    confirm.click().run()
    assert len(evaluation.sets.cases(questions)) == 4
    at.button(key=f"_evaluation.{bot.id}.feedback").click().run()
    assert not at.exception


def test_what_people_ask_is_held_against_the_set(open_page, bot, questions):
    talk = bot.start_conversation()
    bot.ask("Do you sell kayaks in winter?", talk, "page")
    at = opened(open_page, bot, view="questions")
    at.button(key=f"_evaluation.{bot.id}.drift").click().run()
    assert "They are too few to say whether people ask something else" in texts(at)


def test_with_one_evaluation_comparing_says_what_is_missing(open_page, bot, evaluation, questions):
    evaluation.run(questions)
    at = opened(open_page, bot, "compare")
    assert "So far there are 1" in texts(at)


def test_two_versions_are_compared_and_voted_on(open_page, bot, evaluation, questions):
    evaluation.run(questions, name="before")
    bot.configure(replace(bot.settings, min_relevance=1.0))
    evaluation.run(questions, name="after")
    evaluation.sets.create("Not measured yet")  # the newest, and there is nothing to compare on it
    at = opened(open_page, bot, "compare")
    shown = texts(at)
    assert "It cannot be told whether after or before is better" in shown  # two are too few
    assert "Where it is worse" in shown
    assert "Relevance needed" in shown
    vote = next(button for button in at.button if button.label == "Left is better")
    vote.click().run()
    assert not at.exception
    assert len(evaluation.votes.votes()) == 1
    assert any("Elo points" in str(column) for table in at.table for column in table.value.columns)


def test_a_recommender_is_sent_to_its_own_test(open_page, bench):
    from studio.prototypes.recommendation.recommendation import Recommendation

    made = bench.create(Recommendation, "Shop", Recommendation.default_settings("en"))
    assert "needs no questions" in texts(opened(open_page, made))
    assert "compared on the page Evaluate" in texts(opened(open_page, made, "compare"))


def test_labels_beside_a_judging_model_are_kept(open_page, bot, evaluation, questions, bench):
    run = evaluation.run(questions)
    store = bench.workspace.evaluation_runs
    for result in store.results(run.id)[:2]:  # the stand-in says neither yes nor no
        store.finish(run.id, replace(result, scores={**result.scores, "judge": 1.0}))
    at = opened(open_page, bot)
    assert "Nobody knows yet how far it can be trusted" in texts(at)
    at.session_state[f"_evaluation.labels.{run.id}"] = {
        "edited_rows": {0: {"You say": "right"}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    at.run()
    assert [one.label for one in evaluation.get(run.id).results].count("right") == 1


def judged(evaluation, questions, bench):
    """A run whose first two answers a model called right."""
    run = evaluation.run(questions)
    store = bench.workspace.evaluation_runs
    for result in store.results(run.id)[:2]:
        store.finish(run.id, replace(result, scores={**result.scores, "judge": 1.0}))
    return run


def test_answers_are_labelled_one_by_one_without_what_the_model_says(
    open_page, bot, evaluation, questions, bench
):
    run = judged(evaluation, questions, bench)
    at = opened(open_page, bot)
    assert "Said of 0 of 2 answers" in texts(at)
    assert set(at.data_editor[0].value["The model says"]) == {"–"}
    at.button(key=f"_evaluation.{run.id}.skip").click().run()
    at.button(key=f"_evaluation.{run.id}.say.wrong").click().run()
    assert [one.label for one in evaluation.get(run.id).results] == [None, "wrong", None]
    assert list(at.data_editor[0].value["The model says"]).count("right") == 1
    assert "agrees with you on 0% of 1 answer;" in texts(at)
    assert "label more of them" in texts(at)
    assert "Is this answer right?" not in texts(at)  # the other one was skipped


def test_agreement_on_answers_of_one_kind_cannot_be_measured(
    open_page, bot, evaluation, questions, bench
):
    run = judged(evaluation, questions, bench)
    for result in evaluation.get(run.id).results[:2]:
        evaluation.label(run.id, result.position, "right")
    shown = texts(opened(open_page, bot))
    assert "agrees with you on all 2 answers, which are either all right or all wrong" in shown
    assert "measure more questions, and label their answers too" in shown  # none is left
    assert "（kappa）。数量还太少" in texts(opened(open_page, bot, lang="zh"))  # no blank between


def test_only_evaluations_on_the_same_questions_are_drawn_beside_each_other(
    open_page, bot, evaluation, questions
):
    evaluation.run(questions, name="before")
    evaluation.run(questions, name="after")
    assert "not in the chart" not in texts(opened(open_page, bot, "compare"))
    evaluation.run(questions, "tune", name="on the tune part")
    evaluation.run(questions, name="once more")
    shown = texts(opened(open_page, bot, "compare"))
    assert "1 evaluation on other questions" in shown


def test_a_classifiers_texts_are_listed_with_their_labels(open_page, bench):
    made = bench.create(Classifier, "Mail", ClassifierSettings().to_json())
    made.desk.add([("mails.csv", table())])
    made.train().result(60)
    sets = bench.evaluation(made.id).sets
    sets.read("more.csv", b"text,label\nthe courier lost it,delivery\nhappy new year,wishes\n")
    at = opened(open_page, made, view="questions")
    assert "does not have: wishes. Their texts count as wrong" in texts(at)
    shown = at.data_editor[0].value
    assert list(shown.columns)[1:3] == ["Text", "Right label"]
    assert "Right source" not in shown.columns


def test_a_classifier_that_learnt_anew_has_no_documents_that_were_changed(open_page, bench):
    made = bench.create(Classifier, "Mail", ClassifierSettings().to_json())
    made.desk.add([("mails.csv", table())])
    made.train().result(60)
    evaluation = bench.evaluation(made.id)
    chosen = evaluation.sets.read(
        "m.csv", b"text,label\nit is lost,delivery\nmy zip,repair\n"
    ).record
    evaluation.run(chosen.id)
    made.desk.give("the courier lost it", "delivery")
    made.train().result(60)
    evaluation.run(chosen.id)
    shown = texts(opened(open_page, made, "compare"))
    assert "It learnt anew in between" in shown
    assert "documents were changed" not in shown
