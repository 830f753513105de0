"""How likely a model finds each token of an answer: underlined in the text, and as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from components import format as fmt
from components.i18n import _
from studio.explaining.explaining import perplexity
from studio.inference.inspection import Inspection, TokenLook
from studio.inference.token_texts import TokenText, characters

UNLIKELY, LIKELY = 0.2, 0.7
LEAST_SHOWN = 0.005
"""What is less likely would read as 0.00."""


def show(found: Inspection, key: str) -> None:
    """Draw the tokens.

    Args:
        found: what was seen.
        key: tells the table from others.
    """
    st.markdown("**" + _("How likely the model finds each token") + "**")
    texts = [one.of for one in found.tokens]
    st.html("".join(_html(found.tokens[part]) for part in characters(texts)))
    st.caption(
        _(
            "Unlikely tokens are underlined: below {low} twice, below {high} once. Perplexity"
            " {value}.",
            low=fmt.share(UNLIKELY),
            high=fmt.share(LIKELY),
            value=f"{perplexity(found):.1f}",
        )
    )
    _table(found, key)


def escaped(text: str) -> str:
    """A text as it stands within HTML."""
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )


def named(token: TokenText) -> str:
    """A token for lists and axes: "␣" for white space, "天 2/3" for the second part of a character."""
    text = token.text.strip() or "␣"
    return text if token.n_parts == 1 else f"{text} {token.part}/{token.n_parts}"


def _html(tokens: Sequence[TokenLook]) -> str:
    """The tokens of one text with their probability as a line below it, and the number on hover."""
    probability = math.prod(one.probability for one in tokens)
    style = "text-decoration: none"
    if probability < UNLIKELY:
        style = "text-decoration: underline double"
    elif probability < LIKELY:
        style = "text-decoration: underline"
    text = escaped(tokens[0].of.text).replace("\n", "<br>")
    return f'<span style="{style}" title="{probability:.3f}">{text}</span>'


def _likeliest(token: TokenLook) -> str:
    """What could have been there; parts of characters cannot be read, so they are one."""
    shares: dict[str, float] = {}
    for text, share in token.alternatives:
        name = (text.strip() or "␣") if text else _("part of a character")
        shares[name] = shares.get(name, 0.0) + share
    kept = {name: share for name, share in shares.items() if share >= LEAST_SHOWN}
    return ", ".join(f"{name} {share:.2f}" for name, share in kept.items())


def _table(found: Inspection, key: str) -> None:
    import pandas as pd

    with st.expander(_("Token by token, with what it could have been")):
        st.dataframe(
            pd.DataFrame(
                {
                    _("Token"): [named(one.of) for one in found.tokens],
                    _("Probability"): [one.probability for one in found.tokens],
                    _("Likeliest here"): [_likeliest(one) for one in found.tokens],
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
