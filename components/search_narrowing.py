"""What narrows and orders the results of a search: values of columns, ranges of numbers and dates.

Widgets stand under the search box and are drawn after the search, because their values come from it;
what they were set to is read from the run before. The module runs no search.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from components import format as fmt
from components import notice, session
from components.i18n import _
from studio.prototypes.search.results import Facet, Sorting
from studio.prototypes.search.search import Search
from studio.records import Filter
from studio.retrieval.columns import ColumnInfo

N_FACETS = 6
N_STEPS = 100  # of a slider


def chosen(search: Search) -> tuple[tuple[Filter, ...], Sorting | None]:
    """The filters and the order that are set; (), None before anything was."""
    filters = [
        Filter(column=column, one_of=tuple(values))
        for column in search.facet_columns()[:N_FACETS]
        if (values := session.widget_value(_facet_key(search, column)))
    ]
    for info in search.range_columns():
        ends = _set_ends(search, info)
        if ends is not None:
            low, high = ends
            filters.append(Filter(column=info.name, minimum=low, maximum=high))
    order = session.widget_value(_order_key(search))
    return tuple(filters), order if isinstance(order, Sorting) else None


def show(search: Search, facets: Sequence[Facet], filters: Sequence[Filter]) -> None:
    """Draw a button per column, each opening its choices, and the order of the results.

    Args:
        search: whose columns they are.
        facets: the values of the present results first; counted in all, whatever the query.
        filters: those that are set, from `chosen`.
    """
    ranges, sortable = search.range_columns(), search.sortable_columns()
    if not facets and not ranges and not sortable:
        return
    active = {condition.column for condition in filters}
    with st.container(horizontal=True, gap="small", key=f"search_narrowing_{search.id}"):
        for facet in facets[:N_FACETS]:
            with st.popover(
                _button(facet.column, active), key=f"_{_facet_key(search, facet.column)}"
            ):
                _values(search, facet)
        for info in ranges:
            with st.popover(_button(info.name, active), key=f"_{_range_key(search, info.name)}"):
                _range(search, info)
        if sortable:
            name = _("Order")
            is_set = session.widget_value(_order_key(search)) is not None
            with st.popover(
                f":material/check: **{name}**" if is_set else name,
                icon=":material/swap_vert:",
                key=f"_{_order_key(search)}",
            ):
                _order(search, sortable)
        if active:
            st.button(
                _("Take filters away"),
                type="tertiary",
                key=f"_search.unfilter.{search.id}",
                on_click=_take_away,
                args=(search,),
            )


def _button(column: str, active: set[str]) -> str:
    name = notice.plain(column)
    return f":material/check: **{name}**" if column in active else name


def _values(search: Search, facet: Facet) -> None:
    counts = dict(facet.values)
    st.pills(
        notice.plain(facet.column),
        _with_set(search, facet.column, counts),
        selection_mode="multi",
        format_func=partial(_value_label, counts),
        key=_facet_key(search, facet.column),
    )
    st.caption(
        _("The numbers count all documents that pass the other filters, not only these results.")
        if facet.counted == "documents"
        else _(
            "The numbers count all table rows that pass the other filters, not only these results."
        )
    )


def _with_set(search: Search, column: str, counts: Mapping[str, int]) -> list[str]:
    """The values to choose from: those that are set stay, also when nothing has them any more."""
    before = session.widget_value(_facet_key(search, column)) or ()
    return [*counts, *(value for value in before if value not in counts)]


def _value_label(counts: Mapping[str, int], value: str) -> str:
    return f"{notice.plain(value)} ({fmt.count(counts.get(value, 0))})"


def _set_ends(search: Search, info: ColumnInfo) -> tuple[Any, Any] | None:
    """The range that is set for a column; None where nothing is.

    The column's ends change when the index is built again. What was left at an end stays at the end,
    also where that is further now; what was set stays within the new ends.
    """
    key, now = _range_key(search, info.name), _ends(info)
    value = session.widget_value(key)
    if not value:
        return None
    drawn = session.kept_value(_drawn_key(search, info.name), now)
    if drawn != now:
        value = _moved(tuple(value), drawn, now)
        session.set_widget_value(key, value)
        session.keep_value(_drawn_key(search, info.name), now)
    return None if tuple(value) == now else tuple(value)


def _moved(
    value: tuple[Any, Any], before: tuple[Any, Any], now: tuple[Any, Any]
) -> tuple[Any, Any]:
    """A range within new ends; all of it where nothing of the range is left."""
    if type(value[0]) is not type(now[0]):  # the column holds something else now
        return now
    low = now[0] if value[0] == before[0] else max(value[0], now[0])
    high = now[1] if value[1] == before[1] else min(value[1], now[1])
    return (low, high) if low <= high else now


def _range(search: Search, info: ColumnInfo) -> None:
    low, high = _ends(info)
    key = _range_key(search, info.name)
    session.default_widget_value(key, (low, high))
    session.keep_value(_drawn_key(search, info.name), (low, high))
    options: dict[str, Any] = {}
    if isinstance(low, float) and isinstance(high, float):
        is_whole = low.is_integer() and high.is_integer() and high - low >= 10
        options["step"] = 1.0 if is_whole else max((high - low) / N_STEPS, 0.01)
        options["format"] = "%.0f" if is_whole else "%.2f"
    st.slider(notice.plain(info.name), low, high, key=key, **options)


def _ends(info: ColumnInfo) -> tuple[Any, Any]:
    """Least and greatest value of a column, both floats or both dates."""
    return info.minimum, info.maximum


def _order(search: Search, sortable: Sequence[str]) -> None:
    dates = {info.name for info in search.range_columns() if isinstance(info.minimum, date)}
    orders: list[Sorting | None] = [None]
    for column in sortable:
        orders += [Sorting(column=column), Sorting(column=column, is_descending=True)]
    st.radio(
        _("Order"),
        orders,
        format_func=partial(_order_label, dates),
        key=_order_key(search),
        label_visibility="collapsed",
    )


def _order_label(dates: Collection[str], order: Sorting | None) -> str:
    if order is None:
        return _("Most relevant first")
    column = notice.plain(order.column)
    if order.column in dates:
        if order.is_descending:
            return _("{column}, latest first", column=column)
        return _("{column}, earliest first", column=column)
    if order.is_descending:
        return _("{column}, highest first", column=column)
    return _("{column}, lowest first", column=column)


def _take_away(search: Search) -> None:
    """Leave all filters behind, with their widgets.

    A widget in a closed popover is not drawn, so the browser would go on telling what it was set to.
    """
    for column in search.facet_columns():
        session.forget(_facet_key(search, column))
    for info in search.range_columns():
        session.forget(_range_key(search, info.name))
        session.keep_value(_drawn_key(search, info.name), None)
    session.keep_value(_round_key(search), _round(search) + 1)


def _facet_key(search: Search, column: str) -> str:
    return _of_round(search, f"_search.facet.{search.id}.{column}")


def _range_key(search: Search, column: str) -> str:
    return _of_round(search, f"_search.range.{search.id}.{column}")


def _of_round(search: Search, key: str) -> str:
    n = _round(search)
    return f"{key}.{n}" if n else key


def _round(search: Search) -> int:
    """How often filters were taken away in this session."""
    return int(session.kept_value(_round_key(search), 0))


def _round_key(search: Search) -> str:
    return f"search.narrowing_round.{search.id}"


def _drawn_key(search: Search, column: str) -> str:
    """Where the ends are kept that a range was set against."""
    return f"search.range_drawn.{search.id}.{column}"


def _order_key(search: Search) -> str:
    return f"_search.order.{search.id}"
