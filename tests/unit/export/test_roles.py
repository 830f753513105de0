"""Who may take things out: editors export, owners make backups and bring them back; it is told."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from studio.acting import Actor, Role, acting_as
from studio.config import Settings
from studio.errors import AccessDenied
from studio.workbench import Workbench

VIEWER, EDITOR = (Actor(name=role.word, role=role) for role in (Role.VIEWER, Role.EDITOR))


@pytest.fixture
def bench(tmp_path):
    with Workbench.open(
        settings=Settings(home=tmp_path / "home", is_demo=True), resume=False
    ) as bench:
        yield bench


def test_an_editor_exports_a_viewer_does_not(bench, tmp_path) -> None:
    bot = bench.create_chatbot("Bot")
    with acting_as(VIEWER):
        for export in (bench.exports.export, bench.exports.start_export):
            with pytest.raises(AccessDenied):
                export(bot.id, tmp_path / "bot.zip")
        with pytest.raises(AccessDenied):
            bench.exports.to_take_away(tmp_path / "bot.zip")
    assert not (tmp_path / "bot.zip").exists()
    with acting_as(EDITOR):
        bench.exports.export(bot.id, tmp_path / "bot.zip")
    assert (tmp_path / "bot.zip").exists()
    (entry,) = bench.workspace.activity.list(action="exported")
    assert (entry.actor, entry.subject.name) == ("editor", "Bot")


def test_what_waits_to_be_taken_away_is_deleted_after_a_day(bench) -> None:
    old, new = bench.exports.outgoing("old.zip"), bench.exports.outgoing("new.zip")
    for path in (old, new):
        path.write_bytes(b"x")
    before = datetime.now(UTC).timestamp() - 25 * 3600
    os.utime(old, (before, before))
    with Workbench.open(settings=bench.settings, resume=False):
        pass
    assert (old.exists(), new.exists()) == (False, True)


def test_only_an_owner_makes_backups_and_restores(bench, tmp_path) -> None:
    path = tmp_path / "all.zip"
    with acting_as(EDITOR):
        for action in (
            lambda: bench.backups.make(path),
            lambda: bench.backups.start(path),
            lambda: bench.backups.prepare_restore(path),
            lambda: bench.backups.start_restore(path),
            lambda: bench.backups.to_take_away(path),
            bench.backups.discard,
        ):
            with pytest.raises(AccessDenied, match="Only an owner"):
                action()
    assert not path.exists()
    bench.backups.make(path)
    assert bench.backups.to_take_away(path)() == path.read_bytes()
    bench.backups.prepare_restore(path)
    bench.backups.discard()
    done = [entry.action for entry in bench.workspace.activity.list()]
    assert done[:3] == ["took back a restore", "made a restore ready", "made a backup"]
