"""The page of an item, over the list: what is known of it, and the items that go with it.

Which one is open stands in the session; a click on another one opens that instead.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import notice, recommendation_card, recommendation_visitor, session, shell
from components import recommendation_words as words
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.results import ShownItem

N_IN_A_ROW = 2


def show(recommender: Recommendation, user_id: str) -> None:
    """Open the page of the item that was asked for; nothing while none was.

    Args:
        recommender: whose item.
        user_id: the user who is played, "" for somebody new; likes are that user's.
    """
    item_id = session.opened_item(recommender.id)
    if item_id is None:
        return
    try:
        item = recommender.item(item_id)
    except StudioError as error:
        session.set_opened_item(recommender.id, None)
        notice.show(translate(error.notice), "warning")
        return

    @st.dialog(
        notice.plain(item.title),
        width="medium",
        on_dismiss=partial(session.set_opened_item, recommender.id, None),
    )
    def dialog() -> None:
        if session.opened_item(recommender.id) != item_id:
            st.rerun()  # another item was clicked here: its page has another title
        with shell.guarded():
            _page(recommender, user_id, item)

    dialog()


def _page(recommender: Recommendation, user_id: str, item: ShownItem) -> None:
    recommendation_card.picture(item)
    st.caption(notice.plain(" · ".join(filter(None, (item.item_id, words.facts(item))))))
    description = words.description(item)
    if description:
        st.markdown(notice.plain(description))
    with st.container(horizontal=True):
        st.button(
            _("Like"),
            key=f"_recommendation.page_like.{recommender.id}",
            icon=":material/favorite_border:",
            disabled=item.item_id in session.likes(recommender.id, user_id),
            on_click=recommendation_visitor.like,
            args=(recommender.id, user_id, item.item_id),
        )
        if item.link:
            st.link_button(_("Open its page"), item.link, icon=":material/open_in_new:")
    st.markdown("**" + _("Goes with it") + "**")
    similar = recommender.similar(item.item_id)
    if not similar:
        st.caption(_("Nothing is known that goes with it yet."))
    for start in range(0, len(similar), N_IN_A_ROW):
        row = similar[start : start + N_IN_A_ROW]
        for column, one in zip(st.columns(N_IN_A_ROW, gap="small"), row, strict=False):
            with column:
                recommendation_card.show(
                    one,
                    key=f"{recommender.id}.similar.{one.rank}",
                    open_item=partial(session.set_opened_item, recommender.id),
                    has_place=recommendation_card.have_pictures(similar),
                )
