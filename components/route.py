"""Where things are: which page shows which kind of prototype, and the way there.

The addresses it makes can be kept and shared. The module draws nothing.
"""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from components import session

PAGE_OF_KIND = {
    "chatbot": "../pages/build/chatbot.py",
    "content": "../pages/build/content.py",
    "search": "../pages/build/search.py",
    "recommendation": "../pages/build/recommendations.py",
    "classifier": "../pages/build/classifier.py",
}
"""Page of a kind, as a path from the entry script."""
FEEDBACK_PAGE = "../pages/share/feedback.py"
VERSIONS_PAGE = "../pages/share/versions.py"
MODELS_PAGE = "../pages/run/models.py"

PUBLISHING = "../pages/share/publish.py"
EXPORT_PAGE = "../pages/share/export.py"


def to_publishing(slug: str) -> NoReturn:
    """Leave this page for the one where the prototype is published."""
    st.switch_page(PUBLISHING, query_params=_parameters(slug))


def to_export(slug: str) -> NoReturn:
    """Leave this page for the one where the prototype is exported."""
    session.set_business_prototype(slug)
    st.switch_page(EXPORT_PAGE, query_params=_parameters(slug))


def to_prototype(kind: str, slug: str) -> NoReturn:
    """Leave this page for the one where the prototype is built and tried."""
    st.switch_page(PAGE_OF_KIND[kind], query_params=_parameters(slug))


def _parameters(slug: str) -> dict[str, str]:
    """What the address of a page about a prototype says."""
    parameters = {"prototype": slug}
    language = session.language()
    if language:
        parameters["lang"] = language
    return parameters
