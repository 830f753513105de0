"""A text in the making: runs on its own thread, so that a dropped page does not stop it.

Several readers may follow it; stopping it stops the model. Knows nothing of how a text comes about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from studio.records import Progress

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """How far it is: the texts as they stand now, and what is being done with what progress."""

    texts: tuple[str, ...]
    progress: Progress


class Writing(Generic[T]):
    """Something that is being written.

    Args:
        work: makes it; is given this object to report to. Called once, on a new thread.
        n_texts: how many texts `Glimpse.texts` has from the start.
    """

    def __init__(self, work: Callable[[Writing[T]], T], n_texts: int = 1) -> None:
        raise NotImplementedError

    @property
    def request_id(self) -> str:
        """Joins its calls in the ledger."""
        raise NotImplementedError

    @property
    def is_done(self) -> bool:
        """Whether it has ended, in whichever way."""
        raise NotImplementedError

    @property
    def is_cancelled(self) -> bool:
        """Whether it was asked to stop."""
        raise NotImplementedError

    def glimpse(self) -> Glimpse:
        """How it stands now; does not wait."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Glimpse]:
        """How it stands, whenever that changes and at least every 0.2 s; the last one when it ended.

        Errors are not raised here but by `result()`.
        """
        raise NotImplementedError

    def cancel(self) -> None:
        """Stop the model; what was written so far becomes the result where it can be used."""
        raise NotImplementedError

    def result(self, timeout_s: float | None = None) -> T:
        """Wait for the end and give what was written.

        Raises:
            StudioError: it failed, or was stopped before there was anything.
            TimeoutError: it did not end in time.
        """
        raise NotImplementedError
