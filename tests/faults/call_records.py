"""A call's record by its number."""

from __future__ import annotations

from datetime import UTC, datetime

from studio.records import CallRecord, Stage


def record(number: int) -> CallRecord:
    return CallRecord(
        call_id=f"call-{number}",
        request_id="r",
        prototype_id=None,
        version=None,
        surface="page",
        stage=Stage.EMBEDDING,
        model="m",
        revision="1",
        engine="fake",
        device="cpu",
        precision="fp32",
        tokens_in=1,
        tokens_out=0,
        queue_ms=0.0,
        first_token_ms=None,
        total_ms=1.0,
        busy_ms=1.0,
        batch_size=1.0,
        started_at=datetime(2030, 1, 1, tzinfo=UTC),
    )
