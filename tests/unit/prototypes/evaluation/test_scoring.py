"""Each measure applies where it can, and is what it says."""

from __future__ import annotations

from studio.evaluation.case import Attempt, EvaluationCase
from studio.prototypes.chatbot.attempting import says_it_does_not_know
from studio.prototypes.evaluation.scoring import scores_of, was_read

PASSAGE = "Most items may be returned within 45 days of delivery."


def case(**values) -> EvaluationCase:
    return EvaluationCase(case_id="c", question="How long may I return it?", **values)


def attempt(**values) -> Attempt:
    return Attempt(request_id="r", **values)


def alike(text, others):
    return 0.5


def test_nothing_known_gives_nothing():
    assert scores_of(case(), attempt(text="x"), alike) == {}


def test_an_empty_answer_is_scored_and_not_left_out():
    found = scores_of(case(answers=("45 days",)), attempt(text="", is_refusal=False), alike)
    assert found["token_f1"] == found["rouge_l"] == found["chrf"] == found["similarity"] == 0.0
    assert found["answered"] == 1.0


def test_a_refusal_is_right_only_where_nothing_answers():
    refused = attempt(text="I do not know.", is_refusal=True)
    assert scores_of(case(is_answerable=False), refused, alike)["refused"] == 1.0
    assert scores_of(case(), refused, alike)["answered"] == 0.0
    answered = attempt(text="45 days", is_refusal=False)
    assert scores_of(case(is_answerable=False), answered, alike)["refused"] == 0.0


def test_a_ranking_is_scored_by_its_right_items():
    found = scores_of(case(gold=("a", "b")), attempt(ranking=("x", "a", "y", "z", "v", "b")), alike)
    assert found["R@5"] == 0.5
    assert found["RR@10"] == 0.5
    assert scores_of(case(gold=("a",)), attempt(ranking=()), alike)["R@5"] == 0.0


def test_any_row_of_a_right_table_counts_once():
    ranking = ("x", "prices.csv#a", "prices.csv#b", "y", "z", "v")
    found = scores_of(case(gold=("prices.csv",)), attempt(ranking=ranking), alike)
    assert (found["R@5"], found["RR@10"]) == (1.0, 0.5)
    row = scores_of(case(gold=("prices.csv#b",)), attempt(ranking=ranking), alike)
    assert row["RR@10"] == 1 / 3


def test_citations_have_precision_and_recall():
    found = scores_of(case(gold=("a", "b")), attempt(text="x", cited=("a", "c")), alike)
    assert (found["citation_precision"], found["citation_recall"]) == (0.5, 0.5)
    none = scores_of(case(gold=("a",)), attempt(text="x", cited=()), alike)
    assert none["citation_recall"] == 0.0
    assert "citation_precision" not in none


def test_sentences_that_no_passage_bears_out_are_counted():
    found = scores_of(
        case(),
        attempt(
            text="x",
            sentences=("Most items may be returned within 45 days.", "Rockets fly to Mars daily."),
            passages=(PASSAGE,),
        ),
        alike,
    )
    assert found["groundedness"] == 0.5


def test_a_quote_is_borne_out_also_where_the_question_has_all_its_words():
    asked = EvaluationCase(case_id="c", question="May most items be returned within 45 days?")
    quoted = attempt(
        text="x", sentences=("Most items may be returned within 45 days.",), passages=(PASSAGE,)
    )
    assert scores_of(asked, quoted, alike)["groundedness"] == 1.0
    chinese = attempt(
        text="x",
        sentences=("大部分商品可在 45 天内退货。",),
        passages=("说明:大部分商品可在45天内退货。",),
    )
    question = EvaluationCase(case_id="c", question="大部分商品可在 45 天内退货吗?")
    assert scores_of(question, chinese, alike)["groundedness"] == 1.0


def test_a_passage_counts_as_read_when_most_of_its_words_were():
    assert was_read(PASSAGE, ["Something.", f"# Returns {PASSAGE} And more."])
    assert not was_read(PASSAGE, ["Most items are new."])
    assert not was_read(PASSAGE, [])


def test_refusals_in_a_models_own_words_are_known():
    for text in (
        "I could not find this in the documents.",
        "The documents do not mention a price.",
        "I'm sorry, I don't know.",
        "There is no information about boats.",
        "文档中没有找到相关信息。",
        "我不知道。",
    ):
        assert says_it_does_not_know(text), text
    for text in ("It costs $4.95.", "You may return it within 45 days.", "可以在45天内退货。"):
        assert not says_it_does_not_know(text), text


def test_a_label_is_scored_as_a_label_and_not_by_its_words():
    right = attempt(text="Delivery", label="Delivery", is_refusal=False)
    found = scores_of(case(answers=("delivery",)), right, alike)
    assert found == {"decided": 1.0, "accuracy": 1.0, "right_when_sure": 1.0}
    unsure = attempt(text="", label="returns", is_refusal=True)
    assert scores_of(case(answers=("delivery",)), unsure, alike) == {
        "decided": 0.0,
        "accuracy": 0.0,
    }
    strange = case(is_answerable=False)
    assert scores_of(strange, unsure, alike) == {"out_of_scope": 1.0}
    assert scores_of(strange, right, alike) == {"out_of_scope": 0.0}
