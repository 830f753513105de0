"""How near a text is to expected ones by shared stretches: ROUGE-L, BLEU, chrF.

The reference implementations compute them: rouge-score (Lin, 2004) and sacrebleu (Post, 2018, "A call
for clarity in reporting BLEU scores"). ROUGE sees Chinese characters as its words, and BLEU uses
sacrebleu's own Chinese tokenizer; chrF needs none. All give shares in [0, 1], also where the
implementation counts to 100.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from studio.evaluation.answer_overlap import answer_tokens
from studio.writing_systems import HAN

_HAN = re.compile(f"[{HAN}]")


class _Characters:
    """The tokenizer that rouge-score is given for Chinese: it has none of its own."""

    def tokenize(self, text: str) -> list[str]:
        """Words, and each Chinese character by itself."""
        return answer_tokens(text)


def rouge_l(text: str, expected: Sequence[str]) -> float:
    """F1 of the longest common subsequence, with the best of the expected texts."""
    scores = []
    for one in expected:
        scorer = _rouge(bool(_HAN.search(one)))
        scores.append(float(scorer.score(one, text)["rougeL"].fmeasure))
    return max(scores, default=0.0)


def bleu(text: str, expected: Sequence[str]) -> float:
    """BLEU of one text with several references; n-gram orders that it is too short for are left out.

    That is sacrebleu's `effective_order`, without which short texts have none.
    """
    if not expected or not text.strip():
        return 0.0
    found = _bleu(_is_chinese(expected), effective_order=True).sentence_score(text, list(expected))
    return float(found.score) / 100


def chrf(text: str, expected: Sequence[str]) -> float:
    """chrF2 of one text with several references: F of character n-grams, recall counted double."""
    if not expected or not text.strip():
        return 0.0
    return float(_chrf().sentence_score(text, list(expected)).score) / 100


def corpus_bleu(texts: Sequence[str], expected: Sequence[Sequence[str]]) -> float | None:
    """BLEU over all texts together, as papers report it; None for no texts.

    Texts with fewer references than others have their first one again.
    """
    if not texts:
        return None
    most = max(len(one) for one in expected)
    references = [[one[min(at, len(one) - 1)] for one in expected] for at in range(most)]
    is_chinese = _is_chinese([one[0] for one in expected])
    scorer = _bleu(is_chinese, effective_order=False)
    return float(scorer.corpus_score(list(texts), references).score) / 100


def _is_chinese(texts: Sequence[str]) -> bool:
    """Whether half of the texts or more are written in Chinese."""
    return 2 * sum(bool(_HAN.search(one)) for one in texts) >= len(texts)


@cache
def _rouge(is_chinese: bool) -> Any:  # Any: rouge-score has no types
    from rouge_score.rouge_scorer import RougeScorer

    if is_chinese:
        return RougeScorer(["rougeL"], tokenizer=_Characters())
    return RougeScorer(["rougeL"], use_stemmer=True)


@cache
def _bleu(is_chinese: bool, effective_order: bool) -> Any:  # as above
    from sacrebleu.metrics import BLEU

    return BLEU(tokenize="zh" if is_chinese else "13a", effective_order=effective_order)


@cache
def _chrf() -> Any:  # as above
    from sacrebleu.metrics import CHRF

    return CHRF()
