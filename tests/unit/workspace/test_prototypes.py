"""Prototypes keep every version, and every name leads to one of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import UTC

import pytest

from studio.errors import InvalidInput, NotFound
from studio.records import Page


def test_create_gives_version_one_in_the_default_project(workspace, bot):
    assert workspace.prototypes.get(bot.id) == bot
    assert workspace.prototypes.get("support-bot") == bot
    assert (bot.version, bot.kind, bot.settings) == (1, "chatbot", {"tone": "warm"})
    assert (len(bot.id), bot.created_at.tzinfo, bot.is_sample) == (10, UTC, False)
    assert [project.id for project in workspace.projects.list()] == [bot.project_id]
    with pytest.raises(FrozenInstanceError):
        bot.name = "other"


def test_settings_are_a_copy_of_the_callers(workspace):
    settings = {"topics": ("a", "b"), "deep": {"n": 1}}
    made = workspace.prototypes.create("chatbot", "Bot", settings)
    settings["deep"]["n"] = 2
    made.settings["deep"]["n"] = 3
    assert workspace.prototypes.get(made.id).settings == {"topics": ["a", "b"], "deep": {"n": 1}}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Café  Über & Co.", "cafe-uber-co"),
        ("客服 Bot 2", "ke-fu-bot-2"),
        ("重庆银行", "chong-qing-yin-hang"),
        ("智" * 30, "-".join(["zhi"] * 15)),
        ("x" * 150, "x" * 60),
        ("Support bot", "support-bot-2"),
    ],
)
def test_slugs_are_readable_and_unique(workspace, bot, name, slug):
    made = workspace.prototypes.create("chatbot", name, {})
    assert made.slug == slug
    assert workspace.prototypes.get(slug).id == made.id


def test_a_name_of_other_letters_is_addressed_by_its_id(workspace):
    made = workspace.prototypes.create("chatbot", "Помощник", {})
    assert (made.slug, made.name) == (made.id, "Помощник")


def test_a_slug_never_hides_another_prototypes_id(workspace, bot):
    thief = workspace.prototypes.create("chatbot", bot.id, {})
    assert thief.slug == f"{bot.id}-2"
    assert workspace.prototypes.get(bot.id) == bot


@pytest.mark.parametrize("name", ["", "  \n", "x" * 201])
def test_bad_names_are_refused(workspace, bot, name):
    for action in (
        lambda: workspace.prototypes.create("chatbot", name, {}),
        lambda: workspace.prototypes.rename(bot.id, name),
        lambda: workspace.projects.create(name),
    ):
        with pytest.raises(InvalidInput) as caught:
            action()
        assert list(caught.value.fields) == ["name"]
    assert len(workspace.prototypes.list()) == 1


@pytest.mark.parametrize("bad", [{"a": float("nan")}, {"a": object()}, {"a": {1, 2}}])
def test_settings_that_are_not_json_are_refused(workspace, bot, bad):
    with pytest.raises(InvalidInput, match="cannot be saved"):
        workspace.prototypes.update_settings(bot.id, bad)
    assert workspace.prototypes.get(bot.id) == bot


def test_changed_settings_make_a_version_and_equal_ones_do_not(workspace, bot):
    same = workspace.prototypes.update_settings(bot.id, {"tone": "warm"})
    assert same == bot
    changed = workspace.prototypes.update_settings(bot.id, {"tone": "dry"}, note="calmer")
    assert (changed.version, changed.settings) == (2, {"tone": "dry"})
    assert changed.updated_at > bot.updated_at
    newest, oldest = workspace.prototypes.versions(bot.id)
    assert (newest.version, newest.settings, newest.note) == (2, {"tone": "dry"}, "calmer")
    assert (oldest.version, oldest.settings) == (1, {"tone": "warm"})


def test_an_old_version_comes_back_as_a_new_one(workspace, bot):
    workspace.prototypes.update_settings(bot.id, {"tone": "dry"})
    restored = workspace.prototypes.restore_version(bot.id, 1)
    assert (restored.version, restored.settings) == (3, {"tone": "warm"})
    assert [version.version for version in workspace.prototypes.versions(bot.id)] == [3, 2, 1]
    assert workspace.prototypes.restore_version(bot.id, 1) == restored
    with pytest.raises(NotFound, match="no version 9; its versions are 1 to 3"):
        workspace.prototypes.restore_version(bot.id, 9)


def test_rename_keeps_the_slug(workspace, bot):
    renamed = workspace.prototypes.rename(bot.id, " 客服 ")
    assert (renamed.name, renamed.slug) == ("客服", "support-bot")


def test_delete_can_be_undone(workspace, bot):
    deleted = workspace.prototypes.delete(bot.id)
    assert deleted.deleted_at is not None
    assert workspace.prototypes.delete(bot.id) == deleted
    assert workspace.prototypes.list() == ()
    assert workspace.prototypes.list(include_deleted=True) == (deleted,)
    with pytest.raises(NotFound, match="Support bot was deleted"):
        workspace.prototypes.get(bot.slug)
    assert workspace.prototypes.restore(bot.id) == bot
    assert workspace.prototypes.get(bot.slug) == bot


def test_list_gives_the_newest_first_and_filters_by_kind(workspace, bot):
    search = workspace.prototypes.create("search", "Finder", {}, is_sample=True)
    assert workspace.prototypes.list() == (search, bot)
    assert workspace.prototypes.list(kind="chatbot") == (bot,)
    assert search.is_sample


def test_duplicate_copies_settings_and_documents(workspace, bot):
    kept = workspace.documents.add_document(bot.id, "a.txt", b"a", (Page(text="A", number=1),))
    gone = workspace.documents.add_document(bot.id, "b.txt", b"b", (Page(text="B"),))
    workspace.documents.remove(gone.document_id)
    workspace.prototypes.update_settings(bot.id, {"tone": "dry"})
    copy = workspace.prototypes.duplicate(bot.id, "Copy")
    assert (copy.version, copy.settings, copy.slug) == (1, {"tone": "dry"}, "copy")
    (document,) = workspace.documents.list(copy.id)
    assert document.document_id != kept.document_id
    assert workspace.documents.document(document.document_id).pages == (Page(text="A", number=1),)
    assert workspace.documents.original(document.document_id) == b"a"
    workspace.documents.remove(document.document_id)
    assert workspace.documents.list(bot.id) == (kept,)


@pytest.mark.parametrize("method", ["get", "versions", "delete", "restore"])
def test_unknown_ids_are_not_found(workspace, method):
    with pytest.raises(NotFound, match="There is no prototype nobody"):
        getattr(workspace.prototypes, method)("nobody")
    with pytest.raises(NotFound):
        workspace.prototypes.create("chatbot", "Bot", {}, project_id="nobody")


def test_threads_that_change_one_prototype_lose_no_version(workspace, bot):
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda n: workspace.prototypes.update_settings(bot.id, {"n": n}, note=str(n)),
                range(40),
            )
        )
    versions = workspace.prototypes.versions(bot.id)
    assert [version.version for version in versions] == list(range(41, 0, -1))
    assert {version.note for version in versions} == {"", *map(str, range(40))}
    assert workspace.prototypes.get(bot.id).settings == versions[0].settings


def test_threads_that_use_one_name_get_different_slugs(workspace):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: workspace.prototypes.create("c", "Same", {}), range(16)))
    assert {record.slug for record in made} == {"same", *(f"same-{n}" for n in range(2, 17))}
    assert len(workspace.projects.list()) == 1


def test_projects_are_made_listed_and_renamed(workspace):
    default = workspace.projects.ensure_default_project("Mine")
    assert workspace.projects.ensure_default_project("Other") == default
    second = workspace.projects.create("Second")
    assert workspace.projects.rename(second.id, "Next").name == "Next"
    assert [project.name for project in workspace.projects.list()] == ["Mine", "Next"]
    made = workspace.prototypes.create("chatbot", "Bot", {}, project_id=second.id)
    assert made.project_id == second.id
    with pytest.raises(NotFound, match="no project nobody"):
        workspace.projects.rename("nobody", "x")
