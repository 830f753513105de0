"""What is kept between two runs of a page, few at a time."""

from __future__ import annotations

from components.shelf import Shelf


def test_what_was_not_looked_at_longest_gives_way() -> None:
    shelf: Shelf[int] = Shelf(2)
    shelf.put("a", 1)
    shelf.put("b", 2)
    assert shelf.get("a") == 1
    shelf.put("c", 3)
    assert [shelf.get(name) for name in "abc"] == [1, None, 3]


def test_a_thing_takes_the_place_of_the_one_of_its_name_and_can_be_dropped() -> None:
    shelf: Shelf[int] = Shelf(2)
    shelf.put("a", 1)
    shelf.put("a", 2)
    assert shelf.get("a") == 2
    shelf.drop("a")
    shelf.drop("a")
    assert shelf.get("a") is None
