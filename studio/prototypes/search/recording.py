"""The ledger's record of a search that calls no model."""

from __future__ import annotations

import uuid
from datetime import datetime

from studio.records import CallContext, CallRecord, Stage

ENGINE = "words"


def call_without_model(context: CallContext, total_ms: float, started_at: datetime) -> CallRecord:
    """The record of a search by words alone: nothing waits, and one core works all the time.

    Args:
        context: on whose behalf it was.
        total_ms: what it took.
        started_at: the aware time.
    """
    return CallRecord(
        call_id=uuid.uuid4().hex,
        request_id=context.request_id,
        prototype_id=context.prototype_id,
        version=context.version,
        surface=context.surface,
        account=context.account,
        stage=Stage.SEARCH,
        model="search:words",
        revision="",
        engine=ENGINE,
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
