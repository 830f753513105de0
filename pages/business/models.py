"""Business models: six ways to earn money with a prototype, each with its form and what comes of it.

Address: `/business-models?prototype=<slug>`.
"""

from __future__ import annotations

from components import business_head, model_panel, shell
from components.i18n import _

with shell.page(
    _("Business models"),
    _("Which business carries the prototype, from how many customers, at what price."),
):
    prototype, currency = business_head.show()
    if prototype is not None and business_head.served(prototype):
        model_panel.show(prototype, currency)
