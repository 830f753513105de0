"""A report as one HTML file: nothing is fetched when it is opened, and it prints well.

Jinja escapes every text that goes in; charts escape theirs.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from studio.economics.comparison import ModelResult
from studio.economics.figure import Figure
from studio.economics.measured_base import BETWEEN
from studio.export.kinds.findings import Findings
from studio.export.report import charts
from studio.export.report.facts import BusinessFacts, Report
from studio.export.report.texts import TEXTS
from studio.export.report.words import ReportWords
from studio.records import Notice

TEMPLATES = Path(__file__).resolve().parents[1] / "templates" / "report"
DECIDING = (
    "profit",
    "gross_margin",
    "break_even",
    "minimum_price",
    "ltv_to_cac",
    "payback",
    "runway",
)
"""Figures that decide, as on the page of the business models."""


def render(report: Report, words: ReportWords | None = None) -> str:
    """The report's HTML.

    Args:
        report: what it says.
        words: how it speaks; plain English and US dollars by default.
    """
    words = words or ReportWords()
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    business = report.business
    return environment.get_template("report.html.j2").render(
        r=report,
        w=words,
        t=SimpleNamespace(**{name: words.say(text) for name, text in TEXTS.items()}),
        style=Markup(style),
        base_facts=_base_facts(report, words),
        quality_chart=Markup("") if report.findings is None else _quality(report.findings, words),
        cost_chart=_cost(report, words),
        deciding=[] if business is None else _deciding(business.result),
        cash_chart=Markup("") if business is None else _cash(business.result, words),
        break_even_chart=Markup("") if business is None else _break_even(business, words),
        swing_chart=Markup("") if business is None else _swings(business, words),
        between=BETWEEN,
        known=words.say(Notice("Files it knows: {n}", n=report.n_documents)),
        glance=_glance(report, words),
        version=words.say(
            Notice(
                "Version {version}, as of {date}",
                version=report.version,
                date=words.moment(report.made_at),
            )
        ),
        made=words.say(
            Notice(
                "Made with Prototype Studio {studio} on {date}. Figures are measured on the machine of"
                " its owner, computed from these, or assumed; each says which.",
                studio=report.studio,
                date=words.moment(report.made_at),
            )
        ),
    )


def _glance(report: Report, words: ReportWords) -> list[tuple[str, str]]:
    """The figures of the first lines: quality, time, cost, break-even; those that there are."""
    base, found = report.base, []
    if report.findings is not None:
        label = f"{words.say(TEXTS['quality'])} ({words.say(report.findings.short)})"
        found += [
            (label, f"{row.mean:.3f} ({row.low:.3f} – {row.high:.3f})")
            for row in report.findings.rows
            if row.is_ours
        ]
    if base.total is not None:
        found.append(
            (words.say(Notice("95 of 100 requests within")), words.duration(base.total.p95 / 1000))
        )
    if base.cost is not None:
        found.append((words.say(TEXTS["thousand"]), words.money(base.cost.mean * 1000)))
    if report.business is not None:
        for key in ("break_even", "profit"):
            figure = report.business.result.figure(key)
            found.append((words.say(figure.label), words.figure(figure)))
    return found


def _base_facts(report: Report, words: ReportWords) -> str:
    base = report.base
    if base.first_at is None or base.last_at is None:
        return ""
    facts = Notice(
        "Requests: {n}, from {first} to {last}, read from the ledger.",
        n=base.n_requests,
        first=words.moment(base.first_at),
        last=words.moment(base.last_at),
    )
    if not base.n_missing:
        return words.say(facts)
    few = Notice("These are few: at least {n} more are wanted.", n=base.n_missing)
    return f"{words.say(facts)} {words.say(few)}"


def _quality(findings: Findings, words: ReportWords) -> Markup:
    rows = [
        charts.Range(
            label=words.say(row.name),
            low=row.low,
            value=row.mean,
            high=row.high,
            text=f"{row.mean:.3f}",
            color=charts.ORANGE
            if row.is_ours
            else (charts.GRAY if row.is_baseline else charts.BLUE),
        )
        for row in findings.rows
    ]
    return charts.ranges(rows, words.say(findings.measure))


def _cost(report: Report, words: ReportWords) -> Markup:
    rows = [
        charts.Bar(
            label=words.stage(stage.stage),
            value=words.of_usd(stage.cost_usd.mean),
            text=words.money(stage.cost_usd.mean),
        )
        for stage in report.base.stages
        if stage.cost_usd is not None
    ]
    return charts.bars(rows, words.say(TEXTS["cost"]))


def _deciding(result: ModelResult) -> list[Figure]:
    keys = dict.fromkeys((*DECIDING, *result.case.model.special))
    return [result.figure(key) for key in keys]


def _cash(result: ModelResult, words: ReportWords) -> Markup:
    balance = [result.case.value("cash_at_start"), *result.plan.values("cash")]
    known = [words.of_usd(float(amount)) for amount in balance if amount is not None]
    if len(known) < len(balance):
        return Markup("")
    lowest = min(range(len(known)), key=known.__getitem__)
    return charts.lines(
        range(len(known)),
        [charts.Series(values=known)],
        words.say(TEXTS["cash"]),
        words.currency,
        ticks=[(month, str(month)) for month in range(0, len(known), 12)],
        marks=[
            (month, known[month], f"{words.number(known[month])} {words.currency}")
            for month in sorted({0, lowest, len(known) - 1})
        ],
    )


def _break_even(business: BusinessFacts, words: ReportWords) -> Markup:
    curve, at = business.curve, business.result.statement.value("break_even")
    xs = curve.customers.tolist()
    revenue = [words.of_usd(amount) for amount in curve.revenue_usd.tolist()]
    marks = []
    if at is not None and float(at) <= xs[-1]:
        height = float(np.interp(float(at), xs, revenue))
        marks = [(float(at), height, words.number(float(at)))]
    return charts.lines(
        xs,
        [
            charts.Series(values=revenue, label=words.say(TEXTS["revenue"])),
            charts.Series(
                values=[words.of_usd(amount) for amount in curve.cost_usd.tolist()],
                label=words.say(TEXTS["all_costs"]),
                color=charts.RED,
            ),
        ],
        words.say(TEXTS["break_even"]),
        words.currency,
        ticks=[(x, words.number(x)) for x in (0.0, xs[-1] / 2, xs[-1])],
        marks=marks,
    )


def _swings(business: BusinessFacts, words: ReportWords) -> Markup:
    profit = business.result.figure("profit").value
    known = [
        (swing, swing.at_low, swing.at_high)
        for swing in business.swings
        if swing.at_low is not None and swing.at_high is not None
    ]
    if profit is None or not known:
        return Markup("")
    middle = words.of_usd(float(profit))
    rows = [
        charts.Range(
            label=words.say(swing.figure.label),
            low=words.of_usd(min(at_low, at_high)),
            value=middle,
            high=words.of_usd(max(at_low, at_high)),
            text=_ends(at_low, at_high, words),
        )
        for swing, at_low, at_high in known
    ]
    return charts.ranges(rows, words.say(TEXTS["sensitivity"]), middle=middle)


def _ends(at_low: float, at_high: float, words: ReportWords) -> str:
    """The result at both ends, the lower one first."""
    low, high = sorted((words.of_usd(at_low), words.of_usd(at_high)))
    return f"{words.number(low)} … {words.number(high)}"
