"""How a chatbot's index stands: being built, ready, or why it cannot be used and what to do.

The module draws the state that the chatbot reports and starts a rebuild only on a click.
"""

from __future__ import annotations

import streamlit as st

from components import notice, progress
from components.i18n import _, ngettext, translate
from studio.prototypes.chatbot.chatbot import Chatbot


def show(bot: Chatbot) -> None:
    """Draw the index's state; progress with cancel while it is being built."""
    state = bot.index_state()
    if state.state == "building":
        progress.watch(lambda: bot.index_state().job, key=f"index.{bot.id}", retry=bot.update_index)
    elif state.state == "ready":
        st.caption(
            ":material/check: "
            + ngettext(
                "Ready to search: {n} passage.", "Ready to search: {n} passages.", state.n_passages
            )
        )
    elif state.state != "empty":
        notice.show(translate(state.notice), "error" if state.state == "failed" else "warning")
        st.button(
            _("Build the index again") if state.state == "mismatch" else _("Build the index"),
            key=f"_index.{bot.id}.build",
            type="primary",
            on_click=_build,
            args=(bot,),
        )


def _build(bot: Chatbot) -> None:
    bot.update_index()
