"""Where the studio keeps its files, and which versions run: for whoever asks for help."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import streamlit as st

from components import cache
from components.i18n import _
from studio import __version__

PACKAGES = ("streamlit", "torch", "transformers", "sentence-transformers", "faiss-cpu", "openvino")


def show() -> None:
    """Draw folders and versions; looks the versions up without importing anything."""
    settings = cache.workbench().settings
    st.markdown(_("Your prototypes, documents and models lie in this folder:"))
    st.code(str(settings.home), language=None)
    lines = [f"Prototype Studio {__version__}", f"Python {platform.python_version()}"]
    lines += [f"{name} {_version(name)}" for name in PACKAGES]
    st.markdown(_("Versions, for when you ask for help:"))
    st.code("\n".join(lines), language=None)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return _("not installed")
