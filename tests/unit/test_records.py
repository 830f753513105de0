"""Notices keep template and values apart; progress knows its share."""

from __future__ import annotations

import json

import pytest

from studio.errors import InvalidInput, StudioError
from studio.records import Document, Notice, Page, Progress


def test_a_notice_reads_as_english_and_keeps_what_it_was_made_of() -> None:
    notice = Notice("{name} has {n:,} rows.", name="a.csv", n=12_345)
    assert str(notice) == "a.csv has 12,345 rows."
    assert (notice.template, notice.values["n"]) == ("{name} has {n:,} rows.", 12_345)


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 of 2 pages are"), (1, "A page of 2 is"), (2, "2 of 2 pages are")]
)
def test_one_is_said_in_words_of_its_own(n: int, said: str) -> None:
    many, one = "{n_left} of {n_pages} pages are", "A page of {n_pages} is"

    for told in (
        Notice(many, one, n_left=n, n_pages=2),
        InvalidInput(many, one, n_left=n, n_pages=2).notice,
    ):
        assert str(told) == str(Notice.from_json(told.to_json())) == said


def test_braces_in_a_notice_without_values_stay() -> None:
    assert str(Notice("Use {} for nothing")) == "Use {} for nothing"


def test_notices_are_equal_by_content() -> None:
    first, second = Notice("{a}", a=1), Notice("{a}", a=1)
    assert first == second
    assert hash(first) == hash(second)
    assert first != Notice("{a}", a=2)
    assert first != "1"


def test_a_nested_notice_survives_json() -> None:
    notice = Notice("{why} ({n:.1f})", why=Notice("No room on {disk}.", disk="C:"), n=1.5)
    again = Notice.from_json(json.loads(json.dumps(notice.to_json())))
    assert str(again) == str(notice) == "No room on C:. (1.5)"


def test_an_error_is_its_notice() -> None:
    error = InvalidInput("{n} is too many.", fields={"n": "at most 3"}, n=9)
    assert isinstance(error, StudioError)
    assert str(error) == "9 is too many."
    assert error.fields == {"n": Notice("at most 3")}


@pytest.mark.parametrize(("done", "total", "share"), [(5, 10, 0.5), (20, 10, 1.0), (5, None, None)])
def test_progress_knows_its_share(done: float, total: float | None, share: float | None) -> None:
    assert Progress(notice=Notice("x"), done=done, total=total).fraction == share


def test_a_document_counts_its_characters() -> None:
    pages = (Page(text="ab", number=1), Page(text="cde", number=2))
    assert Document(document_id="d", name="d", pages=pages).n_characters == 5
