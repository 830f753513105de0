from __future__ import annotations

import errno
import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import (
    Cancelled,
    IndexMismatch,
    InvalidInput,
    ModelUnavailable,
    NotFound,
    StorageFull,
)
from studio.records import Document, Page
from studio.retrieval import building
from studio.retrieval.chunking import ChunkingOptions
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.passages import searchable_text
from studio.retrieval.query import SearchOptions
from studio.retrieval.reference import REFERENCE_TEXTS
from studio.retrieval.terms import terms_of

DIM = 64
NOW = datetime(2026, 1, 2, tzinfo=UTC)
REFERENCES = {text for texts in REFERENCE_TEXTS.values() for text in texts}


class Embedder:
    """A vector per text from the hash of its terms; remembers what it was asked."""

    def __init__(self, dim: int = DIM) -> None:
        self.dim = dim
        self.texts: list[str] = []

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += [text for text in texts if text not in REFERENCES]
        return np.stack([self.one(text) for text in texts])

    def one(self, text: str) -> np.ndarray:
        total = np.full(self.dim, 0.01)
        for term in terms_of(text):
            seed = int.from_bytes(hashlib.sha256(term.encode()).digest()[:4], "big")
            total += np.random.default_rng(seed).standard_normal(self.dim)
        return (total / np.linalg.norm(total)).astype(np.float32)


def document(name: str, text: str) -> Document:
    return Document(document_id=name, name=f"{name}.md", pages=(Page(text=text),))


DOCUMENTS = [
    document(
        "returns", "# Returns\n\nGoods can be returned within seven days. Money comes back soon."
    ),
    document("payment", "# Payment\n\nWe take cards and bank transfer. Invoices come by mail."),
    document("service", "# 售后\n\n商品签收后七天内可以申请退货。退款会在三个工作日内原路返回。"),
]


def build(folder, documents=DOCUMENTS, embed=None, **options) -> RetrievalIndex:
    settings = {"model": "mini", "revision": "r1", "now": NOW, **options}
    return RetrievalIndex.build(folder, documents, embed=embed or Embedder(), **settings)


def ids(hits) -> list[str]:
    return [hit.chunk.document_id for hit in hits]


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "keyword"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("returned goods money", "returns"),
        ("cards, invoices", "payment"),
        ("退货和退款", "service"),
    ],
)
def test_the_right_document_comes_first(tmp_path, mode, query, expected) -> None:
    hits = build(tmp_path).search(query, Embedder().one(query), SearchOptions(mode=mode))

    assert ids(hits)[0] == expected
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert all(0 <= hit.relevance <= 1 for hit in hits)


def test_scores_say_which_search_found_a_passage(tmp_path) -> None:
    index = build(tmp_path)
    vector = Embedder().one("invoices")

    by_rank = index.search("invoices", vector, SearchOptions(fusion="rank"))
    hybrid = {h.chunk.document_id: h for h in by_rank}
    semantic = index.search("invoices", vector, SearchOptions(mode="semantic"))
    keyword = index.search("invoices", vector, SearchOptions(mode="keyword"))

    assert hybrid["payment"].lexical_score > 0
    assert hybrid["payment"].score == pytest.approx(2 / 61)
    assert hybrid["returns"].lexical_score is None
    assert [h.score for h in semantic] == [h.dense_score for h in semantic]
    assert all(h.lexical_score is None for h in semantic)
    assert ids(keyword) == ["payment"]
    assert keyword[0].score == keyword[0].lexical_score
    assert keyword[0].dense_score is None


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.lists(
            st.sampled_from(["cup", "pot", "pan", "lid", "tea", "milk"]), min_size=1, max_size=6
        ),
        min_size=1,
        max_size=12,
    ),
    st.lists(st.sampled_from(["cup", "pot", "tea", "salt"]), min_size=1, max_size=3),
)
def test_search_equals_brute_force(tmp_path_factory, texts, query) -> None:
    documents = [document(str(n), " ".join(words)) for n, words in enumerate(texts)]
    index = build(tmp_path_factory.mktemp("index"), documents)
    vector = Embedder().one(" ".join(query))
    passages = [searchable_text(chunk) for chunk in index.chunks]
    cosines = np.array([Embedder().one(text) for text in passages]) @ vector

    hits = index.search(" ".join(query), vector, SearchOptions(k=50, mode="semantic"))

    best: dict[str, float] = {}  # the same text is given once
    for text, cosine in zip(passages, cosines, strict=True):
        best.setdefault(text, float(cosine))
    np.testing.assert_allclose(
        [h.score for h in hits], sorted(best.values(), reverse=True), atol=1e-5
    )
    for hit in hits:
        assert hit.score == pytest.approx(cosines[hit.chunk.chunk_id], abs=1e-5)


def test_passages_that_say_the_same_are_given_once(tmp_path) -> None:
    text = "Goods can be returned within seven days."
    documents = [
        document("a", text),
        document("b", text.replace(" ", "  ")),
        document("c", "Cards."),
    ]

    hits = build(tmp_path, documents).search("returned goods", Embedder().one("returned goods"))

    assert ids(hits) == ["a", "c"]


def test_k_limits_the_hits_and_candidates_never_limit_k(tmp_path) -> None:
    documents = [document(str(n), f"Item number {n} is a cup.") for n in range(9)]
    index = build(tmp_path, documents)
    vector = Embedder().one("cup")

    assert len(index.search("cup", vector, SearchOptions(k=2))) == 2
    assert len(index.search("cup", vector, SearchOptions(k=7, n_candidates=1))) == 7


def test_an_opened_index_gives_identical_hits(tmp_path) -> None:
    built = build(tmp_path)
    opened = RetrievalIndex.open(tmp_path, model="mini", revision="r1")
    vector = Embedder().one("退货 cards")

    assert opened.search("退货 cards", vector) == built.search("退货 cards", vector)
    assert opened.document_ids == ("returns", "payment", "service")
    assert (opened.n_passages, opened.dim, opened.built_at) == (3, DIM, NOW)


@pytest.mark.parametrize("documents", [[], [document("empty", " \n")]])
def test_an_index_of_nothing_finds_nothing_and_asks_no_model(tmp_path, documents) -> None:
    def no_model(texts: Sequence[str]) -> np.ndarray:
        raise AssertionError(texts)

    build(tmp_path, documents, no_model)
    index = RetrievalIndex.open(tmp_path, model="mini", revision="r1")

    assert index.search("anything", np.ones(3, dtype=np.float32)) == ()
    assert index.document_ids == tuple(d.document_id for d in documents)


def test_only_new_texts_are_embedded_again(tmp_path) -> None:
    build(tmp_path)
    embed = Embedder()
    changed = [*DOCUMENTS[1:], document("new", "Something new about tea.")]

    index = build(tmp_path, changed, embed)

    assert embed.texts == ["Something new about tea."]
    vector = Embedder().one("cards and invoices")
    fresh = build(tmp_path / "fresh", changed)
    assert index.search("cards", vector) == fresh.search("cards", vector)


@pytest.mark.parametrize("change", [{"model": "other"}, {"revision": "r2"}])
def test_another_model_embeds_everything_again(tmp_path, change) -> None:
    build(tmp_path)
    embed = Embedder()

    build(tmp_path, embed=embed, **change)

    assert len(embed.texts) == 3


def test_equal_texts_are_embedded_once_and_in_small_batches(tmp_path) -> None:
    sizes: list[int] = []
    embed = Embedder()

    def counted(texts: Sequence[str]) -> np.ndarray:
        sizes.append(len(texts))
        return embed(texts)

    documents = [document(str(n), f"Text {n % 100}.") for n in range(150)]  # names say nothing
    build(tmp_path, documents, counted)

    assert len(embed.texts) == 100
    assert max(sizes) <= 64


@pytest.mark.parametrize(
    ("wanted", "words"),
    [({"model": "other"}, "other"), ({"model": "mini", "revision": "r2"}, "r2")],
)
def test_another_model_or_revision_is_told(tmp_path, wanted, words) -> None:
    build(tmp_path)

    with pytest.raises(IndexMismatch, match=words):
        RetrievalIndex.open(tmp_path, **wanted)


def test_a_vector_of_another_length_is_told(tmp_path) -> None:
    index = build(tmp_path)

    with pytest.raises(IndexMismatch, match="shape"):
        index.search("cup", np.ones(DIM + 1, dtype=np.float32))
    with pytest.raises(IndexMismatch):
        index.search("cup", np.full(DIM, np.nan, dtype=np.float32))


def test_damaged_passages_vectors_or_manifest_are_noticed(tmp_path) -> None:
    build(tmp_path)
    (version,) = tmp_path.glob("v*")
    for name in ("manifest.json", "passages.jsonl", "vectors.npy"):
        path = version / name
        content = path.read_bytes()
        for damage in (content[:-1], content[:-1] + bytes([content[-1] ^ 1]), b"", None):
            path.unlink()
            if damage is not None:
                path.write_bytes(damage)
            with pytest.raises(IndexMismatch, match=r"damaged|format"):
                RetrievalIndex.open(tmp_path)
            path.write_bytes(content)
    RetrievalIndex.open(tmp_path)


@pytest.mark.parametrize("kind", ["exact", "hnsw", "ivf", "ivf_compact"])
def test_every_other_damaged_file_is_made_again(tmp_path, kind) -> None:
    documents = [document(str(n), f"Item number {n} is a cup.") for n in range(60)]
    index = build(tmp_path, documents, index_kind=kind)
    vector = Embedder().one("item 7 cup")
    (version,) = tmp_path.glob("v*")
    kept = {"manifest.json", "passages.jsonl", "vectors.npy"}
    made = [path for path in sorted(version.iterdir()) if path.name not in kept]
    assert len(made) == (7 if kind == "exact" else 9)

    for path in made:
        content = path.read_bytes()
        for damage in (content[:-1], content[:-1] + bytes([content[-1] ^ 1]), b"", None):
            path.unlink()
            if damage is not None:
                path.write_bytes(damage)
            opened = RetrievalIndex.open(tmp_path)
            assert opened.search("item 7 cup", vector) == index.search("item 7 cup", vector)
            manifest = json.loads((version / "manifest.json").read_text(encoding="utf-8"))
            checksum = hashlib.sha256(path.read_bytes()).hexdigest()
            assert manifest["files"][path.name] == checksum  # mended on disk, too
    assert not list(tmp_path.glob("building-*"))


def test_an_unknown_format_is_told(tmp_path) -> None:
    build(tmp_path)
    (manifest,) = tmp_path.glob("v*/manifest.json")
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**facts, "format_version": 99}), encoding="utf-8")

    with pytest.raises(IndexMismatch, match="format 99"):
        RetrievalIndex.open(tmp_path)


def test_a_damaged_index_is_replaced_by_building_again(tmp_path) -> None:
    build(tmp_path)
    next(tmp_path.glob("v*/passages.jsonl")).write_text("nonsense", encoding="utf-8")

    build(tmp_path)

    assert RetrievalIndex.open(tmp_path).n_passages == 3


def test_where_no_index_is_there_is_none(tmp_path) -> None:
    assert not RetrievalIndex.exists(tmp_path / "nowhere")
    with pytest.raises(NotFound):
        RetrievalIndex.open(tmp_path)
    (tmp_path / "CURRENT").write_text("../elsewhere", encoding="utf-8")
    assert not RetrievalIndex.exists(tmp_path)


def test_readers_of_an_old_version_keep_working_and_old_files_go(tmp_path) -> None:
    old = build(tmp_path)
    vector = Embedder().one("cards")
    before = old.search("cards", vector)
    for n in range(4):
        build(tmp_path, [document("x", f"Version {n}.")])

    assert old.search("cards", vector) == before
    assert len(list(tmp_path.glob("v*"))) == 2
    assert RetrievalIndex.open(tmp_path).document_ids == ("x",)


def test_stopping_leaves_the_index_before_it(tmp_path) -> None:
    build(tmp_path)
    steps = iter([False] * 4 + [True] * 10)

    with pytest.raises(Cancelled):
        build(tmp_path, [*DOCUMENTS, document("n", "New.")], cancelled=lambda: next(steps))

    assert len(RetrievalIndex.open(tmp_path).document_ids) == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["CURRENT", "LOCK", "v000001"]


def test_a_failing_model_leaves_the_index_before_it(tmp_path) -> None:
    build(tmp_path)

    def broken(texts: Sequence[str]) -> np.ndarray:
        raise ModelUnavailable("The model is gone.")

    with pytest.raises(ModelUnavailable):
        build(tmp_path, [document("n", "New.")], broken)
    assert len(RetrievalIndex.open(tmp_path).document_ids) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        lambda texts: np.full((len(texts), 4), np.nan, dtype=np.float32),
        lambda texts: np.ones((len(texts) + 1, 4), dtype=np.float32),
        lambda texts: np.ones(len(texts), dtype=np.float32),
    ],
)
def test_unusable_vectors_are_told(tmp_path, wrong) -> None:
    with pytest.raises(ModelUnavailable, match="cannot be compared"):
        build(tmp_path, embed=wrong)
    assert not RetrievalIndex.exists(tmp_path)


def test_a_full_disk_is_told_and_leaves_the_index_before_it(tmp_path, monkeypatch) -> None:
    build(tmp_path)

    def full(*_) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(building, "write_passages", full)

    with pytest.raises(StorageFull):
        build(tmp_path, [document("n", "New.")])
    assert len(RetrievalIndex.open(tmp_path).document_ids) == 3
    assert not list(tmp_path.glob("building-*"))


def test_progress_counts_up_to_the_end(tmp_path) -> None:
    seen = []
    documents = [document(str(n), f"Text number {n}.") for n in range(130)]

    build(tmp_path, documents, progress=seen.append)

    steps = [p.done for p in seen if p.unit == "passages"]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, 130)
    assert 64 in steps
    assert [p.total for p in seen if p.unit == "passages"] == [130] * 4
    assert seen[0].unit == "documents"


def test_staleness_and_changes(tmp_path) -> None:
    index = build(tmp_path)

    assert not index.is_stale(["service", "payment", "returns"])
    assert index.is_stale(["service", "payment"])
    assert not index.has_changed(DOCUMENTS[0])
    assert index.has_changed(replace(DOCUMENTS[0], name="renamed.md"))
    assert index.has_changed(document("new", "text"))


def test_impossible_wishes_are_refused(tmp_path) -> None:
    with pytest.raises(InvalidInput, match="same id"):
        build(tmp_path, [DOCUMENTS[0], DOCUMENTS[0]])
    with pytest.raises(InvalidInput, match="kind of index"):
        build(tmp_path, index_kind="tree")


def test_chunking_options_are_kept_to(tmp_path) -> None:
    text = " ".join(f"This is sentence number {n}." for n in range(40))
    options = ChunkingOptions(max_tokens=30, overlap_tokens=0)

    assert build(tmp_path, [document("a", text)], chunking=options).n_passages >= 8


def test_strange_characters_survive_the_disk(tmp_path) -> None:
    text = "Line\u2028separator \x85 and \U0001f600 and \ud800 half."
    build(tmp_path, [document("a", text)])

    assert RetrievalIndex.open(tmp_path).chunks[0].text == text


def test_an_array_whose_head_another_thread_kept_from_being_parsed_is_read_again(
    tmp_path, monkeypatch
) -> None:
    expected = build(tmp_path).search("cards", Embedder().one("cards"))
    load, refusals = np.load, iter([True, True])

    def disturbed(*args, **kwargs):
        if next(refusals, False):
            raise SystemError("AST constructor recursion depth mismatch")
        return load(*args, **kwargs)

    monkeypatch.setattr(np, "load", disturbed)

    assert RetrievalIndex.open(tmp_path).search("cards", Embedder().one("cards")) == expected


def test_many_threads_search_while_another_builds(tmp_path) -> None:
    index = build(tmp_path)
    vector = Embedder().one("cards")
    expected = index.search("cards", vector)
    failures: list[object] = []

    def search() -> None:
        for _ in range(40):
            if RetrievalIndex.open(tmp_path).search("cards", vector) != expected:
                failures.append("hits differ")
            if index.search("cards", vector) != expected:
                failures.append("hits of the old one differ")

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        build(tmp_path)
    for thread in threads:
        thread.join()

    assert failures == []
