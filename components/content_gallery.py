"""The templates to begin with, as cards; one click makes the form."""

from __future__ import annotations

import streamlit as st

from components import content_form_editor, notice, session
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.templates.own import OWN

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
                    _("Begin with it") if template.id == OWN else _("Use this template"),
                    key=f"_content.template.{template.id}",
                    on_click=use,
                    args=(content, template.id),
                )


def is_due(content: Content) -> bool:
    """Whether nothing was chosen, changed or written yet: then a new prototype begins here."""
    return not (content.version > 1 or content.record.is_sample or content.is_used())


def use(content: Content, template_id: str) -> None:
    """Begin with a template."""
    try:
        content.use_template(template_id)
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        # The first template changes nothing, but was chosen: after a reload it is not asked again.
        content.typed.keep("template", {"id": template_id})
        if template_id == OWN:  # which is nothing before somebody makes it theirs
            session.keep_value(_makes_own(content), True)
            content_form_editor.unfold(content)


def makes_own(content: Content) -> bool:
    """Whether somebody began with a form of their own in this session."""
    return bool(session.kept_value(_makes_own(content)))


def _makes_own(content: Content) -> str:
    return f"content.makes_own.{content.id}"
