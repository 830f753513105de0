"""What is known of a key of the HTTP interface: whose it is, what it opens, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from studio.errors import InvalidInput
from studio.records import Notice

ACCOUNT_PREFIX = "key:"
"""How the account of calls made with a key begins in the ledger; its id follows."""
MAX_WEIGHT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGrants:
    """What a key opens, and how much of it; None is no limit. A day is one of UTC.

    Attributes:
        publications: ids of the publications that it opens; None for all, later ones included.
        opens_models: whether it may also use the models of the catalogue themselves.
        requests_per_minute: within any 60 seconds.
        tokens_per_day: read and written together.
        usd_per_day: money, by the prices that the studio knows.
        weight: how much of a busy model it gets beside a key (or a person) of weight 1.
        max_at_once: requests without an answer.

    Raises:
        InvalidInput: a limit is below 1, the weight not from 1 to 100, or the money negative or not a
            number.
    """

    publications: tuple[str, ...] | None = None
    opens_models: bool = False
    requests_per_minute: int | None = 60
    tokens_per_day: int | None = None
    usd_per_day: Decimal | None = None
    weight: int = 1
    max_at_once: int | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name, label, number in (
            ("requests_per_minute", Notice("Requests per minute"), self.requests_per_minute),
            ("tokens_per_day", Notice("Tokens per day"), self.tokens_per_day),
            ("max_at_once", Notice("Requests at once"), self.max_at_once),
        ):
            if number is not None and number < 1:
                raise InvalidInput(
                    "{label} is {value}; it must be 1 or more, or empty for no limit.",
                    fields={name: Notice("It must be 1 or more.")},
                    label=label,
                    value=number,
                )
        if not 1 <= self.weight <= MAX_WEIGHT:
            raise InvalidInput(
                "The share is {value}; it must be from 1 to {most}.",
                fields={"weight": Notice("It must be from 1 to {most}.", most=MAX_WEIGHT)},
                value=self.weight,
                most=MAX_WEIGHT,
            )
        money = self.usd_per_day
        if money is not None and not (money.is_finite() and money >= 0):
            raise InvalidInput(
                "The money per day is {value}; it must be 0 or more, or empty for no limit.",
                fields={"usd_per_day": Notice("It must be 0 or more.")},
                value=money,
            )

    def opens(self, publication_id: str) -> bool:
        """Whether it opens a publication."""
        return self.publications is None or publication_id in self.publications


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRecord:
    """A customer's key, without the key itself, of which only a hash is kept.

    `prefix` is its beginning, by which its owner knows it again. `last_used_at` is exact to a minute.
    Times are aware UTC.
    """

    id: str
    name: str
    prefix: str
    grants: KeyGrants
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def account(self) -> str:
        """What the ledger calls its holder."""
        return f"{ACCOUNT_PREFIX}{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """A key just made. `secret` is the key: it can be read here and never again."""

    record: ApiKeyRecord
    secret: str

    def __repr__(self) -> str:
        """Without the key, so that none gets into a log or a notebook."""
        return f"NewApiKey(record={self.record!r})"
