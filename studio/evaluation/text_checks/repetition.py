"""Whether a text says the same thing again: the usual fault of a small model that runs in circles.

The share of word triples that occurred before, as in Welleck et al. (2020), "Neural text generation
with unlikelihood training" (seq-rep-n, there with n = 4), and sentences that stand there twice.
"""

from __future__ import annotations

from collections import Counter

from studio.evaluation.text_checks.reading import sentences_of, tokens_of
from studio.evaluation.text_checks.result import CheckResult
from studio.records import Notice

N = 3
LEAST_SENTENCE = 4
"""Words a sentence needs to count as said twice."""


def repeated_share(text: str) -> float:
    """Share of word triples that stood in the text before, 0 to 1; 0 where there are none.

    In Chinese, whose words are mostly of two characters, six characters stand for a triple.
    """
    tokens = tokens_of(text)
    n = (
        2 * N
        if sum(len(token) == 1 and token >= "\u3400" for token in tokens) * 2 > len(tokens)
        else N
    )
    triples = [tuple(tokens[at : at + n]) for at in range(len(tokens) - n + 1)]
    return 1 - len(set(triples)) / len(triples) if triples else 0.0


def repeated_sentences(text: str) -> tuple[str, ...]:
    """Sentences of four words or more that stand in the text more than once, in order."""
    sentences = sentences_of(text)
    keys = [tuple(tokens_of(sentence)) for sentence in sentences]
    counts = Counter(keys)
    first: dict[tuple[str, ...], str] = {}
    for key, sentence in zip(keys, sentences, strict=True):
        if len(key) >= LEAST_SENTENCE and counts[key] > 1:
            first.setdefault(key, sentence)
    return tuple(first.values())


def check_repetition(text: str, maximum: float) -> CheckResult:
    """Fails when too much was said before, or a sentence stands there twice."""
    share, twice = repeated_share(text), repeated_sentences(text)
    failed = share > maximum or bool(twice)
    return CheckResult(
        name="repetition",
        status="failed" if failed else "passed",
        value=share,
        unit="share",
        found=twice,
        notice=Notice("It says the same sentence more than once.")
        if twice
        else Notice(
            "{percent} % of it was said before; at most {limit} % are allowed.",
            percent=round(100 * share),
            limit=round(100 * maximum),
        ),
    )
