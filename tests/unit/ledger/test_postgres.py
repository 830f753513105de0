"""What PostgreSQL does in a way of its own: order among writers, waiting, its failures in words."""

from __future__ import annotations

import threading
import time

import pytest

from studio.errors import DataError, StudioError
from studio.ledger import postgres as postgres_place
from studio.ledger.postgres import PostgresDatabase
from studio.ledger.schema import row_of
from studio.ledger.store import Ledger
from tests.unit.ledger.test_store import call


@pytest.fixture
def url(postgres):
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def ledger(url):
    ledger = Ledger(url)
    yield ledger
    ledger.close()


def test_whoever_looks_again_misses_nothing_of_two_writers(url, ledger):
    """A row with an earlier number must not appear after a later one was seen."""
    seen: list[str] = []
    is_done = threading.Event()

    def write(name):
        connection = PostgresDatabase(url).open()
        for number in range(60):
            connection.write([row_of(call(number, call_id=f"{name}-{number}"))])
        connection.close()

    def look():
        position = 0
        while True:
            was_done = is_done.is_set()
            page = ledger.after(position)
            seen.extend(page.calls["call_id"])
            position = page.position
            if was_done:
                return

    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    reader = threading.Thread(target=look)
    for thread in [*writers, reader]:
        thread.start()
    for thread in writers:
        thread.join()
    is_done.set()
    reader.join()
    assert sorted(seen) == sorted(f"{name}-{n}" for name in "abc" for n in range(60))


def test_a_writer_that_waits_too_long_keeps_its_records(url, postgres, monkeypatch):
    monkeypatch.setattr(postgres_place, "BUSY_TIMEOUT_MS", 50)
    ledger = Ledger(url)
    with postgres.connect(url) as other:
        other.execute(f"SELECT pg_advisory_lock({postgres_place._WRITERS})")
        ledger.append(call())
        with pytest.raises(StudioError, match="in use by another program"):
            ledger.flush()
        assert ledger.count() == 0
    ledger.flush()
    assert ledger.count() == 1
    ledger.close()


def test_a_server_that_ended_the_connections_loses_nothing(url, postgres, ledger):
    ledger.append(call(0), wait=True)
    with postgres.connect(url) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    ledger.append(call(1))
    deadline = time.monotonic() + 10
    while ledger.count() < 2:
        assert time.monotonic() < deadline
    assert ledger.problem is None


def test_a_newer_ledger_is_refused_and_left_alone(url, postgres, ledger):
    with postgres.connect(url) as other:
        other.execute("UPDATE ledger.format SET version = 99")
        with pytest.raises(DataError, match="newer version"):
            Ledger(url)
        assert other.execute("SELECT version FROM ledger.format").fetchall() == [(99,)]


def test_a_server_that_is_not_there_is_a_problem_without_the_password_but_calls_go_on():
    ledger = Ledger("postgresql+psycopg://ann:secret@127.0.0.1:1/nothing")
    ledger.append(call())
    assert "cannot be used" in str(ledger.problem)
    assert "secret" not in str(ledger.problem)
    with pytest.raises(StudioError, match="cannot be used"):
        ledger.close()
    ledger._writer._rows.clear()  # nor is it tried when the interpreter ends


def test_tables_are_made_however_long_another_process_takes_with_it(url, postgres, monkeypatch):
    monkeypatch.setattr(postgres_place, "BUSY_TIMEOUT_MS", 50)
    opened = []
    with postgres.connect(url) as other:
        other.execute(f"SELECT pg_advisory_lock({postgres_place._WRITERS})")
        thread = threading.Thread(target=lambda: opened.append(PostgresDatabase(url).open()))
        thread.start()
        thread.join(1.0)
        assert thread.is_alive()
    thread.join(20)
    opened[0].close()
