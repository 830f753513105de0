"""E-mails: header, text and attachments."""

from __future__ import annotations

from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ingestion.mail import read_mail
from studio.ingestion.reader import read_file, read_files
from tests.unit.ingestion.office_files import zip_of
from tests.unit.ingestion.pdf_files import pdf_with_pages

LIMIT = 10**6


def message(text: str = "Hello, where is my tent?\n") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Anna <anna@example.org>"
    mail["To"] = "shop@example.org"
    mail["Subject"] = "退货 question"
    mail["Date"] = "Mon, 23 Nov 2026 10:00:00 +0100"
    mail["MIME-Version"] = "1.0"
    mail.set_content(text)
    return mail


def test_header_and_text_are_read() -> None:
    (page,) = read_mail("a.eml", message().as_bytes()).pages

    assert page.text.split("\n\n") == [
        "Subject: 退货 question\nFrom: Anna <anna@example.org>\nTo: shop@example.org\n"
        "Date: Mon, 23 Nov 2026 10:00:00 +0100",
        "Hello, where is my tent?",
    ]


def test_of_two_forms_the_plain_one_is_read_unless_it_is_empty() -> None:
    both, empty = message(), message("\n")
    for mail in (both, empty):
        mail.add_alternative("<p>Hello <b>there</b></p>", subtype="html")

    assert read_mail("a.eml", both.as_bytes()).pages[0].text.endswith("where is my tent?")
    assert read_mail("a.eml", empty.as_bytes()).pages[0].text.endswith("Hello there")


def test_a_text_in_gb2312_is_read_with_its_larger_relative() -> None:
    raw = (
        b"From: a@b.cn\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=gb2312\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + "王喆".encode("gb18030")
    )

    assert read_mail("a.eml", raw).pages[0].text.endswith("王喆")


def test_attachments_are_read_like_files_of_their_own() -> None:
    mail = message()
    mail.add_attachment(
        pdf_with_pages("Receipt"), maintype="application", subtype="pdf", filename="r.pdf"
    )
    mail.add_attachment(
        b"\x89PNG\r\n\x1a\n" + bytes(80), maintype="image", subtype="png", filename="x.png"
    )
    mail.add_attachment(
        b"<svg/>", maintype="image", subtype="svg+xml", disposition="inline", cid="<1>"
    )

    files = read_files("q.eml", mail.as_bytes(), max_bytes=LIMIT)

    assert [(file.name, file.status) for file in files] == [
        ("q.eml", "read"),
        ("q.eml/r.pdf", "read"),
        ("q.eml/x.png", "refused"),
    ]
    assert files[1].pages[0].text == "Receipt"
    assert files[1].content == pdf_with_pages("Receipt")
    assert "r.pdf, x.png" in str(files[0].notices[-1])
    assert "pictures" in str(files[0].notices[0])
    assert read_file("q.eml", mail.as_bytes(), max_bytes=LIMIT) == files[0]


def test_a_forwarded_mail_is_read_and_what_lies_deeper_is_told() -> None:
    inner = message("Inner text\n")
    inner.add_attachment(
        zip_of({"a.txt": "deep"}), maintype="application", subtype="zip", filename="z.zip"
    )
    outer = message("Outer text\n")
    outer.add_attachment(inner)
    outer.add_attachment(
        zip_of({"a.txt": "x"}), maintype="application", subtype="zip", filename="y.zip"
    )

    files = read_files("q.eml", outer.as_bytes(), max_bytes=LIMIT)

    assert [(file.name, file.status) for file in files] == [
        ("q.eml", "read"),
        ("q.eml/message.eml", "partial"),
        ("q.eml/y.zip", "refused"),
    ]
    assert "Inner text" in files[1].pages[0].text
    assert "z.zip" in str(files[1].notices[-1])
    assert "within a file" in str(files[2].notices[0])


def test_a_name_with_a_path_names_only_the_file() -> None:
    mail = message()
    mail.add_attachment(b"text", maintype="text", subtype="plain", filename="../../etc/notes.txt")

    assert read_mail("a.eml", mail.as_bytes()).attached[0].name == "notes.txt"


def test_a_mail_that_was_cut_off_is_partial() -> None:
    mail = message()
    mail.add_attachment(b"text", maintype="text", subtype="plain", filename="notes.txt")
    whole = mail.as_bytes()

    (first, *_) = read_files("a.eml", whole[: whole.rindex(b"--==")], max_bytes=LIMIT)

    assert first.status == "partial"
    assert "incomplete" in str(first.notices[0])


@settings(deadline=None)  # parsers are imported when first needed
@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_damage_makes_reading_fail(noise, at) -> None:
    mail = message()
    mail.add_attachment(b"text", maintype="text", subtype="plain", filename="notes.txt")
    whole = mail.as_bytes()

    content = read_mail("a.eml", whole[:at] + noise + whole[at:])

    assert content.pages or content.notices or content.attached
