"""The log says who did what to what, in one entry each, and nothing that anybody wrote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from studio.acting import Acting, Actor, Role, acting_as
from studio.errors import InvalidInput
from studio.records import Page
from studio.workspace.activity import TOGETHER, Subject
from studio.workspace.publication_record import PublicationChoices
from studio.workspace.store import Workspace

ANN = Actor(name="Ann", role=Role.OWNER)


@pytest.fixture
def time():
    return [datetime(2026, 3, 1, tzinfo=UTC)]


@pytest.fixture
def workspace(tmp_path, time):
    workspace = Workspace(
        f"sqlite:///{tmp_path / 'w.db'}", tmp_path / "files", lambda: time[0], Acting(lambda: ANN)
    )
    yield workspace
    workspace.close()


def entries(workspace):
    return [
        (entry.action, entry.subject.kind, entry.subject.name, entry.n_times)
        for entry in reversed(workspace.activity.list())
    ]


def test_the_life_of_a_prototype_is_told(workspace):
    bot = workspace.prototypes.create("chatbot", "Bot", {"secret": "a"})
    workspace.prototypes.update_settings(bot.id, {"secret": "what somebody wrote"})
    workspace.prototypes.rename(bot.id, "Shop bot")
    workspace.documents.add_document(bot.id, "private.txt", b"a", (Page(text="private"),))
    publication = workspace.publications.create(bot.id, 2, PublicationChoices(headline="Hello"))
    workspace.publications.publish(publication.id, 1)
    workspace.publications.end(publication.id)
    workspace.prototypes.archive(bot.id)
    workspace.prototypes.archive(bot.id, is_archived=False)
    workspace.prototypes.delete(bot.id)
    workspace.prototypes.restore(bot.id)
    assert entries(workspace) == [
        ("created", "project", "My project", 1),
        ("created", "prototype", "Bot", 1),
        ("changed settings", "prototype", "Bot", 1),
        ("renamed", "prototype", "Shop bot", 1),
        ("added documents", "prototype", "Shop bot", 1),
        ("published", "prototype", "Shop bot", 1),
        ("published another version", "prototype", "Shop bot", 1),
        ("ended a publication", "prototype", "Shop bot", 1),
        ("archived", "prototype", "Shop bot", 1),
        ("unarchived", "prototype", "Shop bot", 1),
        ("deleted", "prototype", "Shop bot", 1),
        ("restored", "prototype", "Shop bot", 1),
    ]
    assert {entry.actor for entry in workspace.activity.list()} == {"Ann"}
    told = repr(workspace.activity.list())
    assert not any(text in told for text in ("what somebody wrote", "private", "Hello"))


def test_people_and_the_studios_own_settings_are_told(workspace):
    eve = workspace.users.add("Eve", Role.VIEWER, "hash")
    workspace.users.set_role(eve.id, Role.EDITOR)
    workspace.users.set_password(eve.id, "another")
    workspace.users.remove(eve.id)
    workspace.preferences.set("prices.machine_hour_usd", "2")
    workspace.preferences.set("view.of.somebody", 1)
    assert entries(workspace) == [
        ("added a person", "user", "Eve", 1),
        ("changed a role", "user", "Eve", 1),
        ("changed a password", "user", "Eve", 1),
        ("removed a person", "user", "Eve", 1),
        ("changed the studio's settings", "studio", "", 1),
    ]
    assert "hash" not in repr(workspace.activity.list())


def test_the_same_again_within_minutes_counts_in_one_entry(workspace, time):
    bot = workspace.prototypes.create("chatbot", "Bot", {})
    for n in range(3):
        workspace.prototypes.update_settings(bot.id, {"n": n})
        time[0] += timedelta(minutes=1)
    time[0] += TOGETHER
    workspace.prototypes.update_settings(bot.id, {"n": 9})
    with acting_as(Actor(name="Ed", role=Role.EDITOR)):
        workspace.prototypes.update_settings(bot.id, {"n": 10})
    told = [
        (entry.actor, entry.n_times)
        for entry in reversed(workspace.activity.list(action="changed settings"))
    ]
    assert told == [("Ann", 3), ("Ann", 1), ("Ed", 1)]


def test_what_was_refused_or_failed_is_not_told(workspace):
    before = workspace.activity.list()
    with pytest.raises(InvalidInput):
        workspace.projects.create("  ")
    assert workspace.activity.list() == before


def test_what_tries_a_prototype_is_not_told(workspace):
    bot = workspace.prototypes.create("chatbot", "Bot", {})
    before = workspace.activity.list()
    workspace.conversations.append_turn(workspace.conversations.start(bot.id).id, "user", "Hi")
    assert workspace.activity.list() == before


def test_the_list_can_be_narrowed(workspace, time):
    bot = workspace.prototypes.create("chatbot", "Bot", {})
    workspace.activity.record("exported", Subject(kind="prototype", id=bot.id, name="Bot"))
    time[0] += timedelta(days=2)
    workspace.activity.record("signed in", actor="Eve")
    log = workspace.activity
    assert [e.action for e in log.list(since=time[0])] == ["signed in"]
    assert [e.action for e in log.list(actor="Eve")] == ["signed in"]
    assert [e.action for e in log.list(prototype_id=bot.id)] == ["exported", "created"]
    assert [e.action for e in log.list(limit=1)] == ["signed in"]
    assert log.list(actor="") == ()
