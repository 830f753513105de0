"""What cannot be expected: of the model that writes, and of facts where there are no documents yet."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import cache, notice, route, session
from components.i18n import _, translate
from studio.errors import StudioError
from studio.inference.model_spec import ModelSpec
from studio.prototypes.content.content import Content
from studio.prototypes.content.limits import Use

N_OFFERED = 3


def show(content: Content, use: Use = "texts") -> None:
    """Draw the limits for a use, if any; where it does not write the language, the way to others."""
    told = content.limits(use)
    if told:
        st.caption("  \n".join(":material/info: " + notice.plain(translate(one)) for one in told))
    if use == "texts":
        _no_documents(content)
    if content.writes_language():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for model in content.better_models()[:N_OFFERED]:
            st.button(
                notice.plain(_("Write with {name}", name=model.name)),
                key=f"_content.model.{content.id}.{model.id}",
                icon=":material/swap_horiz:",
                on_click=_use,
                args=(content, model),
            )
        st.page_link(
            route.MODELS_PAGE, label=_("Add a model on the page Models"), icon=":material/add:"
        )


def _no_documents(content: Content) -> None:
    """Draw that facts are to come from documents, of which there are none, and two ways to some."""
    if not content.settings.uses_documents or content.documents():
        return
    notice.show(
        _(
            "The facts are to come from your documents, and there are none yet: what is written now is"
            " made up. Add documents in step 1, Template and data, or begin with the sample."
        ),
        "warning",
    )
    st.button(
        _("Use the sample documents"),
        key=f"_content.sample_documents.{content.id}",
        icon=":material/auto_stories:",
        on_click=_take_sample,
        args=(content,),
    )


def _take_sample(content: Content) -> None:
    try:
        cache.workbench().add_sample_data(content)
    except StudioError as error:
        session.flash(translate(error.notice))


def _use(content: Content, model: ModelSpec) -> None:
    try:
        content.configure(replace(content.settings, generation_model=model.id))
    except StudioError as error:
        session.flash(translate(error.notice))
