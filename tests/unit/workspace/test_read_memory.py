from __future__ import annotations

import sqlite3
import threading

import pytest
from sqlalchemy import create_engine, text

from studio.errors import NotFound
from studio.workspace import read_memory
from studio.workspace.read_memory import LOOK_S, ReadMemory


class Reads:
    """Counts how often something is really read."""

    def __init__(self, engine):
        self.n = 0
        self._engine = engine

    def __call__(self):
        self.n += 1
        with self._engine.connect() as connection:
            return connection.execute(text("select sum(n) from numbers")).scalar()


def write(engine, n, memory=None):
    with engine.begin() as connection:
        connection.execute(text(f"insert into numbers values ({n})"))
    if memory is not None:
        memory.note_write()


@pytest.fixture(params=["WAL", "DELETE"])
def engine(request, tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'a b%20c#d.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA journal_mode = {request.param}")
        connection.execute(text("create table numbers (n)"))
    write(engine, 1)
    yield engine
    engine.dispose()


@pytest.fixture
def clock():
    return [100.0]


@pytest.fixture
def memory(engine, clock):
    memory = ReadMemory(engine, timer=lambda: clock[0])
    yield memory
    memory.close()


def test_what_did_not_change_is_read_once(engine, memory):
    read = Reads(engine)
    assert [memory.recall("sum", read) for _ in range(5)] == [1] * 5
    assert read.n == 1


def test_a_write_of_this_process_is_seen_at_once(engine, memory):
    read = Reads(engine)
    assert memory.recall("sum", read) == 1
    write(engine, 2, memory)
    assert memory.recall("sum", read) == 3
    assert read.n == 2


def test_a_write_by_another_process_is_seen_a_moment_later(engine, memory, clock):
    read = Reads(engine)
    assert memory.recall("sum", read) == 1
    other = sqlite3.connect(engine.url.database)
    other.execute("insert into numbers values (5)")
    clock[0] += LOOK_S
    assert memory.recall("sum", read) == 1  # not committed
    other.commit()
    other.close()
    clock[0] += LOOK_S
    assert memory.recall("sum", read) == 6


def test_a_write_during_a_read_is_seen_the_next_time(engine, memory):
    read = Reads(engine)

    def read_and_write():
        value = read()
        write(engine, 10, memory)
        return value

    assert memory.recall("sum", read_and_write) == 1
    assert memory.recall("sum", read) == 11


def test_keys_are_apart(engine, memory):
    assert memory.recall(("sum", 1), lambda: "a") == "a"
    assert memory.recall(("sum", 2), lambda: "b") == "b"
    assert memory.recall(("sum", 1), lambda: "c") == "a"


def test_a_failure_is_not_remembered(engine, memory):
    def fail():
        raise NotFound("It is not there.")

    with pytest.raises(NotFound):
        memory.recall("sum", fail)
    assert memory.recall("sum", Reads(engine)) == 1


def test_it_does_not_grow_without_end(engine, memory, monkeypatch):
    monkeypatch.setattr(read_memory, "MOST_ENTRIES", 10)
    for i in range(100):
        memory.recall(i, lambda i=i: i)
    assert len(memory._values) <= 10
    assert memory.recall(99, lambda: "anew") == 99


def test_many_threads_never_see_less_than_was_committed_before(engine, memory):
    read, wrong = Reads(engine), []

    def look():
        for _ in range(200):
            least = committed[0]
            if memory.recall("sum", read) < least:
                wrong.append(least)

    committed = [1]
    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        write(engine, 1, memory)
        committed[0] += 1
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_that_does_not_tell_is_read_every_time(url):
    memory, found = ReadMemory(create_engine(url)), iter("ab")
    assert [memory.recall("x", lambda: next(found)) for _ in range(2)] == ["a", "b"]


def test_a_file_that_is_gone_is_read_every_time_and_not_made(tmp_path):
    path = tmp_path / "gone.db"
    memory, found = ReadMemory(create_engine(f"sqlite:///{path}")), iter("ab")
    assert [memory.recall("x", lambda: next(found)) for _ in range(2)] == ["a", "b"]
    assert not path.exists()


def test_a_closed_memory_remembers_nothing(engine):
    memory, found = ReadMemory(engine), iter("ab")
    assert memory.recall("x", lambda: next(found)) == "a"
    memory.close()
    assert memory.recall("x", lambda: next(found)) == "b"
