"""The kinds of prototypes there are: one line each."""

from __future__ import annotations

from collections.abc import Mapping

from studio.errors import NotFound
from studio.prototypes.chatbot.chatbot import Chatbot

KINDS: Mapping[str, type[Chatbot]] = {
    Chatbot.kind: Chatbot,
}


def kind_named(name: str) -> type[Chatbot]:
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
