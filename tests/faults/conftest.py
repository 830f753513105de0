"""A studio whose engines fail in any way a test asks for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from studio.config import Settings
from studio.inference.engines.fake import (
    FakeEmbeddingEngine,
    FakeGenerationEngine,
    FakeRerankingEngine,
)
from studio.inference.loading import EngineLoader
from studio.records import (
    CallContext,
    EmbeddingRequest,
    GenerationRequest,
    Message,
    RerankRequest,
    Sampling,
    Task,
)
from studio.workbench import Workbench

DEADLINE_S = 2
"""What a request may take in these tests; a step of an engine half of that."""


@dataclass
class Faults:
    """What goes wrong in the engines: called with the texts of each pass or step."""

    strike: Callable[[object], None] = lambda _: None
    gate: threading.Event = field(default_factory=threading.Event)  # set: what hangs goes on
    n_made: int = 0

    def hang(self, _: object) -> None:
        assert self.gate.wait(60)

    def heal(self) -> None:
        self.strike = lambda _: None


@dataclass
class Broken:
    """A studio with such engines."""

    workbench: Workbench
    faults: Faults
    home: Path

    def model(self, task: Task) -> str:
        return self.workbench.catalogue.list(task)[0].id

    def embed(self, *texts: str, **context) -> object:
        made = CallContext(request_id="r", **context)
        request = EmbeddingRequest(model=self.model(Task.EMBEDDING), texts=texts, context=made)
        return self.workbench.models.embed(request).vectors

    def rerank(self, *texts: str, **context) -> object:
        made = CallContext(request_id="r", **context)
        model = self.model(Task.RERANKING)
        request = RerankRequest(model=model, query="which", texts=texts, context=made)
        return self.workbench.models.rerank(request).scores

    def write(self, text: str = "One two three.", **context) -> str:
        stream = self.workbench.models.generate(
            GenerationRequest(
                model=self.model(Task.GENERATION),
                messages=(Message(role="user", content=text),),
                sampling=Sampling(),
                context=CallContext(request_id="r", **context),
            )
        )
        return "".join(stream)


@pytest.fixture
def broken(tmp_path: Path, monkeypatch) -> Iterator[Broken]:
    faults = Faults()

    class Embedding(FakeEmbeddingEngine):
        def forward(self, batch):
            faults.strike(batch)
            return super().forward(batch)

    class Reranking(FakeRerankingEngine):
        def forward(self, batch):
            faults.strike(batch)
            return super().forward(batch)

    class Generation(FakeGenerationEngine):
        def step(self):
            faults.strike(self._answers)
            return super().step()

    def making(kind):
        def make(self):
            faults.n_made += 1
            return kind(model=self._spec.id)

        return make

    monkeypatch.setattr(EngineLoader, "embedding", making(Embedding))
    monkeypatch.setattr(EngineLoader, "reranking", making(Reranking))
    monkeypatch.setattr(EngineLoader, "generation", making(Generation))
    settings = Settings(
        home=tmp_path / "home", is_demo=True, deadline_s=DEADLINE_S, step_s=DEADLINE_S // 2
    )
    with Workbench.open(settings=settings) as workbench:
        yield Broken(workbench=workbench, faults=faults, home=settings.home)
        faults.gate.set()


def within(seconds: float, work: Callable[[], object]) -> object:
    """What the work gives; fails where it takes longer. Raises what it raises."""
    began_s = time.monotonic()
    try:
        return work()
    finally:
        took_s = time.monotonic() - began_s
        assert took_s < seconds, f"it took {took_s:.1f} s"
