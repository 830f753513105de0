"""A test of two versions: each visitor meets one of them, and chance is called chance."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from studio.feedback.satisfaction import content_people
from studio.sharing.visitor import account_of, meets_second, new_token
from studio.workspace.feedback_record import Exchange, Opinion
from studio.workspace.publication_record import PublicationChoices

ASKED = Exchange(question="q", answer="a")


@pytest.fixture
def published(workbench, bot):
    bot.configure(replace(bot.settings, n_passages=1))
    shown = workbench.publish(bot.id, PublicationChoices(headline="Ask us"))
    return workbench.workspace.publications.split(shown.id, 1, 50)


def visit(workbench, published, request_of, number, version, ms, thumb=None):
    account = account_of(published.id, f"{number:016x}")
    request_id = request_of(account, version, ms)
    if thumb:
        workbench.feedback.give(
            published.prototype_id,
            request_id,
            ASKED,
            Opinion(thumb=thumb),
            version=version,
            publication_id=published.id,
            account=account,
        )


def test_a_share_of_the_visitors_meets_the_second_version_and_always_does():
    visitors = [f"{number:016x}" for number in range(2000)]
    small = {one for one in visitors if meets_second("p", one, 20)}
    assert 340 < len(small) < 460
    assert small <= {one for one in visitors if meets_second("p", one, 60)}
    assert small != {one for one in visitors if meets_second("other", one, 20)}


def test_a_visitor_is_served_the_version_of_their_share(workbench, published):
    served = {}
    for _ in range(40):
        token = new_token()
        visits = [workbench.sharing.open(published.slug, token).visit for _ in range(2)]
        assert visits[0].prototype.version == visits[1].prototype.version
        served[visits[0].visitor_id] = visits[0].prototype.version
    assert set(served.values()) == {1, 2}
    for visitor, version in served.items():
        assert (version == 1) == meets_second(published.id, visitor, 50)
    workbench.workspace.publications.end_split(published.id)
    assert workbench.sharing.open(published.slug, new_token()).visit.prototype.version == 2


def test_without_a_test_there_is_no_result(workbench, published):
    workbench.workspace.publications.end_split(published.id)
    assert workbench.feedback.split_result(published.id) is None


def test_nothing_is_said_while_nothing_happened(workbench, published):
    found = workbench.feedback.split_result(published.id)
    assert "Nothing can be said about satisfaction yet" in str(found.on_satisfaction)
    assert "Nothing can be said about time yet" in str(found.on_time)


def test_a_real_difference_is_told_with_its_direction(workbench, published, request_of):
    rng = random.Random(0)
    for number in range(60):
        version = 1 + number % 2
        thumb = "up" if version == 1 or number % 6 == 1 else "down"
        visit(workbench, published, request_of, number, version, rng.gauss(100 * version, 9), thumb)
    found = workbench.feedback.split_result(published.id)
    assert found.comparison.versions == (2, 1)
    assert str(found.on_satisfaction).startswith("People are more content with version 1")
    assert "Chance alone would do this in fewer than 1 of 100 tests." in str(found.on_satisfaction)
    assert str(found.on_time).startswith("Version 1 answers faster than version 2")
    assert found.comparison.people == ((10, 30), (30, 30))


def test_how_rare_chance_would_be_is_told_as_it_is(workbench, published, request_of):
    for number in range(16):
        thumb = "up" if number % 2 or number in (2, 4, 6) else "down"
        visit(workbench, published, request_of, number, 1 + number % 2, 100, thumb)
    found = workbench.feedback.split_result(published.id)
    assert found.comparison.people == ((8, 8), (3, 8)) or found.comparison.people == (
        (3, 8),
        (8, 8),
    )
    assert found.comparison.satisfied.is_clear
    percent = round(100 * found.comparison.satisfied.p_value)
    assert percent >= 1
    assert f"in about {percent} of 100 tests." in str(found.on_satisfaction)


def test_chance_is_called_chance_and_says_how_many_more_are_wanted(
    workbench, published, request_of
):
    rng = random.Random(1)
    for number in range(20):
        visit(
            workbench, published, request_of, number, 1 + number % 2, rng.gauss(100, 30),
            "up" if number % 5 else "down",
        )  # fmt: skip
    found = workbench.feedback.split_result(published.id)
    assert "This may well be chance" in str(found.on_satisfaction)
    assert "A difference of 5 points would show with about 2000 more people" in str(
        found.on_satisfaction
    )
    assert "No difference in time is shown" in str(found.on_time)


def test_where_no_difference_is_seen_the_smallest_worth_having_is_named(
    workbench, published, request_of
):
    for number in range(4):
        visit(workbench, published, request_of, number, 1 + number % 2, 100, "up")
    said = str(workbench.feedback.split_result(published.id).on_satisfaction)
    assert "A difference of 5 points would show with about 590 more people." in said


def test_a_visitor_counts_once_and_failed_requests_do_not(workbench, published, request_of):
    for thumb in ("down", "down", "up"):
        visit(workbench, published, request_of, 1, 1, 50, thumb)
    visit(workbench, published, request_of, 2, 2, 50, "up")
    request_of(account_of(published.id, f"{3:016x}"), 2, 9000, "Cancelled")
    found = workbench.feedback.split_result(published.id).comparison
    assert found.people == ((1, 1), (1, 1))
    assert [one.n_requests for one in found.requests] == [1, 3]
    assert [one.n_failed for one in found.requests] == [1, 0]
    assert [one.n_people for one in found.requests] == [1, 1]


def test_the_last_word_of_a_person_counts_in_whatever_order_they_come(
    workbench, published, request_of
):
    for thumb in ("down", "up"):
        visit(workbench, published, request_of, 1, 1, 50, thumb)
    opinions = workbench.feedback.list()
    assert content_people(opinions) == content_people(opinions[::-1]) == (1, 1)


def test_two_versions_are_compared_by_what_each_answered(workbench, bot, request_of):
    bot.configure(replace(bot.settings, n_passages=1))
    for ms in (100, 110, 120):
        request_of("", 1, ms)
        request_of("", 2, 2 * ms)
    found = workbench.feedback.compare_versions(bot.id, 1, 2)
    assert (found.time_ms.first.mean, found.time_ms.second.mean) == (110, 220)
    assert found.satisfied is None
    assert workbench.feedback.compare_versions(bot.id, 1, 9).time_ms is None
