from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ingestion.reader import read_file
from tests.unit.ingestion.pdf_files import locked, pdf_with_pages

LIMIT = 10**6


def zip_with(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.md", b"# Title\n\nText", "text/markdown"),
        ("a.txt", b"Just text.", "text/plain"),
        ("notes", b"Just text.", "text/plain"),
        ("a.csv", b"a,b\n1,2\n", "text/csv"),
        ("a.tsv", b"a\tb\n1\t2\n", "text/tab-separated-values"),
        ("a.txt", b"a,b,c\n1,2,3\n4,5,6\n", "text/csv"),
        ("a.pdf", pdf_with_pages("Hello"), "application/pdf"),
        ("a.txt", pdf_with_pages("Hello"), "application/pdf"),
        ("a.csv", b"\r\n" + pdf_with_pages("Hello"), "application/pdf"),
        ("pdf.md", b"A PDF begins with %PDF-1.4 and ends with an end mark.", "text/markdown"),
    ],
)
def test_a_file_is_read_as_what_it_is(name, content, media_type) -> None:
    read = read_file(name, content, max_bytes=LIMIT)

    assert read.status == "read"
    assert read.media_type == media_type
    assert read.n_characters_kept == sum(len(page.text) for page in read.pages) > 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"<!DOCTYPE html>\n<html><body>Hi</body></html>", "web page"),
        ("a.txt", "<html><body>你好</body></html>".encode("utf-16"), "web page"),
        ("a.txt", b"<?xml version='1.0'?><a/>", "XML"),
        ("a.json", b'{"a": 1}', "JSON"),
        ("a.csv", zip_with("xl/workbook.xml"), "Excel"),
        ("a.pdf", zip_with("word/document.xml"), "Word"),
        ("a.txt", zip_with("readme.txt"), "ZIP"),
        ("a.txt", b"PK\x03\x04 cut off", "ZIP"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Office"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
        ("a.txt", b"{\\rtf1 text}", "rich text"),
        ("a.md", bytes(range(256)) * 4, "not a text file"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_can(name, content, words) -> None:
    read = read_file(name, content, max_bytes=LIMIT)

    assert read.status == "refused"
    assert read.pages == ()
    assert words in str(read.notices[0])
    assert ".md" in str(read.notices[0])
    assert ".pdf" in str(read.notices[0])


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.csv", "a.pdf"])
@pytest.mark.parametrize("content", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n"])
def test_an_empty_file_is_refused(name, content) -> None:
    read = read_file(name, content, max_bytes=LIMIT)

    assert read.status == "refused"
    assert "empty" in str(read.notices[0])


def test_a_file_above_the_limit_is_refused_with_both_sizes() -> None:
    read = read_file("big.txt", b"x" * (2 * 2**20), max_bytes=2**20)

    assert read.status == "refused"
    assert "2.0 MB" in str(read.notices[0])
    assert "1.0 MB" in str(read.notices[0])


def test_damaged_characters_make_a_file_partial() -> None:
    read = read_file("a.txt", "退货政策很简单。\n".encode() * 20 + b"\xff\xff\n", max_bytes=LIMIT)

    assert read.status == "partial"
    assert "2 characters" in str(read.notices[0])


def test_a_locked_pdf_can_be_read_again_with_its_password() -> None:
    content = locked(pdf_with_pages("Hello"), "open")

    first = read_file("a.pdf", content, max_bytes=LIMIT)
    second = read_file("a.pdf", content, max_bytes=LIMIT, password="open")

    assert (first.status, first.needs_password) == ("refused", True)
    assert (second.status, second.needs_password) == ("read", False)


@given(st.sampled_from(["a.md", "a.txt", "a.csv", "a.tsv", "a.pdf", "a"]), st.binary(max_size=300))
def test_no_bytes_make_reading_fail(name, content) -> None:
    read = read_file(name, content, max_bytes=LIMIT)

    assert (read.status == "refused") == (not read.pages)
    assert read.notices or read.status == "read"


@given(st.sampled_from(["a.md", "a.csv", "a.txt"]), st.text(max_size=300))
def test_no_text_makes_reading_fail(name, text) -> None:
    read = read_file(name, text.encode("utf-8", errors="ignore"), max_bytes=LIMIT)

    assert all("\r" not in page.text for page in read.pages)
