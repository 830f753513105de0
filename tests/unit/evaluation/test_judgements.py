"""Judgements: their checks, joining thumbs, splitting by query."""

from __future__ import annotations

import pytest

from studio.errors import InvalidInput
from studio.evaluation.judgements import (
    Judgement,
    Thumb,
    grades_of,
    merge_thumbs,
    normalised,
    query_id_of,
    split_judgements,
)


def judgement(query: str, document_id: str = "d1", grade: int = 1) -> Judgement:
    return Judgement(query_id=query_id_of(query), query=query, document_id=document_id, grade=grade)


@pytest.mark.parametrize("grade", [-1, 11])
def test_a_grade_outside_the_scale_is_refused(grade: int) -> None:
    with pytest.raises(InvalidInput, match="from 0 to 10"):
        judgement("tea", grade=grade)


@pytest.mark.parametrize(("query", "document_id"), [("  ", "d1"), ("tea", "")])
def test_a_judgement_without_query_or_document_is_refused(query: str, document_id: str) -> None:
    with pytest.raises(InvalidInput, match="needs a query and a document"):
        judgement(query, document_id)


def test_case_width_and_space_make_no_other_query() -> None:
    assert normalised(" Ｔea\n POT ") == "tea pot"
    assert query_id_of("Tea pot") == query_id_of("tea  POT") != query_id_of("teapot")


def test_of_a_pair_judged_twice_the_last_counts() -> None:
    grades = grades_of([judgement("tea", "d1", 1), judgement("tea", "d1", 3)])
    assert grades == {query_id_of("tea"): {"d1": 3}}


def test_thumbs_add_what_nobody_judged_and_join_the_same_words() -> None:
    old = Judgement(query_id="7", query="Green tea", document_id="d1", grade=2)
    merged = merge_thumbs(
        [old],
        [
            Thumb(query="green  TEA", document_id="d2", is_up=True, visitor="a"),
            Thumb(query="coffee", document_id="d3", is_up=False, visitor="a"),
        ],
    )
    assert merged.judgements == (
        old,
        Judgement(query_id="7", query="green  TEA", document_id="d2", grade=1),
        Judgement(query_id=query_id_of("coffee"), query="coffee", document_id="d3", grade=0),
    )
    assert (merged.n_added, merged.n_undecided, merged.n_overruled) == (2, 0, 0)


def test_a_judgement_stands_against_thumbs() -> None:
    old = judgement("tea", grade=2)
    down = [Thumb(query="tea", document_id="d1", is_up=False, visitor=name) for name in "abc"]
    merged = merge_thumbs([old], down)
    assert merged.judgements == (old,)
    assert merged.n_overruled == 1
    up = [Thumb(query="tea", document_id="d1", is_up=True)]
    assert merge_thumbs([old], up).n_overruled == 0


def test_the_last_click_of_a_visitor_counts_and_the_majority_decides() -> None:
    def clicks(*votes: tuple[str, bool]) -> list[Thumb]:
        return [Thumb(query="tea", document_id="d1", is_up=up, visitor=who) for who, up in votes]

    changed = merge_thumbs([], clicks(("a", True), ("a", False)))
    assert [j.grade for j in changed.judgements] == [0]
    even = merge_thumbs([], clicks(("a", True), ("b", False)))
    assert (even.judgements, even.n_undecided) == ((), 1)
    nobody = merge_thumbs([], clicks(("", True), ("", True), ("b", False)))
    assert [j.grade for j in nobody.judgements] == [1]


def test_nothing_merges_to_nothing() -> None:
    assert merge_thumbs([], [Thumb(query=" ", document_id="d", is_up=True)]).judgements == ()


def test_a_split_keeps_queries_whole_and_in_place_when_others_come() -> None:
    few = [judgement(f"query {n}", d) for n in range(40) for d in ("d1", "d2")]
    split = split_judgements(few, seed=3)
    assert sorted((*split.tune, *split.test), key=few.index) == few
    assert not {j.query_id for j in split.tune} & {j.query_id for j in split.test}
    assert 10 <= len({j.query_id for j in split.tune}) <= 30

    more = split_judgements([*few, *(judgement(f"more {n}") for n in range(40))], seed=3)
    assert set(split.tune) <= set(more.tune)
    assert set(split.test) <= set(more.test)


def test_a_split_hangs_on_the_seed_and_the_share() -> None:
    some = [judgement(f"query {n}") for n in range(40)]
    assert split_judgements(some, seed=1) == split_judgements(some, seed=1)
    assert split_judgements(some, seed=1) != split_judgements(some, seed=2)
    assert split_judgements(some, seed=1, tune_share=0).tune == ()
    assert split_judgements(some, seed=1, tune_share=1).test == ()
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        split_judgements(some, seed=1, tune_share=1.5)
