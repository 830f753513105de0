"""Numbers with their units as the pages show them: two significant digits, in the user's language.

The exact value belongs into a `help=`. The module draws nothing and knows no page.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

import streamlit as st
from babel import dates, numbers

from components import i18n
from components.i18n import _

BABEL_LOCALES = {"en": "en_US", "zh": "zh_Hans_CN"}
LEAST_SHARE = 0.0001
HUGE = 1e15
"""From here on a number is told by its power of ten: nobody counts so many noughts."""


def locale() -> str:
    """Babel's name of the user's language."""
    return BABEL_LOCALES[i18n.language()]


def sentences(*parts: str) -> str:
    """Sentences one after the other, without the empty ones; between Chinese ones stands no space."""
    return ("" if i18n.language() == "zh" else " ").join(filter(None, parts))


def significant(value: float, digits: int = 2) -> float:
    """The value rounded to that many significant digits; 0 stays 0."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def number(value: float) -> str:
    """Two significant digits with thousands separators: 1,234 gives "1,200", 0.0123 gives "0.012"."""
    if not math.isfinite(value):
        return "–"
    return _decimal(significant(value))


def exact(value: float) -> str:
    """A number with all its digits and thousands separators, for hovering; "–" for none."""
    if not math.isfinite(value):
        return "–"
    return _decimal(value)


def _decimal(value: float) -> str:
    if abs(value) >= HUGE:
        return str(numbers.format_scientific(value, format="0.###E0", locale=locale()))
    return str(numbers.format_decimal(value, format="#,##0.############", locale=locale()))


def share(value: float) -> str:
    """A share of 1 in percent with two significant digits: 0.0345 gives "3.5%".

    What is above 0 and below a ten-thousandth gives "<0.01%": nobody reads its digits.
    """
    if not math.isfinite(value):
        return "–"
    return f"<{number(0.01)}%" if 0 < value < LEAST_SHARE else f"{number(value * 100)}%"


def count(value: int) -> str:
    """A whole number, exact, with thousands separators."""
    return str(numbers.format_decimal(value, locale=locale()))


def amount(value: float) -> str:
    """A price as shops write it, exact to the cent: "1,299", "4.50"."""
    pattern = "#,##0" if value == int(value) else "#,##0.00"
    return str(numbers.format_decimal(value, format=pattern, locale=locale()))


def size(n_bytes: float | None) -> str:
    """Bytes in the unit that reads best (decimal units, as downloads are given); "–" if unknown."""
    if n_bytes is None:
        return "–"
    value, unit = float(n_bytes), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if significant(value) < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{number(value)} {unit}"


def duration(seconds: float) -> str:
    """A time in the unit that reads best: "42 ms", "1.3 s", "2 min", "1.5 h"."""
    if seconds < 0.1:
        return _("{value} ms", value=number(seconds * 1000))
    if significant(seconds) < 100:
        return _("{value} s", value=number(seconds))
    if significant(seconds / 60) < 100:
        return _("{value} min", value=number(seconds / 60))
    return _("{value} h", value=number(seconds / 3600))


def per_second(value: float, unit: str) -> str:
    """A rate with its unit: "50 tokens/s"; bytes in the unit that reads best."""
    amount = size(value) if unit in ("B", "bytes") else f"{number(value)} {unit}"
    return _("{amount}/s", amount=amount)


def money(amount: Decimal | None, currency: str = "USD") -> str:
    """An amount with its currency; an unknown price is said to be unknown, never 0."""
    if amount is None:
        return _("unknown")
    return f"{number(float(amount))} {currency}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago a moment was: "5 minutes ago"; a date after a week. Both aware."""
    passed = now - moment
    if passed < timedelta(minutes=1):
        return _("just now")
    if passed > timedelta(days=7):
        return dates.format_date(moment.astimezone(UTC), format="medium", locale=locale())
    return dates.format_timedelta(-passed, add_direction=True, locale=locale())


def when(moment: datetime) -> str:
    """Date and time to the minute in the browser's time zone: what stays right while it is shown."""
    return dates.format_datetime(moment, format="short", tzinfo=_zone(), locale=locale())


def exact_time(moment: datetime) -> str:
    """Date and time to the second in the browser's time zone, for hovering."""
    return dates.format_datetime(moment, format="medium", tzinfo=_zone(), locale=locale())


def _zone() -> tzinfo:
    return dates.get_timezone(getattr(st.context, "timezone", None) or "UTC")
