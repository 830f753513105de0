"""A studio in a process of its own that is killed at a chosen moment. Started by the tests beside it.

    python killed_process.py work HOME LOG KILL_AT     adds documents and indexes them, twice
    python killed_process.py recover HOME LOG 0        opens the studio again and only watches

Everything the process touches below HOME is numbered: files opened for writing, renamed or removed,
transactions, and calls of the model. At number KILL_AT it sends itself SIGKILL. What it has been
promised stands in LOG, a line each, written before anything else happens.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from pathlib import Path

N_DOCUMENTS = 12
N_PARAGRAPHS = 14
QUESTION = "What does item 3 of paper 2 cost?"


class Killer:
    """Numbers what happens and ends the process at a number; 0 lets it live."""

    def __init__(self, home: Path, log: Path, kill_at: int) -> None:
        self._home, self._kill_at = str(home), kill_at
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.events: list[str] = []
        self.is_armed = False

    def write(self, *words: object) -> None:
        os.write(self._log, (" ".join(map(str, words)) + "\n").encode())

    def happened(self, phase: str) -> None:
        if not self.is_armed:
            return
        self.events.append(phase)
        if len(self.events) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, arguments: tuple) -> None:
        if not self.is_armed or event not in ("open", "os.rename", "os.remove", "os.mkdir"):
            return
        path = str(arguments[0])
        is_read = event == "open" and (arguments[1] or "r") in ("r", "rb")
        if path.startswith(self._home) and not is_read:
            self.happened(_phase_of(event, path))


def _phase_of(event: str, path: str) -> str:
    if "/files" in path:
        return "ingestion"
    if "/indexes" in path:
        return "swapping" if event == "os.rename" or "CURRENT" in path else "saving"
    return "other"


def name(number: int) -> str:
    return f"paper-{number}.md"


def text(number: int) -> str:
    filler = "It is kept in a box with many others and looked at once a year. " * 6
    return "\n\n".join(
        f"# Item {i} of paper {number}\n\nItem {i} of paper {number} costs {number * 100 + i} coins. "
        f"{filler}"
        for i in range(N_PARAGRAPHS)
    )


def watch(killer: Killer) -> None:
    """Have model calls and transactions numbered, and write down which texts were embedded."""
    from sqlalchemy import Engine, event

    from studio.inference.batching import MicroBatcher
    from studio.inference.service import LocalModelService

    sys.addaudithook(killer.audit)
    event.listen(Engine, "commit", lambda _: killer.happened("ingestion"))
    prepare, embed = MicroBatcher.prepare, LocalModelService.embed

    def watched_prepare(self, texts, purpose):
        if purpose == "passage":
            killer.happened("building")
            killer.write("computed", *map(key, texts))
        return prepare(self, texts, purpose)

    def watched_embed(self, request):
        made = embed(self, request)
        if request.purpose == "passage":
            killer.write("embedded", *map(key, request.texts))
            killer.happened("building")
        return made

    MicroBatcher.prepare, LocalModelService.embed = watched_prepare, watched_embed


def key(passage: str) -> str:
    return hashlib.sha256(passage.encode()).hexdigest()[:16]


def work(workbench, killer: Killer) -> None:
    from studio.prototypes.chatbot.settings import ChatbotSettings

    bot = workbench.create_chatbot("Killed", ChatbotSettings(min_relevance=0.05))
    for part in (range(N_DOCUMENTS // 2), range(N_DOCUMENTS // 2, N_DOCUMENTS)):
        for number in part:
            bot.add_file(name(number), text(number).encode())
            killer.write("document", number)
        job = bot.update_index()
        killer.write("started", part[-1])
        assert job.wait(60), job.error
        assert bot.index_state().state == "ready", bot.index_state()
        killer.write("indexed", part[-1])
        workbench.ledger.flush()


def recover(workbench, killer: Killer) -> dict:
    """What is there at once, and what has become of it by itself."""
    jobs = workbench.jobs.jobs()
    records = workbench.prototypes()
    report: dict = {"resumed": [job.id for job in jobs], "documents": {}, "state": None}
    if not records:
        return report
    bot = workbench.prototype(records[0].id)
    report["passages_at_once"] = bot.index_state().n_passages
    report["cited_at_once"] = len(bot.ask(QUESTION).citations)
    assert all(job.wait(60) for job in jobs)
    report["errors"] = [str(job.error) for job in jobs if job.error]
    for record in bot.documents():
        pages = bot.document(record.document_id).pages
        report["documents"][record.name] = "\n".join(page.text for page in pages)
    state = bot.index_state()
    report["state"], report["n_documents"] = state.state, state.n_documents
    report["cited"] = len(bot.ask(QUESTION).citations)
    report["left"] = [r.id for r in workbench.workspace.jobs.unfinished(["index"])]
    return report


def main(mode: str, home: str, log: str, kill_at: str) -> None:
    from studio.config import Settings
    from studio.workbench import Workbench

    killer = Killer(Path(home), Path(log), int(kill_at))
    watch(killer)
    killer.write("process", mode)
    settings = Settings(home=Path(home), is_demo=True)
    with Workbench.open(settings=settings) as workbench:
        killer.is_armed = True
        if mode == "work":
            work(workbench, killer)
            answer: object = killer.events
        else:
            answer = recover(workbench, killer)
        killer.is_armed = False
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
