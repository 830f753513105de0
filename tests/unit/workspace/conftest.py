"""A workspace in a temporary folder with a clock that moves a second at every look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from studio.workspace.store import Workspace


@pytest.fixture
def clock():
    seconds = count()
    return lambda: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=next(seconds))


@pytest.fixture(scope="session")
def migrated(postgres, tmp_path_factory):
    """The name of a database with the tables in it; a copy of it is quicker than the migrations."""
    url = postgres.new_database()
    Workspace(url, tmp_path_factory.mktemp("files")).close()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def workspace_url(request, tmp_path):
    """Where a workspace of the test lies, on each database that is supported."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'workspace.db'}"
        return
    server = request.getfixturevalue("postgres")
    url = server.new_database(like=request.getfixturevalue("migrated"))
    yield url
    server.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request, tmp_path):
    """Where a workspace could be made that is not there yet, on each database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'workspace.db'}"
        return
    server = request.getfixturevalue("postgres")
    url = server.new_database()
    yield url
    server.drop_database(url)


@pytest.fixture
def workspace(workspace_url, tmp_path, clock):
    workspace = Workspace(workspace_url, tmp_path / "files", clock)
    yield workspace
    workspace.close()


@pytest.fixture
def bot(workspace):
    return workspace.prototypes.create("chatbot", "Support bot", {"tone": "warm"})
