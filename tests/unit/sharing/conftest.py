"""A studio with a published chatbot, a clock that is set by hand, and calls that cost money."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from studio.config import Settings
from studio.prototypes.base import Toolbox
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.records import CallRecord, Stage
from studio.sharing.sharing import Sharing
from studio.sharing.visitor import account_of
from studio.workbench import Workbench
from studio.workspace.publication_record import PublicationChoices, PublicationRecord

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


class Clock:
    """Moved by the test."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def sharing(workbench: Workbench, clock: Clock) -> Sharing:
    toolbox: Toolbox = replace(workbench._toolbox, clock=clock)
    return Sharing(toolbox, workbench.prototype, UTC)


@pytest.fixture
def publication(workbench: Workbench, sharing: Sharing) -> PublicationRecord:
    bot = workbench.create_chatbot("Support bot", ChatbotSettings(only_from_documents=False))
    return sharing.publish(bot.id, PublicationChoices(headline="Ask us"))


@pytest.fixture
def spend(workbench: Workbench, clock: Clock) -> Callable[..., None]:
    """Write a call of a visitor into the ledger: an hour of this machine costs 0.10 USD."""
    numbers = count()

    def write(
        publication: PublicationRecord,
        visitor: str,
        hours: float = 0.0,
        *,
        request: str = "",
        device: str = "cpu",
        at: datetime | None = None,
    ) -> None:
        number = next(numbers)
        workbench.ledger.append(
            CallRecord(
                call_id=f"call-{number}",
                request_id=request or f"request-{number}",
                prototype_id=publication.prototype_id,
                version=publication.version,
                surface="page",
                stage=Stage.GENERATION,
                model="some-model",
                revision="nobody-knows-this-one",
                engine="openvino",
                device=device,
                precision="f16",
                tokens_in=100,
                tokens_out=20,
                queue_ms=0.0,
                first_token_ms=5.0,
                total_ms=50.0,
                busy_ms=hours * 3_600_000,
                batch_size=1.0,
                started_at=at or clock.now,
                account=account_of(publication.id, visitor),
            ),
            wait=True,
        )

    return write
