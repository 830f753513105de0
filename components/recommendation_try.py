"""A recommender as somebody meets it: who it is for, the list with a reason each, two ways side by side.

The module draws; recommending is the prototype's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from components import (
    exchanges,
    feedback_form,
    notice,
    progress,
    recommendation_card,
    recommendation_item,
    recommendation_quality,
    recommendation_visitor,
    session,
    shell,
)
from components import format as fmt
from components import recommendation_words as words
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.results import RecommendationRequest, Recommendations

N_IN_A_ROW = 2


def show(recommender: Recommendation) -> None:
    """Draw the recommender, or how far it is."""
    state = recommender.training_state()
    if state.state == "empty":
        st.caption(
            _("Nothing to recommend yet. Upload tables under Data, or start with the sample.")
        )
        return
    if not state.is_usable:
        # On a phone the settings, where this stands too, are out of sight.
        if state.state == "training":
            progress.watch(
                recommender.training,
                key=f"recommendation.{recommender.id}.first",
                seen_active=True,
                until=lambda: recommender.training_state().is_usable,
            )
        else:
            notice.show(state.notice, "error" if state.state == "failed" else "info")
            st.button(
                _("Train now"),
                key=f"_recommendation.train.{recommender.id}",
                type="primary",
                on_click=_train,
                args=(recommender,),
            )
        return
    if state.state == "training":  # what is learnt so far answers meanwhile
        progress.watch(
            recommender.training, key=f"recommendation.{recommender.id}.again", seen_active=True
        )
    recommendation_quality.offer_training(recommender, "try")
    data = recommender.desk.current()
    if data is not None and not len(data.items):
        notice.show(data.verdict.headline, "warning")
        return
    _panel(recommender)


def _feedback(
    recommender: Recommendation, request: RecommendationRequest, found: Recommendations
) -> None:
    liked = [recommendation_visitor.title_of(recommender, like.item_id) for like in request.likes]
    asked = request.user_id or _("Somebody new")
    if liked:
        asked = _("{person}, who likes {items}", person=asked, items=", ".join(liked))
    exchange = exchanges.of_recommendations(found, asked, recommender.settings.language)
    feedback_form.show(
        recommender,
        feedback_form.list_id(recommender, exchange),
        exchange,
        label=_("Is this list right?"),
    )


def _train(recommender: Recommendation) -> None:
    recommender.train()


@st.fragment
@shell.guarded()
def _panel(recommender: Recommendation) -> None:
    with st.container(border=True, key=f"recommendation_visitor_{recommender.id}"):
        request = recommendation_visitor.show(recommender)
    try:
        if _is_side_by_side(recommender):
            _compare(recommender, request)
        else:
            found = recommender.recommend(request, surface="page")
            _head(recommender, found)
            _cards(recommender, found)
            st.caption(strip(found))
            _feedback(recommender, request, found)
    except StudioError as error:
        notice.show(translate(error.notice), "warning")
        return
    recommendation_item.show(recommender, request.user_id)


def _is_side_by_side(recommender: Recommendation) -> bool:
    return st.toggle(
        _("Two ways side by side"),
        key=f"_recommendation.side_by_side.{recommender.id}",
        help=_("The same person by two ways of recommending, with the same rules."),
    )


def _head(recommender: Recommendation, found: Recommendations) -> None:
    """What the list is, what was done otherwise than asked, and the history behind it."""
    st.markdown(
        f"**{words.goals()[found.goal]}** :gray[· {notice.plain(words.method(found.method))}]"
    )
    for told in found.notices:
        notice.show(told)
    recommendation_visitor.history(recommender, found.user_id, found.history)


def _cards(recommender: Recommendation, found: Recommendations) -> None:
    liked = session.likes(recommender.id, found.user_id)
    has_place = recommendation_card.have_pictures(found.items)
    for start in range(0, len(found.items), N_IN_A_ROW):
        columns = st.columns(N_IN_A_ROW, gap="small")
        row = found.items[start : start + N_IN_A_ROW]
        for column, item in zip(columns, row, strict=False):
            with column:
                recommendation_card.show(
                    item,
                    key=f"{recommender.id}.{item.rank}",
                    is_liked=item.item.item_id in liked,
                    like=partial(recommendation_visitor.like, recommender.id, found.user_id),
                    open_item=partial(session.set_opened_item, recommender.id),
                    has_place=has_place,
                )


def _compare(recommender: Recommendation, request: RecommendationRequest) -> None:
    """Draw two lists for the same person."""
    known = recommender.training_state().methods
    if len(known) < 2:
        st.caption(_("There is only one way of recommending on this data."))
        return
    chosen = _two(recommender, known)
    lists = recommender.side_by_side(replace(request, method=None), chosen)
    left_ids, right_ids = ({one.item.item_id for one in lists[name].items} for name in chosen)
    n_both = len(left_ids & right_ids)
    st.caption(ngettext("{n} item is in both lists.", "{n} items are in both lists.", n_both))
    shown = [item for name in chosen for item in lists[name].items]
    has_place = recommendation_card.have_pictures(shown)
    for side, (column, name) in enumerate(zip(st.columns(2, gap="small"), chosen, strict=True)):
        others = (right_ids, left_ids)[side]
        with column:
            st.markdown(f"**{notice.plain(words.method(name))}**")
            for told in lists[name].notices:
                st.caption(notice.plain(translate(told)))
            for item in lists[name].items:
                recommendation_card.show(
                    item,
                    key=f"{recommender.id}.side{side}.{item.rank}",
                    mark="" if item.item.item_id in others else _("only here"),
                    open_item=partial(session.set_opened_item, recommender.id),
                    has_place=has_place,
                )
            st.caption(strip(lists[name]))


def _two(recommender: Recommendation, known: Sequence[MethodName]) -> tuple[MethodName, MethodName]:
    """The two ways to compare; at first the one in use and what is popular."""
    first = recommender.method_for_goal()
    other: MethodName = "popular" if first != "popular" else known[-1]
    chosen: list[MethodName] = []
    for at, (column, default) in enumerate(zip(st.columns(2), (first, other), strict=True)):
        choice = column.selectbox(
            _("First way") if at == 0 else _("Second way"),
            known,
            index=known.index(default) if default in known else at,
            format_func=words.method,
            key=f"_recommendation.way{at}.{recommender.id}",
        )
        chosen.append(choice)
    return chosen[0], chosen[1]


def strip(found: Recommendations) -> str:
    """The line under a list: from how many items, how long it took, what it cost."""
    figures = found.figures
    parts = [
        ngettext(
            "{n} of {shown} item",
            "{n} of {shown} items",
            len(found.items),
            shown=fmt.count(found.n_candidates),
        ),
        _("total {time}", time=fmt.duration(figures.total_ms / 1000)),
        fmt.money(figures.cost, figures.currency)
        if figures.cost is not None
        else _("cost unknown"),
    ]
    return notice.plain(" · ".join(parts))
