from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.retrieval.reference import REFERENCE_TEXTS
from studio.retrieval.relevance import Background, QueryTerms, background_of, relevance_of
from studio.retrieval.terms import Script, script_of

USUAL = Background(mean=0.1, std=0.12)
UNIT = st.floats(0, 1)


@given(st.floats(-1, 1), UNIT, st.sampled_from(["latin", "cjk"]))
def test_relevance_is_a_share(cosine, coverage, script) -> None:
    value = relevance_of(cosine=cosine, coverage=coverage, background=USUAL, script=script)

    assert 0 <= value <= 1


@given(UNIT, UNIT, UNIT, st.sampled_from(["latin", "cjk"]))
def test_relevance_grows_with_coverage_and_cosine(cosine, low, high, script) -> None:
    low, high = sorted((low, high))

    def at(cosine: float, coverage: float) -> float:
        return relevance_of(cosine=cosine, coverage=coverage, background=USUAL, script=script)

    assert at(cosine, low) <= at(cosine, high)
    assert at(low, cosine) <= at(high, cosine)


@pytest.mark.parametrize("script", ["latin", "cjk"])
def test_extremes_are_told_apart(script) -> None:
    full = relevance_of(cosine=0.75, coverage=1.0, background=USUAL, script=script)
    none = relevance_of(cosine=0.1, coverage=0.0, background=USUAL, script=script)

    assert full > 0.9
    assert none < 0.3


def test_coverage_is_weighted_and_counts_terms_once() -> None:
    frequencies = {"refund": 2, "day": 700}
    query = QueryTerms.of(["refund", "day", "day"], frequencies.__getitem__, 1000)
    refund = math.log(1 + 1048.5 / 2.5) ** 2
    day = math.log(1 + 350.5 / 700.5) ** 2

    assert query.coverage_by(["refund"]) == pytest.approx(refund / (refund + day))
    assert query.coverage_by(["day", "day"]) == pytest.approx(day / (refund + day))
    assert query.coverage_by([]) == 0.0
    assert QueryTerms.of([], frequencies.__getitem__, 1000).coverage_by(["x"]) == 0.0


def test_an_unknown_word_does_not_outweigh_all_others_in_a_small_collection() -> None:
    frequencies = {"item": 1, "return": 2, "day": 1, "permissible": 0}
    query = QueryTerms.of(list(frequencies), frequencies.__getitem__, 2)

    assert query.coverage_by(["item", "return", "day"]) > 0.55


def test_the_background_is_that_of_all_pairs() -> None:
    rows = np.random.default_rng(0).standard_normal((16, 8)) + 0.6
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    cosines = [float(rows[a] @ rows[b]) for a in range(16) for b in range(a)]

    background = background_of(rows)

    assert background.mean == pytest.approx(np.mean(cosines), abs=1e-5)
    assert background.std == pytest.approx(np.std(cosines), abs=1e-5)


def test_a_model_that_gives_everything_one_vector_does_no_harm() -> None:
    background = background_of(np.full((4, 4), 0.5, dtype=np.float32))

    assert background == Background(mean=1.0, std=0.01)
    assert relevance_of(cosine=1.0, coverage=0.0, background=background, script="cjk") < 0.5


def test_both_scripts_have_reference_texts_of_their_own() -> None:
    assert set(REFERENCE_TEXTS) == {"latin", "cjk"}
    for script, texts in REFERENCE_TEXTS.items():
        assert len(set(texts)) == len(texts) >= 8
        assert {script_of(text) for text in texts} == {script}


def test_a_model_with_weights_of_its_own_is_judged_by_them() -> None:
    def value(model: str, script: Script) -> float:
        return relevance_of(cosine=0.5, coverage=0.5, background=USUAL, script=script, model=model)

    for script in ("latin", "cjk"):
        assert value("some-other-model", script) == value("", script)
        assert value("use-multilingual-v3", script) != value("", script)
    # Chinese that the model reads needs more than a few common words to be relevant.
    assert value("use-multilingual-v3", "cjk") < value("", "cjk")


@given(st.floats(-1, 1), UNIT, UNIT, st.sampled_from(["latin", "cjk"]))
def test_a_closest_sentence_has_weights_of_its_own_that_grow_alike(cosine, low, high, script):
    low, high = sorted((low, high))

    def at(cosine: float, coverage: float) -> float:
        return relevance_of(
            cosine=cosine,
            coverage=coverage,
            background=USUAL,
            script=script,
            is_closest_sentence=True,
        )

    assert 0 <= at(cosine, low) <= at(cosine, high) <= 1
    assert at(low, abs(cosine)) <= at(high, abs(cosine))
    if script == "latin":
        passage = relevance_of(cosine=0.6, coverage=0.2, background=USUAL, script=script)
        assert at(0.6, 0.2) != passage
