"""A process killed while it takes in documents, builds, saves or swaps an index: the next goes on.

Each test kills a real process at a moment drawn by a seed from all that happens in one phase. A few
moments are tried in every run; `STUDIO_KILLS=20` tries that many per phase.
"""

from __future__ import annotations

import functools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.unit.prototypes import killed_process as studio

N_KILLS = int(os.environ.get("STUDIO_KILLS", "1"))
PHASES = ("ingestion", "building", "saving", "swapping")
SCRIPT = Path(studio.__file__)
ROOT = SCRIPT.parents[3]


def run(mode: str, home: Path, log: Path, kill_at: int = 0) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(SCRIPT), mode, str(home), str(log), str(kill_at)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )


@functools.cache
def moments() -> dict[str, list[int]]:
    """The numbers of the moments of each phase, from a process that is left alone."""
    with tempfile.TemporaryDirectory() as folder:
        done = run("work", Path(folder) / "home", Path(folder) / "log")
    assert done.returncode == 0, done.stderr[-3000:]
    events = json.loads(done.stdout)
    return {p: [n for n, e in enumerate(events, 1) if e == p] for p in PHASES}


def lines(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text().splitlines()]


def said(entries: list[list[str]], word: str) -> list[str]:
    return [value for entry in entries if entry[0] == word for value in entry[1:]]


@pytest.mark.parametrize("seed", range(N_KILLS))
@pytest.mark.parametrize("phase", PHASES)
def test_nothing_is_lost_and_nothing_embedded_twice(tmp_path, phase, seed):
    home, log = tmp_path / "home", tmp_path / "log"
    kill_at = random.Random(f"{phase} {seed}").choice(moments()[phase])
    killed = run("work", home, log, kill_at)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]
    before = lines(log)
    done = run("recover", home, log)
    assert done.returncode == 0, done.stderr[-3000:]
    report, after = json.loads(done.stdout), lines(log)[len(before) :]

    for number in map(int, said(before, "document")):
        assert report["documents"][studio.name(number)].strip() == studio.text(number).strip()
    assert not set(said(after, "computed")) & set(said(before, "embedded"))
    started, indexed = said(before, "started"), said(before, "indexed")
    if indexed:
        assert report["passages_at_once"] > 0
        assert report["cited_at_once"] > 0
    if len(started) > len(indexed):  # it was building
        assert report["state"] == "ready"
        assert report["n_documents"] == int(started[-1]) + 1
        assert report["cited"] > 0
    assert report.get("errors", []) == []
    assert report.get("left", []) == []
    assert len(report["resumed"]) <= 1


def test_every_phase_has_its_moments():
    assert {phase: len(found) > 3 for phase, found in moments().items()} == dict.fromkeys(
        PHASES, True
    )
