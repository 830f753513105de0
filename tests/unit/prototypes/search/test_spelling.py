from collections import Counter

import pytest

from studio.prototypes.search.spelling import Vocabulary
from studio.retrieval.terms import terms_of


def vocabulary(*texts):
    return Vocabulary(texts, Counter(term for text in texts for term in set(terms_of(text))))


WORDS = vocabulary(
    "A waterproof jacket and two jackets.", "Returns: the warranty covers repairs.", "防水外套"
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("waterprof jaket", "waterproof jacket"),
        ("Jakcet", "Jacket"),  # two letters changed places: one edit
        ("warrenty repair", "warranty repair"),
        ("returning jackets", None),  # forms of known words
        ("zebra", None),  # nothing near
        ("tow", None),  # too short to guess
        ("XR-200", None),
        ("防水", None),
        ("房水外套", "防水外套"),
        ("房水 jaket", "防水 jacket"),
        ("fangshui waitao", "防水 外套"),
        ("", None),
    ],
)
def test_unknown_words_become_near_words_of_the_documents(query, expected):
    assert WORDS.correction(query) == expected


def test_the_more_frequent_of_equally_near_words_is_taken():
    words = vocabulary("tents tents tents", "tenth")
    assert words.correction("tentt") == "tents"


def test_empty_documents_correct_nothing():
    assert vocabulary().correction("jaket") is None
