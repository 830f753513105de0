"""A file that was made by a job and waits to be taken away. Draws the button; makes no file."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components import format as fmt
from components.i18n import _


def show(path: Path, name: str, mime: str, *, key: str) -> None:
    """Draw the button with the file's size; nothing where the file is not there.

    Args:
        path: of the file; read when the browser asks for it.
        name: what the browser calls it.
        mime: its media type.
        key: of the widget.
    """
    if not path.is_file():
        return
    size = fmt.size(path.stat().st_size)
    st.download_button(
        _("Download {name} ({size})", name=name, size=size),
        data=path.read_bytes,
        file_name=name,
        mime=mime,
        icon=":material/download:",
        type="primary",
        key=key,
        on_click="ignore",
    )
