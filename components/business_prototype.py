"""Which prototype a business page is about; the choice goes with the user from page to page."""

from __future__ import annotations

import streamlit as st

from components import cache, kind_cards, kind_texts, notice, session
from components.i18n import _
from studio.errors import NotFound
from studio.workbench import AnyPrototype

FIELD = "_business.prototype"


def choose(empty: str = "", first: str = "") -> AnyPrototype | None:
    """Draw the choice and give the prototype; None, with a way to make one, where there is none.

    The address names it (`?prototype=<slug>`); else it is the one looked at last, else `first`, else
    the newest.

    Args:
        empty: what is said where there is none; by default that there is nothing to price.
        first: the id of the one that has something to look at; empty where none has.
    """
    bench = cache.workbench()
    records = bench.prototypes()
    if not records:
        notice.show(
            empty or _("There is nothing to price yet. Build a prototype first, or try a sample.")
        )
        kind_cards.show()
        return None
    names = {record.slug: record.name for record in records}
    kinds = {record.slug: record.kind for record in records}
    asked = st.query_params.get("prototype") or session.business_prototype()
    by_id = {record.id: record.slug for record in records}
    slug = asked if asked in names else _by_id(asked) or by_id.get(first, records[0].slug)
    session.fill_widget(FIELD, slug)
    texts = kind_texts.texts()
    st.selectbox(
        _("Prototype"),
        list(names),
        format_func=lambda one: (
            f"{names[one]} · {texts[kinds[one]].name if kinds[one] in texts else kinds[one]}"
        ),
        key=FIELD,
        on_change=_changed,
    )
    session.set_business_prototype(slug)
    return bench.prototype(slug)


def _by_id(asked: str | None) -> str | None:
    """The address of a prototype that was named otherwise (by its id); None where there is none."""
    if not asked:
        return None
    try:
        return cache.workbench().workspace.prototypes.get(asked).slug
    except NotFound:
        return None


def _changed() -> None:
    slug = str(session.widget_value(FIELD))
    st.query_params["prototype"] = slug
    session.set_business_prototype(slug)
