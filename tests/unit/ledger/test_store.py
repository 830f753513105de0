"""The ledger keeps what it acknowledged, whatever happens to the process or the disk."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from studio.errors import DataError, StorageFull, StudioError
from studio.ledger import schema, sqlite_file
from studio.ledger.store import Ledger
from studio.records import CallRecord, Stage

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def call(number=0, **changes) -> CallRecord:
    values = {
        "call_id": f"call-{number}",
        "request_id": "request-1",
        "prototype_id": "bot",
        "version": 2,
        "surface": "page",
        "stage": Stage.GENERATION,
        "model": "smol",
        "revision": "abc",
        "engine": "openvino",
        "device": "cpu",
        "precision": "f16",
        "tokens_in": 100,
        "tokens_out": 20,
        "cached_tokens": 30,
        "queue_ms": 1.5,
        "first_token_ms": 80.0,
        "total_ms": 900.25,
        "busy_ms": 450.125,
        "batch_size": 1.5,
        "error": None,
        "started_at": NOON + timedelta(seconds=number),
    }
    return CallRecord(**(values | changes))


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request, tmp_path):
    """Where a ledger may lie that is not there yet, on each database that is supported."""
    if request.param == "sqlite":
        yield tmp_path / "new" / "ledger.db"
        return
    server = request.getfixturevalue("postgres")
    url = server.new_database()
    yield url
    server.drop_database(url)


# What SQLite does in a way of its own; PostgreSQL's ways are told in test_postgres.py.
only_sqlite = pytest.mark.parametrize("location", ["sqlite"], indirect=True)


@pytest.fixture
def ledger(location):
    ledger = Ledger(location)
    yield ledger
    ledger.close()


def make_writing_slow(ledger, monkeypatch):
    with contextlib.closing(ledger._place.open()) as connection:
        kind = type(connection)
    real = kind.write
    monkeypatch.setattr(kind, "write", lambda *a: (time.sleep(0.3), real(*a)))


def test_frame_gives_every_field_back(ledger):
    ledger.append(call(version=None, prototype_id=None, first_token_ms=None, error="Overloaded"))
    ledger.append(call(1))
    first, second = ledger.frame().to_dict("records")
    expected = {name: getattr(call(1), name) for name in schema.COLUMNS}
    assert {name: second[name] for name in expected if name != "error"} == {
        name: value for name, value in expected.items() if name != "error"
    }
    assert pd.isna(second["error"])
    assert first["error"] == "Overloaded"
    assert all(pd.isna(first[name]) for name in ("version", "prototype_id", "first_token_ms"))


def test_every_field_of_a_record_has_a_column():
    assert list(schema.COLUMNS) == [field.name for field in fields(CallRecord)]


def test_dtypes_are_the_same_with_and_without_rows(ledger):
    empty = ledger.frame().dtypes
    ledger.append(call(prototype_id=None, version=None, first_token_ms=None))
    assert ledger.frame().dtypes.equals(empty)
    assert {name: str(dtype) for name, dtype in empty.items()} == schema.COLUMNS
    assert ledger.count() == 1


def test_frame_filters_and_orders_by_start(ledger):
    for number in (2, 0, 1):
        ledger.append(call(number, prototype_id=f"bot-{number % 2}", request_id=f"r{number}"))
    assert list(ledger.frame().call_id) == ["call-0", "call-1", "call-2"]
    assert list(ledger.frame(prototype_id="bot-0").call_id) == ["call-0", "call-2"]
    assert list(ledger.frame(request_id="r1").call_id) == ["call-1"]
    in_china = (NOON + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=8)))
    assert list(ledger.frame(since=in_china).call_id) == ["call-1", "call-2"]
    assert ledger.frame(prototype_id="nobody").empty


def test_threads_append_at_once_and_nothing_is_lost(ledger):
    def work(worker: int) -> None:
        for number in range(200):
            ledger.append(call(worker * 200 + number))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.count() == 1600
    assert ledger.frame().call_id.is_unique


def test_append_does_not_wait_for_the_disk(ledger, monkeypatch):
    make_writing_slow(ledger, monkeypatch)
    began = time.perf_counter()
    for number in range(1000):
        ledger.append(call(number))
    assert time.perf_counter() - began < 0.25
    assert ledger.count() == 1000


@only_sqlite
def test_records_are_written_without_a_flush(ledger, tmp_path):
    ledger.append(call())
    deadline = time.monotonic() + 5
    with sqlite3.connect(tmp_path / "new" / "ledger.db") as other:
        while not other.execute("SELECT count(*) FROM calls").fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.005)
    other.close()
    assert ledger.problem is None


def test_the_same_call_is_written_once(ledger):
    ledger.append(call())
    ledger.append(call(total_ms=5.0), wait=True)
    assert list(ledger.frame().total_ms) == [900.25]


def test_numpy_numbers_and_odd_texts_are_stored(ledger):
    ledger.append(
        call(tokens_in=np.int64(7), total_ms=np.float32(2.5), model="\ud800模型"), wait=True
    )
    row = ledger.frame().iloc[0]
    assert (row.tokens_in, row.total_ms, row.model) == (7, 2.5, "?模型")


@pytest.mark.parametrize(
    "bad", [{"tokens_in": None}, {"tokens_out": 2**63}, {"busy_ms": "slow"}, {"started_at": 5}]
)
def test_a_record_that_cannot_be_stored_is_reported_and_holds_nobody_up(ledger, bad):
    ledger.append(call(0, **bad))
    ledger.append(call(1), wait=True)
    assert list(ledger.frame().call_id) == ["call-1"]
    assert "1 usage records had values" in str(ledger.problem)
    with pytest.raises(StudioError, match="cannot be saved"):
        ledger.append(call(0, **bad), wait=True)


@only_sqlite
def test_a_full_disk_loses_nothing(ledger, monkeypatch):
    real = sqlite_file.SqliteFile.open
    is_full = True

    def open_small(place):
        small = real(place)
        if is_full:
            pages = small.connection.execute("PRAGMA page_count").fetchone()[0]
            small.connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        return small

    monkeypatch.setattr(sqlite_file.SqliteFile, "open", open_small)
    for number in range(500):
        ledger.append(call(number))
    with pytest.raises(StorageFull, match="no room left"):
        ledger.flush()
    assert "500 usage records are not saved yet. There is no room" in str(ledger.problem)
    assert len(ledger.frame()) == 0
    is_full = False
    try:
        ledger.flush()
    except StorageFull:  # an attempt that had begun before there was room again
        ledger.flush()
    assert ledger.problem is None
    assert len(ledger.frame()) == 500


@only_sqlite
def test_a_locked_file_delays_records_but_no_call(ledger, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT_S", 0.05)
    other = sqlite3.connect(tmp_path / "new" / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ledger.append(call())
    with pytest.raises(StudioError, match="in use by another program"):
        ledger.flush()
    other.execute("COMMIT")
    other.close()
    ledger.flush()
    assert ledger.count() == 1


def test_a_flush_that_takes_too_long_says_so_and_keeps_the_records(ledger, monkeypatch):
    make_writing_slow(ledger, monkeypatch)
    ledger.append(call())
    with pytest.raises(StudioError, match=r"1 usage records were not saved within 0\.05 seconds"):
        ledger.flush(timeout_s=0.05)
    ledger.flush()
    assert ledger.count() == 1


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite_file, "_MIGRATIONS", (("CREATE TABLE half (id)", "nonsense"),))
    path = tmp_path / "ledger.db"
    assert "cannot be used" in str(Ledger(path).problem)
    with contextlib.closing(sqlite3.connect(path)) as plain:
        assert plain.execute("SELECT name FROM sqlite_master").fetchall() == []
    monkeypatch.undo()
    Ledger(path).append(call(), wait=True)


def test_close_writes_the_rest_and_a_later_append_is_kept_too(tmp_path):
    others = set(threading.enumerate())
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.append(call(0))
    ledger.close()
    assert not [t for t in threading.enumerate() if t.name == "ledger" and t not in others]
    ledger.append(call(1))
    ledger.close()
    ledger.close()
    assert Ledger(tmp_path / "ledger.db").count() == 2


@only_sqlite
def test_close_says_what_it_could_not_write_and_tries_again_later(ledger, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sqlite_file.sqlite3, "connect", refuse)
    ledger.append(call())
    with pytest.raises(StudioError, match="Permission denied"):
        ledger.close()
    monkeypatch.undo()
    ledger.close()
    assert ledger.count() == 1


def test_a_damaged_file_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(DataError, match="damaged"):
        Ledger(path)
    assert path.read_bytes() == b"this is no database" * 100


def test_a_newer_file_is_refused_and_left_alone(tmp_path):
    Ledger(tmp_path / "ledger.db").append(call(), wait=True)
    with sqlite3.connect(tmp_path / "ledger.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(StudioError, match="newer version"):
        Ledger(tmp_path / "ledger.db")


def test_a_folder_that_cannot_be_made_is_a_problem_but_calls_go_on(tmp_path):
    (tmp_path / "file").write_text("in the way")
    ledger = Ledger(tmp_path / "file" / "ledger.db")
    ledger.append(call())
    assert "cannot be used" in str(ledger.problem)
    with pytest.raises(StudioError, match="cannot be used"):
        ledger.frame()
    (tmp_path / "file").unlink()
    ledger.flush()
    assert ledger.count() == 1
    assert ledger.problem is None


WRITE_UNTIL_KILLED = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[2]]
from tests.unit.ledger.test_store import Ledger, call
ledger = Ledger(Path(sys.argv[1]))
for number in range(100_000):
    ledger.append(call(number, call_id=f"{sys.argv[3]}-{number}"), wait=True)
    print(number, flush=True)
"""


def test_acknowledged_records_survive_a_kill_of_two_processes(tmp_path, request):
    path = tmp_path / "ledger.db"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE_UNTIL_KILLED, path, request.config.rootpath, name],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    acknowledged = set()
    for name, process in zip("ab", processes, strict=True):
        for _ in range(25):
            acknowledged.add(f"{name}-{int(process.stdout.readline())}")
    for name, process in zip("ab", processes, strict=True):
        process.kill()
        acknowledged.update(f"{name}-{int(line)}" for line in process.stdout)
        process.stdout.close()
        process.wait()
    ledger = Ledger(path)
    assert acknowledged <= set(ledger.frame().call_id)
    assert len(acknowledged) >= 50


def test_records_not_flushed_are_written_when_the_interpreter_ends(tmp_path, request):
    program = WRITE_UNTIL_KILLED.replace("100_000", "3").replace(", wait=True", "")
    path = tmp_path / "ledger.db"
    subprocess.run(
        [sys.executable, "-c", program, path, request.config.rootpath, "x"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    assert Ledger(path).count() == 3


def test_calls_of_an_older_file_are_the_owners(tmp_path, monkeypatch):
    path = tmp_path / "ledger.db"
    columns = [name for name in schema.COLUMNS if name != "account"]
    with sqlite3.connect(path) as older:
        monkeypatch.setattr(sqlite_file, "_MIGRATIONS", sqlite_file._MIGRATIONS[:1])
        sqlite_file.migrate(older)
        row = dict(zip(schema.COLUMNS, schema.row_of(call()), strict=True))
        marks = ", ".join("?" * len(columns))
        older.execute(
            f"INSERT INTO calls ({', '.join(columns)}) VALUES ({marks})",
            [row[name] for name in columns],
        )
    older.close()
    monkeypatch.undo()
    ledger = Ledger(path)
    ledger.append(call(call_id="new", account="key:1"), wait=True)
    assert list(ledger.frame()["account"]) == ["", "key:1"]
    ledger.close()


def test_calls_of_an_account(ledger):
    accounts = ("", "key:a", "key:b", "demo:p:v", "key:a", "key:aa")
    for number, account in enumerate(accounts):
        ledger.append(call(number, account=account))

    def ids(account):
        return [int(one.removeprefix("call-")) for one in ledger.frame(account=account)["call_id"]]

    assert ids("key:a") == [1, 4]
    assert ids("") == [0]
    assert ids("key:c") == []
    late = ledger.frame(account="key:a", since=NOON + timedelta(seconds=2))
    assert list(late["call_id"]) == ["call-4"]


@only_sqlite
@pytest.mark.parametrize(
    ("conditions", "index"),
    [
        ({schema.ON_ACCOUNT: "key:a"}, "calls_by_account"),
        ({"rowid > ?": 5, schema.ON_ACCOUNT_AMONG_FEW: "key:a"}, "INTEGER PRIMARY KEY"),
        (
            {"rowid > ?": 5}
            | dict(zip(schema.ON_ACCOUNTS_AMONG_FEW, ("key:", "key;"), strict=True)),
            "INTEGER PRIMARY KEY",
        ),
    ],
)
def test_calls_of_an_account_are_found_by_an_index(ledger, tmp_path, conditions, index):
    sql = f"EXPLAIN QUERY PLAN {schema.SELECT} WHERE {' AND '.join(conditions)}"
    with contextlib.closing(sqlite3.connect(tmp_path / "new" / "ledger.db")) as file:
        plan = file.execute(sql, tuple(conditions.values())).fetchall()
    assert index in str(plan)


def test_a_later_look_gives_only_what_was_written_since(ledger):
    assert ledger.position() == 0
    ledger.append(call(5, account="key:a"))
    first = ledger.after(0)
    assert list(first.calls["call_id"]) == ["call-5"]
    assert ledger.position() == first.position
    # What ends later is written later, however early it began.
    ledger.append(call(1, account="key:a"))
    ledger.append(call(2, account="key:b"))
    assert list(ledger.after(first.position).calls["call_id"]) == ["call-1", "call-2"]
    of_a = ledger.after(first.position, "key:a")
    assert list(of_a.calls["call_id"]) == ["call-1"]
    ledger.append(call(3, account="kez"))
    of_keys = ledger.after(first.position, account_prefix="key:")
    assert list(of_keys.calls["call_id"]) == ["call-1", "call-2"]
    assert of_keys.position == ledger.position()
    assert len(ledger.after(of_keys.position, account_prefix="key:").calls) == 0
    nothing = ledger.after(of_a.position, "key:a")
    assert (len(nothing.calls), nothing.position) == (0, ledger.position())
    assert list(nothing.calls.columns) == list(schema.COLUMNS)
    before = ledger.frame(account="key:a", position=first.position)
    assert list(before["call_id"]) == ["call-5"]


def test_calls_are_found_by_what_their_account_begins_with(ledger):
    for number, account in enumerate(["", "demo:a:1", "demo:a:2", "demo:ab:1", "demo:a", "key:1"]):
        ledger.append(call(number, account=account))
    assert list(ledger.frame(account_prefix="demo:a:")["account"]) == ["demo:a:1", "demo:a:2"]
    assert list(
        ledger.frame(account_prefix="demo:a:", since=NOON + timedelta(seconds=2))["account"]
    ) == ["demo:a:2"]
    assert ledger.frame(account_prefix="demo:b:").empty
