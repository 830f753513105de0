"""What each role meets on the pages: nobody sees nothing, a viewer looks and tries, an editor builds."""

from __future__ import annotations

import pytest

from studio.acting import Role
from studio.prototypes.registry import KINDS

PAGES = (
    "home.py",
    "business/compare.py",
    "business/cost.py",
    "business/models.py",
    "measure/activity.py",
    "measure/compare.py",
    "measure/evaluate.py",
    "run/jobs.py",
    "run/models.py",
    "run/people.py",
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
