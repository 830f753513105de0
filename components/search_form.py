"""The settings of a search: what its visitors read, and how it ranks.

Each function draws one step; every change is kept at once by `setting_field`. The module knows which
settings there are and how to explain them, not what they do.
"""

from __future__ import annotations

import streamlit as st

from components import cache, model_choice, ranking_form
from components import setting_words as words
from components.i18n import LANGUAGES, _
from components.setting_field import bind
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import RANGES, SearchSettings
from studio.records import Task


def behaviour(search: Search, settings: SearchSettings) -> None:
    """Draw step 2: what visitors read, and how many results they see."""
    st.segmented_control(
        words.label("language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        required=True,
        help=_("What you search may be in any language."),
        **bind(search, settings, "language"),
    )
    st.text_input(
        words.label("title"),
        max_chars=100,
        placeholder=_("Leave empty for none"),
        **bind(search, settings, "title", is_typed=True),
    )
    st.text_area(
        _("Suggested queries, one per line"),
        height=110,
        help=_(
            "Offered as buttons while the box is empty. Eight at most. Without any, headings are."
        ),
        **bind(search, settings, "suggestions", shown="\n".join, kept=_lines, is_typed=True),
    )
    low, high = RANGES["n_results"]
    st.slider(words.label("n_results"), int(low), int(high), **bind(search, settings, "n_results"))
    st.toggle(
        words.label("per_document"),
        help=_("Shows the best passage of each document only."),
        **bind(search, settings, "per_document"),
    )


def quality(search: Search, settings: SearchSettings) -> None:
    """Draw step 3: which model searches, how words and meaning are weighed, what is left out."""
    model_choice.show(search, settings, Task.EMBEDDING)
    ranking_form.way(search, settings)
    ranking_form.threshold(search, settings)
    if st.toggle(_("More"), key=f"_search.{search.id}.more"):
        rerankers = cache.workbench().ready_models(Task.RERANKING)
        ranking_form.finer(search, settings, rerankers)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
