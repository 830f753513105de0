"""The head of a builder page: the prototype's name, its version, and what can be done with it whole.

The module acts through the workbench and leaves the page where the prototype changes.
"""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from components import cache, i18n, kind_cards, notice, route, session, versions
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings, Language

MAX_NAME = 80


def show(bot: Chatbot, now: datetime) -> None:
    """Draw name, version and menu; `now` says how long ago a version was made."""
    with st.container(horizontal=True, vertical_alignment="center", key="prototype_header"):
        st.title(notice.plain(bot.name), anchor=False, width="content")
        _rename(bot)
        versions.show(bot, now)
        if bot.record.is_sample:
            st.badge(_("Sample"), color="gray")
        st.space("stretch")
        _menu(bot)


def _rename(bot: Chatbot) -> None:
    key = f"_header.name.{bot.id}"
    if session.widget_value(key) != bot.name:
        session.set_widget_value(key, bot.name)
    with st.popover(":material/edit:", type="tertiary", help=_("Rename"), key="_header.rename"):
        st.text_input(_("Name"), key=key, max_chars=MAX_NAME, on_change=_keep_name, args=(bot, key))


def _keep_name(bot: Chatbot, key: str) -> None:
    name = str(session.widget_value(key) or "").strip()
    if not name:
        session.flash(_("A name needs at least one letter, so the old one was kept."))
        return
    try:
        bot.rename(name)
    except StudioError as error:
        session.flash(translate(error.notice))


def _menu(bot: Chatbot) -> None:
    actions = {
        "new": ":material/add: " + _("New chatbot"),
        "sample": ":material/auto_stories: " + _("Try the sample"),
        "duplicate": ":material/content_copy: " + _("Duplicate"),
        "delete": ":material/delete: " + _("Delete"),
    }
    chosen = st.menu_button(
        _("Menu"),
        list(actions),
        format_func=actions.__getitem__,
        key="_header.menu",
        icon=":material/more_horiz:",
    )
    if chosen:
        _act(bot, str(chosen))


def _act(bot: Chatbot, action: str) -> None:
    bench = cache.workbench()
    if action == "delete":
        deleted = session.DeletedPrototype(prototype_id=bot.id, name=bot.name)
        bench.delete(bot.id)
        session.set_deleted(deleted)
        open_chooser()
    elif action == "duplicate":
        copy = bench.duplicate(bot.id, _("{name} (copy)", name=bot.name)[:MAX_NAME])
        session.flash(_("{name} was made.", name=copy.name))
        route.to_prototype(copy.kind, copy.slug)
    elif action == "sample":
        open_sample()
    else:
        open_new()


def open_new() -> None:
    """Make a chatbot with a name of its own and go there."""
    texts = kind_cards.texts()["chatbot"]
    bench = cache.workbench()
    taken = {record.name for record in bench.prototypes("chatbot")}
    name, n = texts.new_name, 2
    while name in taken:
        name, n = f"{texts.new_name} {n}", n + 1
    language: Language = "zh" if i18n.language() == "zh" else "en"
    bot = bench.create_chatbot(name, ChatbotSettings(language=language))
    route.to_prototype(bot.kind, bot.slug)


def open_sample() -> None:
    """Open the sample in the user's language, made first if needed, and go there."""
    with st.spinner(_("Opening the sample")):
        bot = cache.workbench().sample_chatbot(i18n.language())
    route.to_prototype(bot.kind, bot.slug)


def open_chooser() -> None:
    """Go to the page without a prototype, where another one can be opened."""
    st.switch_page(route.PAGE_OF_KIND["chatbot"], query_params={})
