"""The price of a request, kept up to date: the same as if everything were read anew."""

from __future__ import annotations

from decimal import Decimal

import pytest

from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.sharing.request_price import request_price
from studio.sharing.request_prices import RequestPrices
from studio.workspace.publication_record import PublicationChoices


@pytest.fixture
def prices(workbench):
    return RequestPrices(workbench.ledger, workbench.prices)


def anew(workbench, prototype_id):
    return request_price(workbench.prices().attach(workbench.ledger.frame(prototype_id)))


def test_what_came_since_is_added(workbench, publication, spend, prices):
    assert prices.of(publication.prototype_id).n_requests == 0
    for i in range(6):
        spend(publication, "one", hours=0.1, request=f"r{i // 2}")  # half of a request at a time
        found = prices.of(publication.prototype_id)
        assert found == anew(workbench, publication.prototype_id)
    assert (found.n_requests, found.n_calls, found.mean_usd) == (3, 6, Decimal("0.02"))


def test_only_what_came_since_is_read(workbench, publication, spend, prices, monkeypatch):
    spend(publication, "one", hours=0.1)
    prices.of(publication.prototype_id)
    monkeypatch.setattr(workbench.ledger, "frame", None)
    spend(publication, "one", hours=0.3)
    assert prices.of(publication.prototype_id).mean_usd == Decimal("0.02")


def test_calls_of_another_prototype_are_not_counted(workbench, sharing, publication, spend, prices):
    other = workbench.create_chatbot("Other bot", ChatbotSettings(only_from_documents=False))
    elsewhere = sharing.publish(other.id, PublicationChoices(headline="Other"))
    spend(publication, "one", hours=0.1)
    assert prices.of(publication.prototype_id).n_requests == 1
    spend(elsewhere, "one", hours=5)
    assert prices.of(publication.prototype_id).mean_usd == Decimal("0.01")
    assert prices.of(other.id).mean_usd == Decimal("0.5")


def test_another_price_of_the_machine_counts_for_all(workbench, publication, spend, prices):
    spend(publication, "one", hours=0.1)
    assert prices.of(publication.prototype_id).mean_usd == Decimal("0.01")
    workbench.set_machine_hour_usd(Decimal("1.00"))
    assert prices.of(publication.prototype_id).mean_usd == Decimal("0.1")


def test_one_call_without_a_price_leaves_it_unknown(workbench, publication, spend, prices):
    spend(publication, "one", hours=0.1)
    prices.of(publication.prototype_id)
    spend(publication, "one", device="remote:models.example.org")
    found = prices.of(publication.prototype_id)
    assert found == anew(workbench, publication.prototype_id)
    assert (found.mean_usd, found.is_unknown) == (None, True)
