"""A test box: let a loaded model write, compare two texts or order passages, and see how fast it is.

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
    RerankRequest,
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
    match spec.task:
        case Task.GENERATION:
            _generation(spec)
        case Task.EMBEDDING:
            _embedding(spec)
        case Task.RERANKING:
            _reranking(spec)


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


def _reranking(spec: ModelSpec) -> None:
    with st.form(KEY + "reranking", border=False):
        query = st.text_input(_("Question"), _("How do I send something back?"), key=KEY + "query")
        passages = st.text_area(
            _("Passages, one per line"),
            "\n".join(
                (
                    _("We are open from Monday to Saturday."),
                    _("Returns are free within 30 days."),
                )
            ),
            key=KEY + "passages",
        )
        is_sent = st.form_submit_button(_("Put in order"), type="primary")
    texts = tuple(line.strip() for line in passages.splitlines() if line.strip())
    if not is_sent or not texts:
        return
    started_s = time.perf_counter()
    judged = cache.workbench().models.rerank(
        RerankRequest(model=spec.id, query=query, texts=texts, context=_context())
    )
    took_s = time.perf_counter() - started_s
    best_first = sorted(zip(judged.scores.tolist(), texts, strict=True), key=lambda pair: -pair[0])
    st.markdown(
        "\n".join(
            f"{rank}. {notice.plain(text)} ({fmt.number(score)})"
            for rank, (score, text) in enumerate(best_first, start=1)
        ),
        help=_("In brackets the model's score: only the order counts, and only for one question."),
    )
    tokens = ngettext("{n} token", "{n} tokens", judged.call.tokens_in)
    st.caption(f"{tokens} · {fmt.duration(took_s)}")
