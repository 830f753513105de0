"""Evaluate: a prototype measured on questions with right answers.

Address: `/evaluate?prototype=<slug>`.
"""

from __future__ import annotations

from components import business_prototype, evaluation_panel, shell
from components.i18n import _

with shell.page(
    _("Evaluate"), _("How good a prototype is, on questions whose right answers you know.")
):
    prototype = business_prototype.choose(
        _("There is nothing to measure yet. Build a prototype first, or try a sample.")
    )
    if prototype is not None:
        evaluation_panel.show(prototype)
