"""The form of a publication: how it looks, who may open it, how much it may cost.

Gives what was entered; nothing is stored before `finished` is handed to the workbench.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import streamlit as st

from components import (
    publish_access,
    publish_limits,
    publish_looks,
    publish_problems,
    session,
)
from components.demos import registry
from components.i18n import _
from studio.sharing.passwords import hash_password
from studio.workbench import AnyPrototype
from studio.workspace.publication_record import PublicationChoices

FIRST_REQUESTS = 100
FIRST_MONEY_USD = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was entered: `shown` is everything but a new password, `password` that one or None.

    `slug` is the wish for the address of a new one.
    """

    shown: PublicationChoices
    password: str | None
    slug: str = ""

    def finished(self) -> PublicationChoices:
        """The choices to be kept.

        Raises:
            InvalidInput: the new password is too short or too long.
        """
        if self.password is None:
            return self.shown
        return replace(self.shown, password_hash=hash_password(self.password))


def show(prototype: AnyPrototype, base: PublicationChoices, key: str, now: datetime) -> Draft:
    """Draw the form.

    Args:
        prototype: what is published.
        base: what it begins with: first choices, or those of a publication.
        key: tells its widgets from those of other publications.
        now: the aware time, for the expiry.
    """
    is_new = key.startswith("new.")
    st.subheader(_("How it looks"), anchor=False)
    looks = publish_looks.show(prototype, base, key)
    slug = publish_looks.wished_address(key) if is_new else ""
    st.subheader(_("Who may open it"), anchor=False)
    access, password = publish_access.show(looks, key, now)
    access = _people(prototype, access, key)
    st.subheader(_("How much it may be used"), anchor=False)
    limited = publish_limits.show(prototype, access, key)
    return Draft(shown=limited, password=password, slug=slug)


def _people(prototype: AnyPrototype, base: PublicationChoices, key: str) -> PublicationChoices:
    """The choice whether visitors may look at users of the data, where there are any."""
    if not registry.demo_of(prototype).first_texts(prototype).has_people:
        return base
    is_shown = st.toggle(
        _("Show lists for people of your data"),
        base.shows_people,
        help=_(
            "Three users of your tables, called Person A, B and C, with what they took lately. What they"
            " did is real: show it only if you may."
        ),
        key=f"_publish.{key}.people",
    )
    return replace(base, shows_people=is_shown)


def forget(key: str) -> None:
    """Forget what was entered, after it was kept."""
    publish_problems.keep(key, {})
    publish_looks.forget(key)
    session.forget_beginning(f"_publish.{key}.")
