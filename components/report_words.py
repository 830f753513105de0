"""How a report speaks when the studio makes it: the pages' own words, in a language and a currency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import ParamSpec

from babel import dates

from components import figure_text, i18n, stage_words
from components import format as fmt
from components.i18n import translate
from components.shown_currency import ShownCurrency
from studio.economics.figure import Figure, FigureBasis
from studio.export.report.words import ReportWords

P = ParamSpec("P")


def words(language: str, shown: ShownCurrency) -> ReportWords:
    """The words of a report in a language ("en" or "zh"), whichever the page speaks.

    Args:
        language: of the report.
        shown: the currency of its amounts.
    """

    def spoken(function: Callable[P, str]) -> Callable[P, str]:
        def speak(*args: P.args, **kwargs: P.kwargs) -> str:
            with i18n.speaking(language):
                return function(*args, **kwargs)

        return speak

    return ReportWords(
        language=language,
        say=spoken(translate),
        number=spoken(fmt.number),
        money=spoken(shown.money),
        of_usd=shown.of,
        currency=shown.code,
        duration=spoken(fmt.duration),
        figure=spoken(lambda figure: figure_text.cell(figure, shown)),
        assumption=spoken(lambda figure: _assumption(figure, shown)),
        figure_range=spoken(lambda figure: _range(figure, shown)),
        origin=spoken(figure_text.origin),
        basis=spoken(figure_text.basis),
        stage=spoken(stage_words.name),
        moment=spoken(_moment),
    )


def _assumption(figure: Figure, shown: ShownCurrency) -> str:
    """As it was entered, where somebody did."""
    if figure.basis is FigureBasis.ASSUMED and figure.value is not None:
        return figure_text.exact(figure, shown)
    return figure_text.cell(figure, shown)


def _range(figure: Figure, shown: ShownCurrency) -> str:
    if figure.low is None or figure.high is None or figure.low >= figure.high:
        return ""
    low, high = (figure_text.amount(end, figure.unit, shown) for end in (figure.low, figure.high))
    return f"{low} – {high}"


def _moment(moment: datetime) -> str:
    """Date and minute, in UTC: a file is read anywhere."""
    text = dates.format_datetime(
        moment.astimezone(UTC), format="medium", tzinfo=UTC, locale=fmt.locale()
    )
    return f"{text} UTC"
