"""ROUGE, BLEU and chrF are the reference implementations' own values, in [0, 1]."""

from __future__ import annotations

import pytest

from studio.evaluation.text_overlap import bleu, chrf, corpus_bleu, rouge_l

TEXT = "the cat sat on the mat near the door"
EXPECTED = "the cat was sitting on the mat by the door"
CHINESE, CHINESE_EXPECTED = "商品可以在四十五天内退货。", "大多数商品可在四十五天内退货。"


def test_rouge_is_that_of_rouge_score():
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    wanted = scorer.score(EXPECTED, TEXT)["rougeL"].fmeasure
    assert rouge_l(TEXT, [EXPECTED]) == pytest.approx(wanted)
    assert rouge_l(TEXT, ["nothing", EXPECTED]) == pytest.approx(wanted)
    # By hand: the longest common sequence is "the cat on the mat the door", 7 of 9 and of 10 words.
    assert rouge_l(TEXT, [EXPECTED]) == pytest.approx(2 * (7 / 9) * (7 / 10) / (7 / 9 + 7 / 10))


def test_rouge_reads_chinese_by_characters():
    # By hand: of 12 and 14 characters, 11 stand in the same order.
    assert rouge_l(CHINESE, [CHINESE_EXPECTED]) == pytest.approx(
        2 * (11 / 12) * (11 / 14) / (11 / 12 + 11 / 14)
    )


def test_bleu_and_chrf_are_those_of_sacrebleu():
    import sacrebleu

    found = sacrebleu.sentence_bleu(TEXT, [EXPECTED]).score / 100
    assert bleu(TEXT, [EXPECTED]) == pytest.approx(found)
    assert chrf(TEXT, [EXPECTED]) == pytest.approx(
        sacrebleu.sentence_chrf(TEXT, [EXPECTED]).score / 100
    )
    chinese = sacrebleu.sentence_bleu(CHINESE, [CHINESE_EXPECTED], tokenize="zh").score / 100
    assert bleu(CHINESE, [CHINESE_EXPECTED]) == pytest.approx(chinese)
    assert chinese > 0.3


def test_corpus_bleu_is_that_of_sacrebleu_also_with_unequal_numbers_of_references():
    import sacrebleu

    texts, expected = [TEXT, "a dog"], [[EXPECTED, "cats sit"], ["a dog"]]
    references = [[EXPECTED, "a dog"], ["cats sit", "a dog"]]
    found = sacrebleu.corpus_bleu(texts, references).score / 100
    assert corpus_bleu(texts, expected) == pytest.approx(found)
    assert corpus_bleu([], []) is None


def test_equal_texts_are_full_and_empty_ones_nothing():
    for measure in (rouge_l, bleu, chrf):
        assert measure(TEXT, [TEXT]) == pytest.approx(1.0)
        assert measure("", [TEXT]) == 0.0
        assert measure(TEXT, []) == 0.0
