"""The head of a builder page: the prototype's name, its version, and what can be done with it whole.

The module acts through the workbench and leaves the page where the prototype changes.
"""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from components import cache, kind_texts, new_prototype, notice, route, session, versions, who
from components.demos import registry
from components.i18n import _, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.workbench import AnyPrototype

MAX_NAME = 80


def show(prototype: AnyPrototype, now: datetime) -> None:
    """Draw name, version and menu; `now` says how long ago a version was made."""
    with st.container(horizontal=True, vertical_alignment="center", key="prototype_header"):
        st.title(notice.plain(prototype.name), anchor=False, width="content")
        if who.may(Role.EDITOR):
            _rename(prototype)
        versions.show(prototype, now)
        if prototype.record.is_sample:
            st.badge(_("Sample"), color="gray")
        st.space("stretch")
        may_publish = registry.has_demo(prototype.kind) and who.may(Role.OWNER)
        if may_publish and st.button(_("Publish"), key="_header.publish", icon=":material/share:"):
            route.to_publishing(prototype.slug)
        _menu(prototype)


def _rename(prototype: AnyPrototype) -> None:
    key = f"_header.name.{prototype.id}"
    session.fill_widget(key, prototype.name, is_typed=True)
    with st.popover(":material/edit:", type="tertiary", help=_("Rename"), key="_header.rename"):
        st.text_input(
            _("Name"), key=key, max_chars=MAX_NAME, on_change=_keep_name, args=(prototype, key)
        )


def _keep_name(prototype: AnyPrototype, key: str) -> None:
    name = str(session.widget_value(key) or "").strip()
    if not name:
        session.flash(_("A name needs at least one letter, so the old one was kept."))
        return
    try:
        prototype.rename(name)
    except StudioError as error:
        session.flash(translate(error.notice))


def _menu(prototype: AnyPrototype) -> None:
    actions = {
        "new": ":material/add: " + kind_texts.texts()[prototype.kind].new_label,
        "sample": ":material/auto_stories: " + _("Try the sample"),
        "duplicate": ":material/content_copy: " + _("Duplicate"),
        "export": ":material/archive: " + _("Export and report"),
        "delete": ":material/delete: " + _("Delete"),
    }
    if not who.may(Role.EDITOR):
        actions = {"sample": actions["sample"]}
    chosen = st.menu_button(
        _("Menu"),
        list(actions),
        format_func=actions.__getitem__,
        key="_header.menu",
        icon=":material/more_horiz:",
    )
    if chosen:
        _act(prototype, str(chosen))


def _act(prototype: AnyPrototype, action: str) -> None:
    bench = cache.workbench()
    if action == "delete":
        deleted = session.DeletedPrototype(prototype_id=prototype.id, name=prototype.name)
        bench.delete(prototype.id)
        session.set_deleted(deleted)
        _open_chooser(prototype.kind)
    elif action == "duplicate":
        copy = bench.duplicate(prototype.id, _("{name} (copy)", name=prototype.name)[:MAX_NAME])
        session.flash(_("{name} was made.", name=copy.name))
        route.to_prototype(copy.kind, copy.slug)
    elif action == "export":
        route.to_export(prototype.slug)
    elif action == "sample":
        new_prototype.open_sample(prototype.kind)
    else:
        new_prototype.open_new(prototype.kind)


def _open_chooser(kind: str) -> None:
    """Go to the page without a prototype, where another one can be opened."""
    st.switch_page(route.PAGE_OF_KIND[kind], query_params={})
