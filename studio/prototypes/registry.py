"""The kinds of prototypes there are: one line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.errors import NotFound
from studio.prototypes.base import StoredPrototype
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.content.content import Content
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.search.search import Search

KINDS: Mapping[str, type[StoredPrototype[Any]]] = {
    Chatbot.kind: Chatbot,
    Content.kind: Content,
    Search.kind: Search,
    Recommendation.kind: Recommendation,
    Classifier.kind: Classifier,
}


def kind_named(name: str) -> type[StoredPrototype[Any]]:
    """The kind of that name.

    Raises:
        NotFound: there is none; the message lists those that exist.
    """
    try:
        return KINDS[name]
    except KeyError:
        raise NotFound(
            "There is no kind of prototype called {name}. There are: {known}.",
            name=name,
            known=", ".join(KINDS),
        ) from None
