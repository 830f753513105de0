"""Short names that tell themes of queries from each other: the words that are theirs and nobody else's.

A phrase counts as in c-TF-IDF (Grootendorst 2022, "BERTopic", arXiv:2203.05794): by the share of the
theme's queries that have it, and the less, the more queries have it at all; longer phrases count more.
English phrases are one to three words, Chinese ones two to eight characters, as these are not parted
into words. Knows no vectors.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from studio.retrieval.terms import CJK_CLASS, script_of, terms_of

MAX_WORDS = 3
MAX_CHARACTERS = 8
FEW = 3
"""In a theme of so many queries a phrase of one of them may stand for it."""
ENOUGH = 0.6
"""A theme whose phrase is in fewer of its queries gets a second one."""

_WORD = re.compile(rf"[^\W_{CJK_CLASS}]+(?:[-'\u2019.][^\W_{CJK_CLASS}]+)*|[{CJK_CLASS}]+")
_POSSESSIVE = re.compile(r"['\u2019]s$")
_CJK = re.compile(rf"[{CJK_CLASS}]+")
# What asks and holds together, not what is asked about; longest first.
_BREAKS = re.compile(
    "为什么|什么样|什么时候|什么|怎么样|怎么办|怎么|怎样|如何|哪些|哪个|哪里|哪儿|哪款|哪种|多少|几个|是否|请问"
    "|可以|能不能|可不可以|有没有|[的了吗呢吧么啊谁哪我你您他她它们和与及或在是把被就都也还这那里个到没]"
)
# A phrase does not begin or end with these: "能寄", "送给", "用什么".
_LOOSE = frozenset("能会要有用给让对从向于之为以不再最很")
_WORD_WEIGHTS = (1.0, 1.0, 1.35, 1.5)
"""By the words that are no stop words: "gift card" says more than "card"."""
_WEAK = """
    get got getting need want like know help make use using long someone something thing come came go
    going way good take old new many one see seem keep try let
"""
_POINTLESS = frozenset(_WEAK.split())
"""English words that say nothing by themselves of what is asked about; beside others they may stand."""
_PARTICLES = frozenset(("up", "off", "out", "down"))
"""Stop words that belong to the verb before them: "top up"."""
_NAMES_MANY = ", "
_NAMES_MANY_CJK = "、"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrase:
    """A phrase of a query: the terms it is counted by, how it is written, how much its length says."""

    key: tuple[str, ...]
    shown: str
    weight: float


def names_of(queries: Sequence[str], groups: Sequence[Sequence[int]]) -> tuple[str, ...]:
    """A name for each group, all different.

    Args:
        queries: different texts.
        groups: positions among them, the query in the middle of its group first. Groups that come
            first choose first.
    """
    phrases = {at: {found.key: found for found in _phrases_of(queries[at])} for at in _all(groups)}
    n_with: Counter[tuple[str, ...]] = Counter(key for found in phrases.values() for key in found)
    taken: set[str] = set()
    names = []
    for members in groups:
        offered = _offered(queries, members, phrases, n_with)
        name = next((one for one in offered if one.casefold() not in taken), queries[members[0]])
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def _all(groups: Iterable[Iterable[int]]) -> Iterator[int]:
    return (at for members in groups for at in members)


def _offered(
    queries: Sequence[str],
    members: Sequence[int],
    phrases: dict[int, dict[tuple[str, ...], _Phrase]],
    n_with: Counter[tuple[str, ...]],
) -> Iterator[str]:
    """Names for a group, the best first."""
    if len(members) == 1:
        yield queries[members[0]]
        return
    having: dict[tuple[str, ...], list[int]] = {}
    for at in members:
        for key in phrases[at]:
            having.setdefault(key, []).append(at)
    least = 1 if len(members) <= FEW else 2

    def ranked(among: set[int]) -> list[tuple[str, ...]]:
        """Phrases of these members, the most telling first."""
        scores = {}
        for key, found in having.items():
            n = sum(at in among for at in found)
            if n >= min(least, len(among)):
                idf = math.log(1 + len(phrases) / n_with[key])
                scores[key] = n / len(among) * idf * phrases[found[0]][key].weight
        return sorted(scores, key=lambda key: (-scores[key], -len("".join(key)), key))

    first = ranked(set(members))
    for key in first[:4]:
        missing = set(members) - set(having[key])
        shown = _shown(key, having[key], phrases)
        if len(missing) > (1 - ENOUGH) * len(members):
            second = next((k for k in ranked(missing) if not _share_a_word(k, key)), None)
            if second is not None:
                joint = _NAMES_MANY_CJK if script_of(shown) == "cjk" else _NAMES_MANY
                yield joint.join((shown, _shown(second, having[second], phrases)))
                continue
        yield shown


def _shown(
    key: tuple[str, ...],
    members: Sequence[int],
    phrases: dict[int, dict[tuple[str, ...], _Phrase]],
) -> str:
    """The phrase as it is written most often; the first such way in the group's order."""
    return Counter(phrases[at][key].shown for at in members).most_common(1)[0][0]


def _share_a_word(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if set(one) & set(other):
        return True
    a, b = "".join(one), "".join(other)
    return a in b or b in a


def _phrases_of(query: str) -> Iterator[_Phrase]:
    words: list[tuple[str, str]] = []  # as written, and its term; no term for a stop word
    for piece in _WORD.findall(query):
        if _CJK.match(piece):
            yield from _of_words(words)
            words = []
            yield from _of_characters(piece)
        else:
            words.append((_POSSESSIVE.sub("", piece), _term_of(piece)))
    yield from _of_words(words)


def _term_of(word: str) -> str:
    """What a word is counted by; empty for one that is passed over."""
    plain = word.casefold()
    if plain in _PARTICLES:
        return plain
    return "" if plain in _POINTLESS else (terms_of(word) or [""])[0]


def _of_words(words: Sequence[tuple[str, str]]) -> Iterator[_Phrase]:
    """Runs of up to three words that neither begin nor end with a stop word."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + MAX_WORDS, len(words)) + 1):
            run = words[start:end]
            if not (run[0][1] and run[-1][1]) or run[0][1] in _PARTICLES:
                continue
            n_terms = sum(bool(term) for _, term in run)
            yield _Phrase(
                key=tuple(term or word.casefold() for word, term in run),
                shown=" ".join(word if word.isupper() else word.lower() for word, _ in run),
                weight=_WORD_WEIGHTS[n_terms],
            )


def _of_characters(run: str) -> Iterator[_Phrase]:
    """Runs of two to eight characters between the words that ask or join."""
    for part in _BREAKS.split(run):
        for start in range(len(part)):
            for end in range(start + 2, min(start + MAX_CHARACTERS, len(part)) + 1):
                text = part[start:end]
                if text[0] not in _LOOSE and text[-1] not in _LOOSE:
                    yield _Phrase(key=(text,), shown=text, weight=1 + 0.2 * min(len(text) - 2, 3))
