import numpy as np
import pytest

from studio.errors import InvalidInput
from studio.evaluation.judgements import Judgement
from studio.prototypes.search.comparing import Way, compare_ways
from studio.records import Chunk, Hit
from studio.retrieval.query import SearchOptions

RIGHT_FIRST = {"semantic": True, "hybrid": True, "keyword": False}
WAYS = {mode: Way(options=SearchOptions(mode=mode, min_relevance=0.9, k=1)) for mode in RIGHT_FIRST}


def hit(document_id, rank):
    chunk = Chunk(
        chunk_id=rank,
        document_id=document_id,
        document_name=document_id,
        page=None,
        start=0,
        end=1,
        text="x",
    )
    return Hit(rank=rank, chunk=chunk, score=1, relevance=1, dense_score=None, lexical_score=None)


def rank(query, vector, way):
    assert vector.tolist() == [float(len(query)), 0.0]
    assert way.options.min_relevance == 0.0  # the threshold of the settings is not used
    right, wrong = f"right-{query}", "wrong"
    order = [right, wrong] if RIGHT_FIRST[way.options.mode] else [wrong, right]
    return [hit(document, n) for n, document in enumerate(order, 1)]


def embed(queries):
    return list(np.array([[len(query), 0] for query in queries], np.float32))


def compare(judgements, **options):
    return compare_ways(
        judgements,
        WAYS,
        embed=embed,
        rank=options.pop("rank", rank),
        name=lambda one: one.chunk.document_id,
        **options,
    )


def judged(n=12, grade=1):
    names = ["q" * (i + 1) for i in range(n)]
    return [
        Judgement(query_id=f"id{i}", query=q, document_id=f"right-{q}", grade=grade)
        for i, q in enumerate(names)
    ]


def test_every_way_is_measured_to_its_depth_with_its_time():
    seen = []
    ways = compare(judged(), report=lambda done, total: seen.append((done, total)))
    assert list(ways) == list(RIGHT_FIRST)
    assert ways["semantic"].ndcg.mean == 1.0
    assert ways["keyword"].reciprocal_rank.mean == 0.5
    assert ways["keyword"].recall.mean == 1.0
    assert ways["keyword"].first_right["id3"] == 2
    assert ways["hybrid"].first_right["id3"] == 1
    assert 0 < ways["hybrid"].search_ms <= ways["hybrid"].search_p95_ms
    assert (seen[0], seen[-1]) == ((0, 12), (12, 12))


def test_queries_without_a_right_item_are_left_out():
    wrong = Judgement(query_id="z", query="zzzzz", document_id="wrong", grade=0)
    ways = compare([*judged(3), wrong])
    assert set(ways["hybrid"].ndcg_of) == {"id0", "id1", "id2"}


def test_several_passages_of_a_document_do_not_hide_the_others():
    def crowded(query, vector, way):
        passages = [hit("wrong", n) for n in range(1, 31)]
        return [*passages, hit(f"right-{query}", 31)][: way.options.k]

    ways = compare(judged(3), rank=crowded)
    assert ways["hybrid"].first_right == {"id0": 2, "id1": 2, "id2": 2}


def test_nothing_judged_as_right_is_refused_with_what_to_do():
    with pytest.raises(InvalidInput, match="thumb up"):
        compare(judged(2, grade=0))
