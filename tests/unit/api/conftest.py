"""An interface on a studio with the demo engine, published prototypes, and a client with a key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.api.app import create_app
from studio.api.interface import mounted
from studio.api.metrics import Metrics
from studio.config import Settings
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.workbench import AnyPrototype, Workbench
from studio.workspace.api_key_record import KeyGrants, NewApiKey
from studio.workspace.publication_record import PublicationChoices, PublicationRecord

RETURNS = (
    "# Returns\n\nMost items may be returned within 45 days of delivery.\n\n"
    "# Labels\n\nA return label costs $4.95 for domestic parcels.\n"
)
QUESTION = "What does a return label cost for domestic parcels?"


@dataclass
class Api:
    """The interface with what a test needs to look behind it. `naps_s` are the waits it asked for."""

    workbench: Workbench
    metrics: Metrics
    client: TestClient
    naps_s: list[float] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    timer_s: float = 0.0

    def key(self, **grants: Any) -> NewApiKey:
        return self.workbench.workspace.api_keys.create("Acme", KeyGrants(**grants))

    def publish(self, prototype: AnyPrototype, slug: str, **choices: Any) -> PublicationRecord:
        wish = PublicationChoices(headline=prototype.name, **choices)
        return self.workbench.publish(prototype.id, wish, slug=slug)

    def post(self, path: str, body: Any, key: NewApiKey, **headers: str):
        return self.client.post(path, json=body, headers=bearer(key) | headers)

    def get(self, path: str, key: NewApiKey, **headers: str):
        return self.client.get(path, headers=bearer(key) | headers)

    def ask(self, model: str, key: NewApiKey, question: str = QUESTION, **more: Any):
        body = {"model": model, "messages": [{"role": "user", "content": question}], **more}
        return self.post("/v1/chat/completions", body, key)


def bearer(key: NewApiKey) -> dict[str, str]:
    return {"Authorization": f"Bearer {key.secret}"}


def make_api(workbench: Workbench) -> Api:
    api = Api(workbench=workbench, metrics=Metrics(), client=None)  # type: ignore[arg-type]

    async def sleep(seconds: float) -> None:
        api.naps_s.append(seconds)

    api.metrics.watch(workbench)
    app = create_app(
        workbench, api.metrics, timer=lambda: api.timer_s, clock=lambda: api.now, sleep=sleep
    )
    api.client = TestClient(Starlette(routes=[mounted(app)]), raise_server_exceptions=False)
    return api


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """One for all tests of a module; each makes keys of its own."""
    home: Path = tmp_path_factory.mktemp("home")
    with Workbench.open(settings=Settings(home=home, is_demo=True)) as opened:
        yield opened


@pytest.fixture(scope="module")
def bot(workbench: Workbench) -> Chatbot:
    made = workbench.create_chatbot("Help desk", ChatbotSettings(min_relevance=0.05))
    made.add_file("returns.md", RETURNS.encode())
    made.update_index().wait(30)
    workbench.publish(made.id, PublicationChoices(headline=made.name), slug="help-desk")
    return made


@pytest.fixture
def api(workbench: Workbench, bot: Chatbot) -> Api:
    """A new interface, where the chatbot is published as "help-desk"."""
    assert bot.id
    return make_api(workbench)
