"""Whose requests the business pages compute from: everybody's, all API customers', or one customer's.

Offered only where customers of the API asked the prototype. The choice is kept with what is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components import business_draft, business_source, cache, session
from components.i18n import _, ngettext
from studio.workbench import AnyPrototype
from studio.workspace.api_key_record import ACCOUNT_PREFIX

EVERYBODY = ""


def show(prototype: AnyPrototype) -> None:
    """Draw the choice; nothing where no customer asked."""
    chosen = business_draft.load(prototype.id).accounts
    counts = cache.customers_of(prototype.id, business_source.state_of(prototype))
    if not counts and chosen == EVERYBODY:
        return
    accounts = dict.fromkeys([EVERYBODY, ACCOUNT_PREFIX, *counts, chosen])
    widget = f"_business.whose.{prototype.id}"
    session.fill_widget(widget, chosen)
    st.selectbox(
        _("Whose requests count"),
        list(accounts),
        format_func=lambda account: _option(account, counts),
        key=widget,
        on_change=_changed,
        args=(prototype.id, widget),
        help=_(
            "What customers of the API really asked is the best base for the model API, pay per call."
            " The choice holds for all pages of this prototype."
        ),
    )


def name(account: str) -> str:
    """What a choice is called: everybody, all customers, or the name of one's key."""
    if account == EVERYBODY:
        return _("Everybody's")
    if account == ACCOUNT_PREFIX:
        return _("Those of all API customers")
    keys = {key.account: key for key in cache.workbench().workspace.api_keys.list()}
    if account not in keys:
        return _("Those of a customer whose key is gone")
    return f"{keys[account].name} ({keys[account].prefix}…)"


def _option(account: str, counts: Mapping[str, int]) -> str:
    if account == EVERYBODY:
        return name(account)
    n = sum(counts.values()) if account == ACCOUNT_PREFIX else counts.get(account, 0)
    return f"{name(account)} · {ngettext('{n} request', '{n} requests', n)}"


def _changed(prototype_id: str, widget: str) -> None:
    business_draft.keep_accounts(prototype_id, str(session.widget_value(widget) or EVERYBODY))
