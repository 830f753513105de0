from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from studio.errors import InvalidInput
from studio.workspace.records import NewEventRecord
from studio.workspace.store import Workspace

EVENT = NewEventRecord(
    user_id="u1", item_id="a", kind="buy", rating=None, at=datetime(2026, 1, 2, tzinfo=UTC)
)


@pytest.fixture
def workspace(tmp_path):
    opened = Workspace(f"sqlite:///{tmp_path / 'workspace.db'}", tmp_path / "files")
    yield opened
    opened.close()


def test_events_come_back_in_the_order_they_came_each_prototype_its_own(workspace):
    first = workspace.prototypes.create("recommendation", "First", {}).id
    second = workspace.prototypes.create("recommendation", "Second", {}).id
    rated = replace(EVENT, kind="rating", rating=4.5)
    workspace.new_events.add(first, [rated, EVENT])
    workspace.new_events.add(second, [EVENT])
    assert workspace.new_events.list(first) == (rated, EVENT)
    assert workspace.new_events.list(second) == (EVENT,)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(EVENT, user_id=""),
        replace(EVENT, item_id="x" * 201),
        replace(EVENT, kind=""),
        replace(EVENT, rating=float("nan")),
    ],
)
def test_of_events_with_a_wrong_one_none_is_kept(workspace, wrong):
    prototype = workspace.prototypes.create("recommendation", "Shop", {}).id
    with pytest.raises(InvalidInput):
        workspace.new_events.add(prototype, [EVENT, wrong])
    assert workspace.new_events.list(prototype) == ()
