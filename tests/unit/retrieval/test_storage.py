"""The folder of an index in the hands of several processes and threads at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from studio.retrieval.storage import begin_version, current_version, finish_version

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]

BUILD_AND_OPEN = """
import sys
from pathlib import Path
import numpy as np
from studio.records import Document, Page
from studio.retrieval.index import RetrievalIndex
folder, who = Path(sys.argv[1]), sys.argv[2]
documents = [Document(document_id=who, name=who, pages=(Page(text=f"Text of {who}."),))]
def embed(texts):
    return np.ones((len(texts), 4), dtype=np.float32)
for _ in range(15):
    RetrievalIndex.build(folder, documents, embed=embed, model="m", revision="1")
    RetrievalIndex.open(folder)
"""


def test_processes_that_build_at_once_leave_a_whole_index(tmp_path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", BUILD_AND_OPEN, str(tmp_path), who],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for who in ("first", "second")
    ]

    errors = [process.communicate(timeout=120)[1] for process in processes]

    assert [process.returncode for process in processes] == [0, 0], errors
    version = current_version(tmp_path)
    assert version is not None
    assert (version / "manifest.json").exists()
    assert not list(tmp_path.glob("building-*"))
    assert len(list(tmp_path.glob("v*"))) == 2


def test_the_last_to_finish_counts_and_no_finished_version_is_lost(tmp_path) -> None:
    failures: list[object] = []

    def build() -> None:
        for _ in range(30):
            building = begin_version(tmp_path)
            (building / "file").write_text("whole", encoding="utf-8")
            finish_version(tmp_path, building, now=NOW)
            version = current_version(tmp_path)
            if version is None:
                failures.append("lost")

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    version = current_version(tmp_path)
    assert version is not None
    assert version.name == "v000120"
    assert (version / "file").read_text(encoding="utf-8") == "whole"


def test_only_what_was_left_long_ago_is_cleared_away(tmp_path) -> None:
    left = begin_version(tmp_path)
    for now, is_there in (
        (datetime.now(UTC), True),
        (datetime.now(UTC) + timedelta(days=2), False),
    ):
        finish_version(tmp_path, begin_version(tmp_path), now=now)
        assert left.exists() is is_there


def test_no_folder_has_no_version(tmp_path) -> None:
    assert current_version(tmp_path / "nowhere") is None
