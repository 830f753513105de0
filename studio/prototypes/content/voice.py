"""A brand's voice: what it is made of, and how it is read from texts that have it.

Nothing is asked of a model: what is said of a voice can be counted in the samples.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from studio.errors import InvalidInput
from studio.evaluation.text_checks.reading import length_of, plain, sentences_of, tokens_of
from studio.prototypes.prototype_settings import Language
from studio.writing_systems import HAN

LEAST_LENGTH: Mapping[Language, int] = {"en": 40, "zh": 80}
N_VOCABULARY = 10
SHORT: Mapping[Language, float] = {"en": 12, "zh": 16}
LONG: Mapping[Language, float] = {"en": 22, "zh": 32}
"""Words (characters) of a sentence that count as short and long. Plain-language guides ask for 15 to 20
English words (gov.uk, "Writing for GOV.UK": 25 at most)."""

_CONTRACTION = re.compile(r"\b\w+['’](?:s|re|ve|ll|d|t|m)\b", re.IGNORECASE)
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "short": "short sentences", "long": "long, flowing sentences", "you": "speaks to the reader",
        "we": "speaks as we", "informal": "informal", "formal": "matter-of-fact", "lively": "lively",
        "do_short": "Keep sentences to about {n} words.", "do_you": "Address the reader as you.",
        "do_we": "Speak as we.", "do_informal": "Use contractions (it's, you'll).",
        "dont_informal": "No contractions.", "dont_exclaim": "No exclamation marks.",
        "dont_question": "No questions to the reader.", "do_numbers": "Give figures.",
    },
    "zh": {
        "short": "短句", "long": "长句", "you": "直接对读者说话", "we": "以“我们”自称",
        "informal": "口语化", "formal": "平实", "lively": "活泼", "do_short": "每句大约{n}个字。",
        "do_you": "用“{you}”称呼读者。", "do_we": "用“我们”自称。", "do_informal": "可以用语气词。",
        "dont_informal": "不用语气词。", "dont_exclaim": "不用感叹号。",
        "dont_question": "不向读者提问。", "do_numbers": "有数字就写数字。",
    },
}  # fmt: skip
_YOU = {"en": re.compile(r"\byou(?:r|rs)?\b", re.IGNORECASE), "zh": re.compile("[你您]")}
_WE = {"en": re.compile(r"\b(?:we|our|us)\b", re.IGNORECASE), "zh": re.compile("我们|咱们")}
_PARTICLES = re.compile("[吧呢啊呀哦嘛啦哟]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a brand speaks.

    Attributes:
        tone: words for it ("warm", "short sentences"), in the language of the texts.
        vocabulary: words it likes to use.
        do: rules to follow, a short sentence each.
        dont: rules about what to leave alone, a short sentence each.
        samples: texts that have the voice; what is written is compared with them.
    """

    tone: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Voice:
        """The voice from plain values; unknown names are left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: tuple(values) for name, values in stored.items() if name in known})


def read_voice(samples: Sequence[str], language: Language) -> Voice:
    """The voice of sample texts, as far as it can be counted; a proposal for a person to edit.

    Args:
        samples: one or more texts of the brand, each of a paragraph or more.
        language: theirs.

    Raises:
        InvalidInput: there are fewer than 40 words (80 characters in Chinese) in all.
    """
    texts = tuple(plain(sample) for sample in samples if sample.strip())
    whole = "\n".join(texts)
    n = length_of(whole)
    if n < LEAST_LENGTH[language]:
        raise InvalidInput(
            "The samples have {n} words in all; {least} or more are needed to tell a voice. In "
            "Chinese, characters are counted. Add another text.",
            n=n,
            least=LEAST_LENGTH[language],
        )
    sentences = sentences_of(whole)
    mean = n / len(sentences)
    marks = _marks(whole, sentences, language)
    words = _WORDS[language]
    tone = [words["short"]] if mean <= SHORT[language] else []
    tone += [words["long"]] if mean >= LONG[language] else []
    tone += [words[name] for name in ("you", "we") if name in marks]
    tone.append(words["informal" if "informal" in marks else "formal"])
    tone += [words["lively"]] if "exclaim" in marks else []
    you = "您" if whole.count("您") > whole.count("你") else "你"
    do = [words["do_short"].format(n=round(mean))]
    do += [
        words[f"do_{name}"].format(you=you) for name in ("you", "we", "informal") if name in marks
    ]
    do += [words["do_numbers"]] if "numbers" in marks else []
    dont = [
        words[f"dont_{name}"]
        for name in ("informal", "exclaim", "question")
        if name not in marks and (name != "informal" or language == "en" or len(sentences) > 5)
    ]
    return Voice(
        tone=tuple(tone),
        vocabulary=_vocabulary(texts, language),
        do=tuple(do),
        dont=tuple(dont),
        samples=tuple(samples),
    )


def _marks(whole: str, sentences: Sequence[str], language: Language) -> set[str]:
    """What the texts do in at least a tenth of their sentences; a fifth for speaking to somebody."""
    n = len(sentences)
    informal = _CONTRACTION if language == "en" else _PARTICLES
    counts = {
        "you": (sum(bool(_YOU[language].search(s)) for s in sentences), 0.2),
        "we": (sum(bool(_WE[language].search(s)) for s in sentences), 0.2),
        "informal": (len(informal.findall(whole)), 0.1),
        "exclaim": (len(re.findall("[!！]", whole)), 0.1),
        "question": (len(re.findall("[?？]", whole)), 0.05),
        "numbers": (sum(bool(re.search(r"\d", s)) for s in sentences), 0.2),
    }
    return {name for name, (count, least) in counts.items() if count >= least * n and count}


def _vocabulary(texts: Sequence[str], language: Language) -> tuple[str, ...]:
    """Words that are used more than once, the most used first; in Chinese runs of 2 to 4 characters."""
    counts: Counter[str] = Counter()
    if language == "en":
        from bm25s.stopwords import STOPWORDS_EN_PLUS

        stop = frozenset(STOPWORDS_EN_PLUS)
        for text in texts:
            counts.update(
                word
                for word in tokens_of(text)
                if len(word) > 3 and word.isalpha() and word not in stop
            )
    else:
        for text in texts:
            for run in re.findall(f"[{HAN}]+", text):
                for size in (4, 3, 2):
                    counts.update(run[at : at + size] for at in range(len(run) - size + 1))
    ranked = sorted(
        (
            (word, n)
            for word, n in counts.items()
            if n > 1 and not re.search("[的了是在和就也都很]", word)
        ),
        key=lambda one: (-one[1] * len(one[0]), one[0]),
    )
    chosen: list[str] = []
    for word, _ in ranked:
        if len(chosen) == N_VOCABULARY:
            break
        if not any(word in longer or longer in word for longer in chosen):
            chosen.append(word)
    return tuple(chosen)
