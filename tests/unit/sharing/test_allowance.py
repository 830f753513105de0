"""Limits hold by what the ledger says, whatever a browser claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from studio.errors import LimitReached
from studio.prototypes.search.settings import SearchSettings
from studio.sharing.visitor import new_token, visitor_id
from studio.workspace.publication_record import PublicationChoices

ANNE, BEN = new_token(), new_token()
CHOICES = PublicationChoices(headline="Ask us")


def nothing(_bot) -> None:
    """A request that calls no model and is over at once."""


def running(sharing, publication):
    """A request of one more visitor that is still being worked on; gives how to end it."""
    ended = []
    visit(sharing, publication, new_token()).asked(nothing, lambda _: bool(ended))
    return lambda: ended.append(True)


def visit(sharing, publication, token):
    return sharing.open(publication.slug, token).visit


def test_a_visitor_has_so_many_requests_a_day(sharing, publication, clock):
    sharing.change(publication.id, replace(CHOICES, requests_per_visitor_per_day=2))
    anne = visit(sharing, publication, ANNE)
    assert anne.requests_left() == 2
    anne.asked(nothing)
    visit(sharing, publication, ANNE).asked(nothing)  # another tab is the same visitor
    assert anne.requests_left() == 0
    with pytest.raises(LimitReached, match="2 requests for each visitor. It opens again in 12 h"):
        visit(sharing, publication, ANNE).asked(nothing)
    visit(sharing, publication, BEN).asked(nothing)
    clock.now += timedelta(hours=12)
    anne.asked(nothing)


def test_requests_of_before_a_restart_count(sharing, publication, spend):
    sharing.change(publication.id, replace(CHOICES, requests_per_visitor_per_day=2))
    spend(publication, visitor_id(publication.id, ANNE), request="a")
    spend(publication, visitor_id(publication.id, ANNE), request="a")  # two calls of one request
    assert visit(sharing, publication, ANNE).requests_left() == 1
    spend(publication, visitor_id(publication.id, ANNE), request="b")
    with pytest.raises(LimitReached):
        visit(sharing, publication, ANNE).asked(nothing)


def test_all_visitors_share_the_days_money(sharing, publication, spend, clock):
    sharing.change(publication.id, replace(CHOICES, money_per_day_usd=Decimal("0.10")))
    spend(publication, "yesterdays", hours=5, at=clock.now - timedelta(days=1))
    spend(publication, "one", hours=0.5)
    visit(sharing, publication, ANNE).asked(nothing)
    spend(publication, "two", hours=0.5)
    clock.now += timedelta(hours=11, minutes=30)
    with pytest.raises(LimitReached, match="budget is used up. It opens again in 30 min"):
        visit(sharing, publication, BEN).asked(nothing)
    clock.now += timedelta(minutes=30)
    visit(sharing, publication, BEN).asked(nothing)


def test_many_at_once_are_no_way_around_the_budget(sharing, publication, spend, clock):
    sharing.change(publication.id, replace(CHOICES, money_per_day_usd=Decimal("0.10")))
    spend(publication, "one", hours=0.3)  # 0.03 a request so far
    clock.now += timedelta(seconds=1)
    for _ in range(3):  # with what was spent, those on their way come to 0.12
        end = running(sharing, publication)
    with pytest.raises(LimitReached):
        running(sharing, publication)
    clock.now += timedelta(hours=1)  # however long they take
    with pytest.raises(LimitReached):
        running(sharing, publication)
    end()
    running(sharing, publication)


def test_a_day_that_begins_empty_is_measured_by_the_days_before(sharing, publication, spend, clock):
    sharing.change(publication.id, replace(CHOICES, money_per_day_usd=Decimal("0.10")))
    spend(publication, "one", hours=0.3, at=clock.now - timedelta(days=1))  # 0.03 a request
    for _ in range(4):
        running(sharing, publication)
    with pytest.raises(LimitReached, match="budget is used up"):
        running(sharing, publication)


def test_what_was_never_measured_is_answered_a_few_at_a_time(sharing, publication, spend):
    sharing.change(publication.id, replace(CHOICES, money_per_day_usd=Decimal("0.01")))
    end = running(sharing, publication)
    running(sharing, publication)
    for _ in range(60):
        with pytest.raises(LimitReached, match="not measured yet"):
            running(sharing, publication)
    end()
    running(sharing, publication)


def test_what_a_running_request_has_cost_is_not_counted_twice(sharing, publication, spend, clock):
    sharing.change(publication.id, replace(CHOICES, money_per_day_usd=Decimal("0.10")))
    spend(publication, "one", hours=0.4)
    begun = []
    visit(sharing, publication, ANNE).asked(
        lambda bot: begun.append(bot._new_request_id()), lambda _: False
    )
    spend(publication, visitor_id(publication.id, ANNE), hours=0.4, request=begun[0])
    visit(sharing, publication, BEN).asked(nothing)  # 0.08 of 0.10


def test_a_request_that_failed_is_over(sharing, publication):
    sharing.change(publication.id, replace(CHOICES, money_per_day_usd=Decimal("0.01")))

    def fail(_bot) -> None:
        raise LimitReached("Not now.")

    for _ in range(3):
        with pytest.raises(LimitReached, match="Not now"):
            visit(sharing, publication, ANNE).asked(fail)


def test_a_budget_is_not_kept_by_guessing_an_unknown_price(sharing, publication, spend):
    sharing.change(publication.id, replace(CHOICES, money_per_day_usd=Decimal(5)))
    spend(publication, "one", device="remote:models.example.org")
    assert sharing.used(publication.id).spent_usd is None
    with pytest.raises(LimitReached, match="is not known"):
        visit(sharing, publication, ANNE).asked(nothing)


def test_the_demo_engine_costs_nothing(sharing, publication):
    sharing.change(publication.id, replace(CHOICES, money_per_day_usd=Decimal("0.01")))
    for _ in range(3):
        visit(sharing, publication, ANNE).asked(lambda bot: bot.ask("How are returns paid?"))
    used = sharing.used(publication.id)
    assert (used.n_requests, used.n_visitors, used.spent_usd) == (3, 1, 0)


def test_other_demos_and_the_owner_are_not_counted(workbench, sharing, publication, spend):
    other = sharing.publish(publication.prototype_id, CHOICES)
    spend(other, "one", hours=9)
    workbench.prototype(publication.prototype_id).ask("How are returns paid?")
    assert sharing.used(publication.id).n_requests == 0
    assert sharing.used(other.id).spent_usd == Decimal("0.9")


def test_the_presenter_sees_the_latest_requests_first(sharing, publication, spend, clock):
    spend(publication, "aaaaaaaa", hours=0.1, request="first")
    clock.now += timedelta(seconds=9)
    spend(publication, "bbbbbbbb", request="second")
    clock.now += timedelta(seconds=1)
    spend(publication, "bbbbbbbb", hours=0.1, request="second")
    second, first = sharing.latest(publication.id)
    assert (first.request_id, first.visitor, first.cost_usd) == ("first", "aaaa", Decimal("0.01"))
    assert (second.tokens_in, second.total_ms, second.first_token_ms) == (200, 1050.0, 5.0)
    assert sharing.latest(publication.id, 1) == (second,)
    assert sharing.latest("another") == ()


def test_a_budget_is_told_in_requests(sharing, publication, spend):
    price = sharing.price(publication.prototype_id)
    assert (price.mean_usd, price.requests_for(Decimal(1))) == (None, None)
    spend(publication, "one", hours=0.1, request="a")
    spend(publication, "one", hours=0.1, request="a")
    spend(publication, "one", hours=0.2, request="b")
    price = sharing.price(publication.prototype_id)
    assert (price.mean_usd, price.n_requests, price.n_calls) == (Decimal("0.02"), 2, 3)
    assert price.requests_for(Decimal("0.10")) == 5


def test_a_search_by_words_alone_counts_as_a_request(workbench, sharing):
    shop = workbench.create_search("Shop", SearchSettings(mode="keyword"))
    shop.add_file("tents.md", b"# Tents\n\nA light tent for two.")
    shop.update_index().wait(30)
    shown = sharing.publish(shop.id, replace(CHOICES, requests_per_visitor_per_day=1))
    visit(sharing, shown, ANNE).asked(lambda search: search.search("tent", "page"))
    workbench.ledger.flush()
    assert (sharing.used(shown.id).n_requests, sharing.used(shown.id).n_visitors) == (1, 1)
    assert sharing.latest(shown.id)[0].stages == ("search",)
    assert sharing.price(shop.id).n_requests == 1
    with pytest.raises(LimitReached):
        visit(sharing, shown, ANNE).asked(nothing)
