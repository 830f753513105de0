"""Two versions of a prototype side by side: settings, time, cost, satisfaction, how well they find.

Every figure is measured and has its interval; where there is none, the panel says what is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal

import streamlit as st

from components import cache, notice, session, setting_words, version_evaluations, versions
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.evaluation.comparison import Interval, signed
from studio.feedback.split import on_satisfaction
from studio.feedback.version_comparison import VersionComparison
from studio.prototypes.bench.versions import VersionsMeasured
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.search.comparing import MEASURES
from studio.records import Notice
from studio.workbench import AnyDocumented, AnyPrototype
from studio.workspace.records import VersionRecord

MAX_NOTE = 60


def show(prototype: AnyPrototype) -> None:
    """Draw the choice of two versions and everything known of them."""
    records = cache.workbench().workspace.prototypes.versions(prototype.id)
    if len(records) < 2:
        notice.show(_("There is one version so far. Every change of the settings makes another."))
        return
    first, second = _choose(prototype, records)
    if first.version == second.version:
        st.caption(_("Choose two different versions."))
        return
    _differences(prototype, first, second)
    comparison = cache.workbench().feedback.compare_versions(
        prototype.id, first.version, second.version
    )
    _figures(comparison)
    st.caption(translate(on_satisfaction(comparison)))
    version_evaluations.show(prototype, first, second)
    if isinstance(prototype, DocumentedPrototype) and prototype.kind in ("chatbot", "search"):
        _offline(prototype, first, second)


def _choose(
    prototype: AnyPrototype, records: Sequence[VersionRecord]
) -> tuple[VersionRecord, VersionRecord]:
    """The two versions: by default the last that was published or asked for, and the one before."""
    names = _names(prototype, records)
    by_number = {one.version: one for one in records}
    asked = st.query_params.get("version", "")
    newest = int(asked) if asked.isdigit() and int(asked) in by_number else records[0].version
    older = next((one.version for one in records if one.version < newest), records[0].version)
    defaults = {"first": older, "second": newest}
    labels = {"first": _("Version before"), "second": _("Version after")}
    chosen = {}
    for column, side in zip(st.columns(2), defaults, strict=True):
        key = f"_versions.{prototype.id}.{asked}.{side}"
        session.default_widget_value(key, defaults[side])
        with column:
            number = st.selectbox(labels[side], list(names), format_func=names.__getitem__, key=key)
        chosen[side] = by_number[int(number)]
    return chosen["first"], chosen["second"]


def _names(prototype: AnyPrototype, records: Sequence[VersionRecord]) -> dict[int, str]:
    models = {spec.id: spec.name for spec in cache.workbench().catalogue.list()}
    names = {}
    for at, record in enumerate(records):
        changed = versions.summary(prototype.settings_type, records[at:], models)[0]
        told = record.note or changed
        short = told if len(told) <= MAX_NOTE else told[: MAX_NOTE - 1] + "…"
        names[record.version] = _("Version {n}", n=record.version) + f" · {short}"
    return names


def _differences(prototype: AnyPrototype, first: VersionRecord, second: VersionRecord) -> None:
    models = {spec.id: spec.name for spec in cache.workbench().catalogue.list()}
    lines = setting_words.changes(prototype.settings_type, first.settings, second.settings, models)
    st.markdown("**" + _("What differs") + "**")
    if not lines:
        st.caption(_("Nothing: both have the same settings."))
    st.markdown("\n".join(f"- {notice.plain(line)}" for line in lines))


def _figures(found: VersionComparison) -> None:
    """One row per measure: both versions with their intervals, and the difference."""
    st.markdown("**" + _("What was measured") + "**")
    first, second = (_("Version {n}", n=n) for n in found.versions)
    rows: list[Sequence[str]] = [("", first, second, _("Difference"))]
    counts = [fmt.count(one.n_requests) for one in found.requests]
    rows.append((_("Requests of people"), *counts, ""))
    if found.time_ms is not None:
        time = found.time_ms
        rows.append((_("Time, median"), *map(_time, (time.first, time.second, time.difference))))
    if found.cost_usd is not None:
        cost = found.cost_usd
        rows.append((_("Cost, mean"), *map(_cost, (cost.first, cost.second, cost.difference))))
    if found.satisfied is not None:
        shares = found.satisfied
        difference = _points(shares.difference)
        rows.append((_("Content people"), _share(shares.first), _share(shares.second), difference))
    st.markdown(_table(rows))
    if found.time_ms is None:
        missing = [n for n, one in zip(found.versions, found.requests, strict=True)
                   if not one.n_requests]  # fmt: skip
        st.caption(
            _(
                "Nobody has asked version {versions} yet, so its time and cost are not known. Ask it"
                " something on the builder's page, or let a demo's visitors meet it.",
                versions=", ".join(map(str, missing)),
            )
        )
    n_failed = sum(one.n_failed for one in found.requests)
    if n_failed:
        st.caption(
            ngettext(
                "{n} request failed and is left out.",
                "{n} requests failed and are left out.",
                n_failed,
            )
        )


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = [[cell.replace("|", "/") for cell in row] for row in rows]
    lines = ["| " + " | ".join(head) + " |", "|:--|--:|--:|--:|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in body)])


def _with(interval: Interval, middle: str, low: str, high: str) -> str:
    """A figure with the ends of its interval; alone where the interval has no width."""
    if interval.low == interval.high:
        return notice.plain(middle)
    return f"{notice.plain(middle)} :gray[({notice.plain(low)} – {notice.plain(high)})]"


def _time(interval: Interval) -> str:
    def said(ms: float) -> str:
        return ("−" if ms < 0 else "") + fmt.duration(abs(ms) / 1000)

    return _with(interval, *map(said, (interval.mean, interval.low, interval.high)))


def _cost(interval: Interval) -> str:
    def said(usd: float) -> str:
        return ("−" if usd < 0 else "") + fmt.money(Decimal(str(abs(usd))))

    return _with(interval, *map(said, (interval.mean, interval.low, interval.high)))


def _share(interval: Interval) -> str:
    return _with(interval, *map(fmt.share, (interval.mean, interval.low, interval.high)))


def _points(interval: Interval) -> str:
    def said(value: float) -> str:
        return signed(round(100 * value), "d")

    points = _("{n} points", n=said(interval.mean))
    return _with(interval, points, said(interval.low), said(interval.high))


def _offline(prototype: AnyDocumented, first: VersionRecord, second: VersionRecord) -> None:
    """How well both find, on the queries that were judged."""
    st.markdown("**" + _("How well they find") + "**")
    judged = prototype.bench.judgements()
    n_judged = len({one.query for one in judged if one.grade > 0})
    if not n_judged:
        st.caption(
            _("No query is judged yet. Keep feedback as tests, or judge results under Tune.")
        )
        return
    told = sorted((one.query, one.stored, one.grade) for one in judged)
    mark = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    key = f"versions.{prototype.id}.{first.version}.{second.version}.{mark}"
    if st.button(
        ngettext(
            "Measure both on {n} judged query", "Measure both on {n} judged queries", n_judged
        ),
        key="_versions.measure",
        icon=":material/straighten:",
    ):
        _measure(prototype, first, second, key)
    measured: VersionsMeasured | None = session.kept_value(key)
    if measured is not None:
        rows: list[Sequence[str]] = [
            ("", *(_("Version {n}", n=one.version) for one in (first, second)))
        ]
        for measure, name in _measures().items():
            rows.append((name, *(_score(getattr(one, measure)) for one in
                                 (measured.first, measured.second))))  # fmt: skip
        head, *body = rows
        lines = ["| " + " | ".join(head) + " |", "|:--|--:|--:|"]
        st.markdown("\n".join([*lines, *("| " + " | ".join(row) + " |" for row in body)]))
        st.caption(translate(measured.verdict))


def _measures() -> Mapping[str, str]:
    ndcg, recall, rank = MEASURES
    return {
        "ndcg": _("Right results on top ({measure})", measure=ndcg),
        "recall": _("Right results found ({measure})", measure=recall),
        "reciprocal_rank": _("How high the first right one stands ({measure})", measure=rank),
    }


def _score(interval: Interval) -> str:
    return _with(interval, f"{interval.mean:.2f}", f"{interval.low:.2f}", f"{interval.high:.2f}")


def _measure(
    prototype: AnyDocumented,
    first: VersionRecord,
    second: VersionRecord,
    key: str,
) -> None:
    read = prototype.settings_type.from_json
    names = tuple(Notice("version {n}", n=one.version) for one in (first, second))
    try:
        with st.spinner(_("Measuring both versions")):
            found = prototype.bench.versions(
                read(first.settings), read(second.settings), names=(names[0], names[1])
            )
    except StudioError as error:
        notice.show(error.notice, "warning")
        return
    session.keep_value(key, found)
