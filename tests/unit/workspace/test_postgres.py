"""What PostgreSQL does in a way of its own: the tables, who waits for whom, its failures in words."""

from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event

from studio.errors import StudioError
from studio.workspace import database
from studio.workspace.migration import migrate
from studio.workspace.schema import Base
from studio.workspace.store import Workspace

pytestmark = pytest.mark.parametrize("workspace_url", ["postgresql"], indirect=True)


def test_models_and_migrations_agree(workspace):
    with workspace._database._reading.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_one_writes_at_a_time_and_sees_what_the_other_wrote(workspace, bot):
    read, written, seen = threading.Event(), threading.Event(), []

    def second():
        read.wait()
        with workspace._database.write() as session:
            seen.append(session.get(database_row(), bot.id).name)
            written.set()

    thread = threading.Thread(target=second)
    thread.start()
    with workspace._database.write() as session:
        row = session.get(database_row(), bot.id)
        read.set()
        assert not written.wait(0.3)
        row.name = "Renamed"
    thread.join()
    assert seen == ["Renamed"]


def database_row():
    return next(m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == "prototypes")


def test_a_writer_that_waits_too_long_is_told(workspace, workspace_url, postgres, bot, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    with postgres.connect(workspace_url) as other:
        other.execute(f"SELECT pg_advisory_lock({database.POSTGRES_WRITERS})")
        assert workspace.prototypes.list() == (bot,)
        with pytest.raises(StudioError, match="in use by another program"):
            workspace.prototypes.rename(bot.id, "New")
    assert workspace.prototypes.rename(bot.id, "New").name == "New"


def test_a_database_that_may_only_be_read_is_said_plainly(workspace, workspace_url, postgres, bot):
    name = workspace._database._reading.url.database
    with postgres.connect(workspace_url) as other:
        other.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    workspace.close()
    with pytest.raises(StudioError, match="may not be written to"):
        workspace.prototypes.rename(bot.id, "New")
    assert workspace.prototypes.list() == (bot,)


def test_a_server_that_ended_the_connections_is_found_again(
    workspace, workspace_url, postgres, bot
):
    with postgres.connect(workspace_url) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert workspace.prototypes.list() == (bot,)


def test_a_newer_database_is_refused_and_left_alone(
    workspace, workspace_url, postgres, bot, tmp_path
):
    with postgres.connect(workspace_url) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StudioError, match="newer version of the studio"):
            Workspace(workspace_url, tmp_path / "files")
        assert other.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


def test_a_server_that_is_not_there_is_said_without_the_password(workspace_url, tmp_path):
    url = "postgresql+psycopg://ann:secret@127.0.0.1:1/nothing"
    with pytest.raises(StudioError, match="cannot be used") as raised:
        Workspace(url, tmp_path / "files")
    assert "secret" not in str(raised.value)


def test_tables_are_made_however_long_another_process_takes_with_it(
    workspace_url, postgres, monkeypatch
):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    url = postgres.new_database()
    engine = database.make_engine(url)
    failures = []

    def make_tables():
        try:
            migrate(engine)
        except StudioError as error:
            failures.append(error)

    with postgres.connect(url) as other:
        other.execute(f"SELECT pg_advisory_lock({database.POSTGRES_WRITERS})")
        thread = threading.Thread(target=make_tables)
        thread.start()
        thread.join(1.0)
        assert thread.is_alive(), failures
    thread.join(20)
    assert failures == []
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()
    postgres.drop_database(url)


@pytest.mark.parametrize(("query", "seconds"), [("", 10), ("?connect_timeout=3", 3)])
def test_a_server_that_does_not_answer_is_not_waited_for_for_ever(workspace_url, query, seconds):
    engine = database.make_engine("postgresql+psycopg://me@db.example/studio" + query)
    found = []

    @event.listens_for(engine, "do_connect")
    def connect(_dialect, _record, _arguments, options):
        found.append(int(options["connect_timeout"]))
        raise ConnectionError

    with pytest.raises(ConnectionError):
        engine.connect()
    assert found == [seconds]
