"""Who may open a demo: password, last day, kiosk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from components import publish_problems
from components.i18n import _
from studio.sharing.choices import MAX_IDLE_S, MIN_IDLE_S
from studio.sharing.passwords import MAX_LENGTH
from studio.workspace.publication_record import PublicationChoices


def show(
    base: PublicationChoices, key: str, now: datetime
) -> tuple[PublicationChoices, str | None]:
    """Draw the fields; gives the base with what was entered, and a new password or None.

    Args:
        base: what the form begins with.
        key: tells its widgets from those of other publications.
        now: the aware time: a demo cannot end before it.
    """
    has_password, password = _password(base, key)
    last_day, today = _day_of(base.expires_at), now.astimezone(_zone()).date()
    chosen_day = st.date_input(
        _("Open until the end of (empty: until you end it)"),
        value=last_day,
        min_value=min(today, last_day or today),  # one that has expired begins with its past day
        format="YYYY-MM-DD",
        key=f"_publish.{key}.until",
    )
    publish_problems.show(key, "expires_at")
    is_kiosk, idle_s = _kiosk(base, key)
    chosen = replace(
        base,
        password_hash=base.password_hash if has_password else None,
        expires_at=_end_of(chosen_day) if isinstance(chosen_day, date) else None,
        is_kiosk=is_kiosk,
        idle_reset_s=idle_s,
    )
    return chosen, password


def _password(base: PublicationChoices, key: str) -> tuple[bool, str | None]:
    is_wanted = st.toggle(
        _("Ask for a password"), base.password_hash is not None, key=f"_publish.{key}.locked"
    )
    if not is_wanted:
        st.caption(_("Everybody who knows the address gets in."))
        return False, None
    has_one = base.password_hash is not None
    given = st.text_input(
        _("New password (empty: the present one stays)") if has_one else _("Password"),
        type="password",
        live="100ms",  # Tab to the button that shows it would else leave what was typed behind
        max_chars=MAX_LENGTH,
        key=f"_publish.{key}.password",
    )
    publish_problems.show(key, "password")
    if given or not has_one:
        return True, str(given or "")
    return True, None


def _kiosk(base: PublicationChoices, key: str) -> tuple[bool, int]:
    is_kiosk = st.toggle(
        _("Kiosk: a screen that many people use"),
        base.is_kiosk,
        help=_("It begins anew when nobody touches it, so that nobody reads what others asked."),
        key=f"_publish.{key}.kiosk",
    )
    if not is_kiosk:
        return False, base.idle_reset_s
    idle_s = st.number_input(
        _("Begin anew after (seconds without a touch)"),
        MIN_IDLE_S,
        MAX_IDLE_S,
        base.idle_reset_s,
        step=15,
        key=f"_publish.{key}.idle",
    )
    return True, int(idle_s)


def _zone() -> tzinfo:
    """The time zone of whoever publishes."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), _zone())


def _day_of(moment: datetime | None) -> date | None:
    if moment is None:
        return None
    return (moment.astimezone(_zone()) - timedelta(seconds=1)).date()
