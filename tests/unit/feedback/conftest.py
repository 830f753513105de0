"""A studio on the demo engine with an indexed chatbot, and ways to let people ask and judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.config import Settings
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.records import CallRecord, Stage
from studio.workbench import Workbench
from studio.workspace.feedback_record import Exchange, FeedbackRecord, Opinion

RETURNS = (
    "# Returns\n\nMost items may be returned within 45 days of delivery.\n\n"
    "# Labels\n\nA return label costs $4.95 for domestic parcels.\n"
)


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def bot(workbench: Workbench) -> Chatbot:
    made = workbench.create_chatbot("Help desk", ChatbotSettings(min_relevance=0.05))
    made.add_file("returns.md", RETURNS.encode())
    made.add_file("club.md", b"# Club\n\nThe club costs 20 dollars a year.\n")
    made.update_index().wait(30)
    return made


@pytest.fixture
def say(workbench: Workbench, bot: Chatbot) -> Callable[..., FeedbackRecord]:
    """Let somebody ask a question and judge the answer."""

    def said(
        question: str = "What does a return label cost for domestic parcels?",
        opinion: Opinion | None = None,
        **more: str,
    ) -> FeedbackRecord:
        from components.exchanges import of_answer

        answer = bot.ask(question)
        exchange: Exchange = of_answer(answer, "en")
        return workbench.feedback.give(
            bot.id,
            answer.figures.request_id,
            exchange,
            opinion or Opinion(thumb="down", reason="wrong"),
            **more,
        )

    return said


@pytest.fixture
def request_of(workbench: Workbench, bot: Chatbot) -> Callable[..., str]:
    """Write down a request of somebody at a version, which took so long."""

    def wrote(account: str, version: int, total_ms: float, error: str | None = None) -> str:
        wrote.n += 1
        request_id = f"request-{wrote.n}"
        workbench.ledger.append(
            CallRecord(
                call_id=f"call-{wrote.n}",
                request_id=request_id,
                prototype_id=bot.id,
                version=version,
                surface="page",
                stage=Stage.EMBEDDING,
                model="demo",
                revision="1",
                engine="demo",
                device="cpu",
                precision="fp32",
                tokens_in=10,
                tokens_out=0,
                queue_ms=0.0,
                first_token_ms=None,
                total_ms=total_ms,
                busy_ms=total_ms,
                batch_size=1.0,
                error=error,
                started_at=started_at + timedelta(minutes=wrote.n),
                account=account,
            )
        )
        return request_id

    started_at = datetime.now(UTC)
    wrote.n = 0
    return wrote
