"""The prototype that a page's address names."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st

from components import cache, notice, session
from studio.errors import NotFound
from studio.workbench import AnyPrototype

P = TypeVar("P", bound=AnyPrototype)


def prototype(kind: type[P]) -> P | None:
    """The prototype of the kind; None without one, or (said in a box) when it is not there."""
    slug = st.query_params.get("prototype")
    if not slug:
        return None
    try:
        found = cache.workbench().prototype(slug, kind)
    except NotFound as error:
        notice.show(error.notice, "warning")
        return None
    session.set_business_prototype(slug)  # what the business pages begin with
    return found
