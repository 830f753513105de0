"""What a recommender may bring: an uplift as a range with its assumptions, and the test that proves it.

Draws the assumptions as fields; the sums are the library's.
"""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from components import currency_switch, notice, session
from components import format as fmt
from components import recommendation_words as words
from components.i18n import _, ngettext, sentences, translate
from components.recommendation_evaluation import MAIN, level_of, warn_of_old
from studio.errors import InvalidInput
from studio.evaluation.comparison import Interval, signed
from studio.evaluation.experiment import (
    TestQuestion,
    UpliftAssumptions,
    expected_uplift,
    plan_test,
)
from studio.prototypes.recommendation.evaluation import Evaluation, MeasuredMethod
from studio.prototypes.recommendation.recommendation import Recommendation

DEFAULTS = UpliftAssumptions()
BASELINE_PERCENT = 3.0
"""Of visitors who buy: what the planner begins with, to be replaced by the owner's own."""
UPLIFT_PERCENT = 10.0
VISITORS = 1000


def show(recommender: Recommendation) -> None:
    """Draw the expected uplift, once something was measured, and the planner of a test."""
    st.subheader(_("Expected uplift"), anchor=False)
    found = recommender.evaluation()
    if found is None:
        st.caption(_("Test the recommender first: the range rests on what it foretold."))
    else:
        warn_of_old(recommender)
        _uplift(recommender, found)
    st.subheader(_("Plan an A/B test"), anchor=False)
    st.caption(
        _(
            "Half of your visitors see the old list, half the new one. How many does it take to tell the"
            " difference from chance?"
        )
    )
    _planner(recommender)


def _uplift(recommender: Recommendation, found: Evaluation) -> None:
    now = recommender.method_for_goal()
    popular, one = found.of("popular"), found.of(now)
    if now == "popular":
        notice.show(
            _("The best-seller list answers now, so there is no gain over it to speak of."), "info"
        )
        return
    if popular is None or one is None or one.against_popular is None:
        notice.show(
            _(
                "{method} answers now, which was not measured. Test again to see what it may bring.",
                method=words.short_method(now),
            ),
            "info",
        )
        return
    assumptions = _assumptions(recommender.id, currency_of(recommender))
    try:
        uplift = expected_uplift(popular.measures[MAIN].mean, one.against_popular, assumptions)
    except InvalidInput as error:
        notice.show(error.notice, "warning")
        return
    st.caption(notice.plain(_gain(one, popular.measures[MAIN], one.against_popular)))
    with st.container(horizontal=True, gap="large"):
        st.metric(
            _("Taken through the lists"),
            span(uplift.lists_low, uplift.lists_high),
            help=_("Change against the best-seller list in the same place."),
            width="content",
        )
        st.metric(
            _("All sales"),
            span(uplift.sales_low, uplift.sales_high),
            help=_("The same, as a share of everything that is sold."),
            width="content",
        )
        if uplift.revenue_low is not None and uplift.revenue_high is not None:
            low, high = fmt.money(uplift.revenue_low, ""), fmt.money(uplift.revenue_high, "")
            st.metric(
                _("Revenue per month ({currency})", currency=uplift.currency),
                _("{low} to {high}", low=low.strip(), high=high.strip()),
                width="content",
            )
    st.markdown(f":material/info: {notice.plain(translate(uplift.assumption))}")


def currency_of(recommender: Recommendation) -> str:
    """The currency of the items' prices, else the one that the business pages show."""
    data = recommender.desk.current()
    chosen = session.widget_value(currency_switch.FIELD)
    return (data.items.currency if data else "") or (chosen.value if chosen else DEFAULTS.currency)


def span(low: float, high: float) -> str:
    """A range of relative changes: "+3% to +18%"."""
    return _("{low} to {high}", low=_signed(low), high=_signed(high))


def _signed(share: float) -> str:
    value = fmt.number(abs(100 * share))
    sign = "" if value == "0" else "−" if share < 0 else "+"
    return f"{sign}{value}%"


def _gain(one: MeasuredMethod, popular: Interval, gain: Interval) -> str:
    return _(
        "{method} against the best-seller list: nDCG@10 {mean} instead of {base}, difference {low} to"
        " {high} ({level}).",
        method=words.short_method(one.method),
        mean=f"{one.measures[MAIN].mean:.3f}",
        base=f"{popular.mean:.3f}",
        low=signed(gain.low, ".3f"),
        high=signed(gain.high, ".3f"),
        level=level_of(gain),
    )


def _assumptions(key: str, currency: str) -> UpliftAssumptions:
    """The assumptions as fields; what nobody can measure offline is the owner's to say."""
    with st.container(border=True):
        st.markdown("**" + _("Assumptions") + "**")
        low, high = st.slider(
            _("Share of the offline gain that is seen online (%)"),
            0,
            100,
            (round(100 * DEFAULTS.carry_over_low), round(100 * DEFAULTS.carry_over_high)),
            step=5,
            key=f"_recommendation.carry_over.{key}",
            persist_state="session",
            help=_(
                "Offline winners often win less online, because people would have found some items"
                " anyway. An assumption, not a measurement."
            ),
        )
        left, right = st.columns(2, vertical_alignment="bottom")
        through = left.slider(
            _("Share of sales through such lists (%)"),
            0,
            100,
            round(100 * DEFAULTS.share_through_lists),
            key=f"_recommendation.through.{key}",
            persist_state="session",
        )
        revenue = right.number_input(
            _("Monthly revenue ({currency}), if you like", currency=currency),
            min_value=0.0,
            value=None,
            step=1000.0,
            format="%.0f",
            key=f"_recommendation.revenue.{key}",
            persist_state="session",
        )
    return UpliftAssumptions(
        carry_over_low=low / 100,
        carry_over_high=high / 100,
        share_through_lists=through / 100,
        monthly_revenue=None if revenue is None else Decimal(str(revenue)),
        currency=currency,
    )


def _planner(recommender: Recommendation) -> None:
    key = recommender.id
    first, second, third = st.columns(3, vertical_alignment="bottom")
    rate = first.number_input(
        _("Visitors who buy now (%)"),
        min_value=0.01,
        max_value=99.0,
        value=BASELINE_PERCENT,
        step=0.5,
        key=f"_recommendation.rate.{key}",
        persist_state="session",
    )
    uplift = second.number_input(
        _("Change worth finding (%)"),
        min_value=0.5,
        max_value=500.0,
        value=UPLIFT_PERCENT,
        step=1.0,
        help=_("Relative: 10 means from 3% to 3.3%."),
        key=f"_recommendation.effect.{key}",
        persist_state="session",
    )
    visitors = third.number_input(
        _("Visitors per day"),
        min_value=1,
        value=VISITORS,
        step=100,
        key=f"_recommendation.visitors.{key}",
        persist_state="session",
    )
    try:
        plan = plan_test(
            TestQuestion(
                baseline_rate=rate / 100, relative_uplift=uplift / 100, visitors_per_day=visitors
            )
        )
    except InvalidInput as error:
        notice.show(sentences(*map(translate, error.fields.values())), "warning")
        return
    with st.container(horizontal=True, gap="large"):
        st.metric(_("Visitors per group"), fmt.count(plan.n_per_group), width="content")
        days = ngettext("{shown} day", "{shown} days", plan.days, shown=fmt.count(plan.days))
        st.metric(_("Duration"), days, width="content")
    notice.show(plan.notice, "warning" if plan.is_long else "info")
