from __future__ import annotations

import itertools
import logging
import random

import pytest

from studio.ingestion.pdf import read_pdf
from tests.unit.ingestion.pdf_files import locked, pdf_with_pages


def texts(content) -> list[tuple[int | None, str]]:
    return [(page.number, page.text.strip()) for page in content.pages]


def test_pages_keep_their_numbers() -> None:
    content = read_pdf("a.pdf", pdf_with_pages("First page", "Second page"))

    assert texts(content) == [(1, "First page"), (2, "Second page")]
    assert content.is_complete
    assert content.notices == ()


def test_pages_that_are_pictures_are_counted() -> None:
    content = read_pdf("a.pdf", pdf_with_pages("Text", None, None))

    assert texts(content) == [(1, "Text")]
    assert not content.is_complete
    assert "2 of 3 pages" in str(content.notices[0])


def test_a_scan_has_no_pages_and_says_why() -> None:
    content = read_pdf("scan.pdf", pdf_with_pages(None))

    assert content.pages == ()
    assert "picture without text" in str(content.notices[0])


def test_empty_pages_are_no_loss() -> None:
    content = read_pdf("a.pdf", pdf_with_pages("Text", "", "More"))

    assert texts(content) == [(1, "Text"), (3, "More")]
    assert content.is_complete


def test_a_pdf_of_empty_pages_has_no_text() -> None:
    content = read_pdf("a.pdf", pdf_with_pages("", ""))

    assert content.pages == ()
    assert "no text" in str(content.notices[0])


@pytest.mark.parametrize(("password", "words"), [(None, "locked"), ("wrong", "not right")])
def test_a_locked_pdf_asks_for_its_password(password, words) -> None:
    content = read_pdf("a.pdf", locked(pdf_with_pages("Secret"), "open"), password=password)

    assert content.pages == ()
    assert content.needs_password
    assert words in str(content.notices[0])


def test_the_right_password_opens_a_locked_pdf() -> None:
    content = read_pdf("a.pdf", locked(pdf_with_pages("Secret"), "open"), password="open")

    assert texts(content) == [(1, "Secret")]
    assert not content.needs_password


def test_an_empty_password_is_tried_unasked() -> None:
    content = read_pdf("a.pdf", locked(pdf_with_pages("Open to all"), ""))

    assert texts(content) == [(1, "Open to all")]


def test_an_incomplete_file_is_told_from_a_damaged_one() -> None:
    whole = pdf_with_pages("Text")

    assert "end is missing" in str(read_pdf("a.pdf", b"%PDF-1.4\n" + whole[9:60]).notices[0])
    assert "damaged" in str(read_pdf("a.pdf", b"%PDF-1.4\nnonsense\n%%EOF").notices[0])


def test_reading_stops_after_the_page_limit_and_keeps_what_it_has() -> None:
    content = read_pdf("a.pdf", pdf_with_pages("One", "Two", "Three"), max_pages=2)

    assert texts(content) == [(1, "One"), (2, "Two")]
    assert "last 1 of 3" in str(content.notices[0])


def test_reading_stops_after_the_time_limit() -> None:
    ticks = itertools.count(step=10.0)

    content = read_pdf(
        "a.pdf", pdf_with_pages("One", "Two", "Three"), max_seconds=15, clock=lambda: next(ticks)
    )

    assert texts(content) == [(1, "One")]
    assert not content.is_complete


def test_damage_of_any_kind_raises_nothing_and_logs_nothing(caplog) -> None:
    whole = pdf_with_pages("Some text here", None, "More text")
    rng = random.Random(7)

    with caplog.at_level(logging.WARNING):
        for _ in range(400):
            damaged = bytearray(whole)
            for _ in range(rng.randint(1, 40)):
                damaged[rng.randrange(9, len(damaged))] = rng.randrange(256)
            content = read_pdf("a.pdf", bytes(damaged[: rng.randint(20, len(damaged))]))
            assert content.pages or content.notices

    assert caplog.records == []


def test_one_damaged_page_does_not_cost_the_others(monkeypatch) -> None:
    from pypdf import PageObject

    original = PageObject.extract_text

    def fail_on_second(page, *args, **kwargs):
        text = original(page, *args, **kwargs)
        if "Two" in text:
            raise RecursionError
        return text

    monkeypatch.setattr(PageObject, "extract_text", fail_on_second)

    content = read_pdf("a.pdf", pdf_with_pages("One", "Two", "Three"))

    assert texts(content) == [(1, "One"), (3, "Three")]
    assert "Page 2 of " in str(content.notices[0])
