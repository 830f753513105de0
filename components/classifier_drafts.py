"""Labels that people told in feedback and evaluation sets: taken to learn from once somebody confirms.

Draws what waits, some at a time; what was taken can be taken back at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import notice, session
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.data import text_key
from studio.prototypes.classifier.told import LabelDraft

N_SHOWN = 5
MAX_SHOWN = 240


def show(classifier: Classifier) -> None:
    """Draw the drafts that wait, and the way back from those just taken; nothing where there is none."""
    left_out: frozenset[str] = session.kept_value(_left_out_key(classifier), frozenset())
    waiting = [one for one in classifier.drafts() if text_key(one.text) not in left_out]
    taken: Sequence[LabelDraft] = session.kept_value(_taken_key(classifier), ())
    if not waiting and not taken:
        return
    with st.container(border=True, key=f"classifier_drafts_{classifier.id}"):
        st.markdown("**" + _("From feedback and evaluation sets") + "**")
        st.caption(
            _("People told what these are. What a test part asks is not offered: it stays fair.")
        )
        for at, draft in enumerate(waiting[:N_SHOWN]):
            _draft(classifier, draft, at)
        with st.container(horizontal=True, vertical_alignment="center"):
            if waiting:
                st.button(
                    ngettext("Take {n} label", "Take all {n} labels", len(waiting)),
                    key=f"_classifier.drafts_all.{classifier.id}",
                    on_click=_take,
                    args=(classifier, tuple(waiting)),
                )
            if taken:
                st.button(
                    ngettext("Take {n} back", "Take {n} back", len(taken)),
                    key=f"_classifier.drafts_back.{classifier.id}",
                    type="tertiary",
                    icon=":material/undo:",
                    on_click=_take_back,
                    args=(classifier, tuple(taken)),
                )


def _draft(classifier: Classifier, draft: LabelDraft, at: int) -> None:
    source = _("feedback") if draft.source == "feedback" else _("evaluation set")
    text = " ".join(draft.text.split())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{notice.plain(text[:MAX_SHOWN])} → **{notice.plain(draft.label)}** :gray[· {source}]"
        )
        st.button(
            _("Take it"),
            key=f"_classifier.draft.{classifier.id}.{at}",
            on_click=_take,
            args=(classifier, (draft,)),
        )
        st.button(
            _("Leave out"),
            key=f"_classifier.draft_no.{classifier.id}.{at}",
            type="tertiary",
            on_click=_leave_out,
            args=(classifier, draft),
        )


def _left_out_key(classifier: Classifier) -> str:
    return f"classifier.drafts_left_out.{classifier.id}"


def _taken_key(classifier: Classifier) -> str:
    return f"classifier.drafts_taken.{classifier.id}"


def _take(classifier: Classifier, drafts: Sequence[LabelDraft]) -> None:
    try:
        classifier.desk.give_all([(one.text, one.label) for one in drafts])
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    before: Sequence[LabelDraft] = session.kept_value(_taken_key(classifier), ())
    session.keep_value(_taken_key(classifier), (*before, *drafts))


def _take_back(classifier: Classifier, drafts: Sequence[LabelDraft]) -> None:
    for one in drafts:
        classifier.desk.take_back(one.text)
    session.keep_value(_taken_key(classifier), None)


def _leave_out(classifier: Classifier, draft: LabelDraft) -> None:
    key = _left_out_key(classifier)
    session.keep_value(key, session.kept_value(key, frozenset()) | {text_key(draft.text)})
