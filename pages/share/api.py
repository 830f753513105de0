"""API: keys for customers, what each used, and code that calls what is published."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import (
    api_address,
    api_base,
    api_key_list,
    api_key_new,
    api_try,
    api_usage,
    cache,
    notice,
    route,
    shell,
)
from components.i18n import _

with shell.page(
    _("API"), _("Let other programs use what you published, each customer with a key of its own.")
):
    bench, now = cache.workbench(), datetime.now(UTC)
    keys = bench.workspace.api_keys.list()
    state = api_usage.state(now.date())
    days = cache.key_usage(state, api_usage.N_DAYS)
    publications = bench.publications()
    if not publications:
        notice.show(
            _(
                "Nothing is published yet. Publish a prototype first; a key opens what is published,"
                " and nothing else."
            )
        )
        st.page_link(route.PUBLISHING, label=_("Publish"), icon=":material/share:")
    api_address.show()
    st.header(_("Keys"), anchor=False)
    api_key_new.show(is_first=not keys)
    used_today = {one.account: one.usage for one in days if one.day == now.date()}
    api_key_list.show(keys, used_today, now)
    if keys:
        st.header(_("What they used"), anchor=False)
        api_usage.show(keys, days, now.date())
        api_base.show(publications, state)
    st.header(_("Call it"), anchor=False)
    api_try.show(publications, api_address.base_url())
