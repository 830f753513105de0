"""Who gets into a publication, and what they cannot reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from studio.errors import AccessDenied, InvalidInput, LimitReached, NotFound
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.registry import KINDS
from studio.sharing.passwords import hash_password, is_password
from studio.sharing.visitor import is_token, new_token, visitor_id
from studio.workspace.publication_record import PublicationChoices

ANNE, BEN = new_token(), new_token()
CHOICES = PublicationChoices(headline="Ask us", password_hash=hash_password("tide-2026"))


@pytest.fixture
def locked(sharing, publication):
    return sharing.change(publication.id, CHOICES)


def test_a_visitor_meets_the_published_version_on_their_own_account(
    workbench, sharing, publication
):
    bot = workbench.prototype(publication.prototype_id, Chatbot)
    bot.configure(replace(bot.settings, greeting="Later"))
    visit = sharing.open(publication.slug, ANNE).visit
    assert visit.prototype.version == 1
    visit.asked(lambda bot: bot.ask("How are returns paid?"))
    calls = workbench.calls(bot.id)
    assert set(calls["account"]) == {f"demo:{publication.id}:{visit.visitor_id}"}
    assert ANNE not in calls.to_csv()


def test_closed_addresses_look_alike(workbench, sharing, publication, clock):
    def message(slug):
        with pytest.raises(NotFound) as caught:
            sharing.open(slug, ANNE)
        with pytest.raises(NotFound) as by_password:
            sharing.let_in(slug, ANNE, "x")
        assert str(by_password.value) == str(caught.value)
        return str(caught.value)

    unknown = message("never-given")
    assert message(publication.id) == unknown  # an id is no address
    expiring = sharing.change(
        publication.id, replace(CHOICES, expires_at=clock.now + timedelta(hours=1))
    )
    assert sharing.open(expiring.slug, ANNE).visit is None
    clock.now += timedelta(hours=2)
    assert message(expiring.slug) == unknown
    clock.now -= timedelta(hours=2)
    workbench.workspace.publications.end(publication.id)
    assert message(publication.slug) == unknown
    workbench.workspace.publications.resume(publication.id)
    assert sharing.open(publication.slug, ANNE).visit is None
    workbench.delete(publication.prototype_id)
    assert message(publication.slug) == unknown


def test_only_the_password_lets_in_and_only_whoever_gave_it(sharing, locked):
    assert sharing.open(locked.slug, ANNE).visit is None
    with pytest.raises(AccessDenied):
        sharing.let_in(locked.slug, ANNE, "wrong")
    assert sharing.open(locked.slug, ANNE).visit is None
    sharing.let_in(locked.slug, ANNE, "tide-2026")
    assert sharing.open(locked.slug, ANNE).visit is not None
    assert sharing.open(locked.slug, BEN).visit is None


def test_a_page_that_was_open_before_a_change_is_no_way_around_it(workbench, sharing, locked):
    sharing.let_in(locked.slug, ANNE, "tide-2026")
    visit = sharing.open(locked.slug, ANNE).visit
    bot = workbench.prototype(locked.prototype_id, Chatbot)
    bot.configure(replace(bot.settings, greeting="Second"))
    sharing.publish_again(locked.id)
    assert visit.asked(lambda bot: bot.version) == 2
    sharing.change(locked.id, replace(CHOICES, requests_per_visitor_per_day=1))
    with pytest.raises(LimitReached):
        visit.asked(lambda bot: bot.version)
    sharing.change(locked.id, replace(CHOICES, password_hash=hash_password("other-one")))
    with pytest.raises(AccessDenied, match="another password"):
        visit.asked(lambda bot: bot.version)
    workbench.workspace.publications.end(locked.id)
    with pytest.raises(NotFound):
        visit.asked(lambda bot: bot.version)


def test_another_password_asks_everybody_again(sharing, locked):
    sharing.let_in(locked.slug, ANNE, "tide-2026")
    sharing.change(locked.id, replace(CHOICES, password_hash=hash_password("other-one")))
    assert sharing.open(locked.slug, ANNE).visit is None


def test_the_password_of_one_demo_opens_no_other(workbench, sharing, locked):
    other = sharing.publish(
        locked.prototype_id, replace(CHOICES, password_hash=hash_password("another"))
    )
    sharing.let_in(locked.slug, ANNE, "tide-2026")
    assert sharing.open(other.slug, ANNE).visit is None


def test_wrong_passwords_slow_down_who_typed_them_and_nobody_else(
    sharing, locked, clock, monkeypatch
):
    monkeypatch.setattr("studio.sharing.sharing.is_password", lambda given, _kept: given == "yes")
    for _ in range(5):
        with pytest.raises(AccessDenied):
            sharing.let_in(locked.slug, ANNE, "wrong", "10.0.0.1")
    with pytest.raises(LimitReached, match="Try again in 1 s"):
        sharing.let_in(locked.slug, ANNE, "yes", "10.0.0.1")
    sharing.let_in(locked.slug, BEN, "yes", "10.0.0.1")  # beside them in the same room
    clock.now += timedelta(seconds=1)
    with pytest.raises(AccessDenied):
        sharing.let_in(locked.slug, ANNE, "wrong", "10.0.0.1")
    with pytest.raises(LimitReached, match="Try again in 2 s"):
        sharing.let_in(locked.slug, ANNE, "yes", "10.0.0.1")
    for _ in range(12):  # it never grows beyond a minute
        clock.now += timedelta(seconds=60)
        with pytest.raises(AccessDenied):
            sharing.let_in(locked.slug, ANNE, "wrong", "10.0.0.1")
    assert sharing.open(locked.slug, BEN).visit is not None  # who is in stays in
    clock.now += timedelta(seconds=1000)
    sharing.let_in(locked.slug, ANNE, "yes", "10.0.0.1")


@pytest.mark.parametrize("address", ["10.0.0.1", ""])
def test_ever_new_browsers_are_no_way_around(sharing, locked, monkeypatch, address):
    monkeypatch.setattr("studio.sharing.sharing.is_password", lambda given, _kept: given == "yes")
    for _ in range(30):
        with pytest.raises(AccessDenied):
            sharing.let_in(locked.slug, new_token(), "wrong", address)
    with pytest.raises(LimitReached):
        sharing.let_in(locked.slug, new_token(), "wrong", address)
    sharing.let_in(locked.slug, BEN, "yes", "10.0.0.2")  # invited people elsewhere get in


def test_trying_from_many_places_is_slowed_down_too(sharing, locked, monkeypatch):
    monkeypatch.setattr("studio.sharing.sharing.is_password", lambda *_: False)
    for n in range(150):
        with pytest.raises(AccessDenied):
            sharing.let_in(locked.slug, new_token(), "wrong", f"10.0.0.{n}")
    with pytest.raises(LimitReached, match="Try again in 5 s"):
        sharing.let_in(locked.slug, new_token(), "wrong", "10.0.1.1")


def test_a_conversation_is_its_visitors_alone(sharing, publication):
    annes, bens = (sharing.open(publication.slug, token).visit for token in (ANNE, BEN))
    talk = annes.started_conversation()
    annes.prototype.stream("My order 4711 is late", talk).answer()
    assert sharing.open(publication.slug, ANNE).visit.conversation() == talk  # after a reload
    assert bens.conversation() is None
    assert bens.started_conversation() != talk
    other = sharing.publish(publication.prototype_id, PublicationChoices(headline="Other"))
    assert sharing.open(other.slug, ANNE).visit.conversation() is None
    annes.begin_anew()
    assert annes.conversation() != talk
    assert annes.prototype.turns(annes.conversation()) == ()


def test_a_kiosk_notices_that_somebody_left(sharing, publication, workbench):
    visit = sharing.open(publication.slug, ANNE).visit
    assert not visit.was_left(workbench._toolbox.clock() + timedelta(days=1))
    visit.prototype.stream("Hello there", visit.started_conversation()).answer()
    said = workbench.workspace.conversations.turns(visit.conversation())[-1].created_at
    assert not visit.was_left(said + timedelta(seconds=publication.idle_reset_s))
    assert visit.was_left(said + timedelta(seconds=publication.idle_reset_s + 1))


def test_a_cookie_that_somebody_made_up_is_no_token():
    assert is_token(ANNE)
    for text in ("", "short", ANNE + "x", ANNE[:-1] + ":", ANNE[:-1] + "%"):
        assert not is_token(text)
    assert visitor_id("one", ANNE) != visitor_id("two", ANNE)


def test_passwords_are_kept_so_that_they_cannot_be_read():
    kept = hash_password("tide-2026")
    assert "tide" not in kept
    assert kept != hash_password("tide-2026")
    assert is_password("tide-2026", kept)
    assert not is_password("tide-2027", kept)
    assert not is_password("x" * 10_000, kept)
    for broken in ("", "scrypt$1$2", "plain$1$1$1$eA==$eA==", "scrypt$3$8$1$eA==$eA=="):
        assert not is_password("tide-2026", broken)
    with pytest.raises(InvalidInput):
        hash_password("12345")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headline", "  "),
        ("headline", "x" * 81),
        ("founder", "x" * 81),
        ("accent", "red; background:url(//evil)"),
        ("greeting", "x" * 501),
        ("starter_questions", tuple("abcdefg")),
        ("language", "fr"),
        ("idle_reset_s", 1),
        ("requests_per_visitor_per_day", 0),
    ],
)
def test_choices_out_of_range_are_refused_by_field(sharing, publication, field, value):
    with pytest.raises(InvalidInput) as caught:
        sharing.change(publication.id, replace(CHOICES, **{field: value}))
    assert list(caught.value.fields) == [field]


def test_publishing_again_moves_to_the_version_of_now_and_back(workbench, sharing, publication):
    bot = workbench.prototype(publication.prototype_id, Chatbot)
    bot.configure(replace(bot.settings, greeting="Second"))
    assert sharing.publish_again(publication.id, note="new greeting").version == 2
    assert sharing.open(publication.slug, ANNE).visit.prototype.settings.greeting == "Second"
    assert sharing.publish_again(publication.id, 1).version == 1
    assert sharing.open(publication.slug, ANNE).visit.prototype.version == 1


def test_versions_that_need_another_index_are_not_shared_out(workbench, sharing, publication):
    bot = workbench.prototype(publication.prototype_id)
    bot.configure(replace(bot.settings, greeting="Good day"))
    same = bot.version
    bot.configure(replace(bot.settings, passage_tokens=64))
    with pytest.raises(InvalidInput, match=r"another index or training \(Passage length"):
        sharing.split(publication.id, bot.version, 50)
    assert sharing.split(publication.id, same, 50).second_version == same
    assert str(bot.derived_otherwise(publication.version)).startswith("Passage length")
    assert bot.derived_otherwise(bot.version) is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_that_an_index_or_a_training_depends_on_has_a_name(kind):
    its = KINDS[kind]
    assert its.derived_by
    assert set(its.derived_by) <= set(its.settings_type.labels)
