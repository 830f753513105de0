"""The page that exports, reports, imports and backs up."""

from __future__ import annotations

import pytest

from studio.acting import Role
from tests.unit.export.conftest import make_bot

PAGE = "share/export.py"
VIEW = "_export.view"


@pytest.fixture
def bot(bench):
    return make_bot(bench)


def wait(bench) -> None:
    for job in bench.jobs.jobs():
        job.wait(60)


def test_without_a_prototype_it_says_so(open_page) -> None:
    at = open_page(PAGE)
    assert "nothing to export yet" in at.info[0].value


def test_size_is_told_before_and_a_change_makes_the_file_an_old_one(open_page, bench, bot) -> None:
    at = open_page(PAGE, prototype=bot.slug)
    assert any("as a ZIP file" in one.value for one in at.markdown)
    assert at.checkbox(key=f"_export.weights.{bot.id}").value is False
    at.button(key="_export.pack").click().run()
    wait(bench)
    at.run()
    assert at.button(key="_export.pack").label == "Pack it again"
    assert len(list((bench.settings.cache_dir / "outgoing").glob("*.zip"))) == 1
    bot.add_file("more.md", b"More.")
    at.run()
    assert at.button(key="_export.pack").label == "Pack it"


def test_import_gives_a_new_prototype(open_page, bench, bot, tmp_path) -> None:
    bench.export(bot.id, tmp_path / "bot.zip")
    at = open_page(PAGE)
    at.segmented_control(key=VIEW).set_value("import").run()
    assert at.button(key="_import.start").disabled
    content = (tmp_path / "bot.zip").read_bytes()
    at.file_uploader[0].set_value([("bot.zip", content, "application/zip")]).run()
    at.button(key="_import.start").click().run()
    wait(bench)
    at.run()
    assert "was imported" in at.success[0].value
    assert len(bench.prototypes()) == 2


def test_bad_file_is_refused_in_words(open_page, bench, bot) -> None:
    at = open_page(PAGE)
    at.segmented_control(key=VIEW).set_value("import").run()
    at.file_uploader[0].set_value([("cv.zip", b"%PDF", "application/zip")]).run()
    at.button(key="_import.start").click().run()
    wait(bench)
    at.run()
    assert "is no ZIP archive" in at.error[0].value
    assert len(bench.prototypes()) == 1


def test_backup_is_made_and_a_restore_waits_until_it_is_taken_back(open_page, bench, bot) -> None:
    at = open_page(PAGE)
    at.segmented_control(key=VIEW).set_value("backup").run()
    at.button(key="_backup.start").click().run()
    wait(bench)
    at.run()
    content = bench.exports.outgoing("backup.zip").read_bytes()
    at.file_uploader[0].set_value([("backup.zip", content, "application/zip")]).run()
    at.button(key="_restore.start").click().run()
    wait(bench)
    at.run()
    assert any("with 1 prototype is ready" in one.value for one in at.warning)
    assert bench.backups.waiting() is not None
    at.button(key="_restore.discard").click().run()
    assert bench.backups.waiting() is None


def test_a_file_that_is_no_backup_is_refused_in_words(open_page, bench) -> None:
    at = open_page(PAGE)
    at.segmented_control(key=VIEW).set_value("backup").run()
    at.file_uploader[0].set_value([("cv.zip", b"%PDF", "application/zip")]).run()
    at.button(key="_restore.start").click().run()
    wait(bench)
    at.run()
    assert "is no backup of the studio" in at.error[0].value
    assert not list((bench.settings.cache_dir / "outgoing").glob("*.zip"))


@pytest.mark.parametrize(("view", "command"), [("import", "import"), ("backup", "restore")])
def test_larger_files_have_a_command(open_page, bot, view, command) -> None:
    at = open_page(PAGE)
    at.segmented_control(key=VIEW).set_value(view).run()
    assert any(f"`studio {command} FILE`" in one.value for one in at.caption)


def test_what_an_owner_made_is_offered_to_nobody_who_may_not_have_it(open_page, sign_in_as) -> None:
    from components import cache

    sign_in_as(Role.OWNER, "Ann")
    bench = cache.workbench()
    bot = make_bot(bench)
    at = open_page(PAGE, prototype=bot.slug)
    at.button(key="_export.pack").click().run()
    at.segmented_control(key=VIEW).set_value("backup").run()
    at.checkbox(key="_backup.secrets").check().run()
    at.button(key="_backup.start").click().run()
    wait(bench)
    at.run()
    assert at.get("download_button")[0].proto.label.startswith("Download studio-backup")
    assert bench.workspace.activity.list(actor="Ann", action="made a backup with the keys")

    sign_in_as(Role.VIEWER, "Vi")
    at = open_page(PAGE, prototype=bot.slug)
    assert "Backup" not in at.segmented_control(key=VIEW).options
    assert not at.get("download_button")
    assert not [one for one in at.button if one.key == "_export.pack"]
    assert "An editor or an owner" in at.info[0].value

    sign_in_as(Role.EDITOR, "Ed")
    at = open_page(PAGE, prototype=bot.slug)
    assert "Backup" not in at.segmented_control(key=VIEW).options
    assert at.get("download_button")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_report_is_made_in_the_language_chosen(open_page, bench, bot, lang) -> None:
    at = open_page(PAGE, prototype=bot.slug, lang=lang)
    at.segmented_control(key=VIEW).set_value("report").run()
    at.button(key="_report.make").click().run()
    wait(bench)
    at.run()
    assert not at.exception
    assert not at.error
    page = at.get("iframe")[0].proto.srcdoc
    assert ("Prototype report" if lang == "en" else "原型报告") in page
    other = "zh" if lang == "en" else "en"
    at.segmented_control(key="_report.language").set_value(other).run()
    page = at.get("iframe")[0].proto.srcdoc
    assert ("Prototype report" if other == "en" else "原型报告") in page


def test_menu_of_a_builder_leads_here(open_page, bot) -> None:
    at = open_page("build/chatbot.py", prototype=bot.slug)
    assert any("Export and report" in option for option in at.get("menu_button")[0].proto.options)
