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


@pytest.fixture
def workspace(tmp_path, clock):
    workspace = Workspace(f"sqlite:///{tmp_path / 'workspace.db'}", tmp_path / "files", clock)
    yield workspace
    workspace.close()


@pytest.fixture
def bot(workspace):
    return workspace.prototypes.create("chatbot", "Support bot", {"tone": "warm"})
