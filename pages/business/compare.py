"""Compare models: the six business models side by side, scenarios, and what can be taken away.

Address: `/compare-models?prototype=<slug>`.
"""

from __future__ import annotations

from components import business_head, compare_panel, shell
from components.i18n import _

with shell.page(
    _("Compare models"),
    _("All six on the same measured base, the same serving and the same fixed cost."),
):
    prototype, currency = business_head.show()
    if prototype is not None and business_head.served(prototype):
        compare_panel.show(prototype, currency)
