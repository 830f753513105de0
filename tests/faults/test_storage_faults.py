"""A disk that is full, locked, cut or damaged costs time or says so; what was acknowledged stays."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from studio.config import Settings
from studio.errors import StorageFull, StudioError
from studio.inference.model_spec import ModelSpec
from studio.ledger import sqlite_file
from studio.ledger.store import Ledger
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.records import Task
from studio.workbench import Workbench
from tests.contract.tiny_models import write_sentence_model
from tests.faults.call_records import record
from tests.faults.conftest import Broken

ABOUT = "# Returns\n\nMost items may be returned within 45 days of delivery.\n"
QUESTION = "How many days may items be returned?"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def opened(home: Path) -> Workbench:
    return Workbench.open(settings=Settings(home=home, is_demo=True))


def make_bot(workbench: Workbench):
    bot = workbench.create_chatbot("Desk", ChatbotSettings(min_relevance=0.05))
    bot.add_file("returns.md", ABOUT.encode())
    bot.update_index().result(30)
    return bot


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_cache_of_vectors_costs_time_and_never_an_answer(broken: Broken, seed) -> None:
    texts = [f"text {i}" for i in range(40)]
    expected = broken.embed(*texts, surface="job")
    broken.workbench.models.close()
    path = broken.home / "cache" / "embeddings.db"
    content = bytearray(path.read_bytes())
    rng = np.random.default_rng(seed)
    for at in rng.integers(0, len(content), 200):
        content[at] ^= int(rng.integers(1, 256))
    path.write_bytes(content)
    with opened(broken.home) as again:
        np.testing.assert_array_equal(
            Broken(again, broken.faults, broken.home).embed(*texts, surface="job"), expected
        )


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_index_is_noticed_and_building_again_mends_it(home, seed) -> None:
    with opened(home) as workbench:
        bot_id = make_bot(workbench).id
    files = sorted(p for p in (home / "indexes").rglob("*") if p.is_file() and p.stat().st_size)
    rng = np.random.default_rng(seed)
    for path in files:
        content = bytearray(path.read_bytes())
        content[int(rng.integers(0, len(content)))] ^= 0xFF
        path.write_bytes(content)
    with opened(home) as workbench:
        bot = workbench.prototype(bot_id)
        with contextlib.suppress(StudioError):  # a clear error is as good as an answer
            bot.ask(QUESTION)
        bot.update_index().result(30)
        assert "45 days" in bot.ask(QUESTION).text


@pytest.mark.parametrize("name", ["manifest", "passages", "vectors"])
def test_a_damaged_index_says_so_and_is_built_again_by_itself(home, name, caplog) -> None:
    with opened(home) as workbench:
        bot_id = make_bot(workbench).id
    (version,) = (home / "indexes" / bot_id).glob("v*")
    (path,) = version.glob(f"{name}.*")
    path.write_bytes(path.read_bytes()[:-10])
    with opened(home) as workbench:
        bot = workbench.prototype(bot_id)
        go_on = threading.Event()
        read = workbench.models.info
        workbench.models.info = lambda model: go_on.wait(30) and read(model)
        state = bot.index_state()
        assert state.state == "building"
        assert "could not be read" in str(state.damage)
        assert f"the index of {bot_id} is built again" in caplog.text
        go_on.set()
        state.job.result(30)
        state = bot.index_state()
        assert (state.state, state.damage) == ("ready", None)
        assert "45 days" in bot.ask(QUESTION).text


def test_a_damaged_index_that_cannot_be_built_again_says_what_to_do(home) -> None:
    with opened(home) as workbench:
        bot_id = make_bot(workbench).id
    (version,) = (home / "indexes" / bot_id).glob("v*")
    (version / "manifest.json").write_bytes(b"{")
    with opened(home) as workbench:
        bot = workbench.prototype(bot_id)
        go_on = threading.Event()
        workbench.models.info = lambda model: go_on.wait(30)
        job = bot.index_state().job
        job.cancel()
        go_on.set()
        job.wait(30)
        assert "documents changed" not in str(bot.index_state().notice)
        assert bot.index_state().job is job


def test_a_cut_weight_file_is_said_plainly_and_can_be_replaced(tmp_path) -> None:
    folder = write_sentence_model(tmp_path / "model")
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    with Workbench.open(settings=Settings(home=tmp_path / "home", offline=True)) as workbench:
        workbench.catalogue.add(
            ModelSpec(
                id="mine",
                name="Mine",
                task=Task.EMBEDDING,
                source="folder",
                location=str(folder),
            )
        )
        with pytest.raises(StudioError, match="Mine|cannot be"):
            workbench.models.load("mine")
        weights.write_bytes(whole)
        assert workbench.models.load("mine").dim > 0


def test_a_full_disk_takes_no_answer_away_and_no_record(broken: Broken, monkeypatch) -> None:
    def write(connection, rows):
        with sqlite_file._in_words(connection._path):
            raise OSError(errno.ENOSPC, "No space left")

    real = sqlite_file.SqliteConnection.write
    monkeypatch.setattr(sqlite_file.SqliteConnection, "write", write)
    monkeypatch.setattr(
        "studio.inference.embedding_cache._writing",
        lambda _: (_ for _ in ()).throw(sqlite3.OperationalError("database or disk is full")),
    )
    for i in range(20):
        broken.embed(f"text {i}", surface="job")
    with pytest.raises(StorageFull, match="no room left"):
        broken.workbench.ledger.flush()
    assert "20 usage records are not saved yet" in str(broken.workbench.ledger.problem)
    monkeypatch.setattr(sqlite_file.SqliteConnection, "write", real)
    try:
        broken.workbench.ledger.flush()
    except StorageFull:  # an attempt that had begun before there was room again
        broken.workbench.ledger.flush()
    assert len(broken.workbench.ledger.frame()) == 20


def test_a_locked_ledger_delays_records_and_no_answer(broken: Broken, monkeypatch) -> None:
    monkeypatch.setattr("studio.ledger.sqlite_file.BUSY_TIMEOUT_S", 0.05)
    broken.embed("before")
    broken.workbench.ledger.flush()
    other = sqlite3.connect(broken.home / "ledger.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for i in range(5):
        broken.embed(f"text {i}")
        broken.write("One two.")
    other.execute("ROLLBACK")
    other.close()
    broken.workbench.ledger.flush(20)
    assert len(broken.workbench.ledger.frame()) == 11


CUT = """
import os, sqlite3, sys
from pathlib import Path
from studio.ledger import sqlite_file
from studio.ledger.store import Ledger
from tests.faults.call_records import record
ledger = Ledger(Path({path!r}))
for number in range(50):
    ledger.append(record(number))
ledger.flush()
print("acknowledged", flush=True)
def cut(place, rows):
    place.connection.execute("BEGIN IMMEDIATE")
    place.connection.executemany(sqlite_file.INSERT, rows)
    os._exit(9)  # in the middle of a transaction
sqlite_file.SqliteConnection.write = cut
for number in range(50, 100):
    ledger.append(record(number))
ledger.flush()
"""


def test_a_write_that_is_cut_in_the_middle_leaves_what_was_acknowledged(tmp_path) -> None:
    path = tmp_path / "ledger.db"
    code = CUT.format(path=str(path))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 9, done.stderr[-2000:]
    assert "acknowledged" in done.stdout
    ledger = Ledger(path)
    assert list(ledger.frame()["call_id"]) == [f"call-{n}" for n in range(50)]
    ledger.append(record(200), wait=True)  # and goes on
    ledger.close()
