from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np
import pytest

from studio.errors import NotFound
from studio.records import Document, Filter, Page, Row
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.query import SearchOptions
from studio.retrieval.terms import terms_of

DIM = 64
WORDS = [
    "tent",
    "boot",
    "stove",
    "rope",
    "lamp",
    "sock",
    "mat",
    "cup",
    "light",
    "warm",
    "dry",
    "red",
]


def embed(texts: Sequence[str]) -> np.ndarray:
    return np.stack([one(text) for text in texts])


def one(text: str) -> np.ndarray:
    total = np.full(DIM, 0.01)
    for term in terms_of(text):
        seed = int.from_bytes(hashlib.sha256(term.encode()).digest()[:4], "big")
        total += np.random.default_rng(seed).standard_normal(DIM)
    return (total / np.linalg.norm(total)).astype(np.float32)


def table(name: str, rows) -> Document:
    text, found = "", []
    for cells in rows:
        line = "; ".join(f"{column}: {value}" for column, value in cells)
        found.append(Row(start=len(text), end=len(text) + len(line), cells=cells))
        text += line + "\n\n"
    return Document(document_id=name, name=name, pages=(Page(text=text, rows=tuple(found)),))


def products(n: int, seed: int = 0):
    random = np.random.default_rng(seed)
    for number in range(n):
        words = " ".join(random.choice(WORDS, 5))
        yield (
            ("Name", f"Item {seed}x{number}"),
            ("Text", f"This one is {words} and more"),
            ("Brand", str(random.choice(["Nord", "Fjell", "Berg"], p=[0.7, 0.25, 0.05]))),
            ("Price", f"{random.integers(5, 500)}.90 €"),
        )


DOCUMENTS = [table(f"list-{seed}", products(60, seed)) for seed in range(3)]


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> RetrievalIndex:
    return RetrievalIndex.build(
        tmp_path_factory.mktemp("index"), DOCUMENTS, embed=embed, model="m", revision="1"
    )


def search(index: RetrievalIndex, query: str, **options):
    return index.search(query, one(query), SearchOptions(**options))


def cell(hit, column: str) -> str:
    return dict(hit.chunk.cells)[column]


@pytest.mark.parametrize("mode", ["semantic", "keyword", "hybrid"])
@pytest.mark.parametrize(
    "filters",
    [
        (Filter(column="Brand", one_of=("berg",)),),
        (Filter(column="Price", minimum=100, maximum=120),),
        (Filter(column="Brand", one_of=("nord", "fjell")), Filter(column="Price", maximum=50)),
    ],
)
def test_filtered_hits_are_all_hits_that_pass_in_the_same_order(index, mode, filters) -> None:
    everything = search(index, "warm red tent", k=500, n_candidates=500, mode=mode)
    passing = {c.chunk_id for c in index.chunks if all(_passes(c, wish) for wish in filters)}

    hits = search(index, "warm red tent", k=500, n_candidates=500, mode=mode, filters=filters)

    expected = [hit.chunk.chunk_id for hit in everything if hit.chunk.chunk_id in passing]
    assert {hit.chunk.chunk_id for hit in hits} == set(expected)
    if mode != "hybrid":  # ranks of the fused searches are those among what passes
        assert [hit.chunk.chunk_id for hit in hits] == expected


def _passes(chunk, wish: Filter) -> bool:
    value = dict(chunk.cells)[wish.column]
    if wish.one_of and value.lower() not in wish.one_of:
        return False
    price = float(value.split()[0]) if wish.column == "Price" else 0.0
    return (wish.minimum or price) <= price <= (wish.maximum or price)


def test_a_filter_that_nothing_passes_gives_nothing(index) -> None:
    assert search(index, "tent", filters=(Filter(column="Colour", one_of=("red",)),)) == ()


def test_each_document_is_given_once_and_as_many_as_there_are(index) -> None:
    for mode in ("hybrid", "semantic", "keyword"):
        hits = search(index, "light rope", k=3, n_candidates=3, mode=mode, per_document=True)
        assert len({hit.chunk.document_id for hit in hits}) == len(hits) == 3


def test_a_document_found_twice_is_fused_as_one(tmp_path) -> None:
    documents = [
        Document(document_id=name, name=name, pages=tuple(Page(text=t) for t in texts))
        for name, texts in {
            "both": ("alpha beta gamma", "delta"),
            "words": ("delta epsilon zeta eta theta",),
            "meaning": ("alpha beta iota",),
        }.items()
    ]
    index = RetrievalIndex.build(tmp_path, documents, embed=embed, model="m", revision="1")

    # By words one document's second page, by meaning its first: first in both rankings of documents.
    hits = index.search(
        "delta", one("alpha beta gamma"), SearchOptions(per_document=True, fusion="rank")
    )

    assert hits[0].chunk.document_id == "both"
    assert hits[0].score == pytest.approx(2 / 61)


def test_repeats_do_not_crowd_out_the_rest(tmp_path) -> None:
    same = [
        Document(document_id=str(n), name="", pages=(Page(text="A warm lamp."),))
        for n in range(300)
    ]
    other = Document(document_id="other", name="", pages=(Page(text="A lamp that is red."),))
    index = RetrievalIndex.build(tmp_path, [*same, other], embed=embed, model="m", revision="1")

    for mode in ("hybrid", "semantic", "keyword"):
        hits = search(index, "warm lamp", k=2, mode=mode)
        assert [hit.chunk.document_id for hit in hits] == ["0", "other"]


def test_the_weight_shifts_between_words_and_meaning(index) -> None:
    query = "dry sock"
    for fusion in ("rank", "score"):
        words = search(index, query, semantic_weight=0.0, fusion=fusion, k=10)
        meaning = search(index, query, semantic_weight=1.0, fusion=fusion, k=10)

        assert words == search(index, query, mode="keyword", k=10)
        assert meaning == search(index, query, mode="semantic", k=10)


def test_fused_scores_fall_and_reward_both_searches(index) -> None:
    hits = search(index, "red cup", fusion="score", k=20)

    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert hits[0].dense_score is not None
    assert hits[0].lexical_score is not None
    assert 0 < hits[0].score <= 2


def test_what_is_not_relevant_enough_is_left_out(index) -> None:
    everything = search(index, "warm mat", k=40)
    bound = sorted(hit.relevance for hit in everything)[20]

    hits = search(index, "warm mat", k=20, min_relevance=bound)

    assert len(hits) == 20
    assert all(hit.relevance >= bound for hit in hits)
    assert search(index, "zebra", min_relevance=1.0) == ()


def test_diversity_takes_what_is_unlike_and_none_changes_nothing(tmp_path) -> None:
    texts = ["tent warm dry", "tent warm dry light", "tent warm dry red", "tent cup boot lamp rope"]
    documents = [
        Document(document_id=str(n), name="", pages=(Page(text=text),))
        for n, text in enumerate(texts)
    ]
    index = RetrievalIndex.build(tmp_path, documents, embed=embed, model="m", revision="1")

    near = search(index, "tent warm dry", k=2, mode="semantic", diversity=0.0)
    mixed = search(index, "tent warm dry", k=2, mode="semantic", diversity=0.7)

    assert {hit.chunk.document_id for hit in near} < {"0", "1", "2"}
    assert [hit.chunk.document_id for hit in mixed] == ["0", "3"]
    assert mixed[0].score >= mixed[1].score


def test_a_reranker_has_the_last_word_over_what_it_read(index) -> None:
    read: list[str] = []

    def prefer_short(query: str, passages: Sequence[str]) -> np.ndarray:
        assert query == "warm lamp"
        read.extend(passages)
        return np.array([-len(passage) for passage in passages], dtype=np.float32)

    hits = index.search(
        "warm lamp", one("warm lamp"), SearchOptions(k=5), rerank=prefer_short, n_rerank=12
    )

    assert len(read) == 12
    lengths = sorted(len(passage) for passage in read)[:5]
    assert [-hit.score for hit in hits] == lengths
    assert index.search("", one("tent"), SearchOptions(mode="keyword"), rerank=prefer_short) == ()


def test_items_like_this_one_leave_it_out(index) -> None:
    own = index.chunks[17]

    alike = index.similar(17, SearchOptions(k=5, mode="semantic"))
    elsewhere = index.similar(17, SearchOptions(k=2, per_document=True))

    vectors = embed([chunk.text for chunk in index.chunks])
    cosines = vectors @ vectors[17]
    cosines[17] = -1
    assert [hit.chunk.chunk_id for hit in alike] == np.argsort(-cosines)[:5].tolist()
    assert {hit.chunk.document_id for hit in elsewhere} == {"list-1", "list-2"} - {own.document_id}
    with pytest.raises(NotFound):
        index.similar(10_000)


def test_facets_and_columns_are_those_of_the_rows(index) -> None:
    brands = dict(index.facets("Brand"))
    dear = dict(index.facets("Brand", (Filter(column="Price", minimum=300),)))

    assert sum(brands.values()) == index.n_passages == 180
    assert list(brands) == sorted(brands, key=lambda name: -brands[name])
    assert all(dear[name] <= brands[name] for name in dear)
    kinds = {info.name: info.kind for info in index.columns}
    assert kinds == {"Name": "text", "Text": "text", "Brand": "category", "Price": "number"}


@pytest.mark.parametrize("kind", ["hnsw", "ivf", "ivf_compact"])
def test_every_kind_of_index_gives_the_hits_of_exact_search(index, tmp_path, kind) -> None:
    other = RetrievalIndex.build(
        tmp_path, DOCUMENTS, embed=embed, model="m", revision="1", index_kind=kind
    )
    opened = RetrievalIndex.open(tmp_path)

    assert (other.index_choice.kind, str(other.index_choice.reason)) == (kind, "Chosen by you.")
    assert other.recall_at_10 >= 0.99
    for query in ("warm tent", "red cup dry"):
        assert (
            search(other, query, k=10) == search(index, query, k=10) == search(opened, query, k=10)
        )


def test_the_choice_and_its_reason_can_be_seen(index) -> None:
    assert index.index_choice.kind == "exact"
    assert "180 passages" in str(index.index_choice.reason)
    assert index.recall_at_10 == 1.0
    assert index.chunking.method == "auto"


def test_an_index_of_the_first_format_is_still_read(tmp_path) -> None:
    index = RetrievalIndex.build(tmp_path, DOCUMENTS, embed=embed, model="m", revision="1")
    (manifest,) = tmp_path.glob("v*/manifest.json")
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    for name in ("index", "method", "roles", "cutting", "checksum"):
        del facts[name]
    manifest.write_text(json.dumps({**facts, "format_version": 1}), encoding="utf-8")

    opened = RetrievalIndex.open(tmp_path)

    assert search(opened, "warm tent") == search(index, "warm tent")
    assert opened.index_choice.kind == "exact"
