"""What is typed into the forms of a content prototype: kept as it changes, taken up by the next session.

A demo's visitors have forms of their own, which nobody keeps: theirs are drawn with `is_kept=False`.
Draws nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components import session, who
from studio.prototypes.content.content import Content

BRIEF = "brief"  # the form of the prototype itself, which several views share

Values = Mapping[str, Any]  # Any: what JSON can say


def values(content: Content, form: str, *, is_kept: bool = True) -> Values:
    """What is in a form, by field: as this session knows it, else as it was left; {} for nothing."""
    known: Values | None = session.kept_value(_key(content, form))
    if known is None and is_kept:
        known = content.typed.get(form, _person())
        if known:
            session.keep_value(_key(content, form), known)
    return known or {}


def note(content: Content, form: str, now: Values, *, is_kept: bool = True) -> None:
    """Note what is in a form now; what differs from before is kept beyond the session.

    A form that was never touched, or holds nothing, is not worth keeping.
    """
    before: Values | None = session.kept_value(_key(content, form))
    if before == now:
        return
    session.keep_value(_key(content, form), dict(now))
    if is_kept and before is not None:
        content.typed.keep(form, now, _person())


def _person() -> str:
    actor = who.find_actor()
    return "" if actor is None else actor.user_id


def _key(content: Content, form: str) -> str:
    return f"content.typed.{form}.{content.id}"
