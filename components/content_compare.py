"""Compare: two models or two prompts write the same brief; a person says blind which text is better.

Whose text stands where is told only after the vote. The module draws; drawing lots and counting votes
are the prototype's business.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components import (
    content_card,
    content_contender,
    content_following,
    content_form,
    content_limits,
    content_standings,
    notice,
    session,
)
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.votes import Ballot, Contender, Vote
from studio.prototypes.content.writing import Writing

COMPARE = "compare"  # what a ballot is kept under


def show(content: Content, settings: ContentSettings) -> None:
    """Draw both sides, the brief, the ballot, and how the votes stand."""
    st.caption(
        _(
            "Two settings write the same brief. You read both texts without knowing whose they are, and"
            " say which is better; with enough votes you know whether one of them really is."
        )
    )
    content_limits.show(content)
    sides = []
    for column, name in zip(st.columns(2, gap="medium"), content_contender.SIDES, strict=True):
        with column:
            sides.append(content_contender.show(content, settings, name))
    values = content_form.show(content, settings, submit=_("Write both"))
    if values is not None:
        _start(content, values, sides[0], sides[1])
    if not content_following.watch(content, COMPARE):
        _ballot(content, settings)
    content_standings.show(content.votes.standings())


def _start(
    content: Content, values: Mapping[str, str], first: Contender, second: Contender
) -> None:
    def write() -> Writing[Ballot]:
        return content.votes.start(values, first, second)

    content_form.begin(content, COMPARE, write)


def _ballot(content: Content, settings: ContentSettings) -> None:
    content_following.result(content, COMPARE)  # says why where it failed
    ballot = content.votes.latest()
    if ballot is None:
        return
    heads = (_("Left"), _("Right"))
    for at, (column, text) in enumerate(
        zip(st.columns(2), (ballot.left, ballot.right), strict=True)
    ):
        with column:
            named = ""
            if ballot.names:
                named = f" · {notice.plain(content_contender.named(ballot.names[at]))}"
            st.markdown(f"**{heads[at]}**{named}")
            # What a text took would tell whose it is, so it is shown after the vote only.
            if ballot.names:
                content_card.show(text, settings.shape, key=f"{ballot.id}_{at}")
            else:
                with st.container(border=True):
                    content_card.body(text, settings.shape)
    _vote(content, ballot)


def _vote(content: Content, ballot: Ballot) -> None:
    labels: dict[Vote, str] = {
        "left": _("Left is better"),
        "tie": _("Equally good"),
        "right": _("Right is better"),
    }
    if ballot.vote is not None:
        st.caption(
            _(
                "Your vote: {vote}. Write both again, with this brief or another, for the next one.",
                vote=labels[ballot.vote],
            )
        )
    with st.container(horizontal=True, horizontal_alignment="center"):
        for vote, label in labels.items():
            st.button(
                label,
                key=f"_content.vote.{ballot.id}.{vote}",
                type="primary" if ballot.vote == vote else "secondary",
                on_click=_cast,
                args=(content, ballot.id, vote),
            )


def _cast(content: Content, ballot_id: str, vote: Vote) -> None:
    try:
        content.votes.cast(ballot_id, vote)
    except StudioError as error:
        session.flash(translate(error.notice))
