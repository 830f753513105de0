"""How large a file the browser may bring, and the command that takes larger ones."""

from __future__ import annotations

from streamlit import config

from components.i18n import _


def text(command: str) -> str:
    """The limit of an upload in words, with the command for what is larger.

    Args:
        command: as it is typed, without the file.
    """
    # In Streamlit's megabytes of 2**20 bytes, as the field above says it.
    limit = f"{int(config.get_option('server.maxUploadSize'))} MB"
    return _(
        "The browser brings files of up to {limit}. For a larger one, type `{command} FILE` on the"
        " studio's machine.",
        limit=limit,
        command=command,
    )
