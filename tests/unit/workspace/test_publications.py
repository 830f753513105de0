"""Publications keep a version, how it is shown, and what was published when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from studio.errors import InvalidInput, NotFound
from studio.workspace.publication_record import PublicationChoices

CHOICES = PublicationChoices(
    headline="Ask Tide & Trail",
    founder="Lin",
    logo=b"\x89PNG\x00\xff",
    logo_type="image/png",
    accent="#AA3300",
    greeting="Hello <b>you</b>",
    starter_questions=("How are returns paid?", "多久发货？"),
    language="zh",
    password_hash="scrypt$x",
    expires_at=datetime(2026, 4, 1, tzinfo=UTC),
    is_kiosk=True,
    idle_reset_s=45,
    requests_per_visitor_per_day=30,
    money_per_day_usd=Decimal("0.1000"),
    shows_people=True,
)


@pytest.fixture
def publication(workspace, bot):
    return workspace.publications.create(bot.id, 1, CHOICES, note="for the pitch")


def test_a_publication_comes_back_as_it_was_made(workspace, bot, publication):
    assert workspace.publications.get(publication.id) == publication
    assert workspace.publications.by_slug("ask-tide-trail") == publication
    assert (publication.prototype_id, publication.version) == (bot.id, 1)
    for name in CHOICES.__slots__:
        assert getattr(publication, name) == getattr(CHOICES, name), name
    assert str(publication.money_per_day_usd) == "0.1000"


def test_every_address_is_one_publications_own(workspace, bot, publication):
    second = workspace.publications.create(bot.id, 1, CHOICES)
    wished = workspace.publications.create(bot.id, 1, CHOICES, slug="Pitch Day!")
    chinese = workspace.publications.create(bot.id, 1, replace(CHOICES, headline="问问潮汐"))
    greek = workspace.publications.create(bot.id, 1, replace(CHOICES, headline="Ρώτα"))
    assert [one.slug for one in (second, wished, chinese, greek)] == [
        "ask-tide-trail-2",
        "pitch-day",
        "wen-wen-chao-xi",
        bot.slug,
    ]
    workspace.publications.end(publication.id)
    assert workspace.publications.create(bot.id, 1, CHOICES).slug == "ask-tide-trail-3"


def test_publishing_again_moves_it_and_keeps_the_history(workspace, bot, publication):
    workspace.prototypes.update_settings(bot.id, {"tone": "brief"})
    moved = workspace.publications.publish(publication.id, 2, "shorter answers")
    back = workspace.publications.publish(publication.id, 1, "back")
    assert (moved.version, back.version, back.note) == (2, 1, "back")
    assert back.slug == publication.slug
    history = workspace.publications.history(publication.id)
    assert [(h.position, h.version, h.note) for h in history] == [
        (2, 1, "back"),
        (1, 2, "shorter answers"),
        (0, 1, "for the pitch"),
    ]


def test_another_look_leaves_address_and_version(workspace, publication):
    changed = workspace.publications.update(
        publication.id, replace(CHOICES, headline="New", password_hash=None, logo=None)
    )
    assert (changed.headline, changed.password_hash, changed.logo) == ("New", None, None)
    assert (changed.slug, changed.version) == (publication.slug, 1)
    assert changed.updated_at > publication.updated_at
    assert len(workspace.publications.history(publication.id)) == 1


def test_an_ended_one_is_not_listed_until_it_is_resumed(workspace, bot, publication):
    ended = workspace.publications.end(publication.id)
    assert ended.ended_at is not None
    assert workspace.publications.end(publication.id).ended_at == ended.ended_at
    assert workspace.publications.list(bot.id) == ()
    assert len(workspace.publications.list(bot.id, include_ended=True)) == 1
    resumed = workspace.publications.resume(publication.id)
    assert workspace.publications.list() == (resumed,)


def test_what_is_not_there_cannot_be_published(workspace, bot, publication):
    store = workspace.publications
    with pytest.raises(NotFound):
        store.create("nobody", 1, CHOICES)
    with pytest.raises(NotFound, match="version 7"):
        store.create(bot.id, 7, CHOICES)
    with pytest.raises(NotFound, match="version 7"):
        store.publish(publication.id, 7)
    with pytest.raises(InvalidInput):
        store.create(bot.id, 1, replace(CHOICES, headline=" "))
    for lookup in (store.get, store.by_slug, store.end, store.history):
        with pytest.raises(NotFound):
            lookup("nothing")
    assert store.list() == (publication,)
