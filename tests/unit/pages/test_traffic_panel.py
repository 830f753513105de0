"""Simulated traffic on the cost page: shapes, an uploaded trace with its faults, and what is refused."""

from __future__ import annotations

import pytest

from tests.unit.pages.test_business import COST, measure, opened, texts


@pytest.fixture
def bot(bench):
    made = bench.create_chatbot("Help desk")
    measure(bench, made.id, 40)
    return made


@pytest.fixture
def page(open_page, bot):
    at = opened(open_page, COST, bot)
    return at.toggle(key="_cost.traffic").set_value(True).run()


def metrics(at) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def test_steady_traffic_is_played_with_as_many_replicas_as_are_needed(page):
    assert not page.exception
    assert {"p50", "p95", "p99", "In time", "At work", "First word, p95"} <= set(metrics(page))
    assert metrics(page)["Requests"] == "5,000"


def test_a_day_with_a_peak_has_its_own_number_of_requests(page):
    at = page.segmented_control(key="_cost.shape").set_value("day").run()
    assert not at.exception
    assert metrics(at)["Requests"] != "5,000"
    assert "busiest hour" in texts(at)


def test_a_day_that_is_too_long_is_played_at_its_busiest_hour(page):
    at = page.segmented_control(key="_cost.shape").set_value("day").run()
    at.slider(key="_cost.day_peak.4").set_value(1.0).run()
    at = at.number_input(key="_cost.users").set_value(20_000).run()
    assert not at.exception
    assert not at.error
    assert "busiest hour are played" in texts(at)


def test_a_day_begins_with_the_peak_of_the_load(page):
    at = page.segmented_control(key="_cost.shape").set_value("day").run()
    at = at.number_input(key="_cost.peak").set_value(6.0).run()
    days = [one for one in at.slider if one.key.startswith("_cost.day_peak")]
    assert [one.value for one in days] == [6.0]


def played_on(at):
    (field,) = [one for one in at.number_input if one.key.startswith("_cost.played_on")]
    return field


def test_replicas_follow_the_load_and_too_few_are_refused_with_what_is_needed(page):
    at = page.number_input(key="_cost.users").set_value(20_000).run()
    needed = int(played_on(at).value)
    assert needed > 1
    assert not at.error
    at = played_on(at).set_value(1).run()
    assert "the line grows for ever" in at.error[0].value
    assert f"{needed} replicas are needed" in at.error[0].value
    assert not at.metric


def test_more_replicas_have_less_to_do(page):
    one = played_on(page).set_value(1).run()
    busy_alone = metrics(one)["At work"]
    many = played_on(one).set_value(8).run()
    assert metrics(many)["At work"] != busy_alone


def test_a_trace_out_of_order_is_played_and_said_to_be(page):
    at = page.segmented_control(key="_cost.shape").set_value("trace").run()
    content = b"offset_s\n5\n1\n9\n200\n"
    at.file_uploader(key="_cost.trace").set_value(("trace.csv", content, "text/csv")).run()
    assert not at.exception
    assert metrics(at)["Requests"] == "4"
    assert "not in order" in texts(at)


def test_a_file_that_is_no_trace_is_refused(page):
    at = page.segmented_control(key="_cost.shape").set_value("trace").run()
    at.file_uploader(key="_cost.trace").set_value(("x.csv", b"a,b\n1,2\n", "text/csv")).run()
    assert not at.exception
    assert "no column of times" in texts(at)
