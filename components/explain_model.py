"""Inside a text model: how likely it finds each token of an answer, and what its heads attend to."""

from __future__ import annotations

import streamlit as st

from components import cache, chart_attention, chart_frame, notice, progress
from components import format as fmt
from components.i18n import _
from studio.explaining.explaining import LOOK_JOB, perplexity
from studio.inference.inspection import Inspection, TokenLook
from studio.jobs.runner import JobState
from studio.records import Task
from studio.workbench import AnyPrototype

UNLIKELY, LIKELY = 0.2, 0.7


def show(prototype: AnyPrototype) -> None:
    """Draw the choice of model and texts, the work, and what was seen last."""
    bench = cache.workbench()
    models = [
        spec
        for spec in bench.ready_models(Task.GENERATION)
        if spec.source not in ("remote", "fake")
    ]
    if not models:
        notice.show(_("No text model is on this computer. Load one on the Models page first."))
        return
    names = {spec.id: spec.name for spec in models}
    key = f"look.{prototype.id}"
    with st.form(f"explain_model_{prototype.id}", border=False):
        model = st.selectbox(
            _("Model"), list(names), format_func=names.__getitem__, key=f"_explain.model.{key}"
        )
        prompt = st.text_input(
            _("Question"), value=_("What colour is the sky?"), key=f"_explain.prompt.{key}"
        )
        answer = st.text_area(
            _("Answer to look at"),
            value=_("The sky is blue."),
            height=80,
            key=f"_explain.answer.{key}",
        )
        asked = st.form_submit_button(_("Look into the model"), type="primary")
    if asked:
        bench.explaining.start_look(key, model, prompt, answer)
    progress.watch(lambda: bench.explaining.latest(LOOK_JOB, key), key=f"explain.{key}")
    job = bench.explaining.latest(LOOK_JOB, key)
    if job is not None and job.state is JobState.DONE:
        _result(job.result(), key)
    elif job is None:
        notice.show(_("Each token's probability and what the model attends to will be here."))


def _result(found: Inspection, key: str) -> None:
    st.markdown("**" + _("How likely the model finds each token") + "**")
    st.html("".join(map(_token_html, found.tokens)))
    st.caption(
        _(
            "Unlikely tokens are underlined: below {low} twice, below {high} once. Perplexity"
            " {value}.",
            low=fmt.share(UNLIKELY),
            high=fmt.share(LIKELY),
            value=f"{perplexity(found):.1f}",
        )
    )
    _tokens(found, key)
    if found.attention.size:
        _attention(found, key)


def _token_html(token: TokenLook) -> str:
    """A token with its probability as a line below it, and the numbers on hover."""
    style = "text-decoration: none"
    if token.probability < UNLIKELY:
        style = "text-decoration: underline double"
    elif token.probability < LIKELY:
        style = "text-decoration: underline"
    text = _escaped(token.text).replace("\n", "<br>")
    return f'<span style="{style}" title="{token.probability:.3f}">{text}</span>'


def _escaped(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )


def _tokens(found: Inspection, key: str) -> None:
    import pandas as pd

    with st.expander(_("Token by token, with what it could have been")):
        st.dataframe(
            pd.DataFrame(
                {
                    _("Token"): [one.text for one in found.tokens],
                    _("Probability"): [one.probability for one in found.tokens],
                    _("Likeliest here"): [
                        ", ".join(
                            f"{text.strip() or '␣'} {share:.2f}" for text, share in one.alternatives
                        )
                        for one in found.tokens
                    ],
                }
            ),
            hide_index=True,
            column_config={
                _("Probability"): st.column_config.ProgressColumn(
                    min_value=0.0, max_value=1.0, format="%.3f"
                )
            },
            key=f"_explain.tokens.{key}",
        )


def _attention(found: Inspection, key: str) -> None:
    n_layers, n_heads = found.attention.shape[:2]
    st.markdown("**" + _("What each token attends to") + "**")
    left, right = st.columns(2)
    with left:
        layer = st.slider(_("Layer"), 1, n_layers, n_layers // 2, key=f"_explain.layer.{key}")
    with right:
        head = st.slider(
            _("Head (0 is the mean of all)"), 0, n_heads, 0, key=f"_explain.head.{key}"
        )
    weights = found.attention[layer - 1].astype(float)
    chart_frame.show(
        chart_attention.attention(weights[head - 1] if head else weights.mean(0), found.attended),
        key=f"_explain.attention.{key}",
        alt=_(
            "A square for each pair of tokens: how much the one on the left attends to the other."
        ),
    )
