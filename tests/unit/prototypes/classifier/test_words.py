from __future__ import annotations

import numpy as np
import pytest

from studio.prototypes.classifier.words import CountedWords


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Not good!", {"not", "good", "not good"}),
        ("不好吃", {"不", "好", "吃", "不 好", "好 吃"}),
        ("iPhone 15很好", {"iphone", "15", "很", "好", "iphone 15", "15 很", "很 好"}),
        ("snake_case", {"snake", "case", "snake case"}),
    ],
)
def test_words_and_pairs_are_counted_in_every_script(text, terms):
    assert set(CountedWords.of([text]).terms) == terms


def test_rows_are_of_unit_length_and_rare_words_weigh_more():
    words = CountedWords.of(["tent small", "tent large", "tent"])
    counts = words.counts(["tent large", "unknown", ""]).toarray()
    assert counts.dtype == np.float32
    assert np.linalg.norm(counts, axis=1).round(6).tolist() == [1, 0, 0]
    at = {term: place for place, term in enumerate(words.terms)}
    assert counts[0, at["large"]] > counts[0, at["tent"]] > 0


def test_texts_without_a_word_have_no_terms():
    assert CountedWords.of(["…", "!?", ""]) is None


def test_kept_terms_count_as_the_first_ones():
    words = CountedWords.of(["a red tent", "a blue tent", "红色 帐篷"])
    again = CountedWords(terms=words.terms, rarities=words.rarities)
    texts = ["blue blue tent", "红帐篷", "nothing"]
    np.testing.assert_array_equal(words.counts(texts).toarray(), again.counts(texts).toarray())
