"""Compare: two versions, prompts or models of a prototype on the same questions.

Address: `/compare?prototype=<slug>`.
"""

from __future__ import annotations

from components import business_prototype, evaluation_compare, shell
from components.i18n import _

with shell.page(
    _("Compare"), _("Whether another version, model or wording is better, or whether it is chance.")
):
    prototype = business_prototype.choose(
        _("There is nothing to compare yet. Build a prototype first, or try a sample.")
    )
    if prototype is not None:
        evaluation_compare.show(prototype)
