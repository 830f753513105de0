"""One message of the chat: who speaks is told by a calm sign, not by a colour."""

from __future__ import annotations

from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

SIGNS = {"user": ":material/person:", "assistant": ":material/forum:"}


def show(role: Literal["user", "assistant"]) -> DeltaGenerator:
    """The container of a message, to be used in a `with` block."""
    return st.chat_message(role, avatar=SIGNS[role])
