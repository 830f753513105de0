"""The kinds that can be exported: one line each."""

from __future__ import annotations

from collections.abc import Mapping

from studio.errors import NotFound
from studio.export.kinds.chatbot import CHATBOT
from studio.export.kinds.classifier import CLASSIFIER
from studio.export.kinds.content import CONTENT
from studio.export.kinds.contract import KindExport
from studio.export.kinds.recommendation import RECOMMENDATION
from studio.export.kinds.search import SEARCH

EXPORTS: Mapping[str, KindExport] = {
    one.kind: one for one in (CHATBOT, CONTENT, SEARCH, RECOMMENDATION, CLASSIFIER)
}


def export_of(kind: str) -> KindExport:
    """The export of that kind.

    Raises:
        NotFound: prototypes of the kind cannot be exported.
    """
    try:
        return EXPORTS[kind]
    except KeyError:
        raise NotFound("Prototypes of the kind {kind} cannot be exported yet.", kind=kind) from None
