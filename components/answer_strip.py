"""The line under an answer: what it took, which opens into the stages.

The line rounds to two significant digits; opened, it gives the exact figures. The module draws what is
in the answer's figures and computes nothing but differences of times.
"""

from __future__ import annotations

import streamlit as st

from components import format as fmt
from components import notice
from components.i18n import _, ngettext, sentences, translate
from studio.prototypes.chatbot.answer import AnswerFigures


def show(figures: AnswerFigures, *, key: str) -> None:
    """Draw the strip; `key` tells it from the strips of other answers."""
    with st.expander(summary(figures), type="compact", key=f"answer_strip_{key}"):
        st.markdown(_table(_stages(figures)))
        st.caption(_origin(figures))


def summary(figures: AnswerFigures) -> str:
    """The strip's one line: passages, tokens, first word, total time, cost."""
    parts = [
        ngettext("{n} passage", "{n} passages", figures.n_passages),
        _(
            "{tokens_in} tokens in, {tokens_out} out",
            tokens_in=fmt.count(figures.tokens_in),
            tokens_out=fmt.count(figures.tokens_out),
        ),
    ]
    if figures.first_token_ms is not None:
        parts.append(_("first word {time}", time=fmt.duration(figures.first_token_ms / 1000)))
    parts.append(_("total {time}", time=fmt.duration(figures.total_ms / 1000)))
    cost = fmt.money(figures.cost, figures.currency)
    parts.append(cost if figures.cost is not None else _("cost unknown"))
    return " · ".join(parts)


def _stages(figures: AnswerFigures) -> list[tuple[str, str]]:
    """Rows of stage and exact time, in the order in which they happen."""
    rows = [(_("Searching the documents"), figures.search_ms)]
    if figures.first_token_ms is not None:
        # The first word waits for the search, for a place in the queue and for the reading.
        reading = max(0.0, figures.first_token_ms - figures.search_ms)
        rows.append((_("Reading the passages, until the first word"), reading))
        rows.append((_("Writing"), max(0.0, figures.total_ms - figures.first_token_ms)))
    rows.append((_("**In all**"), figures.total_ms))
    return [(name, _("{ms} ms", ms=fmt.count(round(ms)))) for name, ms in rows]


def _table(rows: list[tuple[str, str]]) -> str:
    head = f"| {_('Stage')} | {_('Time')} |\n|:--|--:|\n"
    return head + "\n".join(f"| {name} | {value} |" for name, value in rows)


def _origin(figures: AnswerFigures) -> str:
    """Which model worked, the exact cost, and where its price is from."""
    source = translate(figures.cost_source).rstrip(".。")
    parts = []
    if figures.model:
        parts.append(
            _("Model: {model} ({engine}).", model=figures.model, engine=figures.engine or "–")
        )
    if figures.cost is None:
        parts.append(_("Cost: unknown. {source}.", source=source))
    else:
        parts.append(
            _(
                "Cost: {amount} {currency}. Price: {source}.",
                amount=f"{figures.cost:.10f}".rstrip("0").rstrip("."),
                currency=figures.currency,
                source=source,
            )
        )
    if figures.best_relevance is not None:
        parts.append(_("Best relevance found: {value}.", value=f"{figures.best_relevance:.2f}"))
    return notice.plain(sentences(*parts))
