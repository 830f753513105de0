import numpy as np
import pytest

from studio.errors import InvalidInput
from studio.evaluation.judgements import Judgement
from studio.prototypes.search.comparing import compare_ways, item_of, usual_ways
from studio.records import Chunk, Hit
from studio.retrieval.query import SearchOptions

RIGHT_FIRST = {"semantic": True, "hybrid": True, "keyword": False}


def hit(document_id, rank, cells=()):
    chunk = Chunk(
        chunk_id=rank,
        document_id=document_id,
        document_name=document_id,
        page=None,
        start=0,
        end=1,
        text="x",
        cells=cells,
    )
    return Hit(rank=rank, chunk=chunk, score=1, relevance=1, dense_score=None, lexical_score=None)


def rank(query, vector, options):
    assert vector.tolist() == [float(len(query)), 0.0]
    right, wrong = f"right-{query}", "wrong"
    order = [right, wrong] if RIGHT_FIRST[options.mode] else [wrong, right]
    return [hit(document, n) for n, document in enumerate(order, 1)]


def embed(queries):
    return np.array([[len(query), 0] for query in queries], np.float32)


def judged(n=12):
    names = ["q" * (i + 1) for i in range(n)]
    return [
        Judgement(query_id=f"id{i}", query=q, document_id=f"right-{q}", grade=1)
        for i, q in enumerate(names)
    ]


def test_every_way_is_measured_against_words():
    seen = []
    ways = compare_ways(
        judged(),
        usual_ways(SearchOptions(min_relevance=0.9, k=1)),
        embed=embed,
        rank=rank,
        report=lambda done, total: seen.append((done, total)),
    )
    by_name = {way.name: way for way in ways}
    assert list(by_name) == ["keyword", "semantic", "hybrid"]
    assert by_name["semantic"].ndcg.mean == 1.0
    assert by_name["keyword"].reciprocal_rank.mean == 0.5
    assert by_name["keyword"].recall.mean == 1.0  # the threshold of the settings is not used
    assert by_name["keyword"].against_baseline is None
    against = by_name["hybrid"].against_baseline
    assert (against.outcome, against.n_wins, against.n_losses) == ("better", 12, 0)
    assert seen[-1] == (36, 36)


def test_nothing_judged_as_right_is_refused_with_what_to_do():
    wrong = [Judgement(query_id="a", query="a", document_id="b", grade=0)]
    with pytest.raises(InvalidInput, match="thumb up"):
        compare_ways(wrong, usual_ways(SearchOptions()), embed=embed, rank=rank)


def test_rows_of_a_table_are_items_of_their_own():
    first, second = (hit("table", 1, (("Name", name),)) for name in ("Tent", "Stove"))
    assert item_of(first) != item_of(second)
    assert item_of(hit("text", 1)) == "text"
