"""Who is recommended to: a user of the data, or somebody new made up of a few likes.

Draws the choice, what is liked and the history; gives the request. Recommends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from components import format as fmt
from components import notice, session
from components import recommendation_words as words
from components.i18n import _, ngettext
from studio.errors import StudioError
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.results import (
    HistoryItem,
    Like,
    RecommendationRequest,
    ShownItem,
)

N_OFFERED = 8
N_HISTORY = 12
MAX_LABEL = 36
PAUSE = "400ms"
"""How long typing must rest before items follow."""


def show(recommender: Recommendation) -> RecommendationRequest:
    """Draw who is recommended to, and give what is to be asked for."""
    key = f"_recommendation.who.{recommender.id}"
    names = {"new": _("Somebody new"), "user": _("One of your users")}
    chosen = "new"
    users = recommender.find_users()
    if users:
        chosen = (
            st.segmented_control(
                _("Recommend to"),
                list(names),
                default="new",
                required=True,
                format_func=names.__getitem__,
                key=key,
            )
            or "new"
        )
    user_id = _user(recommender) if chosen == "user" else ""
    liked = session.likes(recommender.id, user_id)
    if chosen == "new" or liked:
        likes(recommender, user_id, liked)
    segment = ""
    if chosen == "new":
        segment = _segment(recommender)
        offer(recommender, liked)
    return RecommendationRequest(
        user_id=user_id,
        segment=segment,
        likes=tuple(Like(item_id=item_id) for item_id in liked),
        leave_out=session.taken_back(recommender.id, user_id) if user_id else (),
    )


def like(prototype_id: str, user_id: str, item_id: str) -> None:
    """Note that the user who is played ("" is somebody new) likes an item."""
    session.set_likes(prototype_id, user_id, (*session.likes(prototype_id, user_id), item_id))


def history(recommender: Recommendation, user_id: str, entries: Sequence[HistoryItem]) -> None:
    """Draw what a user did, the newest first, each to be taken back."""
    gone = session.taken_back(recommender.id, user_id)
    if not user_id or not (entries or gone):  # nobody's past, or that of somebody unknown
        return
    label = ngettext(
        "What {user} did: {n} item", "What {user} did: {n} items", len(entries), user=user_id
    )
    fold = st.expander(
        notice.plain(label),
        type="compact",
        key=f"_recommendation.history.{recommender.id}",
        on_change="rerun",
    )
    if fold.open:
        with fold:
            for at, entry in enumerate(entries[:N_HISTORY]):
                _entry(recommender, user_id, entry, at)
            if len(entries) > N_HISTORY:
                n_more = len(entries) - N_HISTORY
                st.caption(ngettext("and {n} more", "and {n} more", n_more))
    if gone:
        st.button(
            ngettext("Count {n} item again", "Count {n} items again", len(gone)),
            key=f"_recommendation.undo.{recommender.id}",
            icon=":material/undo:",
            type="tertiary",
            on_click=session.set_taken_back,
            args=(recommender.id, user_id, ()),
        )


def _entry(recommender: Recommendation, user_id: str, entry: HistoryItem, at: int) -> None:
    facts = [words.event_kind(entry.kind)]
    if entry.rating is not None:
        facts.append(_("rated {value}", value=fmt.number(entry.rating)))
    if entry.at is not None:
        facts.append(fmt.ago(entry.at, datetime.now(UTC)))
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(notice.plain(entry.item.title))
            st.caption(notice.plain(" · ".join(facts)))
        st.button(
            ":material/heart_minus:",
            key=f"_recommendation.take_back.{recommender.id}.{at}",
            type="tertiary",
            help=_("Do not count {title}", title=notice.plain(entry.item.title)),
            on_click=_take_back,
            args=(recommender.id, user_id, entry.item.item_id),
        )


def _take_back(prototype_id: str, user_id: str, item_id: str) -> None:
    gone = session.taken_back(prototype_id, user_id)
    session.set_taken_back(prototype_id, user_id, (*gone, item_id))


def _segment(recommender: Recommendation) -> str:
    """The segment that somebody new is of; "" for any, and where the data has none."""
    names = recommender.segments()
    if not names:
        return ""
    chosen = st.selectbox(
        _("Segment"),
        names,
        index=None,
        placeholder=_("Any"),
        help=_("Somebody of whom nothing else is known gets what is popular in the segment."),
        key=f"_recommendation.segment.{recommender.id}",
    )
    return str(chosen or "")


def _user(recommender: Recommendation) -> str:
    summaries = {one.user_id: words.user(one) for one in recommender.find_users()}
    chosen = st.selectbox(
        _("User"),
        list(summaries),
        format_func=lambda user_id: summaries.get(user_id, user_id),
        accept_new_options=True,
        help=_(
            "Some of many kinds, from those who did much to those who did nothing. Type any id."
        ),
        key=f"_recommendation.user.{recommender.id}",
    )
    return str(chosen or "").strip()


def likes(recommender: Recommendation, user_id: str, liked: Sequence[str]) -> None:
    """What is liked, each to be taken away with a click."""
    if not liked:
        st.caption(_("Click what this person likes; the list below changes at once."))
        return
    with st.container(horizontal=True, gap="small", key=f"recommendation_likes_{recommender.id}"):
        for at, item_id in enumerate(liked):
            st.button(
                notice.plain(_short(title_of(recommender, item_id))),
                key=f"_recommendation.unlike.{recommender.id}.{at}",
                icon=":material/close:",
                type="primary",
                help=_("Take this like back"),
                on_click=session.set_likes,
                args=(recommender.id, user_id, [one for one in liked if one != item_id]),
            )


def title_of(recommender: Recommendation, item_id: str) -> str:
    """The title of an item; its id where it is not there any more."""
    try:
        return recommender.item(item_id).title
    except StudioError:
        return item_id


def offer(recommender: Recommendation, liked: Sequence[str]) -> None:
    """Items to like: the most frequent, or what was typed for."""
    sought = st.text_input(
        _("Find items to like"),
        key=_search_key(recommender.id),
        type="search",
        live=PAUSE,
        placeholder=_("Type part of a title or an id"),
    )
    found = recommender.find_items(str(sought or ""), N_OFFERED + len(liked))
    offered = [item for item in found if item.item_id not in liked][:N_OFFERED]
    if not offered:
        st.caption(_("No item has these words in its title or id."))
        return
    with st.container(horizontal=True, gap="small", key=f"recommendation_offer_{recommender.id}"):
        for item in offered:
            _offered(recommender, item)


def _offered(recommender: Recommendation, item: ShownItem) -> None:
    st.button(
        notice.plain(_short(item.title)),
        key=f"_recommendation.offer.{recommender.id}.{item.item_id}",
        icon=":material/favorite_border:",
        help=notice.plain(item.title) if len(item.title) > MAX_LABEL else None,
        on_click=_like_found,
        args=(recommender.id, item.item_id),
    )


def _like_found(prototype_id: str, item_id: str) -> None:
    """Note a like, and empty the search, which has done its work."""
    like(prototype_id, "", item_id)
    session.set_widget_value(_search_key(prototype_id), "")


def _search_key(prototype_id: str) -> str:
    return f"_recommendation.find.{prototype_id}"


def _short(title: str) -> str:
    return title if len(title) <= MAX_LABEL else title[: MAX_LABEL - 1].rstrip() + "…"
