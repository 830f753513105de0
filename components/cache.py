"""What all sessions of the process share; the only module that uses `st.cache_*`.

It keeps the workbench, which is safe to use from every thread. It holds no data of its own.
"""

from __future__ import annotations

import threading
from typing import Any

import streamlit as st

from components.intake_shelf import IntakeShelf
from components.shelf import Shelf
from studio.inference.hardware import Machine, describe_machine
from studio.prototypes.content.sheet import Sheet
from studio.prototypes.content.writing import Writing
from studio.workbench import Workbench


@st.cache_resource(show_spinner=False, on_release=Workbench.close)
def workbench() -> Workbench:
    """The one workbench of this process, opened on first use with settings from the environment.

    Work that an earlier process left unfinished waits for the roof to resume it, after the first page.

    Raises:
        StudioError: the studio's files cannot be opened; the next call tries again.
    """
    return Workbench.open(resume=False)


def release() -> None:
    """Close the workbench if it was opened, and forget it."""
    workbench.clear()


@st.cache_resource(show_spinner=False)
def first_paint() -> threading.Event:
    """Set once the first page of this process has been drawn; work that can wait waits for it."""
    return threading.Event()


@st.cache_resource(show_spinner=False)
def intakes() -> IntakeShelf:
    """Files that were read and not added yet."""
    return IntakeShelf()


@st.cache_resource(show_spinner=False)
def writings() -> Shelf[Writing[Any]]:
    """What is being written, or was a moment ago: one thing for each view of a prototype."""
    return Shelf(32)


@st.cache_resource(show_spinner=False)
def sheets() -> Shelf[Sheet]:
    """Sheets that were read and are not running as a batch yet, by prototype."""
    return Shelf(8)


@st.cache_resource(show_spinner=False)
def machine() -> Machine:
    """What this machine has; looked at once, as asking for a GPU may take seconds."""
    return describe_machine()
