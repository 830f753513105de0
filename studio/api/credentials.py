"""Whose request it is: the key in its `Authorization` header, and slowness for wrong ones.

A key has 256 random bits, so nobody guesses one; slowing down keeps those who try from costing much,
and shows in the log. A right key is never slowed, whoever else tries from the same address.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, NoReturn, TypeVar

from starlette.requests import Request

from studio.api.api_error import ApiError

KeyT = TypeVar("KeyT")

log = logging.getLogger(__name__)

N_FREE = 3
"""Wrong keys of an address that are answered at once; from then on each waits longer."""
FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 4.0
N_REFUSED = 20
"""Wrong keys from which on an address is told to come back later."""
FORGET_S = 600.0
MAX_ADDRESSES = 10_000
MAX_WAITING = 50
"""Wrong keys that are made to wait at once; more would cost more than they slow."""


@dataclass(slots=True)
class _Tries:
    n: int
    last_s: float


class Credentials(Generic[KeyT]):
    """Finds out whose a request is.

    Args:
        find: key -> what is known of it, None for a wrong or revoked one; may take a while.
        timer: monotonic seconds.
        sleep: waits without holding others up.
    """

    def __init__(
        self,
        find: Callable[[str], Awaitable[KeyT | None]],
        timer: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._find = find
        self._timer = timer
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._n_waiting = 0

    async def of(self, request: Request) -> KeyT:
        """The key that a request bears.

        Raises:
            ApiError: it bears none, or a wrong one (401), or there were too many wrong ones (429).
        """
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise ApiError(
                401,
                "You didn't provide an API key. Send it in the header `Authorization: Bearer KEY`.",
                code="missing_api_key",
            )
        key = await self._find(secret.strip())
        if key is None:
            await self._refuse(request.client.host if request.client else "")
        return key

    async def _refuse(self, address: str) -> NoReturn:
        n = self._count(address)
        if n > N_REFUSED:
            raise ApiError(
                429,
                "Too many wrong API keys came from your address. Try again later.",
                type="rate_limit_error",
                code="too_many_wrong_keys",
                retry_after_s=60,
                is_final=True,
            )
        if n > N_FREE and self._n_waiting < MAX_WAITING:
            log.warning("Wrong API key, try %d from one address", n)
            self._n_waiting += 1
            try:
                await self._sleep(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (n - N_FREE - 1)))
            finally:
                self._n_waiting -= 1
        raise ApiError(401, "This API key is wrong or was revoked.", code="invalid_api_key")

    def _count(self, address: str) -> int:
        """The tries of an address, this one included; forgotten after a while without any."""
        now_s = self._timer()
        with self._lock:
            tries = self._tries.pop(address, None)
            if tries is None or now_s - tries.last_s > FORGET_S:
                tries = _Tries(0, now_s)
            tries.n, tries.last_s = tries.n + 1, now_s
            self._tries[address] = tries
            if len(self._tries) > MAX_ADDRESSES:
                self._tries.popitem(last=False)
            return tries.n
