from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import InvalidInput
from studio.records import Chunk, Document, Page
from studio.retrieval.chunking import chunk_document, estimate_tokens

FRAGMENTS = [
    "A short sentence. ", "Is it? Yes! ", "Dr. Smith paid 3.50 e.g. today. ", "\n", "\n\n", " ", "\t",
    "# Title\n", "## Part two\n", "Under\n-----\n", "- an item\n", "1. first\n", "| a | b |\n",
    "name: cup; price: 3\n\n", "```\ncode # no heading\n```\n", "退货政策。",
    "七天内可以申请，", "！？；…", "第一章 总则\n",
    "x" * 90, "，" * 5, "\u3000", "e\u0301", "😀", "\x85", "a; b; c: d; ",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=5)), max_size=40).map(
    "".join
)


def document(*texts: str) -> Document:
    pages = tuple(Page(text=text, number=n) for n, text in enumerate(texts, start=1))
    return Document(document_id="d", name="d.md", pages=pages)


def passages(text: str, **options: int) -> list[Chunk]:
    return chunk_document(document(text), **options)


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS, max_size=3), st.integers(8, 60), st.floats(0, 0.5))
def test_passages_are_the_pages_own_text_and_lose_nothing(texts, max_tokens, share) -> None:
    doc = document(*texts)

    chunks = chunk_document(doc, max_tokens=max_tokens, overlap_tokens=int(share * max_tokens))

    covered = [set() for _ in texts]
    for chunk in chunks:
        text = texts[chunk.page - 1]
        assert chunk.text == text[chunk.start : chunk.end] == chunk.text.strip()
        assert chunk.text
        covered[chunk.page - 1].update(range(chunk.start, chunk.end))
    for text, kept in zip(texts, covered, strict=True):
        assert all(character.isspace() or at in kept for at, character in enumerate(text))
    assert [chunk.chunk_id for chunk in chunks] == list(range(len(chunks)))
    starts = [(chunk.page, chunk.start, chunk.end) for chunk in chunks]
    assert starts == sorted(set(starts))


@settings(deadline=None)
@given(TEXTS, st.integers(8, 60))
def test_passages_keep_to_the_limit(text, max_tokens) -> None:
    for chunk in passages(text, max_tokens=max_tokens, overlap_tokens=0):
        # The parts of a passage are counted one by one: marks between them may join into one piece.
        assert estimate_tokens(chunk.text) <= max_tokens or len(chunk.text) < 2


def test_a_heading_opens_a_passage_and_gives_its_path() -> None:
    chunks = passages("# Shop\n\nWelcome.\n\n## Returns\n\nSeven days.\n\n## Payment\n\nBy card.\n")

    assert [(c.heading, c.text) for c in chunks] == [
        ("Shop", "# Shop\n\nWelcome."),
        ("Shop > Returns", "## Returns\n\nSeven days."),
        ("Shop > Payment", "## Payment\n\nBy card."),
    ]


def test_a_heading_without_text_joins_the_next() -> None:
    chunks = passages("# Shop\n\n## Returns\n\nSeven days.")

    assert [(c.heading, c.text) for c in chunks] == [
        ("Shop > Returns", "# Shop\n\n## Returns\n\nSeven days.")
    ]


def test_underlined_and_chinese_chapter_headings_are_headings() -> None:
    assert [c.heading for c in passages("Returns\n=======\n\nSeven days.")] == ["Returns"]
    assert [c.heading for c in passages("第一章 总则\n\n本规定适用于所有订单。")] == ["第一章 总则"]


def test_a_heading_reaches_over_the_end_of_its_page() -> None:
    chunks = chunk_document(document("# Returns\n\nFirst part.", "Second part."))

    assert [(c.page, c.heading) for c in chunks] == [(1, "Returns"), (2, "Returns")]


def test_a_number_sign_in_code_is_no_heading() -> None:
    assert [c.heading for c in passages("```\n# comment\n```\n\nText.")] == [""]


def test_sentences_stay_whole_and_overlap() -> None:
    sentences = [f"This is sentence number {n} of the text." for n in range(12)]
    chunks = passages(" ".join(sentences), max_tokens=40, overlap_tokens=12)

    assert len(chunks) > 3
    for chunk in chunks:
        assert chunk.text.startswith("This")
        assert chunk.text.endswith("text.")
    for before, after in zip(chunks, chunks[1:], strict=False):
        assert before.start < after.start < before.end < after.end


def test_no_overlap_when_none_is_wanted() -> None:
    text = " ".join(f"Sentence {n} is here." for n in range(30))
    chunks = passages(text, max_tokens=20, overlap_tokens=0)

    assert all(a.end <= b.start for a, b in zip(chunks, chunks[1:], strict=False))


def test_abbreviations_and_decimals_do_not_end_a_sentence() -> None:
    text = "Dr. Smith of Acme Inc. paid 3.50 on Jan. 5, e.g. in cash. " * 2
    chunks = passages(text, max_tokens=24, overlap_tokens=0)

    assert [c.text for c in chunks] == [text[:57], text[58:-1]]


def test_chinese_sentences_end_at_their_marks() -> None:
    text = "商品签收后七天内可以申请退货。退款会在三个工作日内原路返回！您还有问题吗？请联系客服；谢谢。"
    chunks = passages(text, max_tokens=20, overlap_tokens=0)

    assert "".join(c.text for c in chunks) == text
    assert all(c.text[-1] in "。！？；" for c in chunks)


def test_each_table_row_is_a_passage_of_its_own() -> None:
    rows = [f"name: cup {n}; price: {n}" for n in range(5)]

    assert [c.text for c in passages("\n\n".join(rows))] == rows


def test_a_row_is_cut_only_when_it_alone_is_too_long() -> None:
    long = "question: How long?; answer: " + "It takes some days. " * 60
    chunks = passages(f"question: A?; answer: B\n\n{long.strip()}\n\nquestion: C?; answer: D")

    assert chunks[0].text == "question: A?; answer: B"
    assert chunks[-1].text == "question: C?; answer: D"
    assert len(chunks) > 3
    assert chunks[1].heading == ""
    assert all(c.heading.startswith("question: How long?") for c in chunks[2:-1])


def test_a_tokenizer_given_decides_the_lengths() -> None:
    chunks = passages("word " * 100, max_tokens=50, overlap_tokens=0)
    by_letters = chunk_document(
        document("word " * 100), max_tokens=50, overlap_tokens=0, count_tokens=len
    )

    assert len(chunks) < len(by_letters)
    assert all(len(chunk.text) <= 50 for chunk in by_letters)


@pytest.mark.parametrize("texts", [[], [""], [" \n\n\t", ""]])
def test_a_document_without_text_has_no_passages(texts) -> None:
    assert chunk_document(document(*texts)) == []


@pytest.mark.parametrize(("max_tokens", "overlap"), [(7, 0), (100, 51), (100, -1)])
def test_lengths_out_of_range_are_refused(max_tokens, overlap) -> None:
    with pytest.raises(InvalidInput):
        passages("text", max_tokens=max_tokens, overlap_tokens=overlap)


@pytest.mark.parametrize(
    "piece",
    [
        "A sentence of some words. ",
        "no end ",
        "xY3",
        "中文没有标点",
        "..",
        "a\nb\n---\n",
        "# h\n",
        "a. ",
    ],
)
def test_the_time_grows_with_the_text_and_no_faster(piece) -> None:
    def seconds(n_characters: int) -> float:
        text = piece * (n_characters // len(piece))
        started = time.process_time()
        chunk_document(document(text))
        return time.process_time() - started

    seconds(5_000)
    # A busy machine only ever makes a run longer: the best of some is what the code takes.
    small, large = max(seconds(20_000), 0.005), min(seconds(160_000) for _ in range(4))

    assert large < 40 * small  # 8 times the text; a quadratic step would take 64 times
