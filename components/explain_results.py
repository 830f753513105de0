"""Why these results: the words each shares with the query, and how alike the model finds their words."""

from __future__ import annotations

import html

import numpy as np
import streamlit as st

from components import cache, chart_frame, notice, progress, search_result, session
from components import format as fmt
from components.i18n import _, ngettext
from studio.evaluation.comparison import signed
from studio.explaining.explaining import RESULTS_JOB, ExplainedResult, WhyResults
from studio.explaining.result_match import ResultMatch
from studio.jobs.runner import Job, JobState
from studio.prototypes.search.search import Search

N_PER_WORD = 3
"""Words of the passage that are drawn for each word of the query, the likest ones."""
LEAST_SHARE = 0.15
"""Of the strongest word; what is weaker is not marked."""
ASKED = "query"
"""Parameter of the address that brings a query here."""
STYLE = """<style>
.explain-passage{line-height:1.9;overflow-wrap:anywhere;white-space:pre-line}
.explain-passage mark{color:inherit;border-radius:.2rem;padding:0 .1em}
.explain-passage u{text-decoration-thickness:.12em;text-underline-offset:.2em}
</style>"""


def show(search: Search) -> None:
    """Draw the query, the work, and what came of it last."""
    st.caption(
        _(
            "Underlined words are those that keyword search counts. The stronger a word is marked, the"
            " more it has to do with the query in the eyes of the search model."
        )
    )
    key = f"_explain.query.{search.id}"
    arrived = st.query_params.get(ASKED) or ""
    first = arrived or next(iter(search.settings.suggestions), "")
    session.default_widget_value(key, first)
    with st.form(f"explain_results_{search.id}", border=False):
        query = st.text_input(_("Query"), key=key, max_chars=500)
        asked = st.form_submit_button(_("Explain the results"), type="primary")
    explaining = cache.workbench().explaining
    shown = f"explain.shown.{search.id}"
    if asked and query.strip():
        session.keep_value(shown, query)
        explaining.start_results(search.id, query)
    elif arrived and session.kept_value(f"explain.arrived.{search.id}") != arrived:
        session.keep_value(f"explain.arrived.{search.id}", arrived)
        session.keep_value(shown, arrived)
        explaining.start_results(search.id, arrived)
    wanted: str = session.kept_value(shown, query)

    def latest() -> Job[WhyResults] | None:
        return explaining.latest_asked(RESULTS_JOB, search.id, wanted)

    progress.watch(latest, key=f"explain.results.{search.id}")
    job = latest()
    if job is not None and job.state is JobState.DONE:
        _results(job.result(), search)
    elif job is None:
        notice.show(_("The first results will be here, each with the words that led to it."))


def _results(found: WhyResults, search: Search) -> None:
    st.markdown(f"**{notice.plain(found.query)}**")
    if not found.results:
        st.caption(_("Nothing was found."))
        return
    for number, one in enumerate(found.results):
        with st.container(border=True, key=f"explain_result_{number}"):
            _result(one, f"{search.id}.{number}")
    way = found.results[0].match.way
    st.caption(
        notice.plain(
            _(
                "Read by {model}. Numbers are cosines of words as the model reads them in their text; 1"
                " is the same. Even unlike words have one above 0.",
                model=found.model,
            )
            if way == "pairs"
            else _(
                "Read by {model}, which shows no single words: numbers are by how much query and passage"
                " grow apart without the word. Below 0 they come closer.",
                model=found.model,
            )
        )
    )


def _result(one: ExplainedResult, key: str) -> None:
    st.markdown(f"**{search_result.title(one.result)}**")
    n = len({one.match.text[a:b].casefold() for a, b in one.match.shared})
    parts = [
        search_result.reason(one.result),
        _("likeness {value}", value=f"{one.match.likeness:.2f}"),
        ngettext("{n} word in common", "{n} words in common", n) if n else _("no word in common"),
    ]
    st.caption(" · ".join(parts))
    st.html(STYLE + f'<div class="explain-passage">{marked(one.match)}</div>')
    st.markdown(_words(one.match))
    if one.match.pairs.size and st.toggle(_("Word by word"), key=f"_explain.pairs.{key}"):
        _pairs(one.match, key)


def _words(match: ResultMatch) -> str:
    """Each word of the query with what the passage has for it, the strongest first."""
    shown = sorted(match.matches, key=lambda one: -one.weight)
    return " · ".join(
        f"{notice.plain(one.word)} ≈ {notice.plain(one.partner)} :gray[{one.weight:.2f}]"
        if one.partner is not None
        else f"{notice.plain(one.word)} :gray[{signed(one.weight, '.2f')}]"
        for one in shown
    )


def marked(match: ResultMatch) -> str:
    """The passage as HTML: marked by how much a word matters, underlined where words are counted."""
    shares = _shares(match)
    edges = sorted(
        {0, len(match.text)}
        | {edge for one in match.weights for edge in (one.start, one.end)}
        | {edge for span in match.shared for edge in span}
    )
    parts = []
    for start, end in zip(edges, edges[1:], strict=False):
        piece = html.escape(match.text[start:end])
        if any(a <= start and end <= b for a, b in match.shared):
            piece = f"<u>{piece}</u>"
        at = next(
            (n for n, o in enumerate(match.weights) if o.start <= start and end <= o.end), None
        )
        if at is not None and abs(shares[at]) >= LEAST_SHARE:
            colour = "18,153,108" if shares[at] > 0 else "212,80,78"
            weight = signed(match.weights[at].weight, ".3f")
            piece = (
                f'<mark style="background:rgba({colour},{0.1 + 0.45 * abs(shares[at]):.2f})"'
                f' title="{weight}">{piece}</mark>'
            )
        parts.append(piece)
    return "".join(parts)


def _shares(match: ResultMatch) -> list[float]:
    """How strong each word is, -1 to 1; of cosines what is above the usual one of the passage."""
    weights = np.array([one.weight for one in match.weights], np.float64)
    if not len(weights):
        return []
    if match.way == "pairs":
        weights = np.maximum(weights - np.median(weights), 0.0)
    most = float(np.abs(weights).max())
    return list(weights / most) if most > 0 else [0.0] * len(weights)


def _pairs(match: ResultMatch, key: str) -> None:
    """The likest words of the passage for each word of the query, as a grid."""
    columns = sorted(
        {int(at) for row in match.pairs for at in np.argsort(-row, kind="stable")[:N_PER_WORD]}
    )
    words = [match.text[match.weights[at].start : match.weights[at].end] for at in columns]
    names = [f"{n} {chart_frame.escaped(word)}" for n, word in enumerate(words, 1)]
    asked = [f"{n} {chart_frame.escaped(one.word)}" for n, one in enumerate(match.matches, 1)]
    chart = chart_frame.figure(
        chart_frame.Axis(title=_("words of the passage")),
        chart_frame.Axis(title=_("words of the query")),
        height=170 + 30 * len(asked),
    )
    chosen = match.pairs[:, columns]
    chart.add_heatmap(
        z=chosen,
        x=names,
        y=asked,
        colorscale=chart_frame.grid_colours(),
        zmin=0,
        zmax=1,
        showscale=False,
        hovertemplate=chart_frame.hover("%{y} × %{x}", "%{z:.3f}"),
    )
    chart_frame.texts_on(chart, names, asked, [[f"{value:.2f}" for value in row] for row in chosen])
    chart.update_xaxes(type="category", tickformat="", showgrid=False, tickangle=-40)
    chart_frame.names_on(chart, asked)
    chart_frame.show(
        chart,
        key=f"_explain.pairs_chart.{key}",
        alt=_(
            "How alike {n} words of the query and the likest of the passage are.",
            n=fmt.count(len(asked)),
        ),
    )
