"""Whether a text has numbers and names that its source does not have: facts nobody gave it.

Numbers are compared by value ("3,000", "3000", "three thousand" is not read; "two" is 2), whatever the
unit. Names are capitalised words inside a sentence; in Chinese, Latin words and titles in brackets. A
name at the beginning of a sentence, and a fact without number or name, is not noticed: the check finds
unsupported facts, it does not prove that there are none.
"""

from __future__ import annotations

import re
import unicodedata

from studio.evaluation.text_checks.reading import CJK, plain, sentences_of
from studio.evaluation.text_checks.result import CheckResult
from studio.records import Notice

_NUMBER = re.compile(r"\d+(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_WORD_NUMBERS = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
_WORD_NUMBER = re.compile(rf"\b(?:{'|'.join(_WORD_NUMBERS)})\b", re.IGNORECASE)
_CHINESE_DIGITS = {digit: str(at) for at, digit in enumerate("零一二三四五六七八九十")} | {
    "两": "2"
}
_CHINESE_NUMBER = re.compile(
    r"(?<![一二两三四五六七八九十百千万第])([一二两三四五六七八九十])(?=年|个月|人|位|件|只|条|公斤|千克|克|升|毫升|米|厘米|毫米|次|天|小时|分钟|款|层|扇)"
)
_WORD = re.compile(rf"[^\W\d_{CJK}][^\W_{CJK}]*(?:['’\-][^\W_{CJK}]+)*")
_TITLE = re.compile(r"[《「『]([^》」』]{1,40})[》」』]")
# Written with a capital wherever they stand, and no claim by themselves.
_CAPITALISED = frozenset(
    ("i", "i'm", "i've", "i'll", "i'd", "ok", "english", "chinese", "monday", "tuesday", "wednesday",
     "thursday", "friday", "saturday", "sunday", "january", "february", "march", "april", "may",
     "june", "july", "august", "september", "october", "november", "december")
)  # fmt: skip


def numbers_in(text: str) -> dict[str, str]:
    """Numbers of a text: value in plain digits -> how it is written there.

    Digits in any width and with separators, the words "two" to "twelve" ("one" is mostly no number),
    and Chinese numerals up to ten before a measure word.
    """
    text = unicodedata.normalize("NFKC", plain(text))
    found: dict[str, str] = {}
    for match in _NUMBER.finditer(text):
        found.setdefault(_value(match.group()), match.group())
    for match in _WORD_NUMBER.finditer(text):
        value = _WORD_NUMBERS[match.group().casefold()]
        if value not in ("0", "1"):
            found.setdefault(value, match.group())
    for match in _CHINESE_NUMBER.finditer(text):
        value = _CHINESE_DIGITS[match.group(1)]
        if value != "1":
            found.setdefault(value, match.group(1))
    return found


def names_in(text: str) -> tuple[str, ...]:
    """Names of a text, in order: see the module. A line in title case has none."""
    found: dict[str, None] = {}
    lower = {word for word in _WORD.findall(plain(text)) if word.islower()}
    for sentence in sentences_of(text):
        words = list(_WORD.finditer(sentence))
        is_chinese = re.search(f"[{CJK}]", sentence) is not None
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
    known = numbers_in(source)
    for match in _WORD_NUMBER.finditer(source):  # "one person" in the source bears out "1 person"
        known.setdefault(_WORD_NUMBERS[match.group().casefold()], match.group())
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
        else Notice("Every number and name is in what you gave."),
    )


def _is_name(word: str, lower: set[str], *, is_chinese: bool) -> bool:
    if word.casefold() in _CAPITALISED or word.casefold() in lower:
        return False
    if is_chinese:
        return len(word) > 1
    return word[0].isupper()


def _value(written: str) -> str:
    digits = re.sub(r"[,\u00a0\u202f]", "", written)
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return digits.lstrip("0") or "0"


def _folded(text: str) -> str:
    return re.sub(r"[\s\-]+", " ", unicodedata.normalize("NFKC", plain(text)).casefold())
