"""Documents come, change and go: the index equals one made anew, and only what is new is worked on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.records import Document, Page
from studio.retrieval import building, lexical
from studio.retrieval.chunking import ChunkingOptions, cut
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.query import SearchOptions
from studio.retrieval.reference import REFERENCE_TEXTS
from studio.retrieval.terms import TermReader, terms_of

WORDS = ["cup", "pot", "pan", "lid", "tea", "退货", "政策"]
REFERENCES = {text for texts in REFERENCE_TEXTS.values() for text in texts}


class Embedder:
    """The number of each word, and a constant; remembers what it was asked."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += [text for text in texts if text not in REFERENCES]
        counts = [[1.0, *(text.count(word) for word in WORDS)] for text in texts]
        return np.array(counts, dtype=np.float32)


def document(name: str, *pages: str) -> Document:
    return Document(
        document_id=name, name=f"{name}.md", pages=tuple(Page(text=text) for text in pages)
    )


def build(folder, documents, embed=None, **options) -> RetrievalIndex:
    wishes = {"model": "m", "revision": "1", **options}
    return RetrievalIndex.build(folder, documents, embed=embed or Embedder(), **wishes)


STOCK = [document(f"item {n}", f"# Shelf {n}\n\nA {WORDS[n % 5]}, number {n}.") for n in range(30)]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
STATES = st.lists(st.dictionaries(st.sampled_from("abcdef"), TEXTS), min_size=2, max_size=4)


@settings(max_examples=40, deadline=None)
@given(STATES, st.permutations("abcdef"))
def test_after_any_changes_an_index_equals_a_fresh_one(tmp_path_factory, states, order) -> None:
    folder = tmp_path_factory.mktemp("index")
    seen: set[str] = set()
    for state in states:
        documents = [document(name, state[name]) for name in order if name in state]
        before, embed = set(seen), Embedder()
        changed = build(folder, documents, embed)
        seen = {chunk.text for chunk in changed.chunks}
        assert not before & set(embed.texts)
    fresh = build(tmp_path_factory.mktemp("fresh"), documents)

    assert changed.chunks == fresh.chunks
    for word in WORDS:
        assert changed.term_weight(terms_of(word)[0]) == fresh.term_weight(terms_of(word)[0])
        if documents:
            vector = Embedder()([word])[0]
            for mode in ("keyword", "semantic", "hybrid"):
                options = SearchOptions(k=9, mode=mode)
                if changed.n_passages:
                    assert changed.search(word, vector, options) == fresh.search(
                        word, vector, options
                    )


@pytest.mark.parametrize("kind", ["exact", "hnsw", "ivf", "ivf_compact"])
def test_adding_changing_and_removing_works_on_what_is_new_alone(
    tmp_path, monkeypatch, kind
) -> None:
    build(tmp_path, STOCK, index_kind=kind)
    documents = [STOCK[1], document("item 2", "A new text."), *STOCK[3:], document("new", "A jug.")]
    done: dict[str, list[str]] = {"cut": [], "read": []}

    def watched_cut(document, *arguments, **named):
        done["cut"].append(document.document_id)
        return cut(document, *arguments, **named)

    class WatchedReader(TermReader):
        def terms_of(self, text: str) -> list[str]:
            done["read"].append(text)
            return super().terms_of(text)

    monkeypatch.setattr(building, "cut", watched_cut)
    monkeypatch.setattr(lexical, "TermReader", WatchedReader)
    monkeypatch.setattr("studio.retrieval.arranging.train", None)
    embed = Embedder()
    index = build(tmp_path, documents, embed, index_kind=kind)

    assert done["cut"] == ["item 2", "new"]
    assert sorted(done["read"]) == sorted(embed.texts) == ["A jug.", "item 2\nA new text."]
    assert index.n_passages == len(index.document_ids) == 30
    hits = index.search("jug", embed(["A jug."])[0], SearchOptions(k=1, mode="keyword"))
    assert [hit.chunk.document_id for hit in hits] == ["new"]
    assert not index.search("Shelf 0", embed(["0"])[0], SearchOptions(mode="keyword", k=40))[
        0
    ].chunk.text.startswith("# Shelf 0\n")


@pytest.mark.parametrize(
    "wishes",
    [
        {"chunking": ChunkingOptions(max_tokens=8, overlap_tokens=0)},
        {"chunking": ChunkingOptions(method="tokens")},
        {"count_tokens": len},
        {"model": "other"},
    ],
)
def test_documents_that_are_to_be_cut_otherwise_are_cut_again(
    tmp_path, monkeypatch, wishes
) -> None:
    text = "One two three four five six. Seven eight nine ten eleven twelve thirteen."
    build(tmp_path, [document("a", text)])
    n_cut = []

    def watched_cut(document, *arguments, **named):
        n_cut.append(document)
        return cut(document, *arguments, **named)

    monkeypatch.setattr(building, "cut", watched_cut)
    changed = build(tmp_path, [document("a", text)], **wishes)
    fresh = build(tmp_path / "fresh", [document("a", text)], **wishes)

    assert len(n_cut) == 2
    assert changed.chunks == fresh.chunks


def test_what_a_tokenizer_counted_is_cut_again_without_it(tmp_path) -> None:
    text = "One two three four five six. Seven eight nine ten eleven twelve thirteen."
    counted = build(tmp_path, [document("a", text)], count_tokens=lambda text: 5 * len(text))
    estimated = build(tmp_path, [document("a", text)])

    assert counted.n_passages > estimated.n_passages == 1


def test_a_document_that_lost_its_passages_to_another_keeps_nothing_of_it(tmp_path) -> None:
    build(tmp_path, [document("a", "tea"), document("b", "pan")])

    swapped = build(tmp_path, [document("a", "pan"), document("b", "tea")])

    assert [(c.document_id, c.text) for c in swapped.chunks] == [("a", "pan"), ("b", "tea")]


def test_an_index_of_an_older_format_gives_the_next_nothing(tmp_path, monkeypatch) -> None:
    build(tmp_path, STOCK[:3])
    monkeypatch.setattr("studio.retrieval.known.FORMAT_VERSION", 99)
    embed = Embedder()

    build(tmp_path, STOCK[:3], embed)

    assert len(embed.texts) == 3
