"""How much a key may use: requests in a minute, tokens and money in a day, and all keys together.

Requests of the last minute are counted in this process; tokens and money come from the ledger's own
calls, so they hold over restarts and over several processes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from studio.api.api_error import ApiError, busy
from studio.metering import Meters, Usage
from studio.workspace.api_key_record import ACCOUNT_PREFIX, ApiKeyRecord, KeyGrants

MINUTE_S = 60.0
MAX_CONCURRENT = 256
"""Requests of all keys that are worked on at once; the models' queues are as long."""
N_UNMEASURED = 2
"""Requests at once of a key with a limit per day while nobody knows what one uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """That a request may go on. `leave` is called once, at its end; `headers` tell what is left."""

    leave: Callable[[], None]
    headers: Mapping[str, str]


@dataclass(slots=True)
class _Counter:
    """The times of a key's requests of the last minute, and how many use models now."""

    times_s: deque[float] = field(default_factory=deque)
    n_running: int = 0


class Admissions:
    """Lets requests in, or says why not and until when; every method is thread-safe.

    Args:
        meters: what each key used today.
        timer: monotonic seconds.
        max_concurrent: requests of all keys at once.
    """

    def __init__(
        self, meters: Meters, timer: Callable[[], float], max_concurrent: int = MAX_CONCURRENT
    ) -> None:
        self._meters = meters
        self._timer = timer
        self._max_concurrent = max_concurrent
        self._lock = threading.Lock()
        self._counters: dict[str, _Counter] = {}
        self._n_running = 0

    @property
    def n_running(self) -> int:
        """Requests that are worked on."""
        return self._n_running

    def admit(self, key: ApiKeyRecord, *, is_work: bool) -> Admitted:
        """Let a request of a key in.

        Args:
            key: whose request it is.
            is_work: whether it uses models; what a day may cost does not keep others out.

        Raises:
            ApiError: a limit is reached (429), or the server is full (503).
        """
        day = self._day(key) if is_work and _has_day(key.grants) else None
        limit, now_s = key.grants.requests_per_minute, self._timer()
        with self._lock:
            if self._n_running >= self._max_concurrent:
                raise busy()
            counter = self._counters.setdefault(key.id, _Counter())
            if day is not None:
                _check_day(key.grants, day, counter.n_running)
            while counter.times_s and counter.times_s[0] <= now_s - MINUTE_S:
                counter.times_s.popleft()
            if is_work and key.grants.max_at_once is not None:
                _check_at_once(counter, key.grants.max_at_once)
            if limit is not None and len(counter.times_s) >= limit:
                raise _too_fast(limit, counter.times_s[0] + MINUTE_S - now_s)
            counter.times_s.append(now_s)
            counter.n_running += is_work  # only this one can cost anything
            self._n_running += 1
            headers = _headers(limit, len(counter.times_s))
        return Admitted(leave=self._leaving(counter, is_work=is_work), headers=headers)

    def _leaving(self, counter: _Counter, *, is_work: bool) -> Callable[[], None]:
        gone = False

        def leave() -> None:
            nonlocal gone
            with self._lock:
                if not gone:
                    gone = True
                    counter.n_running -= is_work
                    self._n_running -= 1

        return leave

    def _day(self, key: ApiKeyRecord) -> _Day:
        used = self._meters.today(key.account)
        usual: Usage | None = used
        if not used.n_requests:
            usual = self._meters.usual(key.account, ACCOUNT_PREFIX)
        wait_s = self._meters.until_midnight().total_seconds()
        return _Day(used=used, usual=usual, wait_s=wait_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """What a key used today; what requests usually use, None if unknown; seconds until midnight."""

    used: Usage
    usual: Usage | None
    wait_s: float


def _has_day(grants: KeyGrants) -> bool:
    return grants.tokens_per_day is not None or grants.usd_per_day is not None


def _check_day(grants: KeyGrants, day: _Day, n_running: int) -> None:
    """What runs now is not in the ledger yet: each counts as much as a usual request."""
    used, usual = day.used, day.usual
    if usual is None and n_running >= N_UNMEASURED:
        raise _too_many(
            "What a request of this key uses is not measured yet, so few may run at once while it has"
            " a limit per day. Wait for one of them."
        )
    n_usual = 1 if usual is None else usual.n_requests
    if grants.tokens_per_day is not None:
        coming = 0 if usual is None else n_running * usual.tokens / n_usual
        if used.tokens + coming >= grants.tokens_per_day:
            raise _used_up(f"{grants.tokens_per_day:,} tokens", day.wait_s)
    if grants.usd_per_day is not None:
        _check_price(used)
        coming_usd = Decimal(0) if usual is None else n_running * usual.cost_usd / n_usual
        if used.cost_usd + coming_usd >= grants.usd_per_day:
            raise _used_up(f"{grants.usd_per_day} USD", day.wait_s)


def _check_price(used: Usage) -> None:
    if used.n_unpriced:
        raise ApiError(
            429,
            "This key has a limit of money per day, and the price of a model that it used today is"
            " not known, so the limit cannot be held. Its owner can set the price, or take the"
            " limit away.",
            type="insufficient_quota",
            code="price_unknown",
            is_final=True,
        )


def _check_at_once(counter: _Counter, limit: int) -> None:
    if counter.n_running >= limit:
        raise _too_many(
            f"This key may have {limit} requests at once, and has {counter.n_running}. Wait for one of"
            " them."
        )


def _too_many(message: str) -> ApiError:
    return ApiError(
        429, message, type="rate_limit_error", code="rate_limit_exceeded", retry_after_s=1
    )


def _headers(limit: int | None, n_used: int) -> dict[str, str]:
    if limit is None:
        return {}
    return {
        "x-ratelimit-limit-requests": str(limit),
        "x-ratelimit-remaining-requests": str(max(0, limit - n_used)),
    }


def _too_fast(limit: int, wait_s: float) -> ApiError:
    return ApiError(
        429,
        f"This key may make {limit} requests a minute. Try again in {wait_s:.0f} s.",
        type="rate_limit_error",
        code="rate_limit_exceeded",
        retry_after_s=wait_s,
    )


def _used_up(limit: str, wait_s: float) -> ApiError:
    return ApiError(
        429,
        f"This key has used its {limit} of today. It goes on at midnight UTC.",
        type="insufficient_quota",
        code="insufficient_quota",
        retry_after_s=wait_s,
        is_final=True,
    )
