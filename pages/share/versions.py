"""Versions: two of a prototype side by side, and tests that split a demo's visitors between two.

Address: `/versions?prototype=<slug>&version=<n>`; the version is compared with the one before it.
"""

from __future__ import annotations

from components import business_prototype, shell, split_panel, version_panel
from components.i18n import _

with shell.page(
    _("Versions"), _("What a change did: to the settings, the time, the cost and the people.")
):
    prototype = business_prototype.choose(
        _("There are no versions yet. Build a prototype first, or try a sample.")
    )
    if prototype is not None:
        version_panel.show(prototype)
        split_panel.show(prototype)
