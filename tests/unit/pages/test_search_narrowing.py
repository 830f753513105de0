"""Ranges that narrow a search stay what a person meant when the documents change (demo engine)."""

from __future__ import annotations

import re

import pytest

from studio.prototypes.search.settings import SearchSettings


def goods(*prices: int) -> bytes:
    rows = "".join(f"Tent {price},{price},A light tent number {price}\n" for price in prices)
    return f"Name,Price,About\n{rows}".encode()


@pytest.fixture
def search(bench):
    made = bench.create_search("Shop", SearchSettings(min_relevance=0.0, n_results=20))
    made.add_file("goods.csv", goods(10, 20, 30, 40))
    made.update_index().wait(30)
    return made


@pytest.fixture
def at(open_page, search):
    page = open_page("build/search.py", prototype=search.slug)
    page.text_input(key=f"_search.query.{search.id}").set_value("tent").run()
    assert not page.exception
    return page


def add(at, search, *prices: int):
    search.add_file("more.csv", goods(*prices))
    search.update_index().wait(30)
    at.run()
    assert not at.exception


def shown(at) -> str:
    text = "\n".join(element.value for element in at.markdown)
    return re.sub(r":primary-background\[([^\]]*)\]", r"\1", text)  # marked words


def slider(at, search):
    return at.slider(key=f"_search.range.{search.id}.Price")


def test_a_range_nobody_touched_narrows_nothing_when_dearer_goods_come(at, search):
    add(at, search, 90)
    assert "Tent 90" in shown(at)
    assert slider(at, search).value == (10.0, 90.0)


def test_a_range_that_was_set_stays_set_when_dearer_goods_come(at, search):
    slider(at, search).set_value((20.0, 30.0)).run()
    add(at, search, 25, 90)
    assert slider(at, search).value == (20.0, 30.0)
    assert "Tent 25" in shown(at)
    assert "Tent 90" not in shown(at)


def test_an_end_that_was_left_open_stays_open(at, search):
    slider(at, search).set_value((20.0, 40.0)).run()
    add(at, search, 90)
    assert slider(at, search).value == (20.0, 90.0)
    assert "Tent 90" in shown(at)
    assert "Tent 10" not in shown(at)


def test_what_the_browser_still_says_of_filters_taken_away_narrows_nothing(at, search):
    was_set = (20.0, 30.0)
    key = slider(at, search).key
    slider(at, search).set_value(was_set).run()
    at.button(key=f"_search.unfilter.{search.id}").click().run()
    at.session_state[key] = was_set  # of a slider in a closed popover
    at.run()

    assert not at.exception
    assert {"Tent 10", "Tent 40"} <= {line.strip("*") for line in shown(at).splitlines()}
    assert [one.value for one in at.slider if one.label == "Price"] == [(10.0, 40.0)]


def test_the_numbers_beside_values_say_what_they_count(bench, open_page):
    made = bench.create_search("Shop", SearchSettings(min_relevance=0.0))
    rows = "".join(f"Tent {n},{'red' if n % 2 else 'blue'},A light tent {n}\n" for n in range(8))
    made.add_file("goods.csv", f"Name,Colour,About\n{rows}".encode())
    made.update_index().wait(30)
    at = open_page("build/search.py", prototype=made.slug)
    at.text_input(key=f"_search.query.{made.id}").set_value("tent").run()
    assert "all table rows that pass the other filters" in "\n".join(
        one.value for one in at.caption
    )


def test_dates_are_put_in_order_by_earliest_and_latest(bench, open_page):
    search = bench.create_search("Events", SearchSettings(min_relevance=0.0))
    rows = "".join(
        f"Talk {day},2026年3月{day}日,{day} 元,A talk number {day}\n" for day in (4, 12, 20)
    )
    search.add_file("talks.csv", f"Name,Day,Price,About\n{rows}".encode())
    search.update_index().wait(30)
    at = open_page("build/search.py", prototype=search.slug)
    at.text_input(key=f"_search.query.{search.id}").set_value("talk").run()
    order = at.radio(key=f"_search.order.{search.id}")

    assert order.options == [
        "Most relevant first", "Day, earliest first", "Day, latest first",
        "Price, lowest first", "Price, highest first",
    ]  # fmt: skip
    order.set_value(order.options[2]).run()
    found = re.findall(r"Talk \d+", shown(at))
    assert found[:3] == ["Talk 20", "Talk 12", "Talk 4"]
