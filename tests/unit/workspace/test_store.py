"""The workspace survives kills, two processes, full disks, damage and newer versions."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event

from studio.errors import DataError, InvalidInput, Overloaded, StorageFull, StudioError
from studio.workspace import database, migration
from studio.workspace.database import make_engine
from studio.workspace.schema import Base
from studio.workspace.store import Workspace

# What SQLite does in a way of its own; PostgreSQL's ways are told in test_postgres.py.
only_sqlite = pytest.mark.parametrize("workspace_url", ["sqlite"], indirect=True)


def url(folder) -> str:
    return f"sqlite:///{folder / 'workspace.db'}"


@only_sqlite
def test_models_and_migrations_agree(workspace):
    with workspace._database._reading.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        indexes = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"
        ).fetchall()
    made = make_engine("sqlite://")
    Base.metadata.create_all(made)
    with made.connect() as connection:
        assert sorted(indexes) == sorted(
            connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"
            ).fetchall()
        )
    made.dispose()


@only_sqlite
def test_sqlite_is_set_up_to_lose_nothing(workspace):
    with workspace._database._reading.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "busy_timeout": database.BUSY_TIMEOUT_MS,
    }


def test_opening_again_keeps_everything(workspace, workspace_url, bot, tmp_path):
    again = Workspace(workspace_url, tmp_path / "files")
    assert again.prototypes.list() == (bot,)
    again.close()


def test_many_may_open_a_new_workspace_at_once(new_url, tmp_path):
    start = threading.Barrier(6)

    def open_it(number):
        start.wait()
        workspace = Workspace(new_url, tmp_path / "files")
        workspace.prototypes.create("chatbot", f"Bot {number}", {})
        workspace.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(open_it, range(6)))
    workspace = Workspace(new_url, tmp_path / "files")
    assert len(workspace.prototypes.list()) == 6
    workspace.close()


WRITE_UNTIL_KILLED = """
import sys
from pathlib import Path
from studio.records import Page
from studio.workspace.store import Workspace
folder = Path(sys.argv[1])
workspace = Workspace(f"sqlite:///{folder / 'workspace.db'}", folder / "files")
bot = workspace.prototypes.create("chatbot", "Bot", {})
talk = workspace.conversations.start(bot.id)
for number in range(100_000):
    text = f"{bot.id} {number}"
    document = workspace.documents.add_document(
        bot.id, text, text.encode(), (Page(text=text, number=1),))
    workspace.conversations.append_turn(talk.id, "user", text)
    print(document.document_id, talk.id, text, flush=True)
"""


def test_what_two_processes_acknowledged_survives_their_kill(tmp_path):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE_UNTIL_KILLED, tmp_path],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    acknowledged = [process.stdout.readline() for process in processes for _ in range(15)]
    for process in processes:
        process.kill()
        acknowledged += list(process.stdout)
        process.stdout.close()
        process.wait()
    workspace = Workspace(url(tmp_path), tmp_path / "files")
    assert len(acknowledged) >= 30
    for line in acknowledged:
        document_id, talk_id, text = line.rstrip("\n").split(" ", 2)
        assert workspace.documents.document(document_id).pages[0].text == text
        assert workspace.documents.original(document_id) == text.encode()
        assert text in {turn.content for turn in workspace.conversations.turns(talk_id)}
    workspace.close()


def test_a_damaged_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "workspace.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(DataError, match="is damaged"):
        Workspace(url(tmp_path), tmp_path / "files")
    assert path.read_bytes() == b"this is no database" * 100
    assert list(tmp_path.iterdir()) == [path]


@only_sqlite
def test_damage_inside_the_database_is_said_plainly(workspace, bot, tmp_path):
    for number in range(200):
        workspace.prototypes.create("chatbot", f"Bot {number}", {"text": "x" * 500})
    workspace.close()
    path = tmp_path / "workspace.db"
    with sqlite3.connect(path) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    plain.close()
    content = bytearray(path.read_bytes())
    content[100_000:] = b"\xff" * (len(content) - 100_000)
    path.write_bytes(content)
    with pytest.raises(DataError, match="is damaged"):
        workspace.prototypes.list()


@only_sqlite
def test_a_newer_database_is_refused_and_left_alone(workspace, bot, tmp_path):
    workspace.close()
    with sqlite3.connect(tmp_path / "workspace.db") as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    with pytest.raises(StudioError, match="newer version of the studio"):
        Workspace(url(tmp_path), tmp_path / "files")
    with sqlite3.connect(tmp_path / "workspace.db") as newer:
        newer.execute("UPDATE alembic_version SET version_num = '0001'")
    newer.close()
    assert workspace.prototypes.list() == (bot,)


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    def fail(config, _revision):
        config.attributes["connection"].exec_driver_sql("CREATE TABLE half (id INTEGER)")
        raise RuntimeError("half way")

    monkeypatch.setattr(migration.command, "upgrade", fail)
    with pytest.raises(RuntimeError, match="half way"):
        Workspace(url(tmp_path), tmp_path / "files")
    monkeypatch.undo()
    with sqlite3.connect(tmp_path / "workspace.db") as plain:
        assert plain.execute("SELECT name FROM sqlite_master").fetchall() == []
    plain.close()
    Workspace(url(tmp_path), tmp_path / "files").close()


@only_sqlite
def test_a_full_disk_is_said_plainly_and_loses_nothing(workspace, bot):
    engine = workspace._database._reading

    def limit(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    engine.dispose()
    event.listen(engine, "connect", limit)
    with pytest.raises(StorageFull, match="no room left"):
        workspace.prototypes.update_settings(bot.id, {"text": "x" * 100_000})
    event.remove(engine, "connect", limit)
    engine.dispose()
    assert workspace.prototypes.get(bot.id) == bot
    assert len(workspace.prototypes.versions(bot.id)) == 1
    assert workspace.prototypes.update_settings(bot.id, {"text": "x" * 100_000}).version == 2


@only_sqlite
def test_a_locked_database_can_be_read_and_is_refused_to_writers(
    workspace, bot, tmp_path, monkeypatch
):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    workspace.close()
    other = sqlite3.connect(tmp_path / "workspace.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert workspace.prototypes.list() == (bot,)
    with pytest.raises(StudioError, match="in use by another program"):
        workspace.prototypes.rename(bot.id, "New")
    other.execute("ROLLBACK")
    other.close()
    assert workspace.prototypes.rename(bot.id, "New").name == "New"


@only_sqlite
def test_a_read_only_database_is_said_plainly(workspace, bot, monkeypatch):
    engine = workspace._database._reading
    engine.dispose()
    event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA query_only = ON"))
    with pytest.raises(StudioError, match="may not be written to"):
        workspace.prototypes.rename(bot.id, "New")
    assert workspace.prototypes.list() == (bot,)


def test_a_busy_pool_asks_to_try_again(workspace, monkeypatch):
    engine = workspace._database._reading
    monkeypatch.setattr(engine.pool, "_timeout", 0.05)
    held = [engine.connect() for _ in range(15)]
    with pytest.raises(Overloaded, match="busy"):
        workspace.prototypes.list()
    for connection in held:
        connection.close()
    assert workspace.prototypes.list() == ()


@pytest.mark.parametrize("bad", ["nonsense", "nobase://x", "mysql+nodriver://x/y"])
def test_urls_that_cannot_be_used_are_refused(tmp_path, bad):
    with pytest.raises(InvalidInput, match="STUDIO_DATABASE_URL cannot be used"):
        Workspace(bad, tmp_path)


def test_a_folder_that_cannot_be_made_is_said_plainly(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StudioError, match="cannot be used"):
        Workspace(url(tmp_path / "file"), tmp_path / "files")


@only_sqlite
def test_a_database_that_vanished_is_said_plainly(workspace, bot, tmp_path):
    workspace.close()
    shutil.rmtree(tmp_path)
    with pytest.raises(StudioError, match="cannot be used"):
        workspace.prototypes.list()
