"""What was wrong with the fields of a publication when it was sent last, said beside each."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components import session
from components.safe_markdown import escape


def show(key: str, field: str) -> None:
    """Say below a field what is wrong with it, if anything.

    Args:
        key: of the publication's form.
        field: as in `InvalidInput.fields`.
    """
    problems: Mapping[str, str] = session.kept_value(_name(key)) or {}
    if field in problems:
        st.markdown(f":small[:red[{escape(problems[field])}]]")


def keep(key: str, problems: Mapping[str, str]) -> None:
    """Keep what is wrong with which fields, in words, until it is sent again; {} forgets it."""
    session.keep_value(_name(key), dict(problems) or None)


def _name(key: str) -> str:
    return f"publish.problems.{key}"
