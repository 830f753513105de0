"""Limits hold by what the ledger says, whatever a browser claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from studio.errors import LimitReached
from studio.sharing.visitor import new_token, visitor_id
from studio.workspace.publication_record import PublicationChoices

ANNE, BEN = new_token(), new_token()
CHOICES = PublicationChoices(headline="Ask us")


def visit(sharing, publication, token):
    return sharing.open(publication.slug, token).visit


def test_a_visitor_has_so_many_requests_a_day(sharing, publication, clock):
    sharing.change(publication.id, replace(CHOICES, requests_per_visitor_per_day=2))
    anne = visit(sharing, publication, ANNE)
    assert anne.requests_left() == 2
    anne.admitted()
    visit(sharing, publication, ANNE).admitted()  # another tab is the same visitor
    assert anne.requests_left() == 0
    with pytest.raises(LimitReached, match="2 requests for each visitor. It opens again in 12 h"):
        visit(sharing, publication, ANNE).admitted()
    visit(sharing, publication, BEN).admitted()
    clock.now += timedelta(hours=12)
    anne.admitted()


def test_requests_of_before_a_restart_count(sharing, publication, spend):
    sharing.change(publication.id, replace(CHOICES, requests_per_visitor_per_day=2))
    spend(publication, visitor_id(publication.id, ANNE), request="a")
    spend(publication, visitor_id(publication.id, ANNE), request="a")  # two calls of one request
    assert visit(sharing, publication, ANNE).requests_left() == 1
    spend(publication, visitor_id(publication.id, ANNE), request="b")
    with pytest.raises(LimitReached):
        visit(sharing, publication, ANNE).admitted()


def test_all_visitors_share_the_days_money(sharing, publication, spend, clock):
    sharing.change(publication.id, replace(CHOICES, money_per_day_usd=Decimal("0.10")))
    spend(publication, "yesterdays", hours=5, at=clock.now - timedelta(days=1))
    spend(publication, "one", hours=0.5)
    visit(sharing, publication, ANNE).admitted()
    spend(publication, "two", hours=0.5)
    clock.now += timedelta(hours=11, minutes=30)
    with pytest.raises(LimitReached, match="budget is used up. It opens again in 30 min"):
        visit(sharing, publication, BEN).admitted()
    clock.now += timedelta(minutes=30)
    visit(sharing, publication, BEN).admitted()


def test_many_at_once_are_no_way_around_the_budget(sharing, publication, spend, clock):
    sharing.change(publication.id, replace(CHOICES, money_per_day_usd=Decimal("0.10")))
    spend(publication, "one", hours=0.3)  # 0.03 a request so far
    clock.now += timedelta(seconds=1)
    for _ in range(3):  # with what was spent, those on their way come to 0.12
        visit(sharing, publication, new_token()).admitted()
    with pytest.raises(LimitReached):
        visit(sharing, publication, new_token()).admitted()


def test_a_budget_is_not_kept_by_guessing_an_unknown_price(sharing, publication, spend):
    sharing.change(publication.id, replace(CHOICES, money_per_day_usd=Decimal(5)))
    spend(publication, "one", device="remote:models.example.org")
    assert sharing.used(publication.id).spent_usd is None
    with pytest.raises(LimitReached, match="is not known"):
        visit(sharing, publication, ANNE).admitted()


def test_the_demo_engine_costs_nothing(sharing, publication):
    sharing.change(publication.id, replace(CHOICES, money_per_day_usd=Decimal("0.01")))
    for _ in range(3):
        visit(sharing, publication, ANNE).admitted().ask("How are returns paid?")
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
