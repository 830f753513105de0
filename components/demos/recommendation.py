"""A recommender as a visitor meets it: pick a few things one likes, or look over somebody's shoulder.

Likes stay in the visitor's session and teach nobody. Users of the data appear only where whoever
publishes allows it, and without their ids.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import (
    demo_feedback,
    demo_use,
    demo_waiting,
    exchanges,
    i18n,
    notice,
    recommendation_card,
    recommendation_item,
    recommendation_visitor,
    session,
    shell,
)
from components.demos.registry import FirstTexts
from components.i18n import _
from components.safe_markdown import plain_lines
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.results import Like, RecommendationRequest, Recommendations
from studio.sharing.visit import Visit

N_PEOPLE = 3
CARD_PX = 230
NOBODY = ""


def first_texts(prototype: Recommendation) -> FirstTexts:
    """What to do, as there is nothing to ask."""
    with i18n.speaking(prototype.settings.language):
        return FirstTexts(
            greeting=_("Pick a few things you like; the list follows."), has_people=True
        )


def show(visit: Visit) -> None:
    """Draw the recommender."""
    recommender: Recommendation = visit.prototype
    if visit.publication.greeting:
        st.markdown(plain_lines(visit.publication.greeting))
    if not recommender.training_state().is_usable:
        demo_waiting.show(lambda: recommender.training_state().is_usable)
        return
    _panel(visit)


@st.fragment
@shell.guarded()
def _panel(visit: Visit) -> None:
    recommender: Recommendation = visit.prototype
    person = _person(recommender) if visit.publication.shows_people else NOBODY
    liked = session.likes(recommender.id, person)
    with st.container(border=True, key="demo_likes"):
        if liked:
            recommendation_visitor.likes(recommender, person, liked)
        if person == NOBODY:
            recommendation_visitor.offer(recommender, liked)
        else:
            _history(recommender, person)
    if person == NOBODY and not liked:
        return  # nothing personal to show, and nothing to spend a request on
    request = RecommendationRequest(
        user_id=person, likes=tuple(Like(item_id=item_id) for item_id in liked)
    )
    found = demo_use.once(visit, request, lambda admitted: admitted.recommend(request, "page"))
    if found is not None:
        _cards(recommender, found)
        titles = [recommendation_visitor.title_of(recommender, item_id) for item_id in liked]
        asked = ", ".join(titles) or person
        exchange = exchanges.of_recommendations(found, asked, visit.publication.language)
        label = _("Is this list right?")
        demo_feedback.show(visit, found.figures.request_id, exchange, label=label)
    recommendation_item.show(recommender, person)


def _person(recommender: Recommendation) -> str:
    """Who is recommended to: the visitor, or one of a few people of the data under a letter."""
    people = [one.user_id for one in recommender.find_users() if one.n_events][:N_PEOPLE]
    if not people:
        return NOBODY
    names = {0: _("You")}
    names |= {
        at: _("Person {letter}", letter="ABCDEFGH"[at - 1]) for at in range(1, len(people) + 1)
    }
    chosen = st.pills(
        _("Recommend to"),
        list(names),
        default=0,
        required=True,
        format_func=names.__getitem__,
        key="_demo.person",
        help=_("People of the shop's own data, without their names."),
    )
    return people[chosen - 1] if chosen else NOBODY


def _history(recommender: Recommendation, person: str) -> None:
    titles = [entry.item.title for entry in recommender.history(person, 6)]
    st.caption(_("Took lately: {titles}", titles=notice.plain(", ".join(titles))))


def _cards(recommender: Recommendation, found: Recommendations) -> None:
    if not found.items:
        st.info(_("There is nothing to recommend for this. Pick something else."))
        return
    liked = session.likes(recommender.id, found.user_id)
    with st.grid(min_column_width=CARD_PX):
        for item in found.items:
            recommendation_card.show(
                item,
                key=f"demo.{item.rank}",
                is_liked=item.item.item_id in liked,
                like=partial(recommendation_visitor.like, recommender.id, found.user_id),
                open_item=partial(session.set_opened_item, recommender.id),
                has_place=recommendation_card.have_pictures(found.items),
            )
