"""Columns of text to ids, numbers, times and kinds, a million at a time; what cannot be read is unknown.

Knows how spreadsheets, databases and people in several countries write these; knows no table.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from studio.ingestion.tags import without_tags

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Changed = TypeVar("Changed", str, bool)

# As texts: pandas hands compiled patterns to Python, which takes thirty times as long.
_WHOLE = r"^([+-]?\d+)\.0+$"
_MONEY = re.compile(r"[^\d.,+\-]")
_CURRENCIES = {
    "usd": "USD", "us$": "USD", "$": "USD", "eur": "EUR", "€": "EUR", "gbp": "GBP", "£": "GBP",
    "cny": "CNY", "rmb": "CNY", "元": "CNY", "人民币": "CNY", "￥": "CNY", "¥": "CNY", "hkd": "HKD",
    "hk$": "HKD", "jpy": "JPY", "美元": "USD", "欧元": "EUR", "港元": "HKD", "港币": "HKD",
    "日元": "JPY",
}  # fmt: skip
_ZONE = r"(?:[zZ]|UTC|GMT|[+-]\d{2}:?\d{2})$"
_CHINESE_DATE = r"(\d{4})年(\d{1,2})月(\d{1,2})日?"
_ISO = r"^\d{4}-\d{2}-\d{2}"
_YEAR_FIRST = r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})"
_YEAR_LAST = r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})"
# Seconds, milliseconds, microseconds and nanoseconds since 1970, by the number of digits.
_EPOCHS = ((11.5, 1.0), (14.5, 1e3), (17.5, 1e6), (20.5, 1e9))
_SERIALS = (29_000.0, 60_000.0)  # days as Excel counts them, from 1979 to 2064
_SERIAL_OF_1970 = 25_569
_LEAST_DATE = 19_000_101  # as a number, "20250131"
_DIGITS = r"^((?:19|20)\d\d)(\d\d)(\d\d)[T ]?(\d\d)(\d\d)(\d\d)?$"
_CHINESE_CLOCK = re.compile(r"\s*(上午|凌晨|早上|中午|下午|晚上)\s*(\d{1,2})(?=[:：])")
_EARLIEST_S = -2.2e9  # 1900
_LATEST_S = 4.1e9  # 2100
_IN_STOCK = frozenset(
    ("yes", "true", "y", "in stock", "instock", "available", "有", "有货", "是", "现货")
)
_SOLD_OUT = frozenset((
    "no", "false", "n", "out of stock", "outofstock", "sold out", "soldout", "unavailable", "无",
    "无货", "缺货", "售罄", "否",
))  # fmt: skip


# "Closed" alone is no such word: some programs say so of an order that is done.
_VOID = (
    r"(?i)^(?:wc-)?(?:order[\s_-]+|payment[\s_-]+)?(?:cancell?ed|cancell?ation|canceled|refunded|fully[\s_-]+refunded"
    r"|returned|voided|void|failed|declined|rejected|expired|abandoned|unpaid|not[\s_-]+paid"
    r"|awaiting[\s_-]+payment|pending[\s_-]+payment|(?:checkout[\s_-]+)?draft)\b"
    r"|^(?:买家|賣家|卖家|系统)?(?:已)?(?:取消|关闭|關閉|拒收|作废|作廢)|^(?:交易|订单|訂單)(?:已)?(?:关闭|關閉|取消|失败|失敗)"
    r"|^(?:退款成功|已退款|全额退款|全額退款|已退货|已退貨|退货完成|退貨完成)"
    r"|^(?:未付款|未支付|待付款|待支付|等待买家付款|等待付款|支付失败|付款失败)"
)
_ADDRESS = r"^(https?://\S+?)(?:[,;|\s]+https?://.*)?$"
_OUT_OF = re.compile(r"([+-]?[\d.,]+)\s*(?:/|out\s+of|of)\s*\d+(?:[.,]\d+)?(?:\s*\D*)?", re.I)
_STARS = r"^\s*(?:[★⭐]\ufe0f?)+[☆✩]*\s*$"


class Times(NamedTuple):
    """Times in seconds since 1970 (UTC), NaN where unknown; and how they were written.

    `n_unread` are cells that hold something that is no time, `n_zoned` name a zone, `n_plain` are
    clock times without one, which are taken as UTC.
    """

    seconds: Floats
    n_unread: int
    n_zoned: int
    n_plain: int


def ids(cells: pd.Series[str]) -> pd.Series[str]:
    """Ids that are the same however a program wrote them: " 1 ", "1" and "1.0" are one."""
    return _of_spellings(cells, lambda one: one.str.strip().str.replace(_WHOLE, r"\1", regex=True))


def plain_texts(cells: pd.Series[str]) -> pd.Series[str]:
    """Texts without the HTML that shops write descriptions in."""
    return cells.map(lambda cell: " ".join((without_tags(cell) or cell).split()))


def numbers(cells: pd.Series[str]) -> Floats:
    """Numbers, also "4,5", "1,299.00", "¥88", "4/5" and "4 out of 5" (as 4); NaN for anything else."""
    import pandas as pd

    plain = _counts(cells)
    left = np.flatnonzero(np.isnan(plain) & (cells != "").to_numpy())
    if len(left):
        # Few different spellings, however many rows.
        codes, spellings = pd.factorize(cells.iloc[left])
        read = np.array([_number(text) for text in spellings], dtype=np.float64)
        plain[left] = read[codes]
    plain[~np.isfinite(plain)] = np.nan
    return plain


def _counts(cells: pd.Series[str]) -> Floats:
    """Plain numbers as programs write them, NaN for anything else; to be written to."""
    import pandas as pd

    read = pd.to_numeric(cells, errors="coerce")
    return read.to_numpy(dtype=np.float64, na_value=np.nan).copy()


def _number(text: str) -> float:
    share = _OUT_OF.fullmatch(text.strip())
    digits = _MONEY.sub("", share[1] if share else text)
    if not any(sign.isdigit() for sign in digits):
        return np.nan
    if "," in digits and "." in digits:  # the last of the two parts the fraction
        thousands = "," if digits.rfind(",") < digits.rfind(".") else "."
        digits = digits.replace(thousands, "").replace(",", ".")
    elif re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", digits):
        digits = digits.replace(",", "")
    else:
        digits = digits.replace(",", ".")
    try:
        return float(digits)
    except ValueError:
        return np.nan


def ratings(cells: pd.Series[str]) -> Floats:
    """Ratings: numbers, and stars by their count; NaN for anything else."""
    are_stars = cells.str.match(_STARS)
    if are_stars.any():
        counted = cells[are_stars].str.count("[★⭐]").astype(str)
        cells = cells.where(~are_stars, counted.reindex(cells.index))
    return numbers(cells)


def stock(cells: pd.Series[str]) -> Floats:
    """Pieces; 1 and 0 where a shop only says whether it has something; NaN where unknown."""
    plain = cells.str.strip().str.lower()
    pieces = numbers(cells)
    pieces[plain.isin(_IN_STOCK).to_numpy()] = 1.0
    pieces[plain.isin(_SOLD_OUT).to_numpy()] = 0.0
    return pieces


def currency(column: str, cells: pd.Series[str]) -> str:
    """The currency that a column's name or its cells tell, such as "USD"; "" where nothing does."""
    words = re.split(r"[\s_()（）\[\]/]+", column.lower())
    for word in words:
        if word in _CURRENCIES:
            return _CURRENCIES[word]
    filled = cells[cells != ""].head(50)
    for sign, code in _CURRENCIES.items():
        if len(filled) and filled.str.lower().str.contains(sign, regex=False).mean() > 0.5:
            return code
    return ""


def times(cells: pd.Series[str]) -> Times:
    """Times in any zone, of any of the usual spellings, seconds since 1970 among them.

    In "03/04/2025" the month comes first unless another row of the column shows that it cannot.
    """
    import pandas as pd

    seconds = _epochs(cells)
    is_left = np.isnan(seconds) & (cells != "").to_numpy()
    n_zoned = n_plain = 0
    if is_left.any():
        left = cells[is_left]
        is_zoned = left.str.contains(_ZONE)
        has_clock = left.str.contains(":", regex=False)
        n_zoned, n_plain = int((is_zoned & has_clock).sum()), int((~is_zoned & has_clock).sum())
        codes, spellings = pd.factorize(left)
        seconds[is_left] = _written(pd.Series(spellings, dtype=str))[codes]
    seconds[(seconds < _EARLIEST_S) | (seconds > _LATEST_S)] = np.nan
    n_unread = int((np.isnan(seconds) & (cells != "").to_numpy()).sum())
    return Times(seconds=seconds, n_unread=n_unread, n_zoned=n_zoned, n_plain=n_plain)


def _epochs(cells: pd.Series[str]) -> Floats:
    """Seconds of cells that count them (or thousandths and so on) since 1970; NaN for others."""
    counts = _counts(cells)
    seconds = _serials(counts)
    counts[counts < 1e8] = np.nan  # a year or a date without signs, "20250131", is no count
    with np.errstate(invalid="ignore", divide="ignore"):
        digits = np.log10(counts)
    low = 8.0
    for high, unit in _EPOCHS:
        is_in = (digits >= low) & (digits < high)
        seconds[is_in] = counts[is_in] / unit
        low = high
    seconds[(seconds < _EARLIEST_S) | (seconds > _LATEST_S)] = np.nan  # "20250131123045" is a date
    return seconds


def _serials(counts: Floats) -> Floats:
    """Seconds of days since 1899, as Excel counts them.

    A sheet where only some cells are dates for Excel has both: numbers, and dates as they were typed.
    Beside small numbers that are no days, none is one.
    """
    seconds = np.full(len(counts), np.nan)
    first, last = _SERIALS
    is_serial = (counts >= first) & (counts <= last)
    if (~is_serial & (counts < _LEAST_DATE)).any():
        return seconds
    seconds[is_serial] = np.round((counts[is_serial] - _SERIAL_OF_1970) * 86400, 3)
    return seconds


def _written(spellings: pd.Series[str]) -> Floats:
    """Seconds since 1970 of written dates; NaN where one cannot be read.

    A log of a million clicks hardly has a time twice, so those of the usual form are read at once.
    """
    import pandas as pd

    is_left = ~spellings.str.match(_ISO).to_numpy(dtype=np.bool_)
    seconds = np.full(len(spellings), np.nan)
    usual = spellings[~is_left]
    seconds[~is_left] = _seconds(pd.to_datetime(usual, errors="coerce", utc=True, format="ISO8601"))
    is_left |= np.isnan(seconds)
    if is_left.any():
        seconds[is_left] = _spelled(spellings[is_left])
    return seconds


def _spelled(spellings: pd.Series[str]) -> Floats:
    """The same for any spelling: several passes over each."""
    import pandas as pd

    text = spellings.str.strip().str.replace(_CHINESE_DATE, r"\1-\2-\3", regex=True)
    text = text.str.replace(_CHINESE_CLOCK, _clock, regex=True).str.replace("：", ":")
    text = text.str.replace(_DIGITS, _iso, regex=True)
    text = text.str.replace(_YEAR_FIRST, r"\1-\2-\3", regex=True)
    first = pd.to_numeric(text.str.extract(_YEAR_LAST)[0], errors="coerce")
    order = r"\3-\2-\1" if (first > 12).any() else r"\3-\1-\2"
    text = text.str.replace(_YEAR_LAST, order, regex=True)
    text = text.str.replace(r"-(\d)(-|[T ]|$)", r"-0\1\2", regex=True)
    text = text.str.replace(r"-(\d)([T ]|$)", r"-0\1\2", regex=True)  # the day beside the month
    text = text.str.replace(r"([T ])(\d):", r"\g<1>0\2:", regex=True)
    read = pd.to_datetime(text, errors="coerce", utc=True, format="ISO8601")
    is_left = read.isna().to_numpy()
    if is_left.any():
        mixed = pd.to_datetime(text[is_left], errors="coerce", utc=True, format="mixed")
        read = read.where(~is_left, mixed.reindex(read.index))
    return _seconds(read)


def _seconds(read: pd.Series[pd.Timestamp]) -> Floats:
    """Seconds since 1970 of times of UTC; NaN for none."""
    seconds = read.astype("datetime64[us, UTC]").astype("int64").to_numpy() / 1e6
    seconds[read.isna().to_numpy()] = np.nan
    return seconds.astype(np.float64)


def _clock(found: re.Match[str]) -> str:
    """The hour of the day: three in the afternoon is 15."""
    part, hour = found[1], int(found[2])
    if part in ("下午", "晚上", "中午"):
        hour = hour + 12 if hour < (12 if part != "中午" else 11) else hour
    elif hour == 12:
        hour = 0
    return f" {hour:02d}"


def _iso(found: re.Match[str]) -> str:
    year, month, day, hour, minute, second = found.groups()
    return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}"


def kinds(cells: pd.Series[str]) -> pd.Series[str]:
    """Kinds of events in lower case, words joined by "_"; "event" where a cell is empty."""

    def plain(spellings: pd.Series[str]) -> pd.Series[str]:
        words = spellings.str.strip().str.lower().str.replace(r"[\s_\-]+", "_", regex=True)
        return words.where(words != "", "event")

    return _of_spellings(cells, plain)


def are_void(cells: pd.Series[str]) -> NDArray[np.bool_]:
    """Whether a status says that nothing came of an order: cancelled, returned or never paid, `(n,)`.

    A part that was paid back does not say so.
    """
    found = _of_spellings(cells, lambda one: one.str.strip().str.contains(_VOID))
    return found.to_numpy(dtype=np.bool_)


def _of_spellings(
    cells: pd.Series[str], change: Callable[[pd.Series[str]], pd.Series[Changed]]
) -> pd.Series[Changed]:
    """Cells that were changed by their different spellings, which are few, however many rows."""
    import pandas as pd

    codes, spellings = pd.factorize(cells)
    return change(pd.Series(spellings, dtype=str)).take(codes).set_axis(cells.index)


def addresses(cells: pd.Series[str]) -> tuple[str, ...]:
    """Web addresses, of several the first; "" for whatever else, which a browser must not be sent to."""
    first = cells.str.extract(_ADDRESS, flags=re.IGNORECASE)[0]
    return tuple(first.fillna(""))
