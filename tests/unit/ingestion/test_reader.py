from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ingestion import reader
from studio.ingestion.reader import read_again, read_file, read_files
from tests.unit.ingestion.office_files import docx, paragraph, xlsx, zip_of
from tests.unit.ingestion.pdf_files import locked, pdf_with_pages

LIMIT = 10**6
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HTML = "<html><body>你好</body></html>"
XHTML = b'<?xml version="1.0"?>\n<!DOCTYPE html>\n<html><body>Hi</body></html>'
MAIL = b"From: a@b.example\nMessage-ID: <1@b>\n\nHello"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
        ("a.csv", b"<!DOCTYPE html>\n<html><body>Hi</body></html>", "text/html"),
        ("a.txt", HTML.encode("utf-16"), "text/html"),
        ("a.html", HTML.encode("gb18030"), "text/html"),
        ("a.xml", XHTML, "text/html"),
        ("a.json", b'{"a": 1}', "application/json"),
        ("a.txt", b'[{"a": 1}]', "application/json"),
        ("a.txt", b'{"a": 1}\n{"a": 2}', "application/json"),
        ("a.txt", b'{"a": 1, broken', "text/plain"),
        ("a.eml", MAIL, "message/rfc822"),
        ("mail", MAIL, "message/rfc822"),
        ("note.txt", b"From: here to there\nNot a mail", "text/plain"),
        ("a.csv", xlsx(S=[["a", "b"], [1, 2]]), XLSX),
        ("a.pdf", docx(paragraph("Hi")), DOCX),
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
        ("a.txt", b"<?xml version='1.0'?><a/>", "XML"),
        ("a.ipynb", b'{"cells": []}', "notebook"),
        ("a.xlsx", zip_of({"[Content_Types].xml": "", "xl/workbook.bin": ""}), ".xlsb"),
        ("a.odt", zip_of({"content.xml": ""}), "OpenDocument"),
        ("a.epub", zip_of({"META-INF/container.xml": ""}), "EPUB"),
        ("a.doc", OLE + bytes(600), "Office"),
        ("a.doc", OLE + "WordDocument".encode("utf-16-le"), ".docx"),
        ("a.xls", OLE + "Workbook".encode("utf-16-le"), ".xlsx"),
        ("a.msg", OLE + "__properties_version1.0".encode("utf-16-le"), ".eml"),
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


def test_a_locked_office_file_says_so() -> None:
    read = read_file("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), max_bytes=LIMIT)

    assert read.status == "refused"
    assert "locked with a password" in str(read.notices[0])


def test_an_encoding_that_a_page_declares_is_believed() -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body>Żółw łąka</body></html>'

    read = read_file("a.html", page.encode("iso-8859-2"), max_bytes=LIMIT)

    assert read.pages[0].text == "Żółw łąka"


@pytest.mark.parametrize(
    ("name", "content", "shape"),
    [
        ("a.csv", b"name,price\nCup,3\nPot,9\n", "table"),
        ("a.csv", b"Question,Answer\nCan I return it?,Yes.\nWhen?,Soon.\n", "questions"),
        ("a.csv", "问题,回答\n可以退货吗？,可以。\n".encode("gb18030"), "questions"),
        ("a.json", b'[{"q": "Why?", "a": "So."}]', "questions"),
        ("a.md", b"Q: Why?\nA: So.\n\nQ: When?\nA: Now.", "questions"),
        ("a.md", b"# Just text", "text"),
    ],
)
def test_the_shape_and_columns_of_a_file_are_told(name, content, shape) -> None:
    read = read_file(name, content, max_bytes=LIMIT)

    assert read.shape == shape
    assert bool(read.columns) == (shape != "text")


def test_one_file_gives_one_result_that_both_doors_agree_on() -> None:
    read = read_files("a.md", b"# Title", max_bytes=LIMIT)

    assert read == (read_file("a.md", b"# Title", max_bytes=LIMIT),)
    assert (read[0].content, read[0].n_characters_dropped) == (None, 0)


def test_a_fault_of_ours_refuses_one_file_and_the_others_are_read(monkeypatch, caplog) -> None:
    def fail(name, decoded):
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(reader, "read_html", fail)
    folder = zip_of({"a.html": "<p>A</p>", "b.txt": "B"})
    whole = read_files("a.html", b"<p>A</p>", max_bytes=LIMIT)
    within = read_files("f.zip", folder, max_bytes=LIMIT)

    assert [one.status for one in (*whole, *within)] == ["refused", "refused", "read"]
    for one in (whole[0], within[0]):
        incident = one.notices[0].values["id"]
        assert "something unexpected happened" in str(one.notices[0])
        assert any(f"incident {incident}" in record.message for record in caplog.records)
    assert within[0].content == b"<p>A</p>"


def test_a_table_is_read_again_and_everything_else_stays() -> None:
    text = read_file("a.md", b"# Title", max_bytes=LIMIT)
    assert read_again(text, b"# Title", first_row_names=False) is text
    table = read_file("a.csv", b"Alice,Paris\nBob,Rome\n", max_bytes=LIMIT)
    again = read_again(table, b"Alice,Paris\nBob,Rome\n", first_row_names=False)
    assert (table.n_rows, again.n_rows) == (1, 2)
    single = read_file("a.csv", b"Alice,Paris\n", max_bytes=LIMIT)
    assert read_again(single, b"Alice,Paris\n", first_row_names=True) is single


def test_what_was_said_of_one_sheet_holds_when_another_is_read_again() -> None:
    book = xlsx(A=[["Alice", "Paris"], ["Bob", "Rome"]], B=[["Carol", "Oslo"], ["Dan", "Bern"]])
    read = read_file("b.xlsx", book, max_bytes=LIMIT)
    again = read_again(read, book, first_row_names=False, sheet="A")
    both = read_again(again, book, first_row_names=False, sheet="B")
    back = read_again(both, book, first_row_names=True, sheet="A")

    assert [one.n_rows for one in (read, again, both, back)] == [2, 3, 4, 3]
    assert [(one.name, one.has_header) for one in back.sheets] == [("A", True), ("B", False)]
    assert [column.name for column in again.columns][:2] == ["Column 1", "Column 2"]


NAMES = [
    "a.md",
    "a.txt",
    "a.csv",
    "a.tsv",
    "a.pdf",
    "a",
    "a.html",
    "a.json",
    "a.eml",
    "a.docx",
    "a.zip",
]
STARTS = [
    b"",
    b"<html>",
    b"{",
    b"[",
    b"From: a\n",
    b"PK\x03\x04",
    OLE,
    docx("")[:200],
    xlsx(S=[[1]])[:900],
]


@settings(deadline=None)  # parsers are imported when first needed
@given(st.sampled_from(NAMES), st.sampled_from(STARTS), st.binary(max_size=300))
def test_no_bytes_make_reading_fail_in_either_door(name, start, content) -> None:
    for read in read_files(name, start + content, max_bytes=LIMIT):
        assert (read.status == "refused") == (not read.pages)
        assert read.notices or read.status == "read"
        assert "unexpected" not in "".join(map(str, read.notices))


@settings(deadline=None)  # parsers are imported when first needed
@given(st.sampled_from(["a.md", "a.txt", "a.csv", "a.tsv", "a.pdf", "a"]), st.binary(max_size=300))
def test_no_bytes_make_reading_fail(name, content) -> None:
    read = read_file(name, content, max_bytes=LIMIT)

    assert (read.status == "refused") == (not read.pages)
    assert read.notices or read.status == "read"
    assert "unexpected" not in "".join(map(str, read.notices))


@settings(deadline=None)  # parsers are imported when first needed
@given(st.sampled_from(["a.md", "a.csv", "a.txt"]), st.text(max_size=300))
def test_no_text_makes_reading_fail(name, text) -> None:
    read = read_file(name, text.encode("utf-8", errors="ignore"), max_bytes=LIMIT)

    assert all("\r" not in page.text for page in read.pages)
    assert "unexpected" not in "".join(map(str, read.notices))
