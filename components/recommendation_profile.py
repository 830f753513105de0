"""The data of a recommender: what it can support, how much there is, how unevenly it is spread.

Draws what the desk has counted.
"""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from babel import dates

from components import format as fmt
from components import notice, recommendation_charts
from components import recommendation_words as words
from components.i18n import _, ngettext, translate
from studio.prototypes.recommendation.data.prepared import PreparedData
from studio.prototypes.recommendation.data.profile import HEAD_SHARE, Profile
from studio.prototypes.recommendation.data.verdict import DataVerdict
from studio.prototypes.recommendation.recommendation import Recommendation


def show(recommender: Recommendation) -> None:
    """Draw the profile, or say that there is no data yet."""
    data = recommender.desk.current()
    if data is None:
        st.caption(_("What your data looks like appears here once tables are uploaded."))
        return
    verdict(data.verdict)
    _figures(data.profile)
    repairs(data)
    _charts(data, recommender.id)


def verdict(found: DataVerdict) -> None:
    """Draw what the data can support, and what limits it."""
    tone = "success" if found.support == "behaviour" else "warning"
    notice.show(found.headline, tone)  # type: ignore[arg-type]  # one of its literals
    for told in found.details:
        st.markdown(f":material/info: {notice.plain(translate(told))}")


def repairs(data: PreparedData) -> None:
    """Draw what was left out or taken otherwise: repeated lines, automatic visitors, unread cells."""
    told = [*(one for table in data.tables for one in table.notices), *data.report.sentences()]
    if not told:
        st.caption(_("Every row could be used: no repeated lines, no automatic visitors."))
    for sentence in told:
        st.caption(f":material/cleaning_services: {notice.plain(translate(sentence))}")


def _figures(profile: Profile) -> None:
    with st.container(horizontal=True, gap="medium"):
        for label, value, explanation in (
            (
                _("Items"),
                fmt.count(profile.n_items),
                ngettext(
                    "{n} of them has no event yet (cold).",
                    "{n} of them have no event yet (cold).",
                    profile.n_cold_items,
                ),
            ),
            (
                _("Users"),
                fmt.count(profile.n_users),
                ngettext(
                    "{n} of them used a single item (cold).",
                    "{n} of them used a single item (cold).",
                    profile.n_one_item_users,
                ),
            ),
            (_("Events"), fmt.count(profile.n_events), kinds(profile)),
            (
                _("Filled (density)"),
                percent(profile.density),
                _("{pairs} of all pairs of a user and an item.", pairs=fmt.count(profile.n_pairs)),
            ),
            (
                _("Items per user"),
                fmt.number(profile.median_items),
                _("Of the user in the middle (median)."),
            ),
        ):
            st.metric(label, value, help=notice.plain(explanation), width="content")
    lines = [period(profile)]
    if profile.n_cold_items:
        lines.append(
            ngettext(
                "{n} item without any event (cold)",
                "{n} items without any event (cold)",
                profile.n_cold_items,
            )
        )
    n_cold = profile.n_one_item_users + profile.n_listed_users
    if n_cold:
        lines.append(
            ngettext(
                "{n} user with one item or none (cold)",
                "{n} users with one item or none (cold)",
                n_cold,
            )
        )
    if profile.rating_range is not None:
        low, high = profile.rating_range
        lines.append(_("ratings from {low} to {high}", low=fmt.number(low), high=fmt.number(high)))
    st.caption(notice.plain(" · ".join(filter(None, lines))))


def percent(share: float) -> str:
    """A share with two significant digits: "5.3%"."""
    return _("{value}%", value=fmt.number(100 * share))


def kinds(profile: Profile) -> str:
    """The kinds of events with their numbers."""
    return " · ".join(f"{words.event_kind(kind)} {fmt.count(n)}" for kind, n in profile.kinds if n)


def period(profile: Profile) -> str:
    """From when to when; "" without times."""
    if profile.first_at is None or profile.last_at is None:
        return ""
    first, last = day(profile.first_at), day(profile.last_at)
    return first if first == last else _("{first} to {last}", first=first, last=last)


def day(moment: datetime) -> str:
    """A date as people write it."""
    return dates.format_date(moment, format="medium", locale=fmt.locale())


def _charts(data: PreparedData, key: str) -> None:
    profile = data.profile
    if not profile.n_events:
        return
    st.subheader(_("Long tail"), anchor=False)
    st.caption(
        _(
            "The most frequent {head} of the items have {share} of all events. The higher the curve"
            " rises on the left, the harder it is to recommend anything but best-sellers.",
            head=percent(HEAD_SHARE),
            share=percent(profile.head_share),
        )
    )
    recommendation_charts.long_tail(profile, key=f"recommendation_tail_{key}")
    st.subheader(_("How much users did"), anchor=False)
    recommendation_charts.bands(profile, key=f"recommendation_bands_{key}")
    if profile.months:
        st.subheader(_("When it happened"), anchor=False)
        recommendation_charts.months(profile, key=f"recommendation_months_{key}")
