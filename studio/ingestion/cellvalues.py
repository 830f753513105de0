"""Values of worksheet cells as people see them: dates, percentages, prices, codes with zeros.

Follows the cell's number format as far as its first section goes: digits after the point, thousands,
percent, leading zeros and the words around the number. Formats beyond that (fractions, powers of ten,
several sections) show the plain value.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from studio.ingestion.decoding import clean

# A literal in quotes, a currency in brackets, a colour or condition, an escaped letter, padding, the
# digits, and whatever is left.
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]|\\(?P<escaped>.)|[_*].'
    r"|(?P<digits>[0#][0#,.]*|\.0+)|(?P<other>.)",
    re.DOTALL,
)
_BARE = frozenset("$€£¥￥₹₩%-+ ()元")


def shown(value: object, number_format: str = "General") -> str:
    """The text of a cell; "" for an empty one. Dates are written 2026-11-23, times 14:30."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return _number(value, number_format)
        case datetime():
            if value.time() == time():
                return value.date().isoformat()
            return value.isoformat(" ", "seconds" if value.second else "minutes")
        case time():
            return value.isoformat("seconds" if value.second else "minutes")
        case date():
            return value.isoformat()
        case timedelta():
            return _duration(value)
        case _:
            return clean(str(value))


def _duration(value: timedelta) -> str:
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def _number(value: float, number_format: str) -> str:
    pattern = _pattern(number_format.split(";")[0])
    if pattern is None:
        return _plain(value)
    before, digits, after = pattern
    whole, _, decimals = digits.partition(".")
    scaled = value * 100 if "%" in before + after else value
    # Optional digits ("#") are shown only where there are any.
    text = (
        f"{abs(scaled):,.{len(decimals)}f}" if "," in whole else f"{abs(scaled):.{len(decimals)}f}"
    )
    n_optional = len(decimals) - len(decimals.rstrip("#"))
    for _ in range(n_optional):
        text = text.removesuffix("0")
    text = text.rstrip(".") if n_optional else text
    head, point, tail = text.partition(".")
    text = head.zfill(whole.count("0")) + point + tail
    is_zero = not text.strip("0.,")
    return f"{'-' if scaled < 0 and not is_zero else ''}{before}{text}{after}".strip()


def _plain(value: float) -> str:
    """As the "General" format shows it: whole numbers without a point, else 15 digits at most."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def _pattern(section: str) -> tuple[str, str, str] | None:
    """What stands before the digits, the digits and what stands after; None for other formats."""
    before, digits, after = "", "", ""
    for match in _TOKEN.finditer(section):
        if match["digits"]:
            if digits or match["digits"].endswith(","):  # a second number, or thousands left out
                return None
            digits = match["digits"]
            continue
        literal = match["quoted"] or match["currency"] or match["escaped"] or ""
        other = match["other"] or ""
        if other and other not in _BARE:  # General, dates, powers of ten, fractions, text
            return None
        if digits:
            after += literal + other
        else:
            before += literal + other
    return (before, digits, after) if digits and digits.count(".") < 2 else None
