"""Bad archives are refused, each with a true reason, and nothing of them is stored."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.errors import DataError, NotFound, StudioError
from studio.export import archive_source
from studio.workbench import Workbench

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def archive(bench, bot, tmp_path) -> Path:
    path = tmp_path / "bot.zip"
    bench.export(bot.id, path)
    return path


def changed(archive: Path, change: Change) -> Path:
    with zipfile.ZipFile(archive) as old:
        files = {name: old.read(name) for name in old.namelist()}
    change(files)
    path = archive.with_name("changed.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in files.items():
            new.writestr(name, content)
    return path


def edit(key: str, value: object) -> Change:
    def change(files: dict[str, bytes]) -> None:
        name = next(name for name in files if name.endswith("prototype.json"))
        manifest = json.loads(files[name])
        manifest[key] = value
        files[name] = json.dumps(manifest).encode()

    return change


def edit_report(report: object) -> Change:
    def change(files: dict[str, bytes]) -> None:
        name = next(name for name in files if name.endswith("prototype.json"))
        manifest = json.loads(files[name])
        manifest["documents"][0]["report"] = report
        files[name] = json.dumps(manifest).encode()

    return change


def without(ending: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        for name in [name for name in files if name.endswith(ending)]:
            del files[name]

    return change


def spoil(ending: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        for name in [name for name in files if name.endswith(ending)]:
            files[name] += b" "

    return change


def with_entry(name: str, content: bytes = b"x") -> Change:
    return lambda files: files.update({name: content})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (with_entry("../evil.py"), "leads elsewhere"),
        (with_entry("/etc/cron.d/evil"), "leads elsewhere"),
        (with_entry("help-desk/bomb.txt", b"0" * 40_000_000), "would grow"),
        (spoil("001-returns.md"), "was changed after"),
        (spoil("texts/002.json"), "was changed after"),
        (spoil("passages.jsonl"), "was changed after"),
        (without("001-returns.md"), "001-returns.md is missing"),
        (without("prototype.json"), "holds no prototype"),
        (edit("format", 99), "format 99"),
        (edit("settings", {"n_passages": 10**9}), "cannot be used"),
        (edit("settings", {"language": 7, "persona": 3, "starter_questions": 5}), "cannot"),
        (edit("documents", [{"id": "x"}]), "cannot be read"),
        (edit("files", {"../../x": "0" * 64}), "leads elsewhere"),
        (edit("scenarios", [{"name": "a", "model": "api", "content": {}}]), "cannot be read"),
        (edit("unknown", 1), "cannot be read"),
        (edit_report({"columns": [["name"], 7]}), "cannot be read"),
    ],
)  # fmt: skip
def test_bad_archive_is_refused_and_nothing_is_stored(
    archive: Path, other_bench: Workbench, change: Change, reason: str
):
    with pytest.raises(StudioError, match=reason):
        other_bench.import_prototype(changed(archive, change))
    assert other_bench.prototypes() == ()
    assert other_bench.catalogue.list()[-1].name  # and no model came


def test_unknown_kind_is_named(archive, other_bench):
    with pytest.raises(NotFound, match="telepathy"):
        other_bench.import_prototype(changed(archive, edit("kind", "telepathy")))


def test_what_is_no_zip_is_refused(other_bench, tmp_path):
    path = tmp_path / "cv.zip"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(DataError, match=r"cv\.zip is no ZIP archive"):
        other_bench.import_prototype(path)


def test_link_in_an_archive_is_refused(archive, other_bench):
    link = zipfile.ZipInfo("help-desk/data/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match="leads elsewhere"):
        other_bench.import_prototype(archive)


def test_sizes_and_numbers_have_limits(archive, other_bench, monkeypatch):
    monkeypatch.setattr(archive_source, "MAX_ENTRIES", 3)
    with pytest.raises(DataError, match="at most 3"):
        other_bench.import_prototype(archive)
    monkeypatch.setattr(archive_source, "MAX_ENTRIES", 10_000)
    monkeypatch.setattr(archive_source, "MAX_TOTAL_BYTES", 1000)
    with pytest.raises(DataError, match="would take"):
        other_bench.import_prototype(archive)


def test_entry_that_is_larger_than_it_says_is_not_read():
    with pytest.raises(zipfile.BadZipFile):
        archive_source._read_at_most(io.BytesIO(b"123456"), 5)
