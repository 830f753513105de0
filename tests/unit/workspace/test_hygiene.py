"""Projects and prototypes are put aside and taken back; what was deleted long ago can be removed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from studio.acting import Actor, Role, acting_as
from studio.errors import AccessDenied, InvalidInput, NotFound
from studio.records import Page
from studio.workspace.publication_record import PublicationChoices
from studio.workspace.removal import KEPT_FOR
from studio.workspace.schema import Base
from studio.workspace.store import Workspace


def test_a_prototype_is_archived_and_used_again(workspace, bot):
    archived = workspace.prototypes.archive(bot.id)
    assert archived.archived_at is not None
    assert workspace.prototypes.archive(bot.id).archived_at == archived.archived_at
    assert workspace.prototypes.get(bot.slug) == archived  # it works as before
    assert workspace.prototypes.archive(bot.id, is_archived=False) == bot


def test_a_prototype_moves_to_another_project(workspace, bot):
    project = workspace.projects.create("Other")
    moved = workspace.prototypes.move(bot.id, project.id)
    assert (moved.project_id, moved.slug) == (project.id, bot.slug)
    with pytest.raises(NotFound):
        workspace.prototypes.move(bot.id, "nowhere")


def test_a_project_is_archived_with_nothing_lost(workspace):
    project = workspace.projects.create("Old idea")
    bot = workspace.prototypes.create("chatbot", "Bot", {}, project.id)
    assert workspace.projects.archive(project.id).archived_at is not None
    assert workspace.projects.list(include_archived=False) == ()
    assert [p.name for p in workspace.projects.list()] == ["Old idea"]
    assert workspace.prototypes.get(bot.id) == bot
    assert workspace.projects.archive(project.id, is_archived=False) == project


@pytest.fixture
def time():
    return [datetime(2026, 3, 1, tzinfo=UTC)]


@pytest.fixture
def old(tmp_path, time):
    """A workspace with a clock that the test sets."""
    workspace = Workspace(f"sqlite:///{tmp_path / 'w.db'}", tmp_path / "files", lambda: time[0])
    yield workspace
    workspace.close()


def rows(workspace):
    with workspace._database.read() as session:
        return {
            table.name: len(session.execute(select(table)).all())
            for table in Base.metadata.sorted_tables
            if table.name != "activity"
        }


def full(workspace, name):
    """A prototype with something in most of the tables."""
    bot = workspace.prototypes.create("chatbot", name, {})
    workspace.documents.add_document(bot.id, "a.txt", b"shared", (Page(text="a"),))
    workspace.documents.add_document(bot.id, "b.txt", name.encode(), (Page(text="b"),))
    talk = workspace.conversations.start(bot.id)
    workspace.conversations.append_turn(talk.id, "user", "Hello")
    workspace.texts.add(bot.id, [("A text", {})])
    workspace.judgements.put(bot.id, [("q", "item", 1)], "thumb")
    workspace.publications.create(bot.id, 1, PublicationChoices(headline=name))
    workspace.preferences.set(f"replay.{bot.id}", {"n": 1})
    return bot


def test_only_what_was_deleted_long_ago_is_removed_and_then_all_of_it(old, time):
    other = full(old, "Other")
    before = rows(old)
    bot = full(old, "Bot")
    with pytest.raises(InvalidInput, match="was not deleted"):
        old.removal.remove(bot.id)
    old.prototypes.delete(bot.id)
    time[0] += KEPT_FOR - timedelta(seconds=1)
    with pytest.raises(InvalidInput, match="can be restored until 2026-03-31"):
        old.removal.remove(bot.id)
    assert old.prototypes.restore(bot.id).deleted_at is None
    old.prototypes.delete(bot.id)
    time[0] += KEPT_FOR
    with acting_as(Actor(name="Ed", role=Role.EDITOR)), pytest.raises(AccessDenied):
        old.removal.remove(bot.id)
    (own,) = old.removal.remove(bot.id).unused_files
    assert old.files.get(own) == b"Bot"  # the caller clears it away; the shared one is still used
    old.files.delete(own)
    assert rows(old) == before
    with pytest.raises(NotFound):
        old.prototypes.get(bot.id, include_deleted=True)
    assert old.documents.list(other.id)
    assert old.activity.list(action="deleted for good")[0].subject.name == "Bot"
