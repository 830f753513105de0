"""What can be taken away: a workbook with live formulas, tables as CSV, a page with charts.

A file is made when it is asked for, in the language of the page. The module draws the buttons; the
files are made by economics, and the page by `business_report`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from components import business_report, figure_text, i18n
from components.business_report_serving import Headed
from components.i18n import _, translate
from components.shown_currency import ShownCurrency
from studio.economics.comparison import ModelResult
from studio.economics.currency import Currency
from studio.economics.figure import Unit
from studio.economics.table_export import comparison_csv, figures_csv, plan_csv
from studio.economics.uncertainty import Outlook
from studio.economics.workbook import workbook
from studio.economics.workbook_cells import WorkbookWords
from studio.workbench import AnyPrototype

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(
    prototype: AnyPrototype,
    results: Sequence[ModelResult],
    outlooks: Callable[[], Sequence[Outlook]],
    served: Callable[[], Sequence[Headed]],
    shown: ShownCurrency,
    *,
    key: str,
) -> None:
    """Draw the choice of the model and the files.

    Args:
        prototype: whose business it is.
        results: all models.
        outlooks: gives their random worlds; called only for the page with charts.
        served: gives the charts on serving; called only for that page.
        shown: the currency.
        key: of the widgets.
    """
    by_key = {result.case.model.key: result for result in results}
    chosen = st.selectbox(
        _("Business model"),
        list(by_key),
        format_func=lambda one: translate(by_key[one].case.model.name),
        key=f"_{key}.download.model",
        width=300,
    )
    result, words = by_key[chosen], words_of(prototype.name)
    slug = f"{prototype.slug}-{chosen}"
    files: list[tuple[str, str, str, Callable[[], bytes | str]]] = [
        (_("Workbook (XLSX)"), f"{slug}.xlsx", XLSX, partial(_workbook, result, words, shown)),
        (_("Its figures (CSV)"), f"{slug}.csv", "text/csv", partial(figures_csv, result, words)),
        (_("Its months (CSV)"), f"{slug}-months.csv", "text/csv", partial(plan_csv, result, words)),
        (
            _("All models (CSV)"),
            f"{prototype.slug}-models.csv",
            "text/csv",
            partial(comparison_csv, results, words),
        ),
        (
            _("Page with charts (HTML)"),
            f"{prototype.slug}-business.html",
            "text/html",
            partial(_page, prototype, results, outlooks, served, shown),
        ),
    ]
    code = i18n.language()
    with st.container(horizontal=True, key=f"{key}_downloads"):
        for label, name, mime, make in files:
            st.download_button(
                label,
                data=partial(in_language, code, make),
                file_name=name,
                mime=mime,
                icon=":material/download:",
                key=f"_{key}.download.{mime.rsplit('/', 1)[-1]}.{name.removeprefix(slug)}",
                on_click="ignore",
            )
    st.caption(
        _(
            "In the workbook every figure is a formula: change an assumption and all follows. Amounts"
            " in files are in US dollars."
        )
    )


def words_of(title: str) -> WorkbookWords:
    """How files speak: in the language of the moment in which they are written."""
    return WorkbookWords(title=title, say=translate, unit=_unit)


def _unit(unit: Unit) -> str:
    return figure_text.unit(unit, Currency.USD.value)


def in_language(code: str, make: Callable[[], bytes | str]) -> bytes:
    """A file in a language; the browser asks for it in a thread that has no page."""
    with i18n.speaking(code):
        made = make()
    return made if isinstance(made, bytes) else made.encode("utf-8")


def _workbook(result: ModelResult, words: WorkbookWords, shown: ShownCurrency) -> bytes:
    return workbook(result, words, at=datetime.now(UTC), currency=shown.currency, rates=shown.rates)


def _page(
    prototype: AnyPrototype,
    results: Sequence[ModelResult],
    outlooks: Callable[[], Sequence[Outlook]],
    served: Callable[[], Sequence[Headed]],
    shown: ShownCurrency,
) -> str:
    now = datetime.now(UTC)
    return business_report.page(prototype.name, results, outlooks(), shown, now, served())
