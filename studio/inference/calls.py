"""What one model call took, and the record made of it.

Knows the measures of a call; knows no thread, no queue and no store.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from studio.inference.protocol import EngineInfo
from studio.records import CallContext, CallRecord, Stage


@dataclass(slots=True, kw_only=True)
class CallMeter:
    """The measures of a call while it runs. Times are seconds of one monotonic clock.

    `began_s` is None until work on it began; `batch_weight` over `n_passes` is the mean batch size.
    """

    arrived_s: float
    started_at: datetime
    tokens_in: int = 0
    tokens_out: int = 0
    cached_tokens: int = 0
    began_s: float | None = None
    first_token_s: float | None = None
    busy_s: float = 0.0
    n_passes: int = 0
    batch_weight: int = 0

    def begin(self, now_s: float) -> None:
        """Note when work on it began; only the first time counts."""
        if self.began_s is None:
            self.began_s = now_s

    def add_pass(self, busy_s: float, n_requests: int) -> None:
        """Add its share of a forward pass that served `n_requests` requests."""
        self.busy_s += busy_s
        self.n_passes += 1
        self.batch_weight += n_requests

    def record(
        self,
        context: CallContext,
        stage: Stage,
        info: EngineInfo,
        *,
        ended_s: float,
        error: BaseException | None = None,
    ) -> CallRecord:
        """The record of the ended call. A call that never began has waited all its time."""
        began_s = ended_s if self.began_s is None else self.began_s
        first_s = self.first_token_s
        return CallRecord(
            call_id=uuid.uuid4().hex,
            request_id=context.request_id,
            prototype_id=context.prototype_id,
            version=context.version,
            surface=context.surface,
            account=context.account,
            stage=stage,
            model=info.model,
            revision=info.revision,
            engine=info.engine,
            device=info.device,
            precision=info.precision,
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            cached_tokens=self.cached_tokens,
            queue_ms=(began_s - self.arrived_s) * 1e3,
            first_token_ms=None if first_s is None else (first_s - self.arrived_s) * 1e3,
            total_ms=(ended_s - self.arrived_s) * 1e3,
            busy_ms=self.busy_s * 1e3,
            batch_size=self.batch_weight / self.n_passes if self.n_passes else 0.0,
            error=None if error is None else type(error).__name__,
            started_at=self.started_at,
        )
