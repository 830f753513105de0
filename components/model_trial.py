"""A test box: let a loaded model write, or compare two texts with it, and see how fast it is.

Every test is a call in the ledger like any other (surface "page", no prototype).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import streamlit as st

from components import cache, notice
from components import format as fmt
from components.i18n import _, ngettext
from components.safe_markdown import escape
from studio.inference.catalogue import ModelSpec
from studio.inference.protocol import GenerationStream
from studio.records import (
    CallContext,
    EmbeddingRequest,
    GenerationRequest,
    Message,
    Sampling,
    Task,
)

KEY = "_models.try."
MODEL = KEY + "model"
"""Key of the widget that chooses the model."""
MAX_NEW_TOKENS = 120


def show() -> None:
    """Draw the test box for the models that are loaded or run elsewhere."""
    bench = cache.workbench()
    loaded = {status.id for status in bench.models.status() if status.state == "loaded"}
    specs = {s.id: s for s in bench.catalogue.list() if s.id in loaded or s.source == "remote"}
    if not specs:
        notice.show(_("No model is loaded. Load one in the catalogue, then try it here."))
        return
    model_id = st.selectbox(_("Model"), list(specs), format_func=lambda i: specs[i].name, key=MODEL)
    spec = specs[model_id]
    if spec.task is Task.GENERATION:
        _generation(spec)
    else:
        _embedding(spec)


def _context() -> CallContext:
    return CallContext(request_id=uuid.uuid4().hex, surface="page")


def _generation(spec: ModelSpec) -> None:
    with st.form(KEY + "generation", border=False):
        prompt = st.text_area(
            _("What the model is asked"), _("Name three uses of a paper bag."), key=KEY + "prompt"
        )
        is_sent = st.form_submit_button(_("Let it write"), type="primary")
    if not is_sent or not prompt.strip():
        return
    started_s = time.perf_counter()
    stream = cache.workbench().models.generate(
        GenerationRequest(
            model=spec.id,
            messages=(Message(role="user", content=prompt),),
            sampling=Sampling(max_new_tokens=MAX_NEW_TOKENS),
            context=_context(),
        )
    )
    _write(stream)
    call = stream.result().call
    first_ms = call.first_token_ms or call.total_ms
    writing_s = max(1e-6, (call.total_ms - first_ms) / 1000)
    parts = [
        ngettext("{n} token", "{n} tokens", call.tokens_out),
        _("first word after {time}", time=fmt.duration(first_ms / 1000)),
        _("in all {time}", time=fmt.duration(time.perf_counter() - started_s)),
    ]
    if call.tokens_out > 1:
        parts.insert(1, fmt.per_second((call.tokens_out - 1) / writing_s, _("tokens")))
    st.caption(" · ".join(parts))


def _write(stream: GenerationStream) -> None:
    """Stream into one place; stopped when the page goes away."""
    place, text = st.empty(), ""
    pieces: Iterator[str] = iter(stream)
    try:
        for piece in pieces:
            text += piece
            place.markdown(escape(text))
    finally:
        stream.cancel()  # does nothing to a finished text


def _embedding(spec: ModelSpec) -> None:
    with st.form(KEY + "embedding", border=False):
        first = st.text_input(
            _("First text"), _("How do I send something back?"), key=KEY + "first"
        )
        second = st.text_input(
            _("Second text"), _("Returns are free within 30 days."), key=KEY + "second"
        )
        is_sent = st.form_submit_button(_("Compare"), type="primary")
    if not is_sent:
        return
    started_s = time.perf_counter()
    made = cache.workbench().models.embed(
        EmbeddingRequest(model=spec.id, texts=(first, second), context=_context())
    )
    took_s = time.perf_counter() - started_s
    cosine = float(made.vectors[0] @ made.vectors[1])
    st.metric(
        _("Similarity (cosine)"),
        fmt.number(cosine),
        help=_("{value}. 1: the same meaning, 0: nothing in common.", value=f"{cosine:.6f}"),
    )
    tokens = ngettext("{n} token", "{n} tokens", sum(made.n_tokens))
    st.caption(f"{tokens} · {fmt.duration(took_s)}")
