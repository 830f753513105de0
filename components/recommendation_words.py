"""Words of recommenders: tables, columns, events, measures, reasons. Draws nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.prototypes.recommendation.data.profile import BANDS
from studio.prototypes.recommendation.data.roles import ColumnRole, TableKind
from studio.prototypes.recommendation.evaluation import MeasureName
from studio.prototypes.recommendation.goals import (
    GOAL_LABELS,
    GOALS,
    METHOD_LABELS,
    Goal,
    MethodName,
)
from studio.prototypes.recommendation.results import ReasonKind, ShownItem, UserSummary
from studio.prototypes.recommendation.weighing import plain_kind

N_FACTS = 3

REASON_ICONS: Mapping[ReasonKind, str] = {
    "liked": ":material/favorite:",
    "attributes": ":material/sell:",
    "people": ":material/group:",
    "next": ":material/arrow_forward:",
    "segment": ":material/diversity_3:",
    "recent": ":material/trending_up:",
    "popular": ":material/star:",
    "untaken": ":material/fiber_new:",
}


def table_kinds() -> dict[TableKind, str]:
    """What a table can hold."""
    return {
        "items": _("Items"),
        "events": _("Events: who did what"),
        "users": _("Users"),
        "ignore": _("Leave out"),
    }


def roles() -> dict[ColumnRole, str]:
    """What a column of a table can be for."""
    return {
        "item": _("Item id"),
        "title": _("Title"),
        "text": _("Description"),
        "attribute": _("Property (attribute)"),
        "price": _("Price"),
        "image": _("Picture link"),
        "link": _("Link"),
        "stock": _("Stock"),
        "date": _("New since (date)"),
        "user": _("User id"),
        "type": _("Kind of event"),
        "rating": _("Rating"),
        "time": _("Time of the event"),
        "status": _("Status of the order"),
        "segment": _("Segment"),
        "ignore": _("Leave out"),
    }


def event_kind(kind: str) -> str:
    """A kind of event in the user's language where it is a usual one, else as it was written."""
    known = {
        "event": _("event"),
        "view": _("view"),
        "pageview": _("view"),
        "pv": _("view"),
        "watch": _("view"),
        "visit": _("visit"),
        "impression": _("impression"),
        "click": _("click"),
        "play": _("play"),
        "cart": _("cart"),
        "addtocart": _("cart"),
        "wishlist": _("wish list"),
        "save": _("saved"),
        "fav": _("favourite"),
        "favorite": _("favourite"),
        "favourite": _("favourite"),
        "like": _("like"),
        "share": _("share"),
        "buy": _("purchase"),
        "purchase": _("purchase"),
        "order": _("purchase"),
        "transaction": _("purchase"),
        "rating": _("rating"),
        "rate": _("rating"),
        "review": _("review"),
        "dislike": _("dislike"),
        "unlike": _("like taken back"),
        "removefromcart": _("taken out of the cart"),
        "return": _("return"),
        "refund": _("refund"),
    }
    return known.get(plain_kind(kind), kind.replace("_", " "))


def goals() -> dict[Goal, str]:
    """What a list can be for, in the order they are offered."""
    return {goal: translate(GOAL_LABELS[goal]) for goal in GOALS}


def method(name: MethodName) -> str:
    """What a way of recommending is called."""
    return translate(METHOD_LABELS[name])


def short_method(name: MethodName) -> str:
    """The same without the term of the field in brackets, for charts."""
    return re.sub(r"\s*[(（].*", "", method(name))


def named_method(name: str) -> str:
    """The same for a name that was stored; one that is not known here stays as it is."""
    label = METHOD_LABELS.get(cast("MethodName", name))
    return name if label is None else re.sub(r"\s*[(（].*", "", translate(label))


def parameter(name: str) -> str:
    """What a parameter of a way of recommending is called."""
    names = {
        "decay": _("fading of what is older"),
        "n_neighbours": _("neighbours"),
        "regularisation": _("regularisation"),
        "n_steps": _("steps ahead"),
        "n_factors": _("hidden tastes"),
        "alpha": _("trust in what was taken (alpha)"),
        "learning_rate": _("learning rate"),
        "n_rounds": _("rounds"),
        "half_life_days": _("half-life in days"),
        "prior": _("weight of the whole"),
        "k1": "k1",
        "b": "b",
    }
    return names.get(name, name)


def methods() -> dict[str, str]:
    """The ways of recommending to choose from; "" leaves it to the test."""
    return {"": _("Automatic"), **{name: method(name) for name in METHOD_LABELS}}


def bands() -> tuple[str, ...]:
    """The groups of users by the number of their items, as in `BANDS`: "20–49", "50+"."""
    names = []
    for low, high in BANDS:
        if high is None:
            names.append(f"{fmt.count(low)}+")
        elif low == high:
            names.append(fmt.count(low))
        else:
            names.append(f"{fmt.count(low)}–{fmt.count(high)}")
    return tuple(names)


def measures() -> dict[MeasureName, tuple[str, str]]:
    """Measure -> what it is called and what it means."""
    return {
        "nDCG@10": (
            _("Right and high up (nDCG@10)"),
            _("1 when what people took next stands on top of their list, 0 when it is not in it."),
        ),
        "Success@10": (
            _("People served (hit rate@10)"),
            _("Share of people whose ten items hold at least one that they took next."),
        ),
        "R@10": (_("Found (recall@10)"), _("Share of what people took next that is in the ten.")),
        "P@10": (
            _("Right ones (precision@10)"),
            _("Share of the ten items that people took next."),
        ),
        "AP@10": (_("MAP@10"), _("Mean average precision: precision at each right item.")),
        "RR@10": (_("MRR@10"), _("Mean reciprocal rank: 1 divided by the place of the first.")),
    }


def segment(name: str) -> str:
    """What a part of the users or items is called."""
    known = {
        "new": _("users with little history"),
        "active": _("users with much history"),
        "head": _("frequent items"),
        "tail": _("rare items"),
        "cold": _("people without a past"),
        "one_item": _("knowing the latest item only"),
        "basket": _("knowing the latest three only"),
    }
    if name.startswith("segment:"):
        return name.removeprefix("segment:")
    return known.get(name, name)


def price(item: ShownItem) -> str:
    """An item's price with its currency; "" where unknown."""
    if item.price is None:
        return ""
    amount = fmt.amount(item.price)
    return f"{amount} {item.currency}" if item.currency else amount


def enumerated(values: Sequence[str]) -> str:
    """Values one after the other, as the language lists them; at least one."""
    first, *others = values
    return _("{first}, {others}", first=first, others=enumerated(others)) if others else first


def facts(item: ShownItem) -> str:
    """Price, stock where it is gone, and the first values of an item, for a line below its title."""
    values = [enumerated(some) for _name, some in item.attributes if some][:N_FACTS]
    sold_out = _("sold out") if item.stock is not None and item.stock <= 0 else ""
    return " · ".join(part for part in (price(item), *values, sold_out) if part)


def description(item: ShownItem) -> str:
    """What is said of an item beside its title and properties, which a model is given with it."""
    listed = ", ".join(value for _name, values in item.attributes for value in values)
    text = item.text.removeprefix(item.title).removeprefix(". ")
    return text.removeprefix(listed).removeprefix(". ")


def user(summary: UserSummary) -> str:
    """A user to pick: id, segment and how much is known."""
    n_items = ngettext("{n} item", "{n} items", summary.n_items)
    return " · ".join(part for part in (summary.user_id, summary.segment, n_items) if part)
