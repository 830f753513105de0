"""How results are found and ordered: settings that every prototype over documents has.

Draws one widget per setting; every change is kept at once by `setting_field`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from components import cache, notice, route
from components import setting_words as words
from components.i18n import _
from components.setting_field import bind
from studio.inference.model_spec import ModelSpec
from studio.prototypes.document_settings import DocumentSettings
from studio.records import Task
from studio.workbench import AnyDocumented


def threshold(prototype: AnyDocumented, settings: DocumentSettings) -> None:
    """Draw how relevant a passage must be."""
    st.slider(
        words.label("min_relevance"),
        0.0,
        1.0,
        step=0.01,
        help=_(
            "How surely a passage must be about the question to be used, from 0 to 1. Higher: fewer"
            " wrong answers, more “I could not find this”. Lower: the reverse."
        ),
        **bind(prototype, settings, "min_relevance"),
    )


def way(prototype: AnyDocumented, settings: DocumentSettings) -> None:
    """Draw by what is searched: words, meaning, or both and how they are weighed."""
    modes = words.search_modes()
    st.segmented_control(
        words.label("mode"),
        list(modes),
        format_func=modes.__getitem__,
        required=True,
        **bind(prototype, settings, "mode"),
    )
    if settings.mode == "hybrid":
        st.slider(
            words.label("semantic_weight"),
            0.0,
            1.0,
            step=0.05,
            help=_("0 ranks by words alone, 1 by meaning alone. 0.5 is a good start."),
            **bind(prototype, settings, "semantic_weight"),
        )


def finer(
    prototype: AnyDocumented,
    settings: DocumentSettings,
    rerankers: Sequence[ModelSpec],
) -> None:
    """Draw what only some need: how two searches are joined, variety, and reranking.

    Args:
        prototype: whose settings they are.
        settings: the settings now.
        rerankers: the reranking models that are here.
    """
    if settings.mode == "hybrid":
        fusions = words.fusions()
        st.segmented_control(
            words.label("fusion"),
            list(fusions),
            format_func=fusions.__getitem__,
            required=True,
            help=_("Scores tell by how much one result is better; ranks only that it is."),
            **bind(prototype, settings, "fusion"),
        )
    st.slider(
        words.label("diversity"),
        0.0,
        1.0,
        step=0.05,
        help=_("Above 0, a result that says the same as a better one moves down."),
        **bind(prototype, settings, "diversity"),
    )
    reranker(settings, rerankers, bind(prototype, settings, "rerank_model"))


def reranker(
    settings: DocumentSettings, rerankers: Sequence[ModelSpec], bound: Mapping[str, Any]
) -> None:
    """Draw the choice of a model that is here, or is set; without any, say where to get one.

    A model that is not here would be fetched at the next search, with nothing to tell how far it is.

    Args:
        settings: the settings now.
        rerankers: the reranking models that are here.
        bound: the widget's arguments that keep what is chosen.
    """
    names = {"": _("None")} | {spec.id: spec.name for spec in rerankers}
    chosen = settings.rerank_model
    is_here = chosen in names
    if not is_here:
        known = {spec.id: spec.name for spec in cache.workbench().catalogue.list(Task.RERANKING)}
        names[chosen] = known.get(chosen, chosen)
    if len(names) == 1:
        st.caption(
            _(
                "A reranking model reads the best results again, together with the question, and"
                " orders them anew. None is here yet; load one on the Models page."
            )
        )
        _to_models()
        return
    st.selectbox(
        words.label("rerank_model"),
        list(names),
        format_func=names.__getitem__,
        help=_(
            "It reads the 30 best results together with the question: surer, but slower. Questions in a"
            " script it does not know are left as they are."
        ),
        **bound,
    )
    if not is_here:
        _say_missing(names[chosen], is_known=chosen in known)


def _say_missing(name: str, *, is_known: bool) -> None:
    """Say that the chosen model is not here, what that means, and where to get it."""
    st.caption(
        notice.plain(
            _(
                "{name} is not on this computer. The next search fetches it first, which can take"
                " minutes; fetch it on the Models page, or choose None.",
                name=name,
            )
            if is_known
            else _(
                "There is no reranking model {name} any more, so searches fail. Choose None, or add it"
                " again on the Models page.",
                name=name,
            )
        )
    )
    _to_models()


def _to_models() -> None:
    st.page_link(route.MODELS_PAGE, label=_("Models"), icon=":material/memory:", width="content")
