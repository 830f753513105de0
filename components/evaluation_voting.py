"""Vote blind: two answers to a question, without saying whose they are; Elo points from all votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components import format as fmt
from components import notice, session
from components.i18n import _, ngettext, sentences
from studio.prototypes.evaluation.evaluations import Evaluations
from studio.prototypes.evaluation.run import EvaluationRun
from studio.prototypes.evaluation.voting import BlindPair, Side


def show(evaluation: Evaluations, first: EvaluationRun, second: EvaluationRun) -> None:
    """Draw the next question with both answers, and the buttons."""
    pair = evaluation.votes.next_pair(first.id, second.id)
    n_votes = sum(
        {one.first_run, one.second_run} == {first.id, second.id} for one in evaluation.votes.votes()
    )
    if pair is None:
        st.caption(
            _("Every question on which their answers differ was voted on.")
            if n_votes
            else _("Both gave the same answers to every question.")
        )
        return
    st.caption(
        sentences(
            _(
                "You read both answers without knowing whose they are. Which one would you rather give?"
            ),
            ngettext("{n} vote so far.", "{n} votes so far.", n_votes) if n_votes else "",
        )
    )
    st.markdown(f"**{notice.plain(pair.question)}**")
    for column, head, text in zip(
        st.columns(2), (_("Left"), _("Right")), (pair.left, pair.right), strict=True
    ):
        with column.container(border=True):
            st.caption(head)
            st.markdown(notice.plain(text or _("(no answer)")))
    labels: dict[Side, str] = {
        "left": _("Left is better"),
        "tie": _("Equally good"),
        "right": _("Right is better"),
    }
    with st.container(horizontal=True, horizontal_alignment="center"):
        for side, label in labels.items():
            st.button(
                label,
                key=f"_evaluation.vote.{first.id}.{second.id}.{n_votes}.{side}",
                on_click=_vote,
                args=(evaluation, pair, side),
            )


def standings(
    evaluation: Evaluations, runs: Sequence[EvaluationRun], names: Mapping[str, str]
) -> None:
    """Draw the Elo points of the runs that were voted on."""
    found = evaluation.votes.ratings(runs)
    if not found:
        return
    import pandas as pd

    head = (_("Evaluation"), _("Elo points (95% interval)"), _("Votes"))
    rows = [
        (
            names.get(one.name, one.name),
            f"{one.points:.0f} ({one.low:.0f}\u2060–\u2060{one.high:.0f})",
            fmt.count(one.n_votes),
        )
        for one in found
    ]
    st.table(pd.DataFrame(rows, columns=list(head)).set_index(head[0]))
    st.caption(
        _(
            "From blind votes. 400 points more win ten times of eleven; intervals that overlap much are"
            " no difference."
        )
    )


def _vote(evaluation: Evaluations, pair: BlindPair, side: Side) -> None:
    evaluation.votes.vote(pair, side)
    session.flash(_("Vote kept."))
