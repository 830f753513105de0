"""What weight the key of an account has, asked before every call of a model: kept for a few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from studio.errors import StudioError
from studio.workspace.api_key_record import ACCOUNT_PREFIX
from studio.workspace.api_keys import ApiKeys

KEPT_S = 5.0


class KeyWeights:
    """Account -> weight; 1 for accounts that are no key's, and while the keys cannot be read.

    Args:
        keys: all keys.
        timer: monotonic seconds.
    """

    def __init__(self, keys: ApiKeys, timer: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._timer = timer
        self._lock = threading.Lock()
        self._weights: dict[str, int] = {}
        self._read_s: float | None = None

    def of(self, account: str) -> float:
        """The weight of an account, at most `KEPT_S` old."""
        if not account.startswith(ACCOUNT_PREFIX):
            return 1.0
        with self._lock:
            now_s = self._timer()
            if self._read_s is None or now_s - self._read_s >= KEPT_S:
                self._read_s = now_s
                self._read()
            return float(self._weights.get(account, 1))

    def _read(self) -> None:
        try:
            keys = self._keys.list(include_revoked=False)
        except StudioError:
            return  # what was known holds on
        self._weights = {key.account: key.grants.weight for key in keys if key.grants.weight != 1}
