"""Publish: give others an address at which they meet a prototype, and see what they do there.

Address: `/publish?prototype=<slug>`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from components import business_prototype, publish_page, shell
from components.i18n import _

with shell.page(
    _("Publish"),
    _(
        "An address for others, with your name and colours. Its settings stay as they are while you go"
        " on building."
    ),
):
    chosen = business_prototype.choose(
        _("There is nothing to publish yet. Build a prototype first, or try a sample.")
    )
    if chosen is not None:
        publish_page.show(chosen, datetime.now(UTC))
