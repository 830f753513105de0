"""Ways of searching held against each other, settings on trial, judgements and the verdict on them.

One of three views is drawn: comparing on a query, judgements, measuring. Works for every prototype
over documents.
"""

from __future__ import annotations

import streamlit as st

from components import (
    bench_columns,
    bench_trial,
    bench_verdict,
    index_panel,
    judgement_panel,
    notice,
    session,
    shell,
)
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.search.query_text import MAX_QUERY_CHARACTERS
from studio.workbench import AnyDocumented

PAUSE = "400ms"
"""How long typing must rest before results follow."""
N_EXAMPLES = 6
MARK = (
    "<style>mark.match{padding:0 .1em;border-radius:3px;color:inherit;"
    "background:color-mix(in srgb, var(--st-primary-color,#0b7a75) 26%, transparent)}</style>"
)


def show(prototype: AnyDocumented) -> None:
    """Draw the bench of a prototype."""
    state = prototype.index_state()
    if state.n_passages == 0:
        index_panel.show_nothing(prototype, state)
        return
    views = {
        "compare": _("Side by side"),
        "judgements": _("Judgements"),
        "verdict": _("Measure"),
    }
    view = st.segmented_control(
        _("View"),
        list(views),
        default="compare",
        required=True,
        format_func=views.__getitem__,
        label_visibility="collapsed",
        key="_bench.view",
    )
    match view:
        case "judgements":
            judgement_panel.show(prototype)
        case "verdict":
            bench_verdict.show(prototype)
        case _:
            st.html(MARK)
            _compare(prototype)


@st.fragment
@shell.guarded()
def _compare(prototype: AnyDocumented) -> None:
    """A query by three ways with the settings on trial; reruns by itself while somebody types."""
    key = f"_bench.query.{prototype.id}"
    query = str(
        st.text_input(
            _("A query to try"),
            key=key,
            type="search",
            live=PAUSE,
            max_chars=MAX_QUERY_CHARACTERS,
            placeholder=_("Type a query as your users would"),
        )
        or ""
    )
    if not query.strip():
        _examples(prototype, key)
    filters = bench_trial.show(prototype)
    if not query.strip():
        st.caption(_("Results by words, by meaning and by both appear here once there is a query."))
        return
    now, tried = prototype.settings, bench_trial.settings(prototype)
    bench = prototype.bench
    try:
        found = bench.side_by_side(query, tried, filters)
        in_use = None if tried == now else bench.find(query, now, filters)
    except StudioError as error:
        notice.show(translate(error.notice), "warning")
        return
    bench_columns.show(prototype, found, bench.grades(query), now=now.mode, tried=tried.mode)
    if in_use is not None:
        bench_columns.changed(in_use, found[tried.mode])
    st.caption(
        _("A thumb up or down is kept as a judgement at once; with enough of them you can measure.")
    )


def _examples(prototype: AnyDocumented, key: str) -> None:
    """Queries to begin with: judged ones, else what visitors are offered."""
    judged = dict.fromkeys(one.query for one in prototype.bench.judgements())
    settings = prototype.settings
    offered = getattr(settings, "suggestions", ()) or getattr(settings, "starter_questions", ())
    examples = list(dict.fromkeys([*offered, *judged]))[:N_EXAMPLES]
    if not examples:
        return
    st.caption(_("For example:"))
    with st.container(horizontal=True):
        for i, text in enumerate(examples):
            st.button(
                notice.plain(text),
                key=f"_bench.example.{prototype.id}.{i}",
                on_click=session.set_widget_value,
                args=(key, text),
            )
