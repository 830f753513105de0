"""What a batch will take, before it runs: tokens, time and money, from a few rows that were written.

Prompts of many rows are counted: they are known before anything runs. What comes to them only then
(passages of documents, reasons of further attempts, how another company counts) is not, and neither is
what the model will write: there the rows of the dry run stand for the others. Time is the machine's work
per row, not the wait of a single one: in a batch many rows are written at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from studio.economics.prices import PriceBook
from studio.records import REMOTE_DEVICE, CallRecord, Notice, Stage

COUNTED = 0.01
"""Share by which prompts of the dry run may differ from what was counted, and still are called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEstimate:
    """What all rows will take, as far as the dry run can tell.

    Attributes:
        n_rows: rows in the sheet.
        n_measured: rows of the dry run that it rests on.
        tokens_in: prompt tokens of all rows and attempts.
        tokens_out: tokens of all texts.
        seconds: how long it will run.
        cost: None where no price is known.
        currency: of the cost.
        cost_source: where the price comes from.
        attempts_per_row: how often a row is written on average, from the dry run.
        notice: how it was reckoned, and how far it may be off.
        is_counted: whether `tokens_in` is known rather than estimated.
    """

    n_rows: int
    n_measured: int
    tokens_in: int
    tokens_out: int
    seconds: float
    cost: Decimal | None
    currency: str
    cost_source: Notice
    attempts_per_row: float
    notice: Notice
    is_counted: bool = True

    @property
    def has_prices(self) -> bool:
        """Whether a price is known."""
        return self.cost is not None

    def to_json(self) -> dict[str, Any]:
        """Plain values for the workspace."""
        return {
            **asdict(self),
            "cost": None if self.cost is None else str(self.cost),
            "cost_source": self.cost_source.to_json(),
            "notice": self.notice.to_json(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> BatchEstimate:
        """The estimate that `to_json` was called on."""
        return cls(
            **{
                **stored,
                "cost": None if stored["cost"] is None else Decimal(stored["cost"]),
                "cost_source": Notice.from_json(stored["cost_source"]),
                "notice": Notice.from_json(stored["notice"]),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRow:
    """What a row of the dry run took: its calls, and how often it was written (0: it failed).

    `n_counted` are the tokens of its first prompt as they were counted beforehand, without passages.
    `is_warm` says that what is the same for all rows had been read before it: as in most of a batch.
    """

    calls: tuple[CallRecord, ...]
    n_attempts: int
    n_counted: int
    is_warm: bool = True


def estimate(
    n_rows: int,
    prompt_tokens: Sequence[int],
    measured: Sequence[MeasuredRow],
    prices: PriceBook,
    n_at_once: int,
) -> BatchEstimate:
    """What `n_rows` will take.

    Args:
        n_rows: rows in the sheet.
        prompt_tokens: tokens of the first prompt of some rows as they are counted beforehand, spread
            over the sheet; a row that cannot be written has 0.
        measured: the rows of the dry run, one or more.
        prices: what calls cost.
        n_at_once: rows that are written at once.
    """
    written = [call for row in measured for call in row.calls if call.stage is Stage.GENERATION]
    # Time and money of the first row are not those of the others: it reads the beginning for all.
    warm = [row for row in measured if row.is_warm and row.n_attempts] or measured
    calls = [call for row in warm for call in row.calls]
    n_warm = sum(row.n_attempts > 0 for row in warm)
    n_written = sum(row.n_attempts > 0 for row in measured)
    n_writable = float(n_rows)
    if prompt_tokens:  # rows that cannot be written take nothing
        n_writable = n_rows * sum(n > 0 for n in prompt_tokens) / len(prompt_tokens)
    share = n_writable / n_written if n_written else 0.0
    warm_share = n_writable / n_warm if n_warm else 0.0
    attempts = sum(row.n_attempts for row in measured) / n_written if n_written else 0.0
    prompts = sum(prompt_tokens) / len(prompt_tokens) if prompt_tokens else 0.0
    n_counted = sum(row.n_counted for row in measured if row.n_attempts)
    per_counted = sum(call.tokens_in for call in written) / n_counted if n_counted else 0.0
    seconds = _seconds(calls, warm_share, n_at_once)
    price = prices.price_of_all(calls)
    # Money for this machine is its time; money for a model elsewhere knows no end of a batch.
    busy_s = sum(call.busy_ms for call in calls) / 1000
    is_local = not any(call.device.startswith(REMOTE_DEVICE) for call in calls)
    is_counted = is_local and abs(per_counted - attempts) <= COUNTED * attempts
    paid_share = seconds / busy_s if is_local and busy_s else warm_share
    amount = Decimal(0) if price is None else price.amount
    return BatchEstimate(
        n_rows=n_rows,
        n_measured=len(measured),
        tokens_in=round(n_rows * prompts * per_counted),
        tokens_out=round(share * sum(call.tokens_out for call in written)),
        seconds=seconds,
        cost=None if amount is None else amount * Decimal(str(round(paid_share, 6))),
        currency="USD",
        cost_source=price.source if price else Notice("no model was called"),
        attempts_per_row=attempts,
        notice=_notice(len(measured), is_counted=is_counted),
        is_counted=is_counted,
    )


def _notice(n: int, *, is_counted: bool) -> Notice:
    if is_counted:
        return Notice(
            "Prompts are counted; texts and time are reckoned from {n} rows that were written for it. "
            "Usually within 15% for tokens and 25% for time on an otherwise idle machine.",
            n=n,
        )
    return Notice(
        "Prompts, texts and time are estimated from {n} rows that were written for it: what documents, "
        "further attempts or a model elsewhere add to a prompt cannot be counted beforehand. Usually "
        "within 15% for tokens and 25% for time on an otherwise idle machine.",
        n=n,
    )


def _seconds(calls: Sequence[CallRecord], share: float, n_at_once: int) -> float:
    """The machine's work for `share` times these calls; elsewhere their time over those open at once."""
    local = [call for call in calls if not call.device.startswith(REMOTE_DEVICE)]
    remote = sum(call.total_ms for call in calls if call.device.startswith(REMOTE_DEVICE))
    total, ending = sum(call.busy_ms for call in local), _ending_ms(local)
    ending = min(ending, total) if share > 1 else 0.0
    return (ending + share * (total - ending + remote / max(1, n_at_once))) / 1000


def _ending_ms(calls: Sequence[CallRecord]) -> float:
    """What writing costs more because the last texts are written beside few others.

    A batch has one end, however many rows it has. The half of the texts with the most neighbours tell
    what a token costs before it.
    """
    texts = [call for call in calls if call.stage is Stage.GENERATION and call.tokens_out]
    crowded = sorted(texts, key=lambda call: call.batch_size)[len(texts) // 2 :]
    if not crowded:
        return 0.0
    token_ms = sum(call.busy_ms for call in crowded) / sum(call.tokens_out for call in crowded)
    return max(0.0, sum(call.busy_ms - token_ms * call.tokens_out for call in texts))
