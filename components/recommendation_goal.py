"""Step 2 of a recommender: what the list is for, and the business rules that hold for every list.

Every change is kept at once by `setting_field`. The module knows which settings there are and how to
explain them, not what they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components import notice, session, setting_words
from components import recommendation_words as words
from components.i18n import _, translate
from components.setting_field import bind, change
from studio.prototypes.recommendation.data.prepared import PreparedData
from studio.prototypes.recommendation.goals import GOAL_HELP
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.settings import RANGES, RecommendationSettings

MAX_VALUES = 200
"""Values of a property that can be chosen from; a property with more is an id or a text."""
FACTORS = (0.25, 0.5, 2.0, 4.0)


def show(
    recommender: Recommendation, settings: RecommendationSettings, data: PreparedData | None
) -> None:
    """Draw the step."""
    goal(recommender, settings)
    rules(recommender, settings, data)


def goal(recommender: Recommendation, settings: RecommendationSettings) -> None:
    """Draw the choice of the goal."""
    names = words.goals()
    st.pills(
        setting_words.label("goal"),
        list(names),
        format_func=names.__getitem__,
        required=True,
        **bind(recommender, settings, "goal"),
    )
    st.caption(translate(GOAL_HELP[settings.goal]))


def rules(
    recommender: Recommendation, settings: RecommendationSettings, data: PreparedData | None
) -> None:
    """Draw the rules; those that the items cannot follow are left out, unless they are set already."""
    low, high = RANGES["n_items"]
    st.slider(
        setting_words.label("n_items"),
        int(low),
        int(high),
        **bind(recommender, settings, "n_items"),
    )
    st.toggle(setting_words.label("exclude_seen"), **bind(recommender, settings, "exclude_seen"))
    st.slider(
        setting_words.label("diversity", RecommendationSettings),
        0.0,
        1.0,
        step=0.05,
        help=_(
            "0 takes the best scores; the higher, the more an item must differ from those above."
        ),
        **bind(recommender, settings, "diversity", shown=float),
    )
    if data is None:
        return
    if has_any(data.items.stock):
        st.toggle(
            setting_words.label("in_stock_only"),
            help=_("Leaves out what is sold out. Items without a stock stay."),
            **bind(recommender, settings, "in_stock_only"),
        )
    if has_any(data.items.added_at_s):
        st.slider(
            setting_words.label("freshness"),
            0.0,
            1.0,
            step=0.05,
            help=_("0 ignores how old items are; at 1 an item of three months counts half."),
            **bind(recommender, settings, "freshness", shown=float),
        )
    if has_any(data.items.prices) or settings.price_min or settings.price_max:
        _prices(recommender, settings, data)
    columns = choosable(data)
    if columns or settings.conditions:
        _conditions(recommender, settings, columns)
    if columns or settings.boosts:
        _boosts(recommender, settings, columns)


def has_any(column: Any) -> bool:  # Any: a numpy array
    """Whether a column of numbers has one that is known."""
    return bool((column == column).any())  # only NaN differs from itself


def choosable(data: PreparedData) -> dict[str, tuple[str, ...]]:
    """Properties with few enough values to choose from: column -> values, the most frequent first."""
    found = {}
    for name, column in data.items.attributes.items():
        counts: dict[str, int] = {}
        for values in column:
            for value in values:
                counts[value] = counts.get(value, 0) + 1
        if 1 < len(counts) <= MAX_VALUES:
            found[name] = tuple(sorted(counts, key=lambda value: (-counts[value], value)))
    return found


def _prices(
    recommender: Recommendation, settings: RecommendationSettings, data: PreparedData
) -> None:
    left, right = st.columns(2, vertical_alignment="bottom")
    options: dict[str, Any] = {"min_value": 0.0, "step": 1.0, "format": "%.2f"}
    unit = f" ({data.items.currency})" if data.items.currency else ""
    left.number_input(
        setting_words.label("price_min") + unit,
        **options,
        **bind(recommender, settings, "price_min", shown=float),
    )
    right.number_input(
        setting_words.label("price_max") + unit,
        help=_("0 for any"),
        **options,
        **bind(recommender, settings, "price_max", shown=float),
    )


def _conditions(
    recommender: Recommendation,
    settings: RecommendationSettings,
    columns: dict[str, tuple[str, ...]],
) -> None:
    """One multiple choice per property; what is chosen filters, nothing lets all pass.

    What is set stays in sight when the items no longer have it: a value among the others, a property
    that cannot be chosen from any more with a button that takes the rule away.
    """
    chosen = dict(settings.conditions)
    with st.popover(
        _("Only items with … ({n})", n=len(chosen)) if chosen else _("Only items with …"),
        icon=":material/filter_alt:",
        width="stretch",
        key=f"_recommendation.conditions.{recommender.id}",
    ):
        for at, (name, values) in enumerate(chosen.items()):
            if name not in columns:
                st.button(
                    notice.plain(f"{name}: {', '.join(values)}"),
                    key=f"_recommendation.condition_gone.{recommender.id}.{at}",
                    icon=":material/close:",
                    help=_("Take this rule away: one cannot choose from this property any more."),
                    on_click=_take_condition,
                    args=(recommender, name),
                )
        for name, values in columns.items():
            key = f"_recommendation.condition.{recommender.id}.{name}"
            present = list(chosen.get(name, ()))
            session.fill_widget(key, present)
            st.multiselect(
                notice.plain(name),
                tuple(dict.fromkeys((*values, *present))),
                key=key,
                placeholder=_("Any"),
                on_change=_keep_condition,
                args=(recommender, name, key),
            )


def _keep_condition(recommender: Recommendation, name: str, key: str) -> None:
    _set_condition(recommender, name, tuple(session.widget_value(key) or ()))


def _take_condition(recommender: Recommendation, name: str) -> None:
    _set_condition(recommender, name, ())


def _set_condition(recommender: Recommendation, name: str, values: tuple[str, ...]) -> None:
    conditions = {**dict(recommender.settings.conditions), name: values}
    kept = tuple((column, its) for column, its in conditions.items() if its)
    change(recommender, "conditions", kept)


def _boosts(
    recommender: Recommendation,
    settings: RecommendationSettings,
    columns: dict[str, tuple[str, ...]],
) -> None:
    """The boosts there are, each to take away, and one more."""
    label = _("Show more or less of …")
    if settings.boosts:
        label = _("Show more or less of … ({n})", n=len(settings.boosts))
    with st.popover(
        label,
        icon=":material/bolt:",
        width="stretch",
        key=f"_recommendation.boosts.{recommender.id}",
    ):
        for at, (column, value, factor) in enumerate(settings.boosts):
            st.button(
                notice.plain(f"{column}: {value} {factor_name(factor)}"),
                key=f"_recommendation.boost.{recommender.id}.{at}",
                icon=":material/close:",
                on_click=_take_boost,
                args=(recommender, at),
            )
        if columns:
            _new_boost(recommender, columns)


def factor_name(factor: float) -> str:
    """How much more or less something counts: "× 2"."""
    return f"× {factor:g}"


def _new_boost(recommender: Recommendation, columns: dict[str, tuple[str, ...]]) -> None:
    prefix = f"_recommendation.boost_new.{recommender.id}"
    column = st.selectbox(_("Property"), list(columns), key=f"{prefix}.column")
    value = st.selectbox(_("Value"), columns[column], key=f"{prefix}.value.{column}")
    factor = st.pills(
        _("Counts"),
        FACTORS,
        default=2.0,
        required=True,
        format_func=factor_name,
        key=f"{prefix}.factor",
    )
    st.button(
        _("Add"),
        key=f"{prefix}.add",
        type="primary",
        on_click=_add_boost,
        args=(recommender, (column, value, factor or 2.0)),
    )


def _add_boost(recommender: Recommendation, boost: tuple[str, str, float]) -> None:
    others = [one for one in recommender.settings.boosts if one[:2] != boost[:2]]
    change(recommender, "boosts", (*others, boost))


def _take_boost(recommender: Recommendation, at: int) -> None:
    boosts: Sequence[tuple[str, str, float]] = recommender.settings.boosts
    change(recommender, "boosts", tuple(one for i, one in enumerate(boosts) if i != at))
