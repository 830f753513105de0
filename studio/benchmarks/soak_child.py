"""Writes into a studio without end and says on standard output what was acknowledged; to be killed.

    python -m studio.benchmarks.soak_child HOME SEED

Each line is one thing that a user would be sad to lose: its kind and its id. Runs in the demo mode.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from studio.config import Settings
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.records import CallContext, EmbeddingRequest, Task
from studio.workbench import Workbench

READY = "ready"


def main(home: Path, seed: int) -> None:
    """Write until killed."""
    with Workbench.open(settings=Settings(home=home, is_demo=True)) as workbench:
        bot = _bot(workbench)
        _say(READY)
        for i, line in enumerate(_acknowledged(workbench, bot, seed)):
            _say(line)
            if i > 100_000:
                return


def _bot(workbench: Workbench) -> Chatbot:
    for record in workbench.prototypes("chatbot"):
        return workbench.prototype(record.id, Chatbot)
    return workbench.create_chatbot("Soak")


def _acknowledged(workbench: Workbench, bot: Chatbot, seed: int) -> Iterator[str]:
    model = workbench.catalogue.default(Task.EMBEDDING).id
    i = 0
    while True:
        i += 1
        name = f"{seed}-{i}"
        texts = (f"passage {name}",)
        context = CallContext(request_id=name, surface="job")
        call = workbench.models.embed(
            EmbeddingRequest(model=model, texts=texts, context=context)
        ).call
        workbench.ledger.append(replace(call, call_id=uuid.uuid4().hex, request_id=name), wait=True)
        yield f"call {name}"
        workbench.workspace.preferences.set(f"soak.{name}", str(datetime.now(UTC)))
        yield f"preference soak.{name}"
        key = workbench.workspace.api_keys.create(name)
        yield f"key {key.record.id}"
        if i % 5 == 0:
            bot.add_file(f"{name}.md", f"# {name}\n\nA document about {name}.\n".encode())
            yield f"document {name}.md"
        if i % 7 == 0:
            workbench.models.unload(model)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
