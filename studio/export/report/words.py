"""How a report speaks: language, numbers with their units, money in a currency.

The pages give their own words; the plain ones here are for notebooks and the command line.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from studio.economics.figure import Figure, FigureBasis, Unit
from studio.records import Notice


def _number(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"
    digits = 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.{max(0, digits)}f}"


_STAGES = {
    "embedding": "Reading the question (embedding)",
    "between": "Between the models (searching, checking)",
    "reranking": "Reordering (reranking)",
    "recommendation": "Recommending",
    "search": "Searching by words",
    "generation": "Writing (generation)",
}


def _figure(figure: Figure) -> str:
    if figure.value is None:
        return "–" if figure.note is None else str(figure.note)
    if figure.unit in (Unit.SHARE, Unit.SHARE_PER_MONTH):
        return f"{_number(float(figure.value) * 100)}%"
    unit = figure.unit.value.replace("_", " ").replace("usd", "USD")
    named = "" if figure.unit in (Unit.COUNT, Unit.RATIO) else f" {unit}"
    return f"{_number(float(figure.value))}{named}"


def _assumption(figure: Figure) -> str:
    if figure.value is None or figure.basis is not FigureBasis.ASSUMED:
        return _figure(figure)
    is_share = figure.unit in (Unit.SHARE, Unit.SHARE_PER_MONTH)
    value = float(figure.value) * 100 if is_share else float(figure.value)
    digits = f"{value:,.9f}".rstrip("0").rstrip(".")
    return _figure(figure).replace(_number(value), digits, 1)


def _origin(figure: Figure) -> str:
    if figure.formula or figure.method is not None:
        return figure.formula or str(figure.method)
    date = "" if figure.as_of is None else f" ({figure.as_of})"
    return "" if figure.source is None else f"{figure.source}{date}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWords:
    """How a report speaks.

    Attributes:
        language: "en" or "zh", for the browser.
        say: a sentence of the library.
        number: two significant digits.
        money: an amount of US dollars in the currency, None for unknown.
        of_usd: an amount of US dollars in the currency, for charts.
        currency: its code.
        duration: seconds in the unit that reads best.
        figure: a figure with its unit.
        assumption: the same with every digit where somebody chose it: 19.90 is not 20.
        figure_range: the range of a figure; "" for none.
        origin: formula or source of a figure with its date.
        basis: what a figure rests on, in a word.
        stage: what a stage of a request is called.
        moment: a time in words.
    """

    language: str = "en"
    say: Callable[[Notice], str] = str
    number: Callable[[float], str] = _number
    money: Callable[[float | None], str] = lambda usd: (
        "unknown" if usd is None else f"{_number(usd)} USD"
    )
    of_usd: Callable[[float], float] = lambda usd: usd
    currency: str = "USD"
    duration: Callable[[float], str] = lambda s: (
        f"{_number(s * 1000)} ms" if s < 0.1 else f"{_number(s)} s"
    )
    figure: Callable[[Figure], str] = _figure
    assumption: Callable[[Figure], str] = _assumption
    figure_range: Callable[[Figure], str] = lambda _: ""
    origin: Callable[[Figure], str] = _origin
    basis: Callable[[FigureBasis], str] = lambda basis: basis.value
    stage: Callable[[str], str] = lambda stage: _STAGES.get(stage, stage)
    moment: Callable[[datetime], str] = lambda moment: f"{moment:%Y-%m-%d %H:%M} UTC"
