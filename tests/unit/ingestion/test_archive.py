"""Compressed folders: every file in them, within limits, and no tricks."""

from __future__ import annotations

import io
import random
import stat
import zipfile

import pytest

from studio.ingestion.archive import read_archive
from studio.ingestion.reader import read_file, read_files
from studio.ingestion.unpacking import UnpackingLimits
from tests.unit.ingestion.office_files import docx, paragraph, xlsx, zip_of

LIMIT = 10**6


def read(files: dict[str, bytes | str]):
    return read_files("docs.zip", zip_of(files), max_bytes=LIMIT)


def test_every_file_is_read_by_itself_and_keeps_its_path_and_bytes() -> None:
    files = read(
        {
            "policies/returns.md": "# Returns",
            "word/guide.docx": docx(paragraph("A guide")),
            "prices.xlsx": xlsx(S=[["Name", "Price"], ["Cup", 3]]),
            "logo.png": b"\x89PNG\r\n\x1a\n" + bytes(80),
        }
    )

    assert [(file.name, file.status) for file in files] == [
        ("docs.zip/policies/returns.md", "read"),
        ("docs.zip/word/guide.docx", "read"),
        ("docs.zip/prices.xlsx", "read"),
        ("docs.zip/logo.png", "refused"),
    ]
    assert files[0].content == b"# Returns"
    assert "picture" in str(files[3].notices[0])


def test_hidden_files_are_left_out_and_told() -> None:
    files = read(
        {
            "a.md": "text",
            "__MACOSX/._a.md": "x",
            ".DS_Store": "x",
            "b/~$c.docx": "x",
        }
    )

    assert [file.name for file in files] == ["docs.zip/a.md"]
    assert "3 hidden files" in str(files[0].notices[0])
    assert files[0].status == "read"


@pytest.mark.parametrize(
    "path", ["../evil.md", "a/../../evil.md", "/etc/evil.md", "C:/evil.md", "a\\..\\evil.md"]
)
def test_paths_that_lead_elsewhere_are_refused_and_the_others_read(path) -> None:
    evil, good = read({path: "text", "good.md": "text"})

    assert (evil.status, good.status) == ("refused", "read")
    assert "path" in str(evil.notices[0])


def test_links_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link.md")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    (file,) = read_files("docs.zip", buffer.getvalue(), max_bytes=LIMIT)

    assert file.status == "refused"
    assert "link" in str(file.notices[0])


def test_members_with_a_password_are_refused() -> None:
    content = bytearray(zip_of({"a.md": "text"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1

    (file,) = read_files("docs.zip", bytes(content), max_bytes=LIMIT)

    assert "password" in str(file.notices[0])


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zip_of({"bomb.txt": bytes(64 * 2**20), "good.md": "text"})

    (file,) = read_files("bomb.zip", bomb, max_bytes=10**9)

    assert file.status == "refused"
    assert "unpacks" in str(file.notices[0])


def test_one_tight_member_among_others_is_refused_alone() -> None:
    limits = UnpackingLimits(
        max_ratio=50, ratio_from_bytes=10_000, max_total_bytes=10**6, max_files=9
    )
    noise = random.Random(1).randbytes(60_000)
    files = {"bomb.txt": bytes(300_000), "noise.bin": noise}

    content = read_archive("a.zip", zip_of(files), max_bytes=10**6, limits=limits)

    assert [attached.refusal is None for attached in content.attached] == [False, True]


def test_more_files_or_bytes_than_allowed_are_left_out_and_told() -> None:
    limits = UnpackingLimits(max_files=2, max_total_bytes=10)
    few = read_archive("a.zip", zip_of(dict.fromkeys("abc", "x")), max_bytes=LIMIT, limits=limits)
    large = read_archive(
        "a.zip", zip_of({"a": "123456", "b": "123456"}), max_bytes=LIMIT, limits=limits
    )

    assert [len(content.attached) for content in (few, large)] == [2, 1]
    assert not few.is_complete
    assert "One file in a.zip" in str(few.notices[0])


def test_what_was_left_out_of_a_folder_is_told_by_its_own_name(monkeypatch) -> None:
    monkeypatch.setattr(read_archive, "__kwdefaults__", {"limits": UnpackingLimits(max_files=1)})

    first, rest = read({"a.md": "text", "b.md": "text"})

    assert (first.name, first.status) == ("docs.zip/a.md", "read")
    assert (rest.name, rest.status) == ("docs.zip", "refused")


def test_members_above_the_limit_are_refused_unread() -> None:
    (file,) = read_files("a.zip", zip_of({"big.txt": "x" * 500}), max_bytes=400)

    assert file.status == "refused"
    assert "at most" in str(file.notices[0])


def test_chinese_names_of_old_programs_are_read() -> None:
    name = "退货政策.md"
    content = zip_of({"A" * len(name.encode("gb18030")): "text"})
    content = content.replace(b"A" * len(name.encode("gb18030")), name.encode("gb18030"))

    (file,) = read_files("docs.zip", content, max_bytes=LIMIT)

    assert file.name == f"docs.zip/{name}"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zip_of({}), "no files"),
        (zip_of({".x": "y"}), "no files"),
        (b"PK\x03\x04 cut off", "damaged"),
    ],
)
def test_a_folder_without_files_is_refused(content, words) -> None:
    (file,) = read_files("docs.zip", content, max_bytes=LIMIT)

    assert file.status == "refused"
    assert words in " ".join(map(str, file.notices))


def test_a_single_reading_takes_the_first_readable_file_and_says_so() -> None:
    content = zip_of({"x.png": b"\x89PNG\r\n\x1a\n" + bytes(80), "a.md": "# A", "b.md": "# B"})

    file = read_file("docs.zip", content, max_bytes=LIMIT)

    assert (file.name, file.status, file.content) == ("docs.zip", "partial", None)
    assert file.pages[0].text == "# A"
    assert "3 files" in str(file.notices[0])
    assert read_file("docs.zip", zip_of({"a.md": "# A"}), max_bytes=LIMIT).status == "read"
