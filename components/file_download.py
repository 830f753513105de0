"""A file that was made by a job and waits to be taken away. Draws the button; makes no file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from components import format as fmt
from components.i18n import _


def show(
    path: Path, name: str, mime: str, *, key: str, read: Callable[[], bytes] | None = None
) -> None:
    """Draw the button with the file's size; nothing where the file is not there.

    Args:
        path: of the file.
        name: what the browser calls it.
        mime: its media type.
        key: of the widget.
        read: reads the file when the browser asks for it; by default just that.
    """
    if not path.is_file():
        return
    size = fmt.size(path.stat().st_size)
    st.download_button(
        _("Download {name} ({size})", name=name, size=size),
        data=read or path.read_bytes,
        file_name=name,
        mime=mime,
        icon=":material/download:",
        type="primary",
        key=key,
        on_click="ignore",
    )
