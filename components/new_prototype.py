"""Makes a prototype of a kind, empty or the sample, and goes to its page."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from components import cache, i18n, kind_texts, project_switch, route
from components.i18n import _
from studio.prototypes.registry import kind_named


def open_new(kind: str) -> NoReturn:
    """Make a prototype with a name of its own and go there."""
    bench, new_name = cache.workbench(), kind_texts.texts()[kind].new_name
    taken = {record.name for record in bench.prototypes(kind)}
    name, n = new_name, 2
    while name in taken:
        name, n = f"{new_name} {n}", n + 1
    made = kind_named(kind)
    prototype = bench.create(
        made, name, made.default_settings(i18n.language()), project_switch.current()
    )
    route.to_prototype(kind, prototype.slug)


def open_sample(kind: str) -> NoReturn:
    """Open the sample in the user's language, made first if needed, and go there."""
    with st.spinner(_("Opening the sample")):
        prototype = cache.workbench().sample(kind_named(kind), i18n.language())
    route.to_prototype(kind, prototype.slug)
