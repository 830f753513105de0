"""The templates to begin with, as cards; one click makes the form."""

from __future__ import annotations

import streamlit as st

from components import notice, session
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.content.content import Content

CARD_PX = 220


def show(content: Content) -> None:
    """Draw the cards."""
    st.subheader(_("What do you want to write?"), anchor=False)
    with st.grid(min_column_width=CARD_PX):
        for template in content.templates():
            with st.container(
                border=True, height="stretch", gap="xsmall", key=f"template_{template.id}"
            ):
                st.markdown(f"**{notice.plain(translate(template.name))}**")
                st.caption(notice.plain(translate(template.description)))
                if not template.suits_small:
                    st.caption(":material/info: " + _("Better with a larger model"))
                st.space("stretch")
                st.button(
                    _("Use this template"),
                    key=f"_content.template.{template.id}",
                    on_click=use,
                    args=(content, template.id),
                )


def is_due(content: Content) -> bool:
    """Whether nothing was chosen, changed or written yet: then a new prototype begins here."""
    if content.version > 1 or content.record.is_sample or session.kept_value(_begun(content)):
        return False
    return not content.is_used()


def _begun(content: Content) -> str:
    return f"content.begun.{content.id}"


def use(content: Content, template_id: str) -> None:
    """Begin with a template."""
    try:
        content.use_template(template_id)
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        session.keep_value(_begun(content), True)
        session.set_brief(content.id, {})
