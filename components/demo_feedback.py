"""The place under each answer of a demo where a visitor says what they think of it.

Draws nothing yet. Every kind calls it below what it answered, with all that an opinion refers to.
"""

from __future__ import annotations

from studio.workspace.publication_record import PublicationRecord


def show(publication: PublicationRecord, request_id: str, answer: str) -> None:
    """Draw what asks for an opinion.

    Args:
        publication: which demo, at which version.
        request_id: joins the answer's calls in the ledger.
        answer: what was answered, as the visitor read it.
    """
    del publication, request_id, answer
