"""The verdict: ways of searching measured on the judged queries, how sure it is, and what to do.

Measuring is a job of the bench; its last result is drawn again after a reload.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import bench_chart, bench_trial, notice, progress, session
from components import format as fmt
from components import setting_words as words
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.evaluation.comparison import MIN_QUERIES, Interval, signed
from studio.prototypes.bench.judging import Judged
from studio.prototypes.bench.measuring import ENOUGH, MeasuredWay, Measurement, Part
from studio.prototypes.document_settings import DocumentSettings
from studio.prototypes.search.comparing import DEPTH, MEASURES
from studio.workbench import AnyDocumented
from studio.workspace.records import JudgementSource


def show(prototype: AnyDocumented) -> None:
    """Draw the way to measure, and what was measured last."""
    bench = prototype.bench
    judged = bench.judgements()
    n_right = n_measurable(judged)
    st.caption(how_many_queries(n_right))
    now, tried = prototype.settings, bench_trial.settings(prototype)
    trial = None if tried == now else tried
    if trial is not None:
        listed = " · ".join(bench_trial.changes(prototype, now, tried))
        st.caption(notice.plain(_("On trial: {changes}", changes=listed)))
    job = bench.measuring()
    is_busy = progress.is_active(job)
    if not is_busy:
        st.button(
            _("Measure"),
            key=f"_bench.{prototype.id}.measure",
            type="primary",
            icon=":material/straighten:",
            disabled=n_right == 0,
            on_click=_start,
            args=(prototype, trial),
        )
    progress.watch(bench.measuring, key=f"bench.{prototype.id}.job")
    found = bench.last_measurement()
    if found is not None and not is_busy:
        _draw(prototype, found)


def n_measurable(judged: tuple[Judged, ...]) -> int:
    """Queries with at least one right item that is there."""
    return len({one.query for one in judged if one.item is not None and one.grade > 0})


def how_many_queries(n: int) -> str:
    """How many queries are judged, and how many a sure verdict needs."""
    so_far = ngettext(
        "{n} query has a right result so far.", "{n} queries have a right result so far.", n
    )
    if n < MIN_QUERIES:
        need = _(
            "A verdict needs at least {least}; about {enough} make it sure.",
            least=MIN_QUERIES,
            enough=ENOUGH,
        )
    elif n < ENOUGH:
        need = _("About {enough} make a verdict sure.", enough=ENOUGH)
    else:
        need = _("That is enough for a sure verdict, unless the ways are nearly equal.")
    return fmt.sentences(so_far, need)


def way_name(way: MeasuredWay) -> str:
    """What a way is called: the plain ways by their kind, else by what it stands for."""
    modes = words.search_modes()
    names: dict[Part, str] = {
        "keyword": modes["keyword"],
        "semantic": modes["semantic"],
        "hybrid": modes["hybrid"],
        "now": _("in use"),
        "trial": _("on trial"),
    }
    return ", ".join(names[part] for part in way.parts)


def how_many_from(source: JudgementSource, n: int) -> str:
    """How many judgements came from a source."""
    sources: dict[JudgementSource, str] = {
        "thumb": _("by thumbs {n}"),
        "upload": _("from files {n}"),
        "draft": _("from drafts {n}"),
        "feedback": _("from feedback {n}"),
    }
    return sources[source].format(n=fmt.count(n))


def _start(prototype: AnyDocumented, trial: DocumentSettings | None) -> None:
    prototype.bench.start_measuring(trial)


def _draw(prototype: AnyDocumented, found: Measurement) -> None:
    for verdict in found.verdicts:
        st.markdown(notice.plain(_as_sentence(translate(verdict))))
    if found.version != prototype.version:
        notice.show(
            _(
                "Measured on version {old}; now it is version {new}. Measure again to be sure.",
                old=found.version,
                new=prototype.version,
            ),
            "warning",
        )
    _basis(found)
    rows = [(way_name(way), way.measured.ndcg) for way in found.ways]
    bench_chart.show(rows, MEASURES[0], key=f"bench_chart_{prototype.id}")
    _table(found)
    _use(prototype, found)
    _wins_and_losses(prototype, found)


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _basis(found: Measurement) -> None:
    """On what the figures stand."""
    n_by_source = ", ".join(how_many_from(source, n) for source, n in found.n_by_source.items())
    lines = [
        _(
            "Measured {ago} on version {version}: {queries}, {judgements} ({sources}).",
            ago=fmt.ago(found.measured_at, datetime.now(UTC)),
            version=found.version,
            queries=ngettext("{n} query", "{n} queries", len(found.queries)),
            judgements=ngettext("{n} judgement", "{n} judgements", found.n_judgements),
            sources=n_by_source,
        ),
        _(
            "Rankings are judged to the first {depth}, whatever the threshold and the number of"
            " results; what nobody judged counts as wrong.",
            depth=DEPTH,
        ),
    ]
    if found.n_by_source.get("draft"):
        lines.append(_("Drafts repeat the words of your documents, which favours search by words."))
    if found.n_by_source.get("thumb"):
        lines.append(
            _("Thumbs favour the way whose results were judged; judge those of all three.")
        )
    if found.n_gone:
        lines.append(
            ngettext(
                "{n} judgement was left out: its document or row is not there any more.",
                "{n} judgements were left out: their document or row is not there any more.",
                found.n_gone,
            )
        )
    st.caption("  \n".join(notice.plain(line) for line in lines))


def _table(found: Measurement) -> None:
    import pandas as pd

    columns = (_("Way"), *MEASURES, _("Search time, median"), _("95 of 100 within"))
    rows = [
        (
            way_name(way),
            _span(way.measured.ndcg),
            _span(way.measured.recall),
            _span(way.measured.reciprocal_rank),
            fmt.duration(way.measured.search_ms / 1000),
            fmt.duration(way.measured.search_p95_ms / 1000),
        )
        for way in found.ways
    ]
    st.table(
        pd.DataFrame(rows, columns=list(columns)).set_index(columns[0])  # wraps, on a phone too
    )
    st.caption(
        _(
            "nDCG: right results, early. R: share of the right results found (recall). RR: how early"
            " the first right one is (MRR). In brackets the 95% interval. The time is that in the"
            " index and of reranking; the model's reading of the query comes on top, except for"
            " search by words."
        )
    )


def _span(interval: Interval) -> str:
    # Word joiners: where there is little room, the line breaks before the bracket and not within.
    return f"{interval.mean:.2f} ({interval.low:.2f}\u2060–\u2060{interval.high:.2f})"


def _use(prototype: AnyDocumented, found: Measurement) -> None:
    others = [way for way in found.ways if "now" not in way.parts]
    if found.version != prototype.version:
        others = list(found.ways)
    with st.container(horizontal=True):
        for way in others:
            if st.button(
                _("Use: {way}", way=way_name(way)),
                key=f"_bench.{prototype.id}.use.{way.parts[0]}",
            ):
                try:
                    bench_trial.apply(prototype, way.settings)
                except StudioError as error:
                    session.flash(translate(error.notice))
                st.rerun()


def _wins_and_losses(prototype: AnyDocumented, found: Measurement) -> None:
    """Query by query, one way against another."""
    if len(found.ways) < 2:
        return
    with st.expander(_("Query by query"), key=f"_bench.{prototype.id}.queries"):
        by_name = {way_name(way): way for way in found.ways}
        ours_default = found.way("trial") or found.way("now") or found.ways[-1]
        left, right = st.columns(2)
        ours = left.selectbox(
            _("Way"),
            list(by_name),
            index=found.ways.index(ours_default),
            key=f"_bench.{prototype.id}.ours",
        )
        others = [name for name in by_name if name != ours]
        usual = way_name(found.way("now") or found.ways[0])
        other = right.selectbox(
            _("against"),
            others,
            index=others.index(usual) if usual in others else 0,
            key=f"_bench.{prototype.id}.other",
        )
        outcomes = found.outcomes(by_name[ours], by_name[other])
        st.dataframe(
            {
                _("Query"): [one.query for one in outcomes],
                _("nDCG"): [signed(one.ndcg - one.other_ndcg, ".2f") for one in outcomes],
                _("First right result"): [_rank(one.rank) for one in outcomes],
                _("against"): [_rank(one.other_rank) for one in outcomes],
            },
            hide_index=True,
        )
        st.caption(
            _(
                "nDCG: how much better the first way is. First right result: its rank in the first"
                " {n}, – where it is not among them.",
                n=DEPTH,
            )
        )


def _rank(rank: int | None) -> str:
    return "–" if rank is None else str(rank)
