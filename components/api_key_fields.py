"""The fields that say what a key opens and how much of it: for a new key and for a change."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import streamlit as st

from components import cache, session
from components.i18n import _
from studio.workspace.api_key_record import MAX_WEIGHT, KeyGrants

MAX_PER_MINUTE = 100_000
MAX_TOKENS = 1_000_000_000
MAX_USD = 1_000_000.0
MAX_AT_ONCE = 10_000


def publication_names() -> Mapping[str, str]:
    """What a key can open, by id; what has ended is there for keys that name it."""
    listed = cache.workbench().workspace.publications.list(include_ended=True)
    return {
        one.id: one.headline if one.ended_at is None else _("{name} (ended)", name=one.headline)
        for one in listed
    }


def show(prefix: str, grants: KeyGrants) -> None:
    """Draw the fields; inside a form, as they count together.

    Args:
        prefix: of the widgets' keys.
        grants: what they begin with.
    """
    names = publication_names()
    chosen = [one for one in grants.publications or () if one in names]
    session.default_widget_value(f"{prefix}.publications", chosen)
    st.multiselect(
        _("Publications that it opens"),
        list(names),
        format_func=names.__getitem__,
        key=f"{prefix}.publications",
        placeholder=_("All, later ones too"),
        help=_(
            "The key stands in for a publication's password, and its own limits count instead of the"
            " demo's."
        ),
    )
    session.default_widget_value(f"{prefix}.models", grants.opens_models)
    st.toggle(
        _("Also the models themselves"),
        key=f"{prefix}.models",
        help=_(
            "Lets the holder write and embed with the models of your catalogue directly, outside any"
            " prototype."
        ),
    )
    money = grants.usd_per_day
    for name, value in (
        ("minute", grants.requests_per_minute),
        ("tokens", grants.tokens_per_day),
        ("usd", None if money is None else float(money)),
        ("at_once", grants.max_at_once),
        ("weight", grants.weight),
    ):
        session.default_widget_value(f"{prefix}.{name}", value)
    with st.container(horizontal=True):
        _number(f"{prefix}.minute", _("Requests per minute"), MAX_PER_MINUTE)
        _number(f"{prefix}.tokens", _("Tokens per day"), MAX_TOKENS)
        st.number_input(
            _("USD per day"),
            min_value=0.0,
            max_value=MAX_USD,
            step=0.5,
            format="%.2f",
            placeholder=_("no limit"),
            key=f"{prefix}.usd",
            width=150,
        )
        _number(f"{prefix}.at_once", _("Requests at once"), MAX_AT_ONCE)
        st.number_input(
            _("Share when busy"),
            min_value=1,
            max_value=MAX_WEIGHT,
            step=1,
            key=f"{prefix}.weight",
            width=150,
            help=_(
                "How much of a busy model this key gets: one with share 2 twice as much as one with"
                " share 1. While nothing waits, everybody gets all."
            ),
        )


def read(prefix: str) -> KeyGrants:
    """What stands in the fields. Raises InvalidInput where a limit is out of range."""
    publications = tuple(session.widget_value(f"{prefix}.publications") or ())
    money = session.widget_value(f"{prefix}.usd")
    return KeyGrants(
        publications=publications or None,
        opens_models=bool(session.widget_value(f"{prefix}.models")),
        requests_per_minute=session.widget_value(f"{prefix}.minute"),
        tokens_per_day=session.widget_value(f"{prefix}.tokens"),
        usd_per_day=None if money is None else Decimal(str(money)),
        weight=int(session.widget_value(f"{prefix}.weight") or 1),
        max_at_once=session.widget_value(f"{prefix}.at_once"),
    )


def forget(prefix: str) -> None:
    """Let the fields begin anew with the next drawing."""
    session.forget(
        *(
            f"{prefix}.{name}"
            for name in ("publications", "models", "minute", "tokens", "usd", "at_once", "weight")
        )
    )


def _number(key: str, label: str, highest: int) -> None:
    st.number_input(
        label,
        min_value=1,
        max_value=highest,
        step=1,
        placeholder=_("no limit"),
        key=key,
        width=150,
    )
