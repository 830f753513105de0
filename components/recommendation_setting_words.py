"""Values of a recommender's settings in words, for the list of what a version changed.

Draws nothing; settings come as they were stored, also by an older studio.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from components import format as fmt
from components import recommendation_words as words
from components.i18n import _


def value(field: str, stored: Any) -> str | None:  # Any: what JSON can say
    """The value in words; None for a setting that other kinds have, too."""
    shown = _SHOWN.get(field)
    return None if shown is None else shown(stored)


def _goal(stored: Any) -> str:  # Any: as above, also below
    names: Mapping[Any, str] = words.goals()
    return names.get(stored, str(stored))


def _method(stored: Any) -> str:
    return words.methods().get(stored, str(stored))


def _price(stored: Any) -> str:
    return fmt.amount(float(stored)) if stored else _("any")


def _conditions(stored: Any) -> str:
    return "; ".join(f"{column}: {', '.join(values)}" for column, values in stored) or _("none")


def _boosts(stored: Any) -> str:
    listed = (f"{column}: {value} × {factor:g}" for column, value, factor in stored)
    return "; ".join(listed) or _("none")


def _weights(stored: Any) -> str:
    listed = (f"{words.event_kind(kind)} {weight:g}" for kind, weight in stored)
    return ", ".join(listed) or _("as usual")


def _tuned(stored: Any) -> str:
    listed = (
        f"{words.named_method(method)}: {words.parameter(name)} {value:g}"
        for method, name, value in stored
    )
    return "; ".join(listed) or _("the defaults")


def _tables(stored: Any) -> str:
    names: Mapping[Any, str] = words.table_kinds()
    return ", ".join(f"{table}: {names.get(kind, kind)}" for table, kind in stored) or _("as found")


def _roles(stored: Any) -> str:
    names: Mapping[Any, str] = words.roles()
    listed = (f"{column}: {names.get(role, role)}" for _kind, column, role in stored)
    return ", ".join(listed) or _("as found")


def _users(stored: Any) -> str:
    return ", ".join(stored) or _("none")


_SHOWN: Mapping[str, Callable[[Any], str]] = {
    "goal": _goal,
    "method": _method,
    "price_min": _price,
    "price_max": _price,
    "conditions": _conditions,
    "boosts": _boosts,
    "event_weights": _weights,
    "tuned": _tuned,
    "table_kinds": _tables,
    "column_roles": _roles,
    "users_left_out": _users,
}
