"""What a text was found to be: the label or that a person decides, the likeliest labels, like examples.

Used by the builder and by demos. The module draws and classifies nothing.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from components import classifier_words as words
from components import format as fmt
from components import notice
from components.i18n import _, ngettext, translate
from studio.evaluation.comparison import signed
from studio.prototypes.classifier.results import (
    Classification,
    Explanation,
    LabelShare,
    LikeExample,
)

N_CHARACTERS = 220  # of a like example
STYLE = """<style>
.classifier-share{display:grid;grid-template-columns:minmax(0,11rem) minmax(5rem,1fr) 3rem;gap:.6rem;
align-items:center;margin:.25rem 0;font-variant-numeric:tabular-nums}
.classifier-share span{overflow-wrap:anywhere}
.classifier-share div{height:.5rem;border-radius:.25rem;
background:color-mix(in srgb,currentColor 12%,transparent)}
.classifier-share i{display:block;height:100%;border-radius:.25rem;
background:var(--st-primary-color,#0b7a75)}
.classifier-why mark{color:inherit;border-radius:.2rem;padding:0 .1em}
.classifier-why{line-height:1.9;overflow-wrap:anywhere}
</style>"""


def answer(found: Classification) -> None:
    """Draw the label, or that a person decides, with how sure that is."""
    if found.is_sure:
        st.subheader(f":material/label: {notice.plain(found.label)}", anchor=False)
    else:
        st.subheader(f":material/help: {words.answer(found)}", anchor=False)
        if found.reason is not None:
            st.caption(notice.plain(translate(found.reason)))


def shares(ranked: Sequence[LabelShare]) -> None:
    """Draw the likeliest labels with the confidence in each as a bar."""
    rows = "".join(
        f'<div class="classifier-share"><span>{html.escape(one.label)}</span>'
        f'<div><i style="width:{one.confidence:.1%}"></i></div>'
        f"<span>{words.whole_percent(one.confidence)}</span></div>"
        for one in ranked
    )
    st.html(STYLE + rows)


def like(nearest: Sequence[LikeExample], *, key: str) -> None:
    """Draw the examples that the text is like, folded."""
    if not nearest:
        return
    label = ngettext("Like {n} example", "Like these {n} examples", len(nearest))
    with st.expander(label, type="compact", key=f"classifier_like_{key}"):
        for one in nearest:
            text = " ".join(one.text.split())
            shown = text if len(text) <= N_CHARACTERS else f"{text[:N_CHARACTERS].rstrip()}…"
            st.markdown(
                f"**{notice.plain(one.label)}** :gray[· "
                f"{_('similarity {value}', value=f'{one.likeness:.2f}')}]  \n{notice.plain(shown)}"
            )


def why(explanation: Explanation) -> None:
    """Draw the text with the words that speak for the label marked, the stronger the more."""
    most = max((abs(word.weight) for word in explanation.words), default=0.0)
    parts, at = [], 0
    for word in explanation.words:
        parts.append(html.escape(explanation.text[at : word.start]))
        share = word.weight / most if most > 0 else 0.0
        shown = html.escape(explanation.text[word.start : word.end])
        parts.append(_marked(shown, share, word.weight))
        at = word.end
    parts.append(html.escape(explanation.text[at:]))
    st.html(f'{STYLE}<div class="classifier-why">{"".join(parts)}</div>')
    st.caption(
        notice.plain(
            _(
                "Green words speak for “{label}”, red ones against it: each was left out once, and the"
                " confidence of {confidence} looked at again.",
                label=explanation.label,
                confidence=fmt.share(explanation.confidence),
            )
        )
    )


def _marked(shown: str, share: float, weight: float) -> str:
    if abs(share) < 0.1:
        return shown
    colour = "18,153,108" if share > 0 else "212,80,78"
    title = signed(weight, ".0%")
    return (
        f'<mark style="background:rgba({colour},{0.15 + 0.4 * abs(share):.2f})" title="{title}">'
        f"{shown}</mark>"
    )


def strip(found: Classification) -> str:
    """The line under an answer: confidence, tokens, time, cost."""
    figures = found.figures
    parts = [
        _("confidence {share}", share=fmt.share(found.confidence)),
        ngettext("{n} token", "{n} tokens", figures.tokens_in),
        _("total {time}", time=fmt.duration(figures.total_ms / 1000)),
        fmt.money(figures.cost, figures.currency)
        if figures.cost is not None
        else _("cost unknown"),
    ]
    return notice.plain(" · ".join(parts))
