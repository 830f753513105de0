"""The business of a prototype as one HTML file with interactive charts, readable without the studio.

Everything is inside the file: nothing is fetched when it is opened. The module makes text; it draws no
page of the studio.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from components import chart_frame as frame
from components import (
    chart_margin,
    chart_months,
    figure_text,
    i18n,
    model_comparison,
    model_outlook,
)
from components import format as fmt
from components.i18n import _, translate
from components.shown_currency import ShownCurrency
from studio.economics.comparison import ModelResult
from studio.economics.uncertainty import Outlook

if TYPE_CHECKING:
    import plotly.graph_objects as go

STYLE = """
body{font-family:Inter,'Segoe UI','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;
max-width:1000px;margin:2rem auto;padding:0 1rem;color:#1d2526;line-height:1.5}
h1{font-size:1.8rem}h2{font-size:1.3rem;margin-top:2.2rem}
table{border-collapse:collapse;width:100%;font-size:.85rem;font-variant-numeric:tabular-nums}
th,td{border-bottom:1px solid #d5dddd;padding:.3rem .5rem;text-align:left;vertical-align:top}
.scroll{overflow-x:auto}small{color:#586364}
"""


def page(
    name: str,
    results: Sequence[ModelResult],
    outlooks: Sequence[Outlook],
    shown: ShownCurrency,
    at: datetime,
    more: Sequence[tuple[str, go.Figure]] = (),
) -> str:
    """The file's text.

    Args:
        name: of the prototype.
        results: the models.
        outlooks: their random worlds, in the same order.
        shown: the currency of all amounts.
        at: aware time that the file says it is from.
        more: other charts with their headings (`business_report_serving`), after those of the models.
    """
    title = html.escape(_("{name}: the business", name=name))
    parts = [f"<h1>{title}</h1><p><small>{html.escape(fmt.exact_time(at))}</small></p>"]
    parts.append(_heading(_("All models side by side")) + _comparison(results, shown))
    scripts: bool | str = True  # the first chart brings the library, the others use it
    for heading, chart in (*_charts(results, outlooks, shown), *more):
        chart.update_layout(template="plotly_white")
        parts.append(_heading(heading))
        parts.append(
            chart.to_html(full_html=False, include_plotlyjs=scripts, config={"displaylogo": False})
        )
        scripts = False
    for result in results:
        parts.append(_heading(translate(result.case.model.name)) + _figures(result, shown))
    language = i18n.language()
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _heading(text: str) -> str:
    return f"<h2>{html.escape(text)}</h2>"


def _charts(
    results: Sequence[ModelResult], outlooks: Sequence[Outlook], shown: ShownCurrency
) -> list[tuple[str, go.Figure]]:
    """The charts with their headings: cash, the chance of profit, and who loses money."""
    names = model_outlook.names(results)
    cash = model_outlook.cash_lines(results, shown)
    chance = model_outlook.chance_lines(results, outlooks)
    found = [
        (
            _("Cash at the end of each month"),
            chart_months.lines(cash, frame.Axis(title=_("Cash"), unit=shown.code), first_month=0),
        ),
        (
            _("Chance of having had a profitable month"),
            chart_months.lines(chance, frame.Axis(title=_("Profitable by then"), is_share=True)),
        ),
    ]
    unit = _("{currency} a month", currency=shown.code)
    for name, result in zip(names, results, strict=True):
        for group in result.usage.groups:
            margins = [shown.of(decile.margin_usd) for decile in group.deciles]
            users = name if group.label is None else f"{name}, {translate(group.label)}"
            heading = _("{name}: who loses money", name=users)
            found.append((heading, chart_margin.deciles(margins, unit, title=_("Left of each"))))
    return found


def _comparison(results: Sequence[ModelResult], shown: ShownCurrency) -> str:
    head = [_("Figure"), *model_outlook.names(results)]
    rows = []
    for key, label in model_comparison.rows().items():
        figures = [model_comparison.figure_of(result, key) for result in results]
        cells = ["" if one is None else figure_text.cell(one, shown) for one in figures]
        rows.append([label, *cells])
    return _table(head, rows)


def _figures(result: ModelResult, shown: ShownCurrency) -> str:
    """Every figure of a model with what it rests on."""
    head = [_("Figure"), _("Value"), _("Rests on"), _("Formula or source")]
    rows = [
        [
            figure_text.name(figure),
            figure_text.cell(figure, shown),
            figure_text.basis(figure.basis),
            figure_text.origin(figure),
        ]
        for figure in (*result.statement.figures, *result.finances.figures, *result.load)
    ]
    return _table(head, rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(tag: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(line("td", row) for row in rows)
    return f'<div class="scroll"><table>{line("th", head)}{body}</table></div>'
