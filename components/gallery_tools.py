"""What stands above one's prototypes: search, kind, project, order, and what was put aside.

Shown as soon as there is something to choose from; a first start is not bothered with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import get_args

import streamlit as st

from components import kind_texts, project_switch, session
from components.gallery_query import GalleryQuery, Order, Shelf, shelf_of
from components.i18n import _
from studio.workspace.records import ProjectRecord, PrototypeRecord

N_WITHOUT = 3
"""So few prototypes are seen at one look."""

ORDERS: tuple[Order, ...] = get_args(Order)
PAUSE = "400ms"
"""How long typing must rest before the list follows."""
_WORDS, _KIND, _ORDER, _SHELF = (
    "_gallery.words",
    "_gallery.kind",
    "_gallery.order",
    "_gallery.shelf",
)


def show(
    records: Sequence[PrototypeRecord], projects: Sequence[ProjectRecord], kind: str | None
) -> GalleryQuery:
    """Draw what there is to choose and give what was chosen.

    Args:
        records: all prototypes, deleted ones included.
        projects: all projects.
        kind: the only kind that is listed; None for all.
    """
    counts = Counter(map(shelf_of, records))
    if len(records) <= N_WITHOUT and len(projects) < 2:
        with st.container(horizontal=True, vertical_alignment="center", key="gallery_few"):
            shelf = _shelf(counts)
            if kind is None and records:
                project_switch.manage(projects)
        return GalleryQuery(kind=kind, shelf=shelf)
    with st.container(horizontal=True, vertical_alignment="bottom", key="gallery_tools"):
        words = st.text_input(
            _("Search"),
            key=_WORDS,
            type="search",
            live=PAUSE,
            placeholder=_("Name, kind or project"),
            width=190,
        )
        if kind is None:
            kind = _kind(records)
        project_id = project_switch.show(projects)
        order = _order()
    return GalleryQuery(
        words=words or "", kind=kind, project_id=project_id, shelf=_shelf(counts), order=order
    )


def _kind(records: Sequence[PrototypeRecord]) -> str | None:
    kinds = sorted({record.kind for record in records})
    names = {name: texts.name for name, texts in kind_texts.texts().items()}
    if session.widget_value(_KIND) not in kinds:
        session.forget(_KIND)  # the last of its kind may be gone
    chosen: str | None = st.selectbox(
        _("Kind"),
        kinds,
        index=None,
        format_func=lambda name: names.get(name, name),
        placeholder=_("Every kind"),
        key=_KIND,
        width=150,
    )
    return chosen


def _order() -> Order:
    labels: dict[Order, str] = {
        "changed": _("Last changed"),
        "made": _("Newest"),
        "name": _("Name"),
        "kind": _("Kind"),
    }
    return st.selectbox(_("Sort by"), ORDERS, format_func=labels.__getitem__, key=_ORDER, width=140)


def _shelf(counts: Counter[Shelf]) -> Shelf:
    labels: dict[Shelf, str] = {
        "active": _("In use"),
        "archived": _("Archived ({n})", n=counts["archived"]),
        "deleted": _("Deleted ({n})", n=counts["deleted"]),
    }
    shelves = [shelf for shelf in labels if shelf == "active" or counts[shelf]]
    if len(shelves) == 1:
        session.forget(_SHELF)
        return "active"
    if session.widget_value(_SHELF) not in shelves:
        session.forget(_SHELF)
    session.default_widget_value(_SHELF, "active")
    chosen = st.segmented_control(
        _("Show"),
        shelves,
        format_func=labels.__getitem__,
        required=True,
        label_visibility="collapsed",
        key=_SHELF,
    )
    return chosen or "active"
