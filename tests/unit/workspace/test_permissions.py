"""Whatever is written, whoever acts: viewers change nothing, editors build, owners manage."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update

from studio.acting import NOBODY, THE_STUDIO, VISITOR, Acting, Actor, Role, acting_as
from studio.errors import AccessDenied
from studio.jobs.runner import JobRunner
from studio.records import Notice, Page
from studio.workspace import permissions
from studio.workspace.feedback_record import Exchange, Opinion
from studio.workspace.permissions import needed
from studio.workspace.publication_record import PublicationChoices
from studio.workspace.schema import Base, JudgementRow, PrototypeRow, TextRow
from studio.workspace.secrets import SecretStore

VIEWER = Actor(name="Vic", role=Role.VIEWER)
EDITOR = Actor(name="Ed", role=Role.EDITOR)
OWNER = Actor(name="Ann", role=Role.OWNER)

BUILDING = {
    "create": lambda w, bot: w.prototypes.create("chatbot", "Bot", {}),
    "settings": lambda w, bot: w.prototypes.update_settings(bot.id, {"tone": "dry"}),
    "rename": lambda w, bot: w.prototypes.rename(bot.id, "Other"),
    "duplicate": lambda w, bot: w.prototypes.duplicate(bot.id, "Copy"),
    "delete": lambda w, bot: w.prototypes.delete(bot.id),
    "archive": lambda w, bot: w.prototypes.archive(bot.id),
    "move": lambda w, bot: w.prototypes.move(bot.id, w.projects.create("P").id),
    "project": lambda w, bot: w.projects.create("P"),
    "document": lambda w, bot: w.documents.add_document(bot.id, "a.txt", b"a", (Page(text="a"),)),
    "preference": lambda w, bot: w.preferences.set("prices.machine_hour_usd", "1"),
    "models": lambda w, bot: w.save_models([]) or w.save_models([{"id": "x"}]),
    "judgement": lambda w, bot: w.judgements.put(bot.id, [("q", "item", 1)], "thumb"),
}
OWNING = {
    "person": lambda w, bot: w.users.add("Eve", Role.OWNER),
    "publication": lambda w, bot: w.publications.create(
        bot.id, 1, PublicationChoices(headline="Bot")
    ),
}


def everything(workspace):
    """Every row of every table, but for the log itself."""
    with workspace._database.read() as session:
        return {
            table.name: session.execute(select(table)).all()
            for table in Base.metadata.sorted_tables
            if table.name != "activity"
        }


@pytest.mark.parametrize("name", [*BUILDING, *OWNING])
@pytest.mark.parametrize("actor", [VIEWER, VISITOR, NOBODY], ids=["viewer", "visitor", "nobody"])
def test_a_viewer_changes_nothing(workspace, bot, name, actor):
    before = everything(workspace)
    with acting_as(actor), pytest.raises(AccessDenied):
        (BUILDING | OWNING)[name](workspace, bot)
    assert everything(workspace) == before


@pytest.mark.parametrize("name", BUILDING)
def test_an_editor_builds(workspace, bot, name):
    before = everything(workspace)
    with acting_as(EDITOR):
        BUILDING[name](workspace, bot)
    assert everything(workspace) != before


@pytest.mark.parametrize("name", OWNING)
def test_only_an_owner_manages(workspace, bot, name):
    before = everything(workspace)
    with acting_as(EDITOR), pytest.raises(AccessDenied, match="Only an owner"):
        OWNING[name](workspace, bot)
    assert everything(workspace) == before
    with acting_as(OWNER):
        OWNING[name](workspace, bot)
    assert everything(workspace) != before


def test_a_viewer_tries(workspace, bot):
    with acting_as(VIEWER):
        talk = workspace.conversations.start(bot.id)
        workspace.conversations.append_turn(talk.id, "user", "Hello")
        (text,) = workspace.texts.add(bot.id, [("A text", {})])
    assert workspace.conversations.turns(talk.id)[0].content == "Hello"
    assert workspace.texts.get(bot.id, text.id).content == "A text"


def test_a_viewer_gives_an_opinion_and_decides_nothing_about_any(workspace, bot):
    asked = Exchange(question="q", answer="a")
    with acting_as(VIEWER):
        kept = workspace.feedback.put(bot.id, "r1", asked, Opinion(thumb="down"))
        for state in ("dismissed", "curated", "case"):
            with pytest.raises(AccessDenied):
                workspace.feedback.settle(kept.id, state)
    assert workspace.feedback.get(kept.id) == kept
    with acting_as(EDITOR):
        workspace.feedback.settle(kept.id, "dismissed")
    with acting_as(VIEWER):  # who says something else is heard again
        again = workspace.feedback.put(bot.id, "r1", asked, Opinion(thumb="up"))
    assert again.state == "new"


def test_somebody_who_has_to_sign_in_does_not_even_try(workspace, bot):
    with acting_as(NOBODY), pytest.raises(AccessDenied, match="not signed in"):
        workspace.conversations.start(bot.id)


@pytest.mark.parametrize(
    "statement",
    [
        update(PrototypeRow).values(name="Stolen"),
        delete(PrototypeRow),
        delete(JudgementRow),
        update(Base.metadata.tables["prototypes"]).values(name="Stolen"),
        delete(Base.metadata.tables["documents"]),
    ],
)
def test_statements_over_many_rows_are_looked_at_too(workspace, bot, statement):
    with (
        acting_as(VIEWER),
        pytest.raises(AccessDenied),
        workspace._database.write() as session,
    ):
        session.execute(statement)
    assert workspace.prototypes.get(bot.id).name == "Support bot"


def test_an_editor_deletes_no_prototype_for_good(workspace, bot):
    with (
        acting_as(EDITOR),
        pytest.raises(AccessDenied),
        workspace._database.write() as session,
    ):
        session.delete(session.get(PrototypeRow, bot.id))
    assert workspace.prototypes.get(bot.id) == bot


def test_a_table_that_nobody_thought_of_takes_an_editor():
    assert needed("a_new_table") is Role.EDITOR
    known = {table.name for table in Base.metadata.sorted_tables}
    assert {"users", "sign_ins", "publications"} <= known & permissions.OWNING


def test_trying_may_count_in_rows_that_are_an_editors(workspace, bot, monkeypatch):
    monkeypatch.setitem(permissions.BESIDE, "prototypes", frozenset({"version", "updated_at"}))
    with acting_as(VIEWER):
        with workspace._database.write() as session:
            session.execute(update(PrototypeRow).values(version=PrototypeRow.version + 1))
        with workspace._database.write() as session:
            session.get(PrototypeRow, bot.id).version = 7
        for statement in (
            update(PrototypeRow).values(version=8, name="Stolen"),
            delete(PrototypeRow),
        ):
            with pytest.raises(AccessDenied), workspace._database.write() as session:
                session.execute(statement)
        with pytest.raises(AccessDenied), workspace._database.write() as session:
            session.get(PrototypeRow, bot.id).name = "Stolen"
    assert (workspace.prototypes.get(bot.id).version, bot.name) == (7, "Support bot")


def test_the_role_is_asked_for_at_every_write(tmp_path, clock):
    from studio.workspace.store import Workspace

    now = [EDITOR]
    workspace = Workspace(
        f"sqlite:///{tmp_path / 'w.db'}", tmp_path / "files", clock, Acting(lambda: now[0])
    )
    bot = workspace.prototypes.create("chatbot", "Bot", {})
    now[0] = VIEWER
    with pytest.raises(AccessDenied):
        workspace.prototypes.rename(bot.id, "Other")
    workspace.close()


def test_a_job_that_a_viewer_starts_is_the_viewers(workspace, bot):
    acting = Acting()
    runner = JobRunner(carried=acting.carried)
    with acting_as(VIEWER):
        job = runner.start(
            "steal", Notice("x"), lambda _: workspace.prototypes.rename(bot.id, "Stolen")
        )
    assert job.wait(10)
    assert "change nothing" in str(job.error)
    assert workspace.prototypes.get(bot.id).name == "Support bot"
    runner.close()


def test_only_an_owner_changes_keys_of_models(tmp_path):
    secrets = SecretStore(tmp_path, Acting(lambda: EDITOR))
    with pytest.raises(AccessDenied):
        secrets.set("model", "key")
    with acting_as(THE_STUDIO):
        secrets.set("model", "key")
    with pytest.raises(AccessDenied):
        secrets.delete("model")
    assert secrets.get("model") == "key"


def test_what_changes_nothing_is_no_change(workspace, bot):
    """A page that sets what is set already must not fail for a viewer."""
    workspace.texts.add(bot.id, [("A text", {})])
    with acting_as(VIEWER):
        workspace.prototypes.update_settings(bot.id, {"tone": "warm"})
        with workspace._database.write() as session:
            row = session.scalars(select(TextRow)).one()
            row.content = "A text"
