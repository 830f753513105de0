"""The place under each answer of a demo where a visitor says what they think of it.

Every kind calls it below what it answered, with all that an opinion refers to.
"""

from __future__ import annotations

from components import feedback_form
from studio.sharing.visit import Visit
from studio.workspace.feedback_record import Exchange


def show(visit: Visit, request_id: str, exchange: Exchange, *, label: str = "") -> None:
    """Draw what asks for an opinion; what is said is this visitor's own.

    Args:
        visit: who met which version of which demo.
        request_id: joins the answer's calls in the ledger.
        exchange: what was asked, answered and found.
        label: a question before the thumbs; none by default.
    """
    feedback_form.show(
        visit.prototype, request_id, exchange, visit.publication, account=visit.account, label=label
    )
