"""The ledger's record of what a prototype did without a model."""

from __future__ import annotations

import uuid
from datetime import datetime

from studio.records import CallContext, CallRecord, Stage


def call_without_model(
    context: CallContext,
    stage: Stage,
    *,
    way: str,
    engine: str,
    total_ms: float,
    started_at: datetime,
    revision: str = "",
) -> CallRecord:
    """The record of a stage that calls no model: nothing waits, and one core works all the time.

    Args:
        context: on whose behalf it was.
        stage: what was done.
        way: how, in place of a model's id, such as "search:words".
        engine: what did it.
        total_ms: what it took.
        started_at: the aware time.
        revision: of what it worked with.
    """
    return CallRecord(
        call_id=uuid.uuid4().hex,
        request_id=context.request_id,
        prototype_id=context.prototype_id,
        version=context.version,
        surface=context.surface,
        account=context.account,
        stage=stage,
        model=way,
        revision=revision,
        engine=engine,
        device="cpu",
        precision="float32",
        tokens_in=0,
        tokens_out=0,
        queue_ms=0.0,
        first_token_ms=None,
        total_ms=total_ms,
        busy_ms=total_ms,
        batch_size=1.0,
        started_at=started_at,
    )
