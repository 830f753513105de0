"""A visitor's use of a demo in this session: whether it began, one request, and starting over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from components import notice, session
from studio.errors import StudioError
from studio.sharing.visit import Visit

T = TypeVar("T")

_BEGUN = "demo.begun"
_LAST = "demo.last"


def is_begun(visit: Visit) -> bool:
    """Whether there is something to clear for the next person."""
    return bool(session.kept_value(_BEGUN)) or visit.has_spoken()


def asked(
    visit: Visit, ask: Callable[[Any], T], is_over: Callable[[T], bool] = lambda _: True
) -> T:
    """What came of one request that counts against the limits; see `Visit.asked`.

    Raises:
        LimitReached: the visitor's day or the day's budget is used up.
        StudioError: it failed.
    """
    session.keep_value(_BEGUN, True)
    return visit.asked(ask, is_over)


def once(visit: Visit, request: object, ask: Callable[[Any], T]) -> T | None:
    """What came of a request; asked once, however often the page runs again with the same one.

    Args:
        visit: who asks.
        request: what is asked; equal ones are the same.
        ask: is given the prototype.

    Returns:
        The outcome; None, said in a box, where it is refused or failed.
    """
    key = f"{_LAST}.{visit.publication.id}.{visit.publication.version}"
    last = session.kept_value(key)
    if last is not None and last[0] == request:
        outcome: T = last[1]
        return outcome
    try:
        found = asked(visit, ask)
    except StudioError as error:
        notice.show(error.notice, "warning")
        return None
    session.keep_value(key, (request, found))
    return found


def start_over(visit: Visit) -> None:
    """Clear what this visitor said and set, as for the next person."""
    visit.begin_anew()
    session.begin_anew()
    if "q" in st.query_params:
        del st.query_params["q"]
