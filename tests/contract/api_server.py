"""A really started interface on the demo engine, with everything published and keys to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from studio.config import Settings
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.registry import KINDS
from studio.workbench import Workbench
from studio.workspace.api_key_record import KeyGrants
from studio.workspace.publication_record import PublicationChoices

ROOT = Path(__file__).resolve().parents[2]
RETURNS = (
    "# Returns\n\nMost items may be returned within 45 days of delivery.\n\n"
    "# Labels\n\nA return label costs $4.95 for domestic parcels.\n"
)
QUESTION = "What does a return label cost for domestic parcels?"


@dataclass(frozen=True, kw_only=True)
class RunningApi:
    """A server in a process of its own. `key` opens everything, `narrow_key` one search only.

    `examples` are the bodies by slug that the page shows.
    """

    url: str
    home: Path
    key: str
    narrow_key: str
    examples: dict[str, dict]
    actions: dict[str, str]


@contextmanager
def running_api(home: Path, log: Path) -> Iterator[RunningApi]:
    """Publish the samples and a small help desk, start `studio serve`, stop it at the end."""
    made = _prepared(home)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "studio.cli", "serve", "--port", str(port)]
    env = {**os.environ, "STUDIO_HOME": str(home), "STUDIO_DEMO": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out)
    try:
        _wait(f"http://127.0.0.1:{port}/health", process, log)
        yield RunningApi(url=f"http://127.0.0.1:{port}/v1", home=home, **made)
    finally:
        process.terminate()
        process.wait(30)


def _prepared(home: Path) -> dict:
    from studio.api.kinds.registry import endpoint_of

    with Workbench.open(settings=Settings(home=home, is_demo=True)) as workbench:
        desk = workbench.create_chatbot("Help desk", ChatbotSettings(min_relevance=0.05))
        desk.add_file("returns.md", RETURNS.encode())
        desk.update_index()
        prototypes = {"help-desk": desk}
        for name, kind in KINDS.items():
            if kind is not Chatbot:
                prototypes[f"my-{name}"] = workbench.sample(kind)
        for job in workbench.jobs.jobs():
            job.wait(120)
        publications = {
            slug: workbench.publish(one.id, PublicationChoices(headline=one.name), slug=slug)
            for slug, one in prototypes.items()
        }
        keys = workbench.workspace.api_keys
        wide = keys.create("Acme", KeyGrants(opens_models=True, requests_per_minute=None))
        narrow = keys.create("Bee", KeyGrants(publications=(publications["my-search"].id,)))
        endpoints = {slug: endpoint_of(one.kind) for slug, one in prototypes.items()}
        return {
            "key": wide.secret,
            "narrow_key": narrow.secret,
            "examples": {slug: endpoints[slug].example(one) for slug, one in prototypes.items()},
            "actions": {slug: one.action for slug, one in endpoints.items()},
        }


def _wait(url: str, process: subprocess.Popen, log: Path, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer within {timeout_s} s:\n{log.read_text()[-3000:]}")
