"""Whether a text says the same thing again: the usual fault of a small model that runs in circles.

The share of word triples that occurred before, as in Welleck et al. (2020), "Neural text generation
with unlikelihood training" (seq-rep-n, there with n = 4), and sentences that stand there twice.
"""

from __future__ import annotations

from collections import Counter

from studio.evaluation.text_checks.reading import is_cjk, sentences_of, tokens_of
from studio.evaluation.text_checks.result import CheckResult
from studio.records import Notice

N = 3
LEAST_SENTENCE = 4
"""Words a sentence needs to count as said twice."""
_FUNCTION_WORDS = frozenset(
    (
        "a", "an", "the", "and", "or", "but", "so", "as", "at", "by", "for", "from", "in",
        "into", "of", "on", "to", "with", "is", "are", "was", "were", "be", "been", "has",
        "have", "it", "its", "this", "that", "these", "those", "they", "them", "their", "there",
        "which", "who", "he", "she", "his", "her", "you", "your", "we", "our", "also",
    )
) | frozenset("的了是在和与及并也都就而这那个它他她们其之有为被把对从到等很可以")  # fmt: skip
"""Words that say nothing by themselves."""
_ENDS = ".!?。！？；"


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


def without_repeats(text: str) -> str:
    """The text without the sentences that say again what one before them said.

    A sentence goes when all its words but articles and the like stand in a single earlier one. Where
    any goes, markup goes, too.
    """
    kept: list[str] = []
    seen: list[frozenset[str]] = []
    sentences = sentences_of(text)
    for sentence in sentences:
        words = frozenset(tokens_of(sentence))
        words = words - _FUNCTION_WORDS or words
        if any(words <= before for before in seen):
            continue
        kept.append(sentence)
        seen.append(words)
    if len(kept) == len(sentences):
        return text
    gap = "" if is_cjk(text) else " "
    return "".join(one + (gap if one[-1] in _ENDS else "\n") for one in kept).strip()


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
            "{percent}% of it was said before; at most {limit}% are allowed.",
            percent=round(100 * share),
            limit=round(100 * maximum),
        ),
    )
