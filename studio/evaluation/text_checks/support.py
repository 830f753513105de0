"""Whether a text has numbers and names that its source does not have: facts nobody gave it.

Numbers are compared by value, however they are written (`numerals`) and whatever the unit. Names are
capitalised words inside a sentence; in Chinese, Latin words and titles in brackets. Not noticed are a
name at the beginning of a sentence, a Chinese name without brackets, and a fact without number or name:
the check finds unsupported facts, it does not prove that there are none.
"""

from __future__ import annotations

import re
import unicodedata

from studio.evaluation.text_checks.numerals import numbers_in
from studio.evaluation.text_checks.reading import plain, sentences_of
from studio.evaluation.text_checks.result import CheckResult
from studio.records import Notice
from studio.writing_systems import HAN

_WORD = re.compile(rf"[^\W\d_{HAN}][^\W_{HAN}]*(?:['’\-][^\W_{HAN}]+)*")
_TITLE = re.compile(r"[《「『]([^》」』]{1,40})[》」』]")
# Written with a capital wherever they stand, and no claim by themselves.
_CAPITALISED = frozenset(
    ("i", "i'm", "i've", "i'll", "i'd", "ok", "english", "chinese", "monday", "tuesday", "wednesday",
     "thursday", "friday", "saturday", "sunday", "january", "february", "march", "april", "may",
     "june", "july", "august", "september", "october", "november", "december")
)  # fmt: skip


# Begin what stands in a sentence like one of its own: after a colon, in brackets or quotation marks.
_OPENERS = frozenset(
    ("a", "all", "an", "and", "are", "as", "at", "but", "by", "do", "each", "every", "for", "from",
     "here", "how", "if", "in", "is", "it", "it's", "its", "more", "most", "my", "no", "not", "of",
     "on", "or", "our", "so", "that", "the", "their", "there", "these", "they", "this", "those",
     "to", "we", "what", "when", "where", "which", "who", "why", "with", "yes", "you", "your")
)  # fmt: skip


def names_in(text: str) -> tuple[str, ...]:
    """Names of a text, in order: see the module. A line in title case has none."""
    found: dict[str, None] = {}
    lower = {word for word in _WORD.findall(plain(text)) if word.islower()}
    for sentence in sentences_of(text):
        words = list(_WORD.finditer(sentence))
        is_chinese = re.search(f"[{HAN}]", sentence) is not None
        capitals = [word for word in words if word.group()[0].isupper()]
        if not is_chinese and len(words) > 3 and len(capitals) > 0.6 * len(words):
            continue
        for word in words if is_chinese else words[1:]:
            name = re.sub(r"['’]s$", "", word.group())
            if _is_name(name, lower, is_chinese=is_chinese):
                found.setdefault(name)
        for title in _TITLE.findall(sentence):
            found.setdefault(title)
    return tuple(found)


def check_support(text: str, source: str) -> CheckResult:
    """Fails when a number or a name of the text is nowhere in the source.

    Args:
        text: what was written.
        source: everything it may be from: the form, passages of documents.
    """
    if not source.strip():
        return CheckResult(
            name="support",
            status="skipped",
            notice=Notice("There is no source that facts could be held against."),
        )
    known = numbers_in(source, with_ones=True)  # "one person" bears out "1 person"
    plain_source = _folded(source)
    numbers = [written for value, written in numbers_in(text).items() if value not in known]
    names = [name for name in names_in(text) if _folded(name) not in plain_source]
    found = (*numbers, *names)
    return CheckResult(
        name="support",
        status="failed" if found else "passed",
        value=float(len(found)),
        found=found,
        notice=Notice("Not in what you gave: {facts}.", facts=", ".join(found))
        if found
        else Notice("No number or name that this check can read goes beyond what you gave."),
    )


def _is_name(word: str, lower: set[str], *, is_chinese: bool) -> bool:
    folded = word.casefold().replace("’", "'")
    if folded in _CAPITALISED or folded in _OPENERS or folded in lower:
        return False
    if is_chinese:
        return len(word) > 1
    return word[0].isupper()


def _folded(text: str) -> str:
    return re.sub(r"[\s\-]+", " ", unicodedata.normalize("NFKC", plain(text)).casefold())
