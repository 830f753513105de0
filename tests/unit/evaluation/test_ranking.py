"""Measures of rankings on cases that can be worked out by hand."""

from __future__ import annotations

import math

import pytest

from studio.errors import InvalidInput
from studio.evaluation.judgements import Judgement
from studio.evaluation.ranking import score_rankings


def judged(**queries: dict[str, int]) -> list[Judgement]:
    return [
        Judgement(query_id=query, query=f"about {query}", document_id=document, grade=grade)
        for query, grades in queries.items()
        for document, grade in grades.items()
    ]


def test_scores_are_those_worked_out_by_hand() -> None:
    judgements = judged(a={"d1": 2, "d2": 1, "d3": 0})
    scores = score_rankings(
        judgements,
        {"a": ["d3", "d2", "x", "d1"]},
        ("nDCG@10", "R@2", "RR@10", "P@5", "Success@1", "Success@2"),
    )
    gained = 1 / math.log2(3) + 2 / math.log2(5)
    best = 2 + 1 / math.log2(3)
    assert scores.by_query("nDCG@10") == {"a": pytest.approx(gained / best)}
    assert scores.mean("R@2") == 0.5
    assert scores.mean("RR@10") == 0.5
    assert scores.mean("P@5") == pytest.approx(2 / 5)
    assert scores.mean("Success@1") == 0
    assert scores.mean("Success@2") == 1


def test_the_order_of_a_ranking_counts_whatever_the_ids_are() -> None:
    # trec_eval itself breaks ties of scores by id; a ranking has none.
    judgements = judged(a={"a": 1}, z={"z": 1})
    scores = score_rankings(judgements, {"a": ["z", "a"], "z": ["z", "a"]}, ("RR@10",))
    assert scores.values["RR@10"] == (0.5, 1.0)


def test_a_repeated_document_counts_where_it_first_stands() -> None:
    scores = score_rankings(judged(a={"d": 1, "e": 1}), {"a": ["d", "x", "d", "x", "e"]})
    assert scores.mean("RR@10") == 1
    assert scores.mean("P@5") == pytest.approx(2 / 5)


def test_queries_without_judgement_or_relevant_document_are_left_out_and_counted() -> None:
    judgements = judged(a={"d": 1}, b={"d": 0}, c={"d": 1}, e={"d": 1})
    scores = score_rankings(judgements, {"a": ["d"], "b": ["d"], "c": [], "z": ["d"]})
    assert scores.query_ids == ("a", "c", "e")
    assert scores.values["nDCG@10"] == (1.0, 0.0, 0.0)
    assert scores.mean("nDCG@10") == pytest.approx(1 / 3)
    assert (scores.n_unjudged, scores.n_without_relevant, scores.n_unanswered) == (1, 1, 2)


@pytest.mark.parametrize("judgements", [[], judged(a={"d": 0})])
def test_nothing_to_score_gives_no_mean(judgements: list[Judgement]) -> None:
    scores = score_rankings(judgements, {"a": ["d"]})
    assert scores.n_queries == 0
    assert math.isnan(scores.mean("nDCG@10"))


@pytest.mark.parametrize("name", ["MAP", "nDCG", "nDCG@0", "P@5; import os", "MAP@10"])
def test_an_unknown_measure_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(InvalidInput, match="Use nDCG, R, RR, P, AP or Success"):
        score_rankings(judged(a={"d": 1}), {"a": ["d"]}, (name,))
