"""Who may take things out: editors export, owners make backups and bring them back; it is told."""

from __future__ import annotations

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
    assert not (tmp_path / "bot.zip").exists()
    with acting_as(EDITOR):
        bench.exports.export(bot.id, tmp_path / "bot.zip")
    assert (tmp_path / "bot.zip").exists()
    (entry,) = bench.workspace.activity.list(action="exported")
    assert (entry.actor, entry.subject.name) == ("editor", "Bot")


def test_only_an_owner_makes_backups_and_restores(bench, tmp_path) -> None:
    path = tmp_path / "all.zip"
    with acting_as(EDITOR):
        for action in (
            lambda: bench.backups.make(path),
            lambda: bench.backups.start(path),
            lambda: bench.backups.prepare_restore(path),
            bench.backups.discard,
        ):
            with pytest.raises(AccessDenied, match="Only an owner"):
                action()
    assert not path.exists()
    bench.backups.make(path)
    assert path.exists()
