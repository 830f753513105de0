"""The three numbered steps of a content builder: template and data, voice and output, checks.

A step that is done is folded when the page is opened; it never folds while one is at work in it.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import (
    cache,
    content_check_form,
    content_form_editor,
    content_gallery,
    content_instruction,
    content_output_form,
    content_voice_form,
    documents,
    index_panel,
    people_words,
    session,
    step,
)
from components import setting_words as words
from components.i18n import _
from components.setting_field import bind
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import RANGES, ContentSettings


def show(content: Content, settings: ContentSettings) -> None:
    """Draw the steps."""
    opens = session.remembered(f"content.opens_template.{content.id}", not settings.instructions)
    is_own = content_gallery.makes_own(content)
    step.show(
        _("**1** Template and data"),
        partial(_template, content, settings),
        # Another key, as a step that was drawn folded stays so.
        key=f"_step.template.{content.id}" + ".own" * is_own,
        is_open=opens or is_own,
        goes_on=settings.uses_documents and content.index_state().state == "building",
    )
    step.show(
        _("**2** Voice and output"),
        partial(_voice, content, settings),
        key=f"_step.voice.{content.id}",
    )
    step.show(
        _("**3** Checks"),
        partial(content_check_form.show, content, settings),
        key=f"_step.checks.{content.id}",
    )
    index_panel.show_another_model(content)
    st.caption(people_words.kept())


def _template(content: Content, settings: ContentSettings) -> None:
    content_instruction.template(content, settings)
    content_form_editor.show(content, settings)
    content_instruction.show(content, settings)
    _documents(content, settings)


def _voice(content: Content, settings: ContentSettings) -> None:
    content_voice_form.show(content, settings)
    content_output_form.show(content, settings)


def _documents(content: Content, settings: ContentSettings) -> None:
    """Draw whether facts come from documents, and the documents if they do."""
    st.toggle(
        words.label("uses_documents", ContentSettings),
        help=_(
            "Passages that fit the form are looked up and read before writing, and named as the source."
        ),
        **bind(content, settings, "uses_documents"),
    )
    if not settings.uses_documents:
        return
    low, high = RANGES["n_passages"]
    st.slider(
        words.label("n_passages", ContentSettings),
        int(low),
        int(high),
        **bind(content, settings, "n_passages"),
    )
    bench = cache.workbench()
    documents.show(
        content,
        content.documents(),
        max_upload_mb=bench.settings.max_upload_bytes >> 20,
        use_sample=lambda: bench.add_sample_data(content),
    )
