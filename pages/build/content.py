"""Content: begin with a template, set voice and checks, and write texts beside the settings.

Address: `/content?prototype=<slug>`; without a prototype one is chosen or made.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import (
    addressed,
    builder_switch,
    content_gallery,
    content_steps,
    content_view,
    prototype_chooser,
    prototype_header,
    shell,
)
from studio.prototypes.content.content import Content


def build(content: Content) -> None:
    """The builder: settings on the left, the texts on the right."""
    settings = content.settings
    prototype_header.show(content, datetime.now(UTC))
    builder_switch.show()
    left, right = st.columns([5, 9], gap="medium")
    with left, st.container(key="panel_settings"):
        content_steps.show(content, settings)
    with right, st.container(key="panel_try"):
        if content_gallery.is_due(content):
            content_gallery.show(content)
        else:
            content_view.show(content, settings)


with shell.page(""):
    opened = addressed.prototype(Content)
    if opened is None:
        prototype_chooser.show(Content.kind, datetime.now(UTC))
    else:
        build(opened)
