"""What all sessions of the process share; the only module that uses `st.cache_*`.

It keeps the workbench, which is safe to use from every thread. It holds no data of its own.
"""

from __future__ import annotations

import threading

import streamlit as st

from components.intake_shelf import IntakeShelf
from studio.inference.hardware import Machine, describe_machine
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
def machine() -> Machine:
    """What this machine has; looked at once, as asking for a GPU may take seconds."""
    return describe_machine()
