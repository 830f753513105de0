"""What was computed of texts, kept by a fingerprint of these, so that no corpus is kept with it."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")
N_KEPT = 8


class KeptAnswers(Generic[T]):
    """The answers to the last few questions about texts. Every method may be called by any thread.

        kept = KeptAnswers[int]()
        kept.of([texts], lambda: expensive(texts))

    Args:
        n_kept: answers at most; the one that was not asked for the longest goes first.
    """

    def __init__(self, n_kept: int = N_KEPT) -> None:
        self._n_kept = n_kept
        self._lock = threading.Lock()
        self._answers: OrderedDict[bytes, T] = OrderedDict()

    def of(self, texts: Iterable[Iterable[str]], compute: Callable[[], T]) -> T:
        """The answer for these lists of texts, computed where they were not asked about lately."""
        key = _key(texts)
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        found = compute()
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > self._n_kept:
                self._answers.popitem(last=False)
        return found


def _key(texts: Iterable[Iterable[str]]) -> bytes:
    whole = hashlib.sha256()
    for listed in texts:
        part = hashlib.sha256()
        for text in listed:
            plain = text.encode("utf-8", "surrogatepass")
            part.update(len(plain).to_bytes(8, "big") + plain)
        whole.update(part.digest())
    return whole.digest()
