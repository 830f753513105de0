"""What a table cell says, read as a number or as a date.

Cells are text as people write it, in English, Chinese and the usual European ways. What could mean
two things is not guessed: it is read as nothing. The module knows no columns and no filters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Literal

DayOrder = Literal["day first", "month first"]

_CURRENCY = r"(?:[$€£¥₹₩]|(?:US|HK|NT|A|C)\$|USD|EUR|GBP|CNY|RMB|JPY|HKD|CHF|元|圆|円|块)"
_NUMBER = re.compile(
    rf"(?:(?:约|約|from|ab) ?)?(?:{_CURRENCY} ?)?(?P<sign>[-+\u2212]?)(?:{_CURRENCY} ?)?"
    r"(?P<digits>\d[\d.,' \u00a0\u202f]*)(?:e(?P<power>[-+]?\d{1,2}))?(?P<scale>[千万萬亿億]?)\+?"
    rf" ?(?:%|{_CURRENCY})?(?:起|左右| ?/ ?[^\W\d]{{1,8}})?",
    re.IGNORECASE,
)
_SCALES = {"千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8}  # as powers of ten
_CLOCK = r"(?:[t ]?(?:[上下中]午|早上|晚上|凌晨)? ?\d{1,2}:.*)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})日?{_CLOCK}")
_MONTH_ONLY = re.compile(r"(\d{4})(?:年(\d{1,2})月|-(\d\d))")
_DIGITS = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
# With two digits each: "1.2.10" counts versions.
_DOTTED = re.compile(rf"(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}}|(?<=\d\d\.\d\d\.)\d\d){_CLOCK}")
_SLASHED = re.compile(rf"(\d{{1,2}})([/-])(\d{{1,2}})\2(\d{{4}}|(?<=/)\d\d){_CLOCK}")
_DECIMAL_COMMA = re.compile(r"\D*(?:\d+|\d{1,3}(?:[. ']\d{3})+),(?:\d{1,2}|\d{4,})\D*")
_DECIMAL_POINT = re.compile(r"\D*(?:\d+|\d{1,3}(?:[, ']\d{3})+)\.(?:\d{1,2}|\d{4,})\D*")
_DAY_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([a-z]{3,9})\.?,?[ -](\d{4})")
_MONTH_NAMED = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_SWAPPED = str.maketrans(".,", ",.")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def number_of(text: str, *, has_decimal_comma: bool = False) -> float | None:
    """The number a cell says, with or without a currency or a percent sign; None if it says none.

    "1,299.50", "1.299,50", "1 299,50" and "¥1299.5" are the same; "12,5" has a decimal comma and
    "1,299" a thousands mark, as has "1.299.000". A percentage keeps its number: "20 %" is 20, and so
    does a price: "99元/件" and "¥99起" are 99, "1.2万" is 12,000. "1.299" is 1299 where the column
    `has_decimal_comma`, and "1,299" then is a little more than one.
    """
    match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    digits = re.sub(r"[' \u00a0\u202f]", "", match["digits"])
    if has_decimal_comma:
        digits = digits.translate(_SWAPPED)
    plain = _without_marks(digits)
    if plain is None:
        return None
    sign = -1.0 if match["sign"] in ("-", "\u2212") else 1.0
    return sign * float(plain) * 10.0 ** (int(match["power"] or 0) + _SCALES.get(match["scale"], 0))


def has_decimal_comma(texts: Iterable[str]) -> bool:
    """Whether a column writes "1.299,00" and "70,50 €": some cells do, and none has a decimal point."""
    cells = [unicodedata.normalize("NFKC", text).strip() for text in texts]
    if any(map(_DECIMAL_POINT.fullmatch, cells)):
        return False
    return any(map(_DECIMAL_COMMA.fullmatch, cells))


def date_of(text: str, order: DayOrder | None = None) -> date | None:
    """The day a cell names, a time of day left out; None if it names none.

    A month alone is its first day. Years of two digits are of this century.
    "3/4/2026" needs `order` to be read, since it is a day in March for some and in April for others.
    """
    cell = unicodedata.normalize("NFKC", text).strip().lower()
    if match := _YEAR_FIRST.fullmatch(cell):
        return _day(match[1], match[2], match[3])
    if match := _DIGITS.fullmatch(cell):
        return _day(match[1], match[2], match[3])
    if match := _MONTH_ONLY.fullmatch(cell):
        return _day(match[1], match[2] or match[3], 1)
    if match := _DOTTED.fullmatch(cell):
        return _day(match[3], match[2], match[1])
    if match := _DAY_NAMED.fullmatch(cell):
        return _day(match[3], _month(match[2]), match[1])
    if match := _MONTH_NAMED.fullmatch(cell):
        return _day(match[3], _month(match[1]), match[2])
    if order is not None and (match := _SLASHED.fullmatch(cell)):
        first, second = (3, 1) if order == "day first" else (1, 3)
        return _day(match[4], match[first], match[second])
    return None


def day_order(texts: Iterable[str]) -> DayOrder | None:
    """How a column writes its days: as those of its cells do that can be read in one way only.

    None where there are no such cells, or where they disagree.
    """
    orders: set[DayOrder] = set()
    for text in texts:
        match = _SLASHED.fullmatch(unicodedata.normalize("NFKC", text).strip().lower())
        if match and int(match[1]) > 12:
            orders.add("day first")
        elif match and int(match[3]) > 12:
            orders.add("month first")
    return orders.pop() if len(orders) == 1 else None


def _without_marks(digits: str) -> str | None:
    """Digits with a point for the decimals, without marks between the thousands."""
    digits = digits.rstrip(".,")
    if "," in digits and "." in digits:
        mark, point = (",", ".") if digits.rfind(".") > digits.rfind(",") else (".", ",")
        whole, _, decimals = digits.rpartition(point)
        if point in whole or not _has_thousands(whole, mark):
            return None
        return f"{whole.replace(mark, '')}.{decimals}"
    for mark in (",", "."):
        if digits.count(mark) > 1:
            return digits.replace(mark, "") if _has_thousands(digits, mark) else None
    if "," in digits:
        return digits.replace(",", "" if _has_thousands(digits, ",") else ".")
    return digits


def _has_thousands(digits: str, mark: str) -> bool:
    first, *rest = digits.split(mark)
    return 0 < len(first) <= 3 and first != "0" and all(len(part) == 3 for part in rest)


def _month(name: str) -> int:
    return _MONTHS.index(name[:3]) + 1 if name[:3] in _MONTHS else 0


def _day(year: str, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None
