"""What a batch will take, before it runs: rows, tokens, time, money, and how that was reckoned."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import format as fmt
from components import notice
from components.i18n import _, ngettext, translate
from studio.prototypes.content.estimate import BatchEstimate


def show(estimate: BatchEstimate) -> None:
    """Draw the price card."""
    with st.container(border=True, key="content_price"):
        st.markdown(
            ngettext(
                "**What all {shown} row will take**",
                "**What all {shown} rows will take**",
                estimate.n_rows,
                shown=fmt.count(estimate.n_rows),
            )
        )
        with st.grid(min_column_width=200):
            st.metric(
                _("Cost"),
                "≈ " + fmt.money(estimate.cost, estimate.currency)
                if estimate.has_prices
                else _("unknown"),
                help=_exact_cost(estimate),
            )
            st.metric(
                _("Time"),
                "≈ " + fmt.duration(estimate.seconds),
                help=_("{n} seconds", n=fmt.count(round(estimate.seconds))),
            )
            st.metric(
                _("Tokens read"),
                ("" if estimate.is_counted else "≈ ") + fmt.number(estimate.tokens_in),
                help=_("{n} tokens", n=fmt.count(estimate.tokens_in)),
            )
            st.metric(
                _("Tokens written"),
                "≈ " + fmt.number(estimate.tokens_out),
                help=_("{n} tokens", n=fmt.count(estimate.tokens_out)),
            )
        st.caption("  \n".join(notice.plain(line) for line in _origin(estimate)))


def _exact_cost(estimate: BatchEstimate) -> str | None:
    if estimate.cost is None:
        return None
    amount = f"{estimate.cost:.10f}".rstrip("0").rstrip(".")
    return _("{amount} {currency}", amount=amount, currency=estimate.currency)


def _origin(estimate: BatchEstimate) -> list[str]:
    """How it was reckoned, and where the price comes from."""
    lines = [translate(estimate.notice)]
    source = translate(estimate.cost_source).rstrip(".。")
    if source:
        lines.append(_("Price: {source}.", source=source))
    if estimate.attempts_per_row > 1:
        lines.append(
            _(
                "With {n} attempts for a row on average, because checks failed.",
                n=fmt.number(estimate.attempts_per_row),
            )
        )
    return lines


def scaled(estimate: BatchEstimate, n_rows: int) -> BatchEstimate:
    """The estimate for the first `n_rows` of the rows, in proportion."""
    share = n_rows / estimate.n_rows
    return replace(
        estimate,
        n_rows=n_rows,
        tokens_in=round(estimate.tokens_in * share),
        tokens_out=round(estimate.tokens_out * share),
        seconds=estimate.seconds * share,
        cost=None if estimate.cost is None else estimate.cost * n_rows / estimate.n_rows,
    )


def said(estimate: BatchEstimate) -> str:
    """What an estimate says of time, tokens and cost, in one line."""
    return " · ".join(
        (
            _("about {amount}", amount=fmt.duration(estimate.seconds)),
            _(
                "{tokens_in} tokens in, {tokens_out} out",
                tokens_in=fmt.number(estimate.tokens_in),
                tokens_out=fmt.number(estimate.tokens_out),
            ),
            fmt.money(estimate.cost, estimate.currency)
            if estimate.has_prices
            else _("cost unknown"),
        )
    )
