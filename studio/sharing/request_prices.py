"""What requests of each prototype cost so far, kept up to date without reading everything again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from studio.economics.prices import PriceBook
from studio.ledger.store import Ledger
from studio.sharing.request_price import RequestPrice, Tally


@dataclass(slots=True)
class _Looked:
    """A prototype's calls as far as the ledger was read, and the prices they were counted with."""

    prices: object
    position: int
    tally: Tally = field(default_factory=Tally)


class RequestPrices:
    """The prices of requests by prototype; every method is thread-safe.

    Args:
        ledger: every call.
        prices: the price book of now.
    """

    def __init__(self, ledger: Ledger, prices: Callable[[], PriceBook]) -> None:
        self._ledger = ledger
        self._prices = prices
        self._lock = threading.Lock()
        self._looked: dict[str, _Looked] = {}

    def of(self, prototype_id: str) -> RequestPrice:
        """What a request of a prototype cost so far, with every call that has ended.

        Cheap to ask again: only what was written since the last look is read.

        Raises:
            StudioError: the ledger cannot be read.
        """
        book = self._prices()
        prices = book.terms
        with self._lock:
            looked = self._looked.get(prototype_id)
            if looked is None or looked.prices != prices:
                end = self._ledger.position()
                calls = self._ledger.frame(prototype_id=prototype_id, position=end)
                looked = self._looked[prototype_id] = _Looked(prices, end)
            else:
                page = self._ledger.after(looked.position)
                looked.position = page.position
                calls = page.calls[page.calls["prototype_id"] == prototype_id]
            if len(calls):
                looked.tally.add(_priced(book, calls))
            return looked.tally.price


def _priced(book: PriceBook, calls: pd.DataFrame) -> pd.DataFrame:
    return book.attach(calls.reset_index(drop=True))
