"""Settings on trial: tried in this session only, until they are applied or dropped.

The trial is kept as what differs from the settings in use, so that a change of these reaches it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from components import cache, notice, ranking_form, session, setting_field, setting_words
from components import setting_words as words
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.document_settings import DocumentSettings
from studio.records import Filter, Task
from studio.workbench import AnyDocumented


def settings(prototype: AnyDocumented) -> DocumentSettings:
    """The settings on trial: those in use with what is tried instead."""
    now: DocumentSettings = prototype.settings
    return replace(now, **_differing(now, session.trial(prototype.id)))


def show(prototype: AnyDocumented) -> tuple[Filter, ...]:
    """Draw the settings on trial; gives the filters that are tried with them."""
    now, tried = prototype.settings, settings(prototype)
    with st.container(border=True, key=f"bench_trial_{prototype.id}"):
        _first(prototype, tried)
        filters: tuple[Filter, ...] = ()
        if st.toggle(_("More to try"), key=f"_bench.{prototype.id}.more"):
            _more(prototype, tried)
            filters = _filters(prototype)
        _decide(prototype, now, tried, has_filters=bool(filters))
    return filters


def apply(prototype: AnyDocumented, wanted: DocumentSettings) -> None:
    """Use these settings from now on, and say so; the trial is over."""
    version = prototype.bench.apply(wanted, _("Applied from the bench"))
    session.set_trial(prototype.id, {})
    session.flash(
        _(
            "Version {n} searches this way now. The list of versions takes you back.",
            n=version,
        )
    )


def _first(prototype: AnyDocumented, tried: DocumentSettings) -> None:
    modes = words.search_modes()
    st.segmented_control(
        words.label("mode"),
        list(modes),
        format_func=modes.__getitem__,
        required=True,
        **_bind(prototype, tried, "mode"),
    )
    left, right = st.columns(2, gap="medium")
    with left:
        st.slider(
            words.label("semantic_weight"),
            0.0,
            1.0,
            step=0.05,
            help=_("0 ranks by words alone, 1 by meaning alone. Counts where both are searched."),
            **_bind(prototype, tried, "semantic_weight"),
        )
    with right:
        st.slider(
            words.label("min_relevance"),
            0.0,
            1.0,
            step=0.01,
            **_bind(prototype, tried, "min_relevance"),
        )


def _more(prototype: AnyDocumented, tried: DocumentSettings) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        low, high = tried.ranges[tried.k_field]
        st.slider(
            words.label(tried.k_field),
            int(low),
            int(high),
            **_bind(prototype, tried, tried.k_field),
        )
        fusions = words.fusions()
        st.selectbox(
            words.label("fusion"),
            list(fusions),
            format_func=fusions.__getitem__,
            **_bind(prototype, tried, "fusion"),
        )
    with right:
        st.slider(
            words.label("diversity"), 0.0, 1.0, step=0.05, **_bind(prototype, tried, "diversity")
        )
        ranking_form.reranker(
            tried,
            cache.workbench().ready_models(Task.RERANKING),
            _bind(prototype, tried, "rerank_model"),
        )


def _filters(prototype: AnyDocumented) -> tuple[Filter, ...]:
    chosen = []
    for column, values in prototype.bench.filters().items():
        picked = st.pills(
            notice.plain(column),
            values,
            selection_mode="multi",
            format_func=notice.plain,
            key=f"_bench.{prototype.id}.filter.{column}",
        )
        if picked:
            chosen.append(Filter(column=column, one_of=tuple(picked)))
    return tuple(chosen)


def _decide(
    prototype: AnyDocumented, now: DocumentSettings, tried: DocumentSettings, *, has_filters: bool
) -> None:
    """What is tried instead, and the two ways out: use it, or drop it."""
    if tried == now:
        st.caption(
            _(
                "These are the settings in use. Change one to try it; nothing is kept until you apply."
            )
        )
        return
    st.caption(notice.plain(" · ".join(changes(prototype, now, tried))))
    if has_filters:
        st.caption(_("Filters are for trying only; they are not applied."))
    with st.container(horizontal=True):
        if st.button(
            _("Apply to this prototype"), key=f"_bench.{prototype.id}.apply", type="primary"
        ):
            try:
                apply(prototype, tried)
            except StudioError as error:
                session.flash(translate(error.notice))
            st.rerun()  # the head of the page shows the version
        st.button(
            _("Drop the trial"),
            key=f"_bench.{prototype.id}.drop",
            on_click=session.set_trial,
            args=(prototype.id, {}),
        )


def changes(prototype: AnyDocumented, now: DocumentSettings, tried: DocumentSettings) -> list[str]:
    """What is tried instead of what is in use, one line for each setting."""
    names = {spec.id: spec.name for spec in cache.workbench().catalogue.list()}
    return setting_words.changes(prototype.settings_type, now.to_json(), tried.to_json(), names)


def _bind(prototype: AnyDocumented, tried: DocumentSettings, field: str) -> dict[str, Any]:
    """Arguments of the widget that tries a setting; like `setting_field.bind`, without storing it."""
    key = f"_bench.{prototype.id}.{field}"
    session.fill_widget(key, getattr(tried, field))
    return {"key": key, "on_change": _keep, "args": (prototype, field, key)}


def _keep(prototype: AnyDocumented, field: str, key: str) -> None:
    value = session.widget_value(key)
    if not setting_field.offers(settings(prototype), field, value):
        return
    values = {**session.trial(prototype.id), field: value}
    session.set_trial(prototype.id, _differing(prototype.settings, values))


def _differing(now: DocumentSettings, values: Any) -> dict[str, Any]:  # a setting has its own type
    return {
        field: value
        for field, value in values.items()
        if hasattr(now, field) and getattr(now, field) != value
    }
