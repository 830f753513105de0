"""Every kind can be served to others: at one version, on somebody's account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.config import Settings
from studio.errors import NotFound
from studio.prototypes.base import StoredPrototype
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.content.content import Content
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.registry import KINDS
from studio.prototypes.search.search import Search
from studio.workbench import Workbench

VISITOR = "demo:tea-shop:v1"


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    home: Path = tmp_path_factory.mktemp("home")
    with Workbench.open(settings=Settings(home=home, is_demo=True)) as opened:
        yield opened


def use(prototype: StoredPrototype[Any]) -> None:
    """What a visitor does with it."""
    match prototype:
        case Chatbot():
            prototype.ask("How are returns paid?", surface="api")
        case Search():
            prototype.search("lamp", surface="api")
        case Recommendation():
            prototype.recommend("u1", surface="api")
        case Classifier():
            prototype.classify("Where is my parcel?", surface="api")
        case Content():
            prototype.write(
                {v.name: v.example or "x" for v in prototype.settings.variables}, 1, surface="api"
            )
        case _:
            pytest.fail(f"nobody uses {prototype.kind} here")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_served_version_keeps_its_settings_and_names_the_account(
    kind: type[StoredPrototype[Any]], workbench: Workbench
) -> None:
    prototype = workbench.sample(kind)
    for job in workbench.jobs.jobs():
        job.wait(60)
    first = prototype.settings
    view = prototype.served(version=1, account=VISITOR)
    prototype.configure(replace(first, language="zh"))
    assert prototype.version == 2
    assert (view.version, view.settings) == (1, first)
    assert prototype.served().settings.language == "zh"

    before = len(workbench.calls(prototype.id))
    use(view)
    made = workbench.calls(prototype.id).iloc[before:]
    assert len(made) >= 1
    assert set(made["account"]) == {VISITOR}
    assert set(made["version"]) == {1}
    assert set(made["surface"]) == {"api"}

    # A view for one request names it in every call.
    use(prototype.served(account=VISITOR, request_id="req-7"))
    calls = workbench.calls(prototype.id)
    assert len(calls[calls["request_id"] == "req-7"]) >= 1
    assert len(calls) == before + len(made) + len(calls[calls["request_id"] == "req-7"])

    with pytest.raises(NotFound, match="1 to 2"):
        prototype.served(version=3)
