"""A batch whose process is killed in the middle: nothing finished is written twice, nothing is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from studio.config import Settings
from studio.prototypes.content.composing import Composer
from studio.prototypes.content.content import Content
from studio.workbench import Workbench

KILLED = """
import os, signal, sys, time
from pathlib import Path
from studio.config import Settings
from studio.prototypes.content.content import Content
from studio.workbench import Workbench
from studio.workspace.batches import Batches

home, log = Path(sys.argv[1]), sys.argv[2]
finish = Batches.finish_row

def watched(self, batch_id, row, seconds, cost):
    finish(self, batch_id, row, seconds, cost)
    with open(log, "a") as file:
        print(row.cells["Product"], file=file, flush=True)
    if sum(1 for _ in open(log)) == 7:
        os.kill(os.getpid(), signal.SIGKILL)

Batches.finish_row = watched
bench = Workbench.open(settings=Settings(home=home, is_demo=True))
content = bench.create(Content, "Shop", Content.default_settings("en"))
rows = "".join(f"Tarp {n},{n} kg\\n" for n in range(20))
sheet = content.batches.read("b.csv", ("Product,Facts\\n" + rows).encode())
content.batches.start(sheet, content.batches.guess(sheet))
time.sleep(60)
"""


def test_a_killed_batch_goes_on_where_it_stood(tmp_path: Path, monkeypatch):
    home, log = tmp_path / "home", tmp_path / "log"
    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(home), str(log)], timeout=120, check=False
    )
    assert process.returncode == -signal.SIGKILL
    finished = set(log.read_text().splitlines())
    assert len(finished) == 7
    written: list[str] = []
    compose = Composer.compose

    def watched(self, values, **options):
        written.append(values["product"])
        return compose(self, values, **options)

    monkeypatch.setattr(Composer, "compose", watched)
    with Workbench.open(settings=Settings(home=home, is_demo=True)) as bench:
        content = bench.prototype(bench.prototypes("content")[0].id, Content)
        batch = content.batches.list()[0]
        deadline = time.monotonic() + 60
        while content.batches.get(batch.id).state != "done" and time.monotonic() < deadline:
            time.sleep(0.02)
        after = content.batches.get(batch.id)
        assert (after.state, after.n_finished) == ("done", 20)
        assert finished & set(written) == set()
        assert len(written) == len(set(written)) == 13
