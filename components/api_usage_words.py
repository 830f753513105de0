"""What was used, in words. Draws nothing."""

from __future__ import annotations

from components import cache
from components import format as fmt
from components.i18n import ngettext
from studio.metering import Usage


def cost(used: Usage) -> str:
    """What usage cost; what has no price is said to have none, and the demo costs nothing."""
    if cache.workbench().settings.is_demo:
        return "–"
    known = fmt.money(used.cost_usd)
    if not used.n_unpriced:
        return known
    calls = ngettext("{n} call of unknown price", "{n} calls of unknown price", used.n_unpriced)
    return f"{known} + {calls}"
