"""The keys there are: what each opens, what it used today, changing its limits, revoking it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from components import api_key_fields, api_usage_words, cache, notice, session, who
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.metering import Usage
from studio.workspace.api_key_record import ApiKeyRecord


def show(keys: tuple[ApiKeyRecord, ...], today: Mapping[str, Usage], now: datetime) -> None:
    """Draw the keys, the newest first; the revoked ones folded away.

    Args:
        keys: all of them.
        today: account -> what it used today; who used nothing is left out.
        now: says how long ago one was used.
    """
    names = api_key_fields.publication_names()
    for key in keys:
        if key.revoked_at is None:
            _row(key, names, today.get(key.account, Usage()), now)
    revoked = [key for key in keys if key.revoked_at is not None]
    if revoked:
        label = ngettext("{n} revoked key", "{n} revoked keys", len(revoked))
        with st.expander(label, key="api_revoked"):
            for key in revoked:
                _revoked_row(key, now)


def _row(key: ApiKeyRecord, names: Mapping[str, str], used: Usage, now: datetime) -> None:
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key=f"api_key_{key.id}",
    ):
        with st.container(gap=None, width="content"):
            st.markdown(f"**{notice.plain(key.name)}** :gray[{notice.plain(key.prefix)}…]")
            st.caption(notice.plain(_opens(key, names)))
            st.caption(notice.plain(_today(key, used)))
            st.caption(
                notice.plain(_pace(key, now)),
                help=_("Created {when}", when=fmt.exact_time(key.created_at)),
            )
        if who.may(Role.OWNER):
            with st.container(horizontal=True, width="content"):
                _change(key)
                _revoke(key)
    if key.grants.usd_per_day is not None and used.n_unpriced:
        notice.show(
            _(
                "{name} has a limit of money per day, and used a model today whose price is not known:"
                " its requests are refused until you enter a price or take the limit away.",
                name=notice.plain(key.name),
            ),
            "warning",
        )


def _opens(key: ApiKeyRecord, names: Mapping[str, str]) -> str:
    grants = key.grants
    if grants.publications is None:
        opens = _("Opens all publications")
    else:
        listed = [names[one] for one in grants.publications if one in names]
        opens = _("Opens {names}", names=", ".join(listed) or "–")
    return opens + (" · " + _("and the models") if grants.opens_models else "")


def _today(key: ApiKeyRecord, used: Usage) -> str:
    """What was used today, against what may be."""
    grants = key.grants
    requests = ngettext("{n} request", "{n} requests", used.n_requests)
    tokens = ngettext("{n} token", "{n} tokens", used.tokens)
    if grants.tokens_per_day is not None:
        tokens = _("{used} of {limit}", used=tokens, limit=fmt.count(grants.tokens_per_day))
    money = api_usage_words.cost(used)
    if grants.usd_per_day is not None:
        limit = f"{grants.usd_per_day.normalize():f} USD"
        money = _("{used} of {limit}", used=money, limit=limit)
    return _("Today: {used}", used=" · ".join((requests, tokens, money)))


def _pace(key: ApiKeyRecord, now: datetime) -> str:
    """How fast it may go, and when it was used last."""
    limit = key.grants.requests_per_minute
    pace = (
        _("any number of requests a minute")
        if limit is None
        else ngettext("{n} request a minute", "{n} requests a minute", limit)
    )
    if key.last_used_at is None:
        return f"{pace} · " + _("never used")
    return f"{pace} · " + _("used {when}", when=fmt.ago(key.last_used_at, now))


def _change(key: ApiKeyRecord) -> None:
    prefix = f"_api.change.{key.id}"
    with st.popover(_("Limits"), key=f"{prefix}.open", on_change="rerun") as told:
        if not told.open:
            api_key_fields.forget(prefix)  # opened again, it begins with what counts now
            return
        with st.form(f"{prefix}.form", border=False):
            api_key_fields.show(prefix, key.grants)
            st.form_submit_button(
                _("Change them"), type="primary", on_click=_keep_change, args=(key, prefix)
            )


def _keep_change(key: ApiKeyRecord, prefix: str) -> None:
    try:
        cache.workbench().workspace.api_keys.update(key.id, grants=api_key_fields.read(prefix))
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    session.flash(_("The limits of {name} count from the next request on.", name=key.name))


def _revoke(key: ApiKeyRecord) -> None:
    with st.popover(_("Revoke"), type="tertiary", key=f"_api.revoke.{key.id}.open"):
        st.markdown(
            _(
                "From the next request on this key opens nothing, for good. What it used stays in the"
                " meters."
            )
        )
        st.button(
            _("Revoke the key of {name}", name=notice.plain(key.name)),
            key=f"_api.revoke.{key.id}",
            type="primary",
            on_click=_do_revoke,
            args=(key,),
        )


def _do_revoke(key: ApiKeyRecord) -> None:
    cache.workbench().workspace.api_keys.revoke(key.id)
    session.flash(_("The key of {name} was revoked.", name=key.name))


def _revoked_row(key: ApiKeyRecord, now: datetime) -> None:
    assert key.revoked_at is not None
    st.markdown(
        f"{notice.plain(key.name)} :gray[{notice.plain(key.prefix)}… · "
        + notice.plain(_("revoked {when}", when=fmt.ago(key.revoked_at, now)))
        + "]"
    )
