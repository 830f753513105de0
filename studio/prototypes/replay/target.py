"""What a kind of prototype must be able to do so that it can be measured, and nothing else of it.

A kind takes part by having these two methods; it need not know of this module.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from studio.records import Replied


@runtime_checkable
class Replayable(Protocol):
    """A prototype that can be asked again what it was asked before."""

    def replay_inputs(self, limit: int) -> tuple[str, ...]:
        """Its own questions or rows, up to `limit`, each once; what people really asked comes first."""
        ...

    def replay(self, text: str) -> Replied:
        """Answer one of them as for a visitor, under the surface "bench"; keeps no conversation.

        Raises:
            StudioError: it could not be answered.
        """
        ...
