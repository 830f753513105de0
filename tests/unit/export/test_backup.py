"""The whole workspace in one file, taken while others write, and brought back; nothing is lost."""

from __future__ import annotations

import json
import threading
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import Cancelled, DataError, StudioError
from studio.export.restoring import prepare_restore, restore_backup
from studio.workbench import Workbench
from tests.unit.export.conftest import QUESTION, make_bot

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def demo(home: Path) -> Settings:
    return Settings(home=home, is_demo=True)


def test_round_trip_while_another_thread_writes(tmp_path):
    home, file = tmp_path / "home", tmp_path / "studio.zip"
    stop = threading.Event()
    with Workbench.open(settings=demo(home)) as bench:
        bot = make_bot(bench)
        expected = bot.ask(QUESTION).marked_text()
        n_calls = len(bench.calls(bot.id))

        def write() -> None:
            number = 0
            while not stop.is_set():
                bot.add_file(f"{number}.md", f"Note {number}.".encode())
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            manifest = bench.backup(file)
        finally:
            stop.set()
            writer.join()
    assert manifest.n_prototypes == 1
    assert not manifest.has_secrets

    restored = restore_backup(file, demo(tmp_path / "new"), now=NOW)
    assert restored.old_home is None
    with Workbench.open(settings=demo(tmp_path / "new")) as bench:
        copy = bench.prototype(bot.id)
        assert copy.ask(QUESTION).marked_text() == expected  # the index came along
        assert len(bench.calls(bot.id)) > n_calls
        for document in copy.documents():  # every row has its file
            assert bench.workspace.documents.original(document.document_id)


def test_restore_swaps_and_keeps_the_old_home_weights_and_keys(tmp_path):
    home, file = tmp_path / "home", tmp_path / "studio.zip"
    with Workbench.open(settings=demo(home)) as bench:
        make_bot(bench, "First")
        bench.secrets.set("host", "sk-1")
        bench.backup(file)
        make_bot(bench, "Second")
        (home / "models" / "m").mkdir(parents=True)
        (home / "models" / "m" / "weights").write_bytes(b"w")
    with zipfile.ZipFile(file) as archive:
        assert not [name for name in archive.namelist() if name.startswith("secret")]

    restored = restore_backup(file, demo(home), now=NOW)

    assert restored.old_home is not None
    with Workbench.open(settings=demo(home)) as bench:
        assert [record.name for record in bench.prototypes()] == ["First"]
        assert bench.secrets.get("host") == "sk-1"
        assert (home / "models" / "m" / "weights").exists()
    with Workbench.open(settings=demo(restored.old_home)) as bench:
        assert [record.name for record in bench.prototypes()] == ["Second", "First"]


def test_running_studio_is_not_swapped_but_the_next_start_is(tmp_path):
    home, file = tmp_path / "home", tmp_path / "studio.zip"
    with Workbench.open(settings=demo(home)) as bench:
        make_bot(bench, "First")
        bench.backup(file)
        make_bot(bench, "Second")
        with pytest.raises(StudioError, match="is running"):
            restore_backup(file, demo(home), now=NOW)
        bench.backups.prepare_restore(file)
        waiting = bench.backups.waiting()
        assert waiting is not None
        assert waiting.n_prototypes == 1
        with Workbench.open(settings=demo(home)) as beside:  # another process of the same studio
            assert len(beside.prototypes()) == 2
        assert len(bench.prototypes()) == 2
    with Workbench.open(settings=demo(home)) as bench:
        assert [record.name for record in bench.prototypes()] == ["First"]
        assert bench.backups.waiting() is None
    assert len(list(tmp_path.glob("home.before-*"))) == 1


def test_restore_that_waits_can_be_taken_back(tmp_path):
    home, file = tmp_path / "home", tmp_path / "studio.zip"
    with Workbench.open(settings=demo(home)) as bench:
        bench.backup(file)
        make_bot(bench, "Second")
        bench.backups.prepare_restore(file)
        bench.backups.discard()
    with Workbench.open(settings=demo(home)) as bench:
        assert [record.name for record in bench.prototypes()] == ["Second"]


def test_a_restore_tells_how_far_it_is_and_can_be_stopped(tmp_path):
    file = tmp_path / "studio.zip"
    with Workbench.open(settings=demo(tmp_path / "home")) as bench:
        make_bot(bench)
        bench.backup(file)
        told = []
        prepare_restore(file, bench.settings, report=told.append)
        assert told[-1].done == told[-1].total
        with pytest.raises(Cancelled):
            prepare_restore(file, bench.settings, cancelled=lambda: True)
        assert bench.backups.waiting() is None


def test_keys_come_along_only_when_asked_for(tmp_path):
    file = tmp_path / "studio.zip"
    with Workbench.open(settings=demo(tmp_path / "home")) as bench:
        bench.secrets.set("host", "sk-1")
        assert bench.backup(file, with_secrets=True).has_secrets
    assert file.stat().st_mode & 0o077 == 0
    restore_backup(file, demo(tmp_path / "new"), now=NOW)
    with Workbench.open(settings=demo(tmp_path / "new")) as bench:
        assert bench.secrets.get("host") == "sk-1"


def rewritten(file: Path, change) -> Path:
    with zipfile.ZipFile(file) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    change(entries)
    target = file.with_name("changed.zip")
    with zipfile.ZipFile(target, "w") as new:
        for name, content in entries.items():
            new.writestr(name, content)
    return target


def spoil_database(entries: dict[str, bytes]) -> None:
    entries["workspace.db"] = entries["workspace.db"][:-1] + b"!"


def newer(entries: dict[str, bytes]) -> None:
    entries["backup.json"] = json.dumps(json.loads(entries["backup.json"]) | {"format": 2}).encode()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (spoil_database, "not as it was written"),
        (lambda entries: entries.pop("ledger.db"), "is missing"),
        (lambda entries: entries.update({"../x": b"x"}), "leads elsewhere"),
        (lambda entries: entries.pop("backup.json"), "no backup"),
        (newer, "newer version"),
    ],
)
def test_bad_backup_changes_nothing(tmp_path, change, reason):
    home, file = tmp_path / "home", tmp_path / "studio.zip"
    with Workbench.open(settings=demo(home)) as bench:
        make_bot(bench)
        bench.backup(file)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(DataError, match=reason):
        restore_backup(rewritten(file, change), demo(home), now=NOW)
    after = sorted(path.name for path in tmp_path.iterdir() if path.name != "changed.zip")
    assert after == before
    with Workbench.open(settings=demo(home)) as bench:
        assert len(bench.prototypes()) == 1


def test_workspace_in_a_server_says_what_to_do(tmp_path):
    settings = Settings(
        home=tmp_path / "home", is_demo=True, database_url=f"sqlite:///{tmp_path / 'else.db'}"
    )
    with (
        Workbench.open(settings=settings) as bench,
        pytest.raises(StudioError, match="tools of that database"),
    ):
        bench.backup(tmp_path / "studio.zip")
