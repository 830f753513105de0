"""How documents are cut into passages, and what columns of tables are for: the fields for both.

For files that wait and for stored documents alike: the caller says what is chosen now and keeps what is
chosen next. The module knows no prototype.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components import notice, session
from components import setting_words as words
from components.i18n import _
from studio.prototypes.document_settings import RANGES, DocumentSettings
from studio.prototypes.documented import ColumnUse
from studio.retrieval.chunking import ChunkingMethod, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How documents are cut: by which method, lengths in tokens."""

    method: ChunkingMethod
    max_tokens: int
    overlap_tokens: int

    @classmethod
    def of(cls, settings: DocumentSettings) -> Cut:
        """As the settings say."""
        return cls(
            method=settings.passage_method,
            max_tokens=settings.passage_tokens,
            overlap_tokens=settings.passage_overlap,
        )


def cutting(cut: Cut, keep: Callable[[Cut], None], key: str) -> None:
    """Draw method, length and overlap.

    Args:
        cut: as it is now.
        keep: told what is chosen next; the overlap then is at most half the length.
        key: prefix of the widget keys.
    """
    methods = words.cutting_methods()
    st.selectbox(
        words.label("passage_method"),
        list(methods),
        format_func=methods.__getitem__,
        help=_(
            "Automatic keeps headings, paragraphs and sentences together, and makes each table row "
            "or question that can stand alone a passage of its own."
        ),
        **_bound(f"{key}.method", cut.method, _keep_cut, keep, key),
    )
    if cut.method in ("rows", "questions"):
        st.caption(_("Rows and questions are never cut; the length counts where there are none."))
    low, high = RANGES["passage_tokens"]
    st.slider(
        words.label("passage_tokens"),
        int(low),
        int(high),
        step=16,
        help=_("Shorter passages are found more exactly; longer ones say more by themselves."),
        **_bound(f"{key}.max_tokens", cut.max_tokens, _keep_cut, keep, key),
    )
    st.slider(
        words.label("passage_overlap"),
        0,
        cut.max_tokens // 2,
        help=_("How much of a passage the next one repeats, in whole sentences."),
        **_bound(f"{key}.overlap_tokens", cut.overlap_tokens, _keep_cut, keep, key),
    )


def columns(uses: Sequence[ColumnUse], keep: Callable[[str, Role], None], key: str) -> None:
    """Draw the columns with examples of their values, and what each is for.

    Args:
        uses: the columns.
        keep: told the name and what is chosen next.
        key: prefix of the widget keys.
    """
    roles = words.roles()
    for at, use in enumerate(uses):
        with st.container(gap="xsmall"):
            st.selectbox(
                notice.plain(use.name),
                list(roles),
                format_func=roles.__getitem__,
                help=_("Guessed from name and values: {role}", role=roles[use.guessed]),
                **_bound(f"{key}.{at}", use.role, _keep_role, keep, f"{key}.{at}", use.name),
            )
            if use.examples:
                st.caption(notice.plain(_("such as {examples}", examples=_examples(use))))


def _examples(use: ColumnUse) -> str:
    short = (e if len(e) <= 40 else e[:39].rstrip() + "…" for e in use.examples)
    return " · ".join(" ".join(example.split()) for example in short)


def _bound(
    key: str, value: object, on_change: Callable[..., None], *args: object
) -> dict[str, Any]:  # of the widget
    """Arguments of a widget that shows a value which is kept elsewhere."""
    session.fill_widget(key, value)
    return {"key": key, "on_change": on_change, "args": args}


def _keep_cut(keep: Callable[[Cut], None], key: str) -> None:
    tokens = int(session.widget_value(f"{key}.max_tokens"))
    overlap = min(int(session.widget_value(f"{key}.overlap_tokens")), tokens // 2)
    method = session.widget_value(f"{key}.method")
    keep(Cut(method=method, max_tokens=tokens, overlap_tokens=overlap))


def _keep_role(keep: Callable[[str, Role], None], key: str, name: str) -> None:
    keep(name, session.widget_value(key))
