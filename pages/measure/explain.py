"""Explain: why an answer came out as it did, what a model sees inside, how the passages lie.

Address: `/explain?prototype=<slug>`.
"""

from __future__ import annotations

from components import business_prototype, explain_page, shell
from components.i18n import _

with shell.page(
    _("Explain"), _("Why an answer came out as it did, and what the models see in your texts.")
):
    prototype = business_prototype.choose(
        _("There is nothing to explain yet. Build a prototype first, or try a sample.")
    )
    if prototype is not None:
        explain_page.show(prototype)
