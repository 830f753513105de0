"""Inside a text model: how likely it finds each token of an answer, and what its heads attend to."""

from __future__ import annotations

import re

import streamlit as st

from components import cache, chart_attention, chart_frame, explain_tokens, notice, progress
from components.i18n import _
from studio.evaluation.comparison import signed
from studio.explaining.explaining import LOOK_JOB
from studio.inference.inspection import MAX_ATTENTION_TOKENS, Inspection
from studio.inference.token_texts import characters
from studio.jobs.runner import JobState
from studio.records import Task
from studio.workbench import AnyPrototype

TEMPLATE_MARK = re.compile(r"<\|.*\|>|</?s>|<(?:bos|eos|start_of_turn|end_of_turn)>")
LEAST_SHARE = 0.1
"""Of the strongest token; what is weaker is not marked."""


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
    explain_tokens.show(found, key)
    _said_if_cut(found)
    if found.attributions:
        _hangs_on(found)
    if found.attention.size:
        _attention(found, key)


def _said_if_cut(found: Inspection) -> None:
    """That only the end is shown below, where question and answer are longer."""
    if len(found.attended) >= MAX_ATTENTION_TOKENS:
        st.caption(
            _(
                "Below are the last {n} tokens of question and answer; what comes before was read, too.",
                n=MAX_ATTENTION_TOKENS,
            )
        )


def _hangs_on(found: Inspection) -> None:
    """The tokens marked by how much the answer hangs on each."""
    st.markdown("**" + _("What the answer hangs on") + "**")
    parts = characters(found.attended)
    # Marks of the template weigh most and tell least: they are shown, and not weighed.
    own = [
        0.0
        if TEMPLATE_MARK.fullmatch(found.attended[part][0].text.strip())
        else sum(found.attributions[part])
        for part in parts
    ]
    most = max(map(abs, own)) or 1.0
    st.html(
        '<div style="line-height:1.9;overflow-wrap:anywhere">'
        + "".join(
            _weighed(found.attended[part][0].text, value / most, value)
            for part, value in zip(parts, own, strict=True)
        )
        + "</div>"
    )
    st.caption(
        _(
            "Green tokens make the answer likelier, red ones less likely (gradient times input; nats on"
            " hover). A first look, not a proof: tokens work together."
        )
    )


def _weighed(token: str, share: float, value: float) -> str:
    text = explain_tokens.escaped(token).replace("\n", "<br>")
    nats = signed(value, ".2f")
    if abs(share) < LEAST_SHARE:
        return f'<span title="{nats}">{text}</span>'
    colour = "18,153,108" if share > 0 else "212,80,78"
    return (
        f'<mark style="color:inherit;border-radius:.2rem;background:'
        f'rgba({colour},{0.1 + 0.45 * abs(share):.2f})" title="{nats}">{text}</mark>'
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
        chart_attention.attention(
            weights[head - 1] if head else weights.mean(0),
            [explain_tokens.named(one) for one in found.attended],
        ),
        key=f"_explain.attention.{key}",
        alt=_(
            "A square for each pair of tokens: how much the one on the left attends to the other."
        ),
    )
    st.caption(
        _(
            "The stronger a square, the more the token on the left attends to the one below. The first"
            " token catches what no other needs; the colours are scaled to the others."
        )
    )
