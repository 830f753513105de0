"""Fine-tune: teach a search or text model with examples of one's own, and see whether it helped.

Address: `/fine-tune?prototype=<slug>`.
"""

from __future__ import annotations

from components import business_prototype, shell, tune_page
from components.i18n import _

with shell.page(
    _("Fine-tune"),
    _(
        "Teach a model with examples of your own, and see on examples it has not learnt whether that"
        " helps."
    ),
):
    prototype = business_prototype.choose(
        _("There is nothing to tune a model for yet. Build a prototype first, or try a sample.")
    )
    if prototype is not None:
        tune_page.show(prototype)
