"""The ways a prototype could be served, as plain choices: here, hosted, on a GPU, or a mix.

Values only, with their ranges; what a choice costs and how fast it answers is `serving`'s. All are
frozen and hashable, so that they can be the key of a cache.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from studio.economics.prices import TokenPrice
from studio.errors import InvalidInput
from studio.records import Notice


class Batching(StrEnum):
    """How requests in the engine at the same time share it."""

    AS_BUILT = "as_built"  # as the sweep measured it; one at a time where none was measured
    BATCHED = "batched"  # they share passes, as a batching engine lets them
    ONE_AT_A_TIME = "one_at_a_time"  # threads or a lock before the model: nothing is shared


@dataclass(frozen=True, slots=True, kw_only=True)
class AsMeasured:
    """On machines like this one. `hour_usd` is what one of them costs per hour; None as in Settings.

    Raises:
        InvalidInput: the price is negative or not a number.
    """

    hour_usd: Decimal | None = None
    batching: Batching = Batching.AS_BUILT

    def __post_init__(self) -> None:
        """Check the ranges."""
        if self.hour_usd is not None:
            check_number("hour_usd", self.hour_usd, 0, 10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """Texts are written by a hosted model of the price list; the other stages run as measured.

    Where nothing is written, texts are embedded by it, and `first_token_ms` is the time of an answer.
    `price` replaces the list's, `batch_price` that of batches. `is_batch` takes batch prices where there
    are any (answers then come within hours, so latency is not predicted). `cached_share` of the prompt
    tokens is charged as cached. `first_token_ms` and `tokens_per_s` are assumptions: no catalogue has
    them. `tokenizer_ratio` is the hosted model's tokens per token measured here. `hour_usd` is what an
    hour of the machine costs that runs the other stages; None as in Settings.

    Raises:
        InvalidInput: a number is out of range.
    """

    provider_id: str
    model_id: str
    price: TokenPrice | None = None
    batch_price: TokenPrice | None = None
    is_batch: bool = False
    cached_share: float = 0.0
    first_token_ms: float = 600.0
    tokens_per_s: float = 80.0
    tokenizer_ratio: float = 1.0
    hour_usd: Decimal | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_number("cached_share", self.cached_share, 0, 1)
        check_number("first_token_ms", self.first_token_ms, 0, 600_000)
        check_number("tokens_per_s", self.tokens_per_s, 0.1, 100_000)
        check_number("tokenizer_ratio", self.tokenizer_ratio, 0.1, 10)
        if self.hour_usd is not None:
            check_number("hour_usd", self.hour_usd, 0, 10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnGpu:
    """Texts are written by an open model on a rented GPU; extrapolated by a roofline.

    `gpu` is an id of `gpus.GPUS`, `model` one of `gpus.MODELS`; where nothing is written it is one of
    `gpu_embedding.ENCODERS`, which reads the texts. `embedder` is one of these beside a model that
    writes: it reads the questions on the same GPU; None: they are read as measured. `hour_usd` replaces
    the table's price. `overhead` is added to it for storage, traffic and management, as a share.

    Raises:
        InvalidInput: a number is out of range.
    """

    gpu: str
    model: str
    hour_usd: Decimal | None = None
    overhead: float = 0.4
    n_gpus: int = 1
    embedder: str | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        if self.hour_usd is not None:
            check_number("hour_usd", self.hour_usd, 0, 10_000)
        check_number("overhead", self.overhead, 0, 10)
        check_number("n_gpus", self.n_gpus, 1, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """A cheap model answers first; `escalated_share` of the requests go on to the large one.

    Those pay for both and wait for both. `cache_hit_rate` of all requests is answered from a store
    of earlier answers, by no model.

    Raises:
        InvalidInput: a share is not from 0 to 1.
    """

    first: AsMeasured | Hosted | OnGpu
    rest: AsMeasured | Hosted | OnGpu
    escalated_share: float = 0.2
    cache_hit_rate: float = 0.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_number("escalated_share", self.escalated_share, 0, 1)
        check_number("cache_hit_rate", self.cache_hit_rate, 0, 1)


ServingChoice: TypeAlias = AsMeasured | Hosted | OnGpu | Mix


@dataclass(frozen=True, slots=True, kw_only=True)
class Slo:
    """What is promised: `percentile` of the requests are answered within the time.

    Raises:
        InvalidInput: a number is out of range.
    """

    percentile: float = 0.95
    total_ms: float = 10_000.0
    first_token_ms: float | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_number("percentile", self.percentile, 0.5, 0.999)
        check_number("total_ms", self.total_ms, 1, 86_400_000)
        if self.first_token_ms is not None:
            check_number("first_token_ms", self.first_token_ms, 1, 86_400_000)


def check_number(name: str, value: float | Decimal, lowest: float, highest: float) -> None:
    """Refuse a number outside its range, and what is no number.

    Raises:
        InvalidInput: says the value and the range; `fields` names it.
    """
    if not (math.isfinite(value) and lowest <= value <= highest):
        raise InvalidInput(
            "{name} is {value}; it must be between {lowest} and {highest}.",
            fields={
                name: Notice(
                    "It must be between {lowest:g} and {highest:g}.", lowest=lowest, highest=highest
                )
            },
            name=name,
            value=value,
            lowest=lowest,
            highest=highest,
        )
