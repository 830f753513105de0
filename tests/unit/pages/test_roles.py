"""What each role meets on the pages: nobody sees nothing, a viewer looks and tries, an editor builds."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from studio.acting import Actor, Role, acting_as
from studio.economics.scenario import Scenario
from studio.errors import AccessDenied
from studio.prototypes.registry import KINDS
from studio.records import Task
from studio.workspace.publication_record import PublicationChoices
from tests.unit.pages.conftest import UI

PAGES = (
    "home.py",
    "business/compare.py",
    "business/cost.py",
    "business/models.py",
    "measure/activity.py",
    "measure/compare.py",
    "measure/evaluate.py",
    "measure/explain.py",
    "measure/tune.py",
    "run/jobs.py",
    "run/models.py",
    "run/people.py",
    "run/service.py",
    "run/settings.py",
    "share/api.py",
    "share/export.py",
    "share/feedback.py",
    "share/publish.py",
    "share/versions.py",
)
BUILDERS = {
    "chatbot": "build/chatbot.py",
    "content": "build/content.py",
    "search": "build/search.py",
    "recommendation": "build/recommendations.py",
    "classifier": "build/classifier.py",
}


ELSEWHERE = {"demo.py", "nothing_here.py"}
"""What has its own tests: it is for visitors."""


def test_every_page_is_in_one_of_the_lists_above() -> None:
    folder = UI.parents[1] / "pages"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}
    found = {path for path in found if not path.endswith("__init__.py")}
    assert found == {*PAGES, *BUILDERS.values()} | ELSEWHERE


def words(at) -> str:
    boxes = [*at.title, *at.header, *at.markdown, *at.caption, *at.info, *at.error, *at.warning]
    return "\n".join(str(box.value) for box in boxes)


@pytest.fixture
def secret(sign_in_as):
    """A prototype that the studio itself made."""
    from components import cache

    return cache.workbench().create_chatbot("Secret plan")


@pytest.mark.parametrize("path", [*PAGES, *BUILDERS.values()])
def test_nobody_sees_anything_but_the_way_in(open_page, sign_in_as, secret, path) -> None:
    sign_in_as(None)
    at = open_page(path, prototype=secret.slug)
    assert at.title[0].value == "Sign in"
    assert "Secret plan" not in words(at)
    assert not at.sidebar.children
    assert not at.exception


@pytest.mark.parametrize("path", PAGES)
def test_a_viewer_looks_at_every_page(open_page, sign_in_as, secret, path) -> None:
    sign_in_as(Role.VIEWER)
    at = open_page(path)
    assert not at.error
    assert not at.exception
    assert "Somebody" in at.sidebar.markdown[0].value


@pytest.mark.parametrize("kind", BUILDERS)
def test_a_viewer_looks_at_every_kind_of_prototype_and_is_told_why_nothing_changes(
    open_page, sign_in_as, kind
) -> None:
    from components import cache

    sign_in_as(Role.VIEWER)
    bench = cache.workbench()
    sample = bench.sample(KINDS[kind], "en")
    before = sample.record
    at = open_page(BUILDERS[kind], prototype=sample.slug)
    assert not at.error
    assert not at.exception
    assert "What you change is not kept." in words(at)
    assert sample.record == before


def test_a_viewer_changes_no_setting(open_page, sign_in_as) -> None:
    from components import cache

    sign_in_as(Role.VIEWER)
    bench = cache.workbench()
    bot = bench.sample(KINDS["chatbot"], "en")
    before = bot.record
    at = open_page("build/chatbot.py", prototype=bot.slug)
    sliders = [slider for slider in at.slider if slider.key]
    assert sliders
    sliders[0].set_value(sliders[0].max).run()
    assert bot.record == before


def test_a_viewer_is_offered_nothing_to_make_or_delete(open_page, sign_in_as, secret) -> None:
    sign_in_as(Role.VIEWER)
    labels = {button.label for button in open_page("home.py").button}
    assert "Open" in labels
    assert not labels & {"New chatbot", "Delete", "Duplicate", "Archive"}


def test_a_viewer_loads_and_unloads_no_model_that_others_work_with(open_page, sign_in_as) -> None:
    from components import cache

    def offered(role: Role) -> set[str]:
        sign_in_as(role, role.word)
        buttons = open_page("run/models.py").main.button
        return {str(one.key).rpartition(".")[2] for one in buttons if "_models." in str(one.key)}

    sign_in_as(Role.VIEWER)
    bench = cache.workbench()
    bench.models.load(bench.catalogue.default(Task.EMBEDDING).id)
    assert not offered(Role.VIEWER) & {"load", "unload", "stop", "delete_files"}
    assert {"load", "unload"} <= offered(Role.EDITOR)


def test_a_viewer_is_offered_no_change_of_what_is_measured_assumed_or_answered(
    open_page, sign_in_as
) -> None:
    from components import cache

    def offered(role: Role) -> set[str]:
        sign_in_as(role, role.word)
        found = set()
        for path in ("measure/evaluate.py", "business/compare.py", "share/feedback.py"):
            at = open_page(path, prototype=bot.slug)
            if path == "share/feedback.py":
                view = next(one for one in at.segmented_control if one.label == "View")
                at = view.set_value("team").run()
            assert not at.exception
            found |= {str(one.key) for one in (*at.main.button, *at.main.toggle)}
        return {key for key in found if key.startswith(("_evaluation.", "_scenarios.", "_team."))}

    sign_in_as(Role.VIEWER)
    bench = cache.workbench()
    bot = bench.sample(KINDS["chatbot"], "en")
    bot.update_index().wait(60)
    bot.ask("How long do I have to return something?", surface="page")
    bot.team_answers.add("Do you ship?", "Yes.")
    bench.business(bot.id).save(
        "Base", Scenario(model_key="subscription", choice=bench.business(bot.id).as_measured)
    )
    assert {key.split(".")[1] for key in offered(Role.VIEWER)} <= {"open"}
    assert {key.split(".")[0] for key in offered(Role.EDITOR)} == {
        "_evaluation",
        "_scenarios",
        "_team",
    }


OWNERS = ("_publish.", "_split.", "_api.")
"""How the keys begin of what only an owner does."""


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_what_only_an_owner_does_is_offered_to_nobody_else(open_page, sign_in_as, role) -> None:
    from components import cache

    sign_in_as(role)
    bench = cache.workbench()
    bot = bench.sample(KINDS["chatbot"], "en")
    bench.publish(bot.id, PublicationChoices(headline="Ask us"))
    bot.configure(replace(bot.settings, n_passages=1))
    bench.workspace.api_keys.create("Acme")

    def offered(at) -> list[str]:
        widgets = [*at.main.button, *at.main.text_input, *at.main.slider, *at.main.selectbox]
        keys = [str(one.key) for one in widgets if str(one.key).startswith(OWNERS)]
        return [key for key in keys if key != "_api.example"]  # which code to copy

    for path in ("share/publish.py", "share/versions.py", "share/api.py"):
        at = open_page(path, prototype=bot.slug)
        assert not at.exception
        assert offered(at) == [], path
    sign_in_as(Role.OWNER, "Ann")
    for path in ("share/publish.py", "share/versions.py", "share/api.py"):
        assert offered(open_page(path, prototype=bot.slug)), path


def test_an_editor_builds_and_is_named_in_the_log(open_page, sign_in_as) -> None:
    from components import cache

    sign_in_as(Role.EDITOR, "Ed")
    at = open_page("home.py")
    at.button(key="_home.new.chatbot").click().run()
    bench = cache.workbench()
    assert [record.name for record in bench.prototypes()] == ["My chatbot"]
    assert [e.action for e in bench.workspace.activity.list(actor="Ed")][-1] == "signed in"
    assert "created" in {e.action for e in bench.workspace.activity.list(actor="Ed")}


def test_signing_out_shows_the_way_in_at_once(open_page, sign_in_as, secret) -> None:
    sign_in_as(Role.EDITOR)
    at = open_page("home.py")
    assert "Secret plan" in words(at)
    at.button(key="_badge.sign_out").click().run()
    assert at.title[0].value == "Sign in"
    assert "Secret plan" not in words(at)


def test_a_removed_person_is_out_at_the_next_click(open_page, sign_in_as, secret) -> None:
    from components import cache

    sign_in_as(Role.EDITOR, "Ed")
    at = open_page("home.py")
    users = cache.workbench().workspace.users
    users.remove(users.named("Ed").id)
    at.button(key=f"_gallery.delete.{secret.id}").click().run()
    assert "Secret plan" not in words(at)
    assert at.run().title[0].value == "Sign in"
    assert cache.workbench().prototype(secret.id).name == "Secret plan"


@pytest.fixture
def provider(monkeypatch):
    """A provider is configured; `provider(email=...)` says who came back from it."""
    from components import session

    user: dict[str, object] = {"is_logged_in": False}
    section = {
        "redirect_uri": "https://studio.test/oauth2callback",
        "cookie_secret": "x" * 32,
        "google": {"client_id": "id", "client_secret": "x", "server_metadata_url": "https://x"},
    }
    monkeypatch.setattr(session, "auth_secrets", lambda: section)
    monkeypatch.setattr(session, "provided_user", lambda: user)
    return lambda **facts: user.update(is_logged_in=True, **facts)


def test_a_configured_provider_is_offered_beside_the_password(
    open_page, sign_in_as, provider
) -> None:
    sign_in_as(None)
    at = open_page("home.py")
    assert at.button(key="_sign_in.google").label == "Sign in with Google"


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"email": "eve@example.com"}, "is not among the people of this studio"),
        ({"email": "ed@example.com", "email_verified": False}, "does not vouch"),
        ({}, "does not vouch"),
    ],
)
def test_a_provider_lets_in_nobody_who_is_not_listed(
    open_page, sign_in_as, provider, secret, facts, told
) -> None:
    from components import cache

    cache.workbench().accounts.add("ed@example.com", Role.EDITOR)
    sign_in_as(None)
    provider(**facts)
    at = open_page("home.py")
    assert told in words(at)
    assert "Secret plan" not in words(at)


def test_a_provider_lets_in_who_is_listed(open_page, sign_in_as, provider, secret) -> None:
    from components import cache

    cache.workbench().accounts.add("ed@example.com", Role.EDITOR)
    sign_in_as(None)
    provider(email="Ed@example.com", email_verified=True)
    at = open_page("home.py")
    assert "Secret plan" in words(at)
    at.button(key="_home.new.chatbot").click().run()
    assert "created" in {
        e.action for e in cache.workbench().workspace.activity.list(actor="ed@example.com")
    }


def test_a_viewer_reads_feedback_and_decides_nothing(open_page, sign_in_as, secret) -> None:
    from components import cache
    from studio.workspace.feedback_record import Exchange, Opinion

    given = cache.workbench().feedback.give(
        secret.id, "r1", Exchange(question="Do you ship?", answer="No."), Opinion(thumb="down")
    )
    query = {"prototype": secret.slug, "feedback": given.id}
    sign_in_as(Role.VIEWER)
    at = open_page("share/feedback.py", **query)
    assert "Do you ship?" in words(at).replace("\\", "")
    assert "An editor or an owner decides" in words(at)
    assert not [b for b in at.main.button if str(b.key).startswith("_feedback.dismiss")]
    sign_in_as(Role.EDITOR, "Ed")
    at = open_page("share/feedback.py", **query)
    at.button(key=f"_feedback.dismiss.{given.id}").click().run()
    assert cache.workbench().feedback.get(given.id).state == "dismissed"


def test_a_viewer_measures_nothing_and_changes_no_price(open_page, sign_in_as, secret) -> None:
    from components import cache

    secret.add_file("returns.md", b"# Returns\n\nWithin 45 days.")
    secret.update_index().wait(30)
    secret.ask("How long?")
    bench = cache.workbench()
    start = f"_measure.start.{secret.id}"
    sign_in_as(Role.VIEWER)
    at = open_page("business/cost.py", prototype=secret.slug)
    assert start not in {button.key for button in at.main.button}
    assert "An editor or an owner of this studio measures." in words(at)
    price = open_page("run/settings.py").text_input(key="_settings.machine_hour")
    assert price.disabled
    with acting_as(Actor(name="Vic", role=Role.VIEWER)):
        with pytest.raises(AccessDenied):
            bench.measuring(secret.id).start()
        with pytest.raises(AccessDenied):
            bench.set_machine_hour_usd(Decimal(9))
    sign_in_as(Role.EDITOR, "Ed")
    at = open_page("business/cost.py", prototype=secret.slug)
    assert start in {button.key for button in at.main.button}
    assert not open_page("run/settings.py").text_input(key="_settings.machine_hour").disabled


@pytest.mark.parametrize(("role", "is_offered"), [(Role.VIEWER, False), (Role.EDITOR, True)])
def test_only_who_builds_is_offered_to_add_a_model(open_page, sign_in_as, role, is_offered) -> None:
    sign_in_as(role)
    at = open_page("run/models.py")
    (parts,) = [one for one in at.main.button_group if "Catalogue" in str(one.options)]
    assert any("Add" in str(one) for one in parts.options) is is_offered
