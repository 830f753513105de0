"""Numbers as people write them: digits, number words, Chinese numerals, and mixtures; by their value.

"3,000", "3000", "three thousand", "三千" and "0.3万" are one number. Knows no check.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from studio.evaluation.text_checks.reading import plain

_UNITS = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9}
_SMALL = {
    word: value
    for value, word in enumerate(
        (
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
            "eighteen", "nineteen",
        )
    )
} | {
    word: 10 * value
    for value, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2
    )
}  # fmt: skip
_DOZEN = {"dozen": 12}
_CHINESE_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10**4, "亿": 10**8}
_CHINESE_DIGITS = {digit: at for at, digit in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "两": 2,
}  # fmt: skip

_THOUSAND = "千(?![克米瓦卡帕赫])"  # and no kilogram
_DIGITS = re.compile(
    r"(?P<digits>\d+(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?:\s?(?P<chinese>(?:[百万亿]|{_THOUSAND})+)|\s(?P<english>{'|'.join(_UNITS)})\b)?",
    re.IGNORECASE,
)
_UNIT_WORD = "|".join((*_UNITS, *_DOZEN))
_NUMBER_WORD = "|".join((*_SMALL, _UNIT_WORD))
_WORDS = re.compile(
    rf"\b(?:a\s(?:{_UNIT_WORD})|{'|'.join(_SMALL)})"
    rf"(?:(?:[\s\-]|\sand\s)(?:{_NUMBER_WORD}))*\b",
    re.IGNORECASE,
)
_NUMERAL = f"(?:[零〇一二两三四五六七八九十百万亿]|{_THOUSAND})"
# A single character before anything else may be part of a word (十分, 三明治).
_MEASURE = (
    "年|个|人|位|名|件|只|条|公斤|千克|克|吨|斤|升|毫升|米|厘米|毫米|公里|千米|英寸|次|天|日|月|"
    "小时|分钟|秒|星期|款|层|扇|元|块|美元|欧元|折|倍|种|项|家|台|辆|张|片|包|盒|瓶|袋|套|双|本|页|岁|"
    "平方|立方|英里|英尺|瓦|伏"
)
_CHINESE = re.compile(
    rf"(?<![第零〇一二两三四五六七八九十百千万亿])(?P<of>百分之)?(?P<numeral>{_NUMERAL}+)"
    rf"(?:点(?P<decimals>[零〇一二三四五六七八九]+))?(?P<measure>{_MEASURE})?"
)


def numbers_in(text: str, *, with_ones: bool = False) -> dict[str, str]:
    """Numbers of a text: value in plain digits -> how it is written there first.

    Digits in any width and with separators, also before "million" or 万; number words in full; Chinese
    numerals before a measure word, and those of several characters anywhere. Not read: ordinals,
    fractions in words, and "several", "dozens", 七八 and the like.

    Args:
        text: any.
        with_ones: "one" and 一 count, too, which are mostly no number.
    """
    text = unicodedata.normalize("NFKC", plain(text))
    found: dict[str, str] = {}
    for match in _DIGITS.finditer(text):
        found.setdefault(_digits(match), match.group().strip())
    rest = _DIGITS.sub(" ", text)  # "3万" was read: its 万 is no number of its own
    for value, written in (*_in_words(rest), *_in_chinese(rest)):
        if with_ones or value not in ("0", "1"):
            found.setdefault(value, written)
    return found


def _digits(match: re.Match[str]) -> str:
    value = Decimal(re.sub(r"[,\u00a0\u202f]", "", match["digits"]))
    for unit in match["chinese"] or "":
        value *= _CHINESE_UNITS[unit]
    if match["english"]:
        value *= _UNITS[match["english"].casefold()]
    return _plain(value)


def _in_words(text: str) -> Iterator[tuple[str, str]]:
    for match in _WORDS.finditer(text):
        words = [word for word in re.split(r"[\s\-]+", match.group().casefold()) if word != "and"]
        written = re.split(r"[\s\-]+(?:and\s)?", match.group())
        for value, n in _english(words):
            yield str(value), match.group() if n == len(words) else " ".join(written[:n])
            written = written[n:]


def _english(words: list[str]) -> Iterator[tuple[int, int]]:
    """Values of number words and how many words each has; "nine ten" are two numbers."""
    total = group = last = 0
    n = 0
    for word in words:
        if word == "a":
            n += 1
            continue
        if word in _SMALL:
            value = _SMALL[word]
            fits = not last or (last >= 20 and last % 10 == 0 and last < 100 and 0 < value < 10)
            if n and not fits:
                yield total + group, n
                total = group = n = 0
            group += value
            last = value if value else 1
        else:
            unit = _UNITS.get(word) or _DOZEN[word]
            if unit == 100 or word in _DOZEN:
                group = max(1, group) * unit
            else:
                total, group = total + max(1, group) * unit, 0
            last = 0
        n += 1
    if n:
        yield total + group, n


def _in_chinese(text: str) -> Iterator[tuple[str, str]]:
    for match in _CHINESE.finditer(text):
        numeral, decimals = match["numeral"], match["decimals"]
        is_surely_one = bool(match["of"] or decimals or match["measure"])
        value = _chinese(numeral, is_surely_one=is_surely_one)
        if value is None:
            continue
        written = numeral
        if decimals:
            digits = "".join(str(_CHINESE_DIGITS[one]) for one in decimals)
            value, written = Decimal(f"{value}.{digits}"), f"{numeral}点{decimals}"
        yield _plain(value), f"{match['of'] or ''}{written}"


def _chinese(numeral: str, *, is_surely_one: bool) -> Decimal | None:
    """The value of a Chinese numeral; None where it is none, or may well be part of a word."""
    if not any(one in _CHINESE_UNITS for one in numeral):
        if len(numeral) == 1:
            return Decimal(_CHINESE_DIGITS[numeral]) if is_surely_one else None
        if len(numeral) == 2 and "〇" not in numeral and "零" not in numeral:
            return None  # 七八 are seven or eight
        return Decimal("".join(str(_CHINESE_DIGITS[one]) for one in numeral))
    is_whole = len(numeral) > 1 and (numeral[0] == "十" or numeral[0] in _CHINESE_DIGITS)
    if not (is_surely_one or is_whole):
        return None  # 千万 is "by all means", too
    total = section = digit = 0
    unit = greatest = 1
    for one in numeral:
        if one in _CHINESE_DIGITS:
            digit = _CHINESE_DIGITS[one]
            unit = 10 if one in "零〇" else unit
            continue
        unit = _CHINESE_UNITS[one]
        if unit < 10**4:
            section += (digit or 1) * unit
        elif unit > greatest:  # 一万二千亿: all before it
            total, section, greatest = ((total + section + digit) or 1) * unit, 0, unit
        else:
            total, section = total + (section + digit) * unit, 0
        digit = 0
    # 两万五 is 25,000: a last digit without a unit is of the next one, unless a zero stands before it.
    last = unit // 10 if unit >= 100 and numeral[-1] in _CHINESE_DIGITS else 1
    return Decimal(total + section + digit * max(1, last))


def _plain(value: Decimal) -> str:
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
