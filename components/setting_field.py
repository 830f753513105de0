"""Binds one widget to one setting of a prototype: the stored value fills it, a change is kept at once.

The workspace is the truth. A widget takes the stored value before it is drawn, so that two open pages
never overwrite what the other one set; only what the user changes is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from components import cache, session
from components.i18n import translate
from studio.errors import StudioError
from studio.prototypes.prototype_settings import PrototypeSettings
from studio.workbench import AnyPrototype

Convert = Callable[[Any], Any]  # a widget's value has the widget's type


def bind(
    prototype: AnyPrototype,
    settings: PrototypeSettings,
    field: str,
    *,
    part: str = "",
    shown: Convert | None = None,
    kept: Convert | None = None,
    is_typed: bool = False,
) -> dict[str, Any]:
    """Arguments `key`, `on_change` and `args` of the widget that edits a setting.

    Args:
        prototype: whose setting it is.
        settings: its settings now.
        field: name of the setting.
        part: of a setting that is a dataclass itself, the name of the value in it.
        shown: turns the stored value into the widget's.
        kept: turns the widget's value into the one that is stored.
        is_typed: whether it is a text that people type.
    """
    key = f"_{prototype.kind}.{prototype.id}.{field}" + (f".{part}" if part else "")
    value = getattr(settings, field)
    value = getattr(value, part) if part else value
    value = shown(value) if shown else value
    session.fill_widget(key, value, is_typed=is_typed)
    return {"key": key, "on_change": _keep, "args": (prototype, field, part, key, kept)}


def _keep(prototype: AnyPrototype, field: str, part: str, key: str, kept: Convert | None) -> None:
    value = session.widget_value(key)
    if not part and not offers(prototype.settings, field, value):
        return  # the widget is given the stored value by this very run
    change(prototype, field, kept(value) if kept else value, part=part)


def offers(settings: PrototypeSettings, field: str, value: Any) -> bool:
    """Whether a person can have chosen a value: one of the fixed ones, or a model of the catalogue.

    The browser knows a choice by its label. One that is written otherwise since (in another language,
    with another model's name) may still arrive as it was, and means nothing any more.

    Args:
        settings: the settings now; what they hold can always be chosen.
        field: name of the setting.
        value: what came from the widget.
    """
    if value == getattr(settings, field):
        return True
    if field.endswith("_model"):
        return value in {"", *(spec.id for spec in cache.workbench().catalogue.list())}
    allowed = settings.choices.get(field)
    return allowed is None or value in allowed


def change(prototype: AnyPrototype, field: str, value: Any, *, part: str = "") -> None:
    """Store a setting, for callbacks; what cannot be used is said and the stored value stays.

    `value` is of the field's type; with `part`, of that value's in a setting that is a dataclass itself.
    """
    try:
        settings = prototype.settings
        if part:
            value = replace(getattr(settings, field), **{part: value})
        prototype.configure(replace(settings, **{field: value}))
    except StudioError as error:
        session.flash(translate(error.notice))
