"""A chatbot, a search and a writer measured on the deterministic engine: figures, repeats, resumes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import Cancelled, DataError, InvalidInput, ModelUnavailable, NotFound
from studio.evaluation.case import Attempt, EvaluationCase
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.prototypes.content.content import Content
from studio.prototypes.evaluation.evaluations import Evaluations
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.records import Task
from studio.sample_company import sample_briefs, sample_questions
from studio.workbench import Workbench
from tests.unit.prototypes.classifier.mails import table

RETURNS = (
    "# Returns\n\nMost items may be returned within 45 days of delivery.\n\n"
    "# Labels\n\nA return label costs $4.95 for domestic parcels.\n"
)
HOURS = "# Hours\n\nThe store is open from 9 am to 6 pm on weekdays.\n"
QUESTIONS = (
    "id,question,answer,gold_document,gold_passage,answerable\n"
    "q1,Within how many days may items be returned?,45 days,returns.md,"
    "Most items may be returned within 45 days of delivery.,yes\n"
    "q2,What does a return label cost for domestic parcels?,$4.95,returns.md,,yes\n"
    "q3,When is the store open on weekdays?,from 9 am to 6 pm,hours.md,,yes\n"
    "q4,zebra quantum kayak?,,,,no\n"
)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", is_demo=True)


@pytest.fixture
def workbench(home: Settings) -> Iterator[Workbench]:
    with Workbench.open(settings=home) as opened:
        yield opened


@pytest.fixture
def bot(workbench: Workbench) -> Chatbot:
    made = workbench.create_chatbot(
        "Help desk", ChatbotSettings(min_relevance=0.15, answer_style="quote")
    )
    made.add_file("returns.md", RETURNS.encode())
    made.add_file("hours.md", HOURS.encode())
    made.update_index().result(30)
    return made


@pytest.fixture
def evaluation(workbench: Workbench, bot: Chatbot) -> Evaluations:
    return workbench.evaluation(bot.id)


@pytest.fixture
def questions(evaluation: Evaluations) -> str:
    return evaluation.sets.read("questions.csv", QUESTIONS.encode()).record.id


def test_a_run_has_every_figure_that_its_cases_allow(evaluation, questions, bot) -> None:
    run = evaluation.run(questions)
    assert (run.state, run.n_failed, run.record.n_done) == ("done", 0, 4)
    assert run.interval("R@5").mean == 1.0
    assert run.interval("token_recall").mean == 1.0
    assert run.interval("answered").mean == 1.0
    assert (run.interval("refused").mean, run.interval("refused").n) == (1.0, 1)
    assert (run.interval("passage_read").mean, run.interval("passage_read").n) == (1.0, 1)
    assert run.interval("citation_recall").mean == 1.0
    assert run.interval("groundedness").mean == 1.0
    assert run.interval("similarity").n == 3
    # Three of three right: others may well be wrong.
    assert (run.interval("answered").low, run.interval("answered").high) == (
        pytest.approx(0.4385, abs=1e-4),
        1.0,
    )
    assert run.interval("latency_ms").n == 4
    assert run.interval("latency_ms").low > 0
    assert {one.stage for one in run.models} == {"embedding"}
    assert run.setup.settings["answer_style"] == "quote"
    assert len(evaluation.verdict(run)) >= 2
    frame = run.frame()
    assert list(frame["case_id"]) == ["q1", "q2", "q3", "q4"]
    assert "45 days" in frame["answer"][0]


def test_a_set_of_one_question_promises_nothing_about_others(evaluation) -> None:
    alone = "\n".join(QUESTIONS.splitlines()[:2])
    one = evaluation.sets.read("one.csv", alone.encode()).record.id
    first, *more = (str(said) for said in evaluation.verdict(evaluation.run(one)))
    assert first.endswith("100% on a single question.")
    assert any("One question says nothing about others." in said for said in more)
    assert "nan" not in " ".join(more)


def test_the_same_again_is_the_same_to_the_digit(evaluation, questions, bot) -> None:
    written = replace(bot.settings, answer_style="write", only_from_documents=False)
    first, again = (evaluation.run(questions, settings=written) for _ in range(2))
    assert first.digest == again.digest
    assert [one.scores.get("token_f1") for one in first.results] == [
        one.scores.get("token_f1") for one in again.results
    ]
    assert first.setup == again.setup
    assert evaluation.run(questions).digest != first.digest


def test_what_ran_in_one_process_is_the_same_in_the_next(home: Settings, tmp_path: Path) -> None:
    digests = []
    for _ in range(2):
        with Workbench.open(settings=home) as opened:
            found = opened.prototypes()
            bot = (
                opened.prototype(found[0].id, Chatbot)
                if found
                else opened.create_chatbot("Help desk", ChatbotSettings(answer_style="write"))
            )
            if not found:
                bot.add_file("returns.md", RETURNS.encode())
                bot.update_index().result(30)
            evaluation = opened.evaluation(bot.id)
            sets = evaluation.sets.list()
            chosen = sets[0] if sets else evaluation.sets.read("q.csv", QUESTIONS.encode()).record
            digests.append(evaluation.run(chosen.id).digest)
    assert digests[0] == digests[1]


def test_a_stopped_run_goes_on_with_what_waits(evaluation, questions, bot, monkeypatch) -> None:
    asked: list[str] = []
    real = Chatbot.attempt

    def once(self: Chatbot, case: EvaluationCase) -> Attempt:
        asked.append(case.case_id)
        if len(asked) == 2:
            raise Cancelled("Stopped.")
        return real(self, case)

    monkeypatch.setattr(Chatbot, "attempt", once)
    with pytest.raises(Cancelled):
        evaluation.run(questions)
    (record,) = evaluation.runs()
    assert (record.n_done, record.state) == (1, "running")  # nobody cancelled it: it may go on
    evaluation.resume(record.id).result(30)
    run = evaluation.get(record.id)
    assert (run.state, run.record.n_done) == ("done", 4)
    assert asked == ["q1", "q2", "q2", "q3", "q4"]


def test_what_an_ended_process_left_goes_on_in_the_next(home: Settings, monkeypatch) -> None:
    import threading

    begun, go = threading.Event(), threading.Event()
    real = Chatbot.attempt

    def slow(self: Chatbot, case: EvaluationCase) -> Attempt:
        begun.set()
        go.wait(20)
        return real(self, case)

    with Workbench.open(settings=home) as opened:
        bot = opened.create_chatbot("Help desk", ChatbotSettings(answer_style="quote"))
        bot.add_file("returns.md", RETURNS.encode())
        bot.update_index().result(30)
        evaluation = opened.evaluation(bot.id)
        chosen = evaluation.sets.read("q.csv", QUESTIONS.encode()).record
        monkeypatch.setattr(Chatbot, "attempt", slow)
        run_id = evaluation.start(chosen.id).id
        assert begun.wait(20)
        threading.Timer(0.2, go.set).start()
    monkeypatch.setattr(Chatbot, "attempt", real)
    with Workbench.open(settings=home) as opened:
        evaluation = opened.evaluation(bot.id)
        job = evaluation.job(run_id)
        assert job is not None
        job.result(30)
        assert evaluation.get(run_id).state == "done"
        assert evaluation.get(run_id).record.n_done == 4


def test_cases_that_fail_are_told_and_a_model_that_is_gone_ends_the_run(
    evaluation, questions, monkeypatch
) -> None:
    def bad(self: Chatbot, case: EvaluationCase) -> Attempt:
        raise InvalidInput("Too long.")

    monkeypatch.setattr(Chatbot, "attempt", bad)
    run = evaluation.run(questions)
    assert (run.state, run.n_failed, run.measures) == ("done", 4, ())
    assert "4 of 4 questions failed" in str(evaluation.verdict(run)[0])

    def gone(self: Chatbot, case: EvaluationCase) -> Attempt:
        raise ModelUnavailable("Gone.")

    monkeypatch.setattr(Chatbot, "attempt", gone)
    more = "question\n" + "\n".join(f"Question {n}?" for n in range(8))
    chosen = evaluation.sets.read("more.csv", more.encode()).record
    with pytest.raises(ModelUnavailable):
        evaluation.run(chosen.id)
    (record, *_) = evaluation.runs(chosen.id)
    assert (record.state, record.n_done, str(record.error)) == ("failed", 0, "Gone.")
    monkeypatch.undo()
    evaluation.resume(record.id).result(30)  # the model is there again: nothing was lost
    again = evaluation.get(record.id)
    assert (again.state, again.record.n_done, again.n_failed) == ("done", 8, 0)


def test_a_case_that_no_model_answered_is_told_where_others_were_answered(
    evaluation, questions, monkeypatch
) -> None:
    attempt = Chatbot.attempt

    def gone_at_times(self: Chatbot, case: EvaluationCase) -> Attempt:
        if case.case_id in ("q2", "q4"):
            raise ModelUnavailable("Gone.")
        return attempt(self, case)

    monkeypatch.setattr(Chatbot, "attempt", gone_at_times)
    run = evaluation.run(questions)
    assert (run.state, run.record.n_done, run.n_failed) == ("done", 4, 2)


def test_two_runs_are_compared_question_by_question(evaluation, questions, bot) -> None:
    quoted = evaluation.run(questions, name="quoted")
    blind = evaluation.run(
        questions, settings=replace(bot.settings, min_relevance=1.0), name="blind"
    )
    found = evaluation.compare(quoted.id, blind.id)
    assert found.n_common == 4
    assert found.headline is not None
    assert found.headline.measure == "token_recall"
    assert (found.headline.n_better, found.headline.n_worse) == (0, 3)
    pairs = found.pairs("token_recall")
    assert pairs[-1].gain < 0
    assert "quoted" in str(found.verdict)
    points = evaluation.pareto([quoted, blind], "token_recall")
    assert points[0].is_best
    with pytest.raises(InvalidInput, match="same evaluation"):
        evaluation.compare(quoted.id, quoted.id)
    other = evaluation.sets.read("o.csv", b"question\nSomething else?\n").record
    with pytest.raises(InvalidInput, match="no question in common"):
        evaluation.compare(quoted.id, evaluation.run(other.id).id)


def test_people_vote_blind_and_the_votes_rate_the_runs(evaluation, questions, bot) -> None:
    quoted = evaluation.run(questions)
    blind = evaluation.run(questions, settings=replace(bot.settings, min_relevance=1.0))
    n_votes = 0
    while (pair := evaluation.votes.next_pair(quoted.id, blind.id)) is not None:
        refusal = "I could not find this in the documents."
        evaluation.votes.vote(pair, "left" if pair.right == refusal else "right")
        n_votes += 1
    assert n_votes == 3  # both refuse the fourth in the same words
    found = evaluation.votes.ratings([quoted, blind])
    assert [one.name for one in found] == [quoted.id, blind.id]
    assert found[0].n_votes == 3


def test_a_judging_model_is_held_against_people(evaluation, questions, bot, workbench) -> None:
    model = bot.model.id
    run = evaluation.run(questions, judge_model=model)
    assert run.setup.judge_model == model
    assert evaluation.judge_agreement(run) is None
    judged = [one for one in run.results if "judge" in one.scores]
    for one in judged:
        evaluation.label(run.id, one.position, "right" if one.scores["judge"] else "wrong")
    found = evaluation.judge_agreement(evaluation.get(run.id))
    assert (found is None) == (not judged)
    assert found is None or found.share == 1.0
    with pytest.raises(NotFound):
        evaluation.start(questions, judge_model="no-such-model")


def test_what_it_takes_is_reckoned_before_from_what_was_measured(
    evaluation, questions, bot
) -> None:
    before = evaluation.estimate(questions)
    assert (before.seconds, before.n_cases) == (None, 4)
    tried = evaluation.try_some(questions)
    assert tried.seconds is not None
    job = evaluation.start_trial(questions, "all", bot.settings)
    assert job.result(30).seconds is not None
    assert evaluation.trial(questions, "all", bot.settings) is job
    assert evaluation.trial(questions, "tune", bot.settings) is None
    assert evaluation.runs() == ()
    evaluation.run(questions)
    after = evaluation.estimate(questions)
    assert after.seconds is not None
    assert after.low_s is not None
    assert after.low_s <= after.seconds <= after.high_s
    assert after.n_measured == 4


def test_looks_at_the_test_part_are_counted_by_setting_and_data(evaluation, questions, bot) -> None:
    evaluation.run(questions)
    evaluation.run(questions)
    assert evaluation.sets.n_looks(questions) == 1
    second = evaluation.run(questions, settings=replace(bot.settings, n_passages=2))
    evaluation.delete(second.id)
    assert evaluation.sets.n_looks(questions) == 2
    bot.add_file("more.md", b"# More\n\nWhat was learnt after a look is another look.\n")
    bot.update_index().result(30)
    evaluation.run(questions)
    assert evaluation.sets.n_looks(questions) == 3


def test_what_cannot_be_measured_says_why(evaluation, questions, bot, workbench) -> None:
    empty = evaluation.sets.create("Empty")
    with pytest.raises(InvalidInput, match="no question"):
        evaluation.start(empty.id)
    with pytest.raises(InvalidInput, match="Duplicate the prototype"):
        evaluation.start(questions, settings=replace(bot.settings, passage_tokens=64))
    with pytest.raises(NotFound):
        workbench.evaluation(workbench.create_chatbot("Other").id).start(questions)
    bare = workbench.evaluation(workbench.create_chatbot("Bare").id)
    one = bare.sets.read("q.csv", b"question\nWhat?\n").record
    with pytest.raises(InvalidInput, match="nothing to search"):
        bare.start(one.id)
    recommender = workbench.create(Recommendation, "R", Recommendation.default_settings("en"))
    untrained = workbench.evaluation(recommender.id)
    users = untrained.sets.read("q.csv", b"user_id,items\nu1,a\n").record
    with pytest.raises(InvalidInput, match="Nothing is trained yet"):
        untrained.start(users.id)


def test_a_set_of_one_and_a_set_without_answers_are_warned_about(evaluation) -> None:
    one = evaluation.sets.read("one.csv", b"question\nWhat is this?\n").record
    said = [str(notice) for notice in evaluation.sets.problems(one.id)]
    assert any("one question" in text for text in said)
    assert any("only time and cost" in text for text in said)
    run = evaluation.run(one.id)
    assert run.headline is None or run.headline == "refused"


def test_labels_that_a_classifier_cannot_give_are_warned_about(workbench) -> None:
    made = workbench.create(Classifier, "Mail", ClassifierSettings().to_json())
    sets = workbench.evaluation(made.id).sets
    rows = (
        b"text,label\nit came late,Delivery\nit is lost,delivrey\nhappy new year,wishes\nhello,\n"
    )
    chosen = sets.read("labels.csv", rows).record
    assert not [one for one in sets.problems(chosen.id) if "abels of the set" in str(one)]
    made.desk.add([("mails.csv", table())])
    made.train().result(60)
    mistyped, unknown = (
        str(one) for one in sets.problems(chosen.id) if "abels of the set" in str(one)
    )
    assert "typing mistakes: delivrey → delivery." in mistyped
    made.desk.add([("留言.csv", "客户留言,类别\n到哪了,delivery\n退钱,refund\n".encode())])
    read = sets.read("more.csv", "类别,客户留言\ndelivery,到哪里了\n".encode()).record
    assert [(one.question, one.answers) for one in sets.cases(read.id)] == [
        ("到哪里了", ("delivery",))
    ]
    assert "does not have: wishes." in unknown


def test_questions_alike_in_both_parts_are_warned_about(evaluation) -> None:
    rows = "\n".join(
        f"How may I return the item {word}" for word in ("now", "now?", "now!", "now??")
    )
    chosen = evaluation.sets.read("alike.csv", f"question\n{rows}\n".encode()).record
    n = len(evaluation.sets.overlap(chosen.id).overlaps)
    said = [str(notice) for notice in evaluation.sets.problems(chosen.id)]
    assert any("nearly the same" in text for text in said) == bool(n)


def test_a_file_without_a_usable_question_says_so_and_makes_no_set(evaluation) -> None:
    for content in (b"question,answer\n,x\nNaN,y\n", b"a,b\n1,2\n"):
        with pytest.raises(DataError):
            evaluation.sets.read("bad.csv", content)
    assert evaluation.sets.list() == ()


def test_feedback_and_confirmed_drafts_become_questions(evaluation, bot, workbench) -> None:
    chosen = evaluation.sets.create("Mine")
    workbench.workspace.curated_answers.add(bot.id, "May I return it?", "Within 45 days.")
    bot.bench.judge_item("store hours", "hours.md", 1)
    assert evaluation.sets.take_feedback(chosen.id) == 2
    assert evaluation.sets.take_feedback(chosen.id) == 0
    by_question = {case.question: case for case in evaluation.sets.cases(chosen.id)}
    assert by_question["May I return it?"].answers == ("Within 45 days.",)
    assert by_question["store hours"].gold == ("hours.md",)
    draft = evaluation.sets.drafts(chosen.id, 3)[0]
    evaluation.sets.confirm(chosen.id, draft, "How do labels work?", "They cost $4.95.")
    case = evaluation.sets.cases(chosen.id)[-1]
    assert (case.question, case.gold, case.source) == (
        "How do labels work?", (draft.item_id,), "draft",
    )  # fmt: skip
    assert case.gold_passage == draft.passage != ""
    other = evaluation.sets.drafts(chosen.id, 3)[0]
    evaluation.sets.confirm(chosen.id, other, passage="")
    assert evaluation.sets.cases(chosen.id)[-1].gold_passage == ""


def test_drift_needs_questions_of_people(evaluation, questions, bot) -> None:
    assert evaluation.drift(questions) is None
    talk = bot.start_conversation()
    bot.ask("Within how many days may items be returned?", talk, "page")
    found = evaluation.drift(questions)
    assert found is not None
    live, drift = found
    assert live.questions == ("Within how many days may items be returned?",)
    assert (drift.covered, drift.p_value) == (1.0, None)


def test_a_search_is_measured_by_what_it_finds(workbench) -> None:
    search = workbench.create_search("Help")
    search.add_file("returns.md", RETURNS.encode())
    search.add_file("hours.md", HOURS.encode())
    search.update_index().result(30)
    evaluation = workbench.evaluation(search.id)
    chosen = evaluation.sets.read("q.csv", QUESTIONS.encode()).record
    run = evaluation.run(chosen.id)
    assert run.headline == "nDCG@10"
    assert run.interval("R@5").mean == 1.0
    assert "token_f1" not in run.measures


def test_a_search_by_words_alone_takes_time_and_machine_though_no_model_is_called(
    workbench,
) -> None:
    search = workbench.create_search("Help")
    search.configure(replace(search.settings, mode="keyword"))
    search.add_file("returns.md", RETURNS.encode())
    search.update_index().result(30)
    evaluation = workbench.evaluation(search.id)
    chosen = evaluation.sets.read("q.csv", QUESTIONS.encode()).record
    run = evaluation.run(chosen.id)
    assert [one.model for one in run.models] == ["search:words"]
    assert run.interval("latency_ms").n == 4
    assert run.interval("latency_ms").low > 0
    assert run.cost_usd > 0  # of the machine, as the ledger has it
    assert evaluation.estimate(chosen.id).seconds is not None


def test_a_writer_is_measured_by_its_checks(workbench) -> None:
    writer = workbench.sample(Content)
    rows = sample_briefs("en").decode().splitlines()[:3]
    evaluation = workbench.evaluation(writer.id)
    chosen = evaluation.sets.read("briefs.csv", "\n".join(rows).encode()).record
    run = evaluation.run(chosen.id)
    assert run.n_failed == 0
    assert {"checks", "accepted", "latency_ms"} <= set(run.measures)
    assert run.headline == "accepted"


def test_a_copy_has_the_sets(evaluation, questions, bot, workbench) -> None:
    copy = workbench.duplicate(bot.id, "Copy")
    sets = workbench.evaluation(copy.id).sets
    (one,) = sets.list()
    assert [case.case_id for case in sets.cases(one.id)] == ["q1", "q2", "q3", "q4"]


def test_the_samples_questions_are_read_whole(workbench) -> None:
    bot = workbench.sample_chatbot()
    bot.update_index().result(60)
    read = workbench.evaluation(bot.id).sets.read("q.csv", sample_questions("en"), source="sample")
    assert (len(read.read.cases), read.read.dropped, read.read.noted) == (144, (), ())
    assert sum(case.is_answerable for case in read.read.cases) == 108


def test_judging_is_reckoned_and_measured_beside_the_answers(
    evaluation, questions, bot, workbench
) -> None:
    model = workbench.catalogue.default(Task.GENERATION).id
    evaluation.run(questions)
    assert evaluation.estimate(questions, judge_model=model).judging == "unknown"
    assert evaluation.try_some(questions, judge_model=model).judging == "counted"
    run = evaluation.run(questions, judge_model=model)
    assert run.interval("judge_ms").n == 3  # of the one that nothing answers nobody is asked
    assert run.interval("judge_usd").n == 0  # the demo engine has no price
    alone, judged = (evaluation.estimate(questions, judge_model=one) for one in ("", model))
    assert judged.judging == "counted"
    assert judged.seconds > alone.seconds
    assert judged.cost_usd is None


def test_a_question_that_is_mended_stays_in_its_part(evaluation) -> None:
    rows = "question,answer\n" + "".join(
        f"&lt;b&gt;What is thing {n}?&lt;/b&gt;,a\n" for n in range(40)
    )
    chosen = evaluation.sets.read("q.csv", rows.encode()).record.id
    before = {case.case_id for case in evaluation.sets.cases(chosen, "test")}
    evaluation.sets.mend(chosen, "markup")
    assert evaluation.sets.cases(chosen)[0].question == "What is thing 0?"
    assert {case.case_id for case in evaluation.sets.cases(chosen, "test")} == before
    assert 0 < len(before) < 40


def test_of_two_questions_in_the_same_words_one_stays(evaluation) -> None:
    rows = "id,question,answer\n1,I am jo@example.com,a\n2,I am al@example.com,b\n"
    chosen = evaluation.sets.read("q.csv", rows.encode()).record.id
    for kind in ("personal", "repeats"):
        evaluation.sets.mend(chosen, kind)
    assert [case.question for case in evaluation.sets.cases(chosen)] == ["I am [email]"]


def test_questions_are_mended_and_it_can_be_taken_back(evaluation) -> None:
    rows = (
        "question,answer\n&lt;b&gt;How long may I return it?&lt;/b&gt;,mail jo@example.com\n"
        "Do you sell boats?,no\nDo you sell any boats?,no\n"
    )
    chosen = evaluation.sets.read("q.csv", rows.encode()).record.id
    before = evaluation.sets.cases(chosen)
    assert [(one.kind, one.n) for one in evaluation.sets.care(chosen)] == [
        ("markup", 1),
        ("personal", 1),
        ("repeats", 1),
    ]
    done = [evaluation.sets.mend(chosen, kind) for kind in ("markup", "personal", "repeats")]
    after = evaluation.sets.cases(chosen)
    assert [one.question for one in after] == ["How long may I return it?", "Do you sell boats?"]
    assert after[0].answers == ("mail [email]",)
    assert evaluation.sets.care(chosen) == ()
    assert evaluation.sets.last_mended(chosen) == done[-1]
    for _ in done:
        evaluation.sets.unmend(chosen, evaluation.sets.last_mended(chosen))
    evaluation.sets.unmend(chosen, done[0])  # twice does nothing
    assert evaluation.sets.last_mended(chosen) is None
    assert set(evaluation.sets.cases(chosen)) == set(before)
