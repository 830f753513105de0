"""Whether two questions ask for the same, so that an answer to one may be given to the other.

Vectors alone cannot tell: "Are you open on Saturday?" and "... on Sunday?" have a cosine of 0.92 with
the default model, above most pairs that do mean the same. So whatever is near must also pass plain
checks of the words: the same figures, the same negations, and no single word put in another's place,
other ways of asking the same ("can I", "may I"; 能, 可以) aside.
Knows no store and no model.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

from studio.retrieval.terms import CJK_CLASS, terms_of

WORDS_EASIER = 0.15
"""How much less is enough where only words are compared. At the usual threshold of 0.8 that asks for
0.65, which none of the sample company's 144 questions in a language reaches with another of them."""

_NAME_WORDS, _NAME_CHARACTERS = 3, 4
_CJK = re.compile(f"[{CJK_CLASS}]")
_TOKEN = re.compile(rf"[{CJK_CLASS}]|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")
_NUMBER = re.compile(  # a lone "一" is an article: "一年多少钱" asks for the price of a year
    r"\d+(?:[.,]\d+)*"
    r"|(?:[二两三四五六七八九十百千万]|[一二两三四五六七八九十百千万]{2,})(?=[天日月年周号点元块件个人双次])"
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|without|none|cannot)\b|n['’]t\b|[不没無无非未别勿]", re.IGNORECASE
)
_ASKED_BOTH_WAYS = re.compile(rf"([{CJK_CLASS}])[不没]\1")  # "能不能" asks and does not deny
_WAYS_OF_ASKING = tuple(
    (re.compile(pattern), one)
    for pattern, one in (
        (r"\b(what|where|when|who|how|it|that|there)['’]s\b", r"\1 is"),
        (r"\bi['’]m\b", "i am"),
        (r"\b(?:could|may|will|would|do|does)\b", "can"),
        (r"\bare\b", "is"),
        (r"\bwhich\b", "what"),
        (r"\b(?:a|an)\b", "the"),
        ("可不可以|能不能|是否可以|是否能|能否|可否|能够|可以", "能"),
        ("怎么样|怎样|如何|咋", "怎么"),
        ("多长时间", "多久"),
        ("哪儿", "哪里"),
        ("啥", "什么"),
        ("您们|你们|您", "你"),
        ("[么呢吧嘛]$", "吗"),
    )
)
"""What asks for the same thing, and the one form that all are compared in."""
_WHOSE = ({"the", "my"}, {"the", "your"}, {"the", "our"})
"""Words that may stand for each other: "an order" is mine where I ask; "my" and "your" are not one."""


def same_words(question: str, other: str) -> bool:
    """Whether two questions are the same but for case, punctuation, width of signs and spaces."""
    return bool(_tokens(question)) and _tokens(question) == _tokens(other)


def words_alike(question: str, other: str) -> float:
    """How much two questions share of what they are about, 0 to 1: Dice's coefficient of their terms.

    Terms are stemmed words, and pairs of neighbouring characters in Chinese; words that only ask are
    none. 0 where one of them has no term.
    """
    one, two = set(terms_of(question)), set(terms_of(other))
    return 2 * len(one & two) / (len(one) + len(two)) if one and two else 0.0


def may_mean_the_same(question: str, other: str) -> bool:
    """Whether nothing in the words says that two near questions ask for different things.

    False where their figures differ, where one denies and the other does not, and where one is the
    other with a single stretch of words replaced: that swaps what is asked for ("to Norway", "to
    Sweden") more often than it swaps a synonym. What only asks another way ("can I", "may I") is none.
    """
    if _numbers(question) != _numbers(other) or _denies(question) != _denies(other):
        return False
    forms = [(_tokens(one), _asked_one_way(one)) for one in (question, other)]
    return not all(_is_swap(*both) for both in zip(*forms, strict=True))


def _asked_one_way(question: str) -> list[str]:
    """The tokens of a question, each way of asking for the same thing in one form."""
    text = " ".join(_tokens(question))
    if _CJK.search(text):
        text = text.replace(" ", "")
    for ways, one in _WAYS_OF_ASKING:
        text = ways.sub(one, text)
    return _tokens(text)


def _is_swap(one: list[str], two: list[str]) -> bool:
    """Whether both are the same but for one short stretch that each has instead of the other's."""
    changes = [
        change
        for change in SequenceMatcher(None, one, two, autojunk=False).get_opcodes()
        if change[0] != "equal"
    ]
    if len(changes) != 1 or changes[0][0] != "replace":
        return False
    _, start, end, other_start, other_end = changes[0]
    replaced, by = one[start:end], two[other_start:other_end]
    if {*replaced, *by} in _WHOSE:
        return False
    return len(replaced) < len(one) and all(map(_is_short, (replaced, by)))


def _is_short(tokens: list[str]) -> bool:
    """Whether a stretch is a name or a word rather than another way of asking."""
    is_cjk = any(_CJK.match(token) for token in tokens)
    return len(tokens) <= (_NAME_CHARACTERS if is_cjk else _NAME_WORDS)


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(unicodedata.normalize("NFKC", text)))


def _denies(text: str) -> bool:
    return _NEGATION.search(_ASKED_BOTH_WAYS.sub(r"\1", text)) is not None
