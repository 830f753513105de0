"""Real files as people have them: what comes out must be right or refused with a reason."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from studio.ingestion.reader import ReadFile, read_file

PASSWORDS = {
    "encrypted-file.pdf": "test",
    "libreoffice-writer-password.pdf": "openpassword",
}
READABLE = (
    ".md", ".txt", ".csv", ".tsv", ".psv", ".pdf", ".docx", ".xlsx", ".html", ".json",
)  # fmt: skip
REFUSED = {
    "ck_empty.csv": "empty",
    "derived_truncated.pdf": "end is missing",
    "duplicate-paragraphs.doc": "old Word document",
    "mk_test.xls": "old Excel workbook",
    "mt_blank_line.ods": "OpenDocument",
    "password_protected.xlsx": "locked with a password",
    "tbl-having-tables.docx": "empty",
    "test_rss.xml": "XML",
    "winter-sports.epub": "e-book",
}


@pytest.fixture(scope="module")
def messy(studio_data) -> Path:
    return studio_data / "messy_files"


@pytest.fixture
def read(messy):
    def read_named(name: str) -> ReadFile:
        content = (messy / name).read_bytes()
        return read_file(name, content, max_bytes=10**7, password=PASSWORDS.get(name))

    return read_named


def test_every_file_is_read_or_refused_with_a_reason(messy, read) -> None:
    manifest = (messy / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    names = [json.loads(line)["file"] for line in manifest]
    results = {name: read(name) for name in names}

    assert len(results) > 60
    for name, result in results.items():
        is_expected = name.endswith(READABLE) and name not in REFUSED
        assert (result.status != "refused") == is_expected, (name, result.notices)
        assert result.notices or result.status == "read", name
        assert REFUSED.get(name, "") in " ".join(map(str, result.notices)), name
        for page in result.pages:
            rows = [(row.start, row.end) for row in page.rows]
            assert rows == sorted(rows), name
            assert all(page.text[start:end].strip() for start, end in rows), name
        assert "\ufffd" not in "".join(page.text for page in result.pages), name


def shape(result: ReadFile) -> tuple[int | None, str]:
    return result.n_rows, result.pages[0].text.split("\n\n")[0]


@pytest.mark.parametrize(
    ("name", "n_rows", "first"),
    [
        ("ck_bad.csv", 3, "column_a: 1; column_b: 27; I'm too long!"),
        ("ck_mac_newlines.csv", 2, "a: 1; b: 2; c: 3"),
        ("ck_test_locale.csv", 1, "a: 1,7; b: 200.000.000"),
        ("ck_test_utf16_little.csv", 2, "a: 1; b: 2; c: 3"),
        ("csv-with-escaped-commas.csv", 2, "A: A; A: A; A: A; A: A,A; A: A"),
        (
            "derived_mixed_gbk_utf8.csv",
            227,
            "标题: 词汇阅读是关键 08年考研暑期英语复习全指南; 分类: 教育",
        ),
        (
            "derived_thucnews_ragged.csv",
            299,
            "标题: 词汇阅读是关键 08年考研暑期英语复习全指南; 分类: 教育",
        ),
        (
            "derived_thucnews_utf16.tsv",
            300,
            "标题: 词汇阅读是关键 08年考研暑期英语复习全指南; 分类: 教育",
        ),
        ("fr_blank-headers.csv", 2, "id: 1101; John; age: 30"),
        ("fr_bom.csv", 2, "id: 1; name: english"),
        ("mt_null.csv", 10, "1; null; 0; 0"),
        ("table-semicolon-delimiter.csv", 3, "Year: 2022; Month: 1; Revenue: 123; Costs: -123"),
        ("stanley-cups-utf-16.csv", 3, "Stanley Cups"),
        ("mk_test.xlsx", 27, "Alpha: 89; Beta: 82; Gamma: 100; Delta: 12"),
        ("2023-half-year-analyses-by-segment.xlsx", 87, "3. Analyses by segment"),
    ],
)
def test_tables_keep_their_rows(read, name, n_rows, first) -> None:
    assert shape(read(name)) == (n_rows, first)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("umlauts-non-utf8.md", "können"),
        ("sample-russian.txt", "В гимназии он не был в числе первых"),
        ("sample-arabic.txt", "بالموازاة مع ذلك"),
        ("fake-text-utf-16-le.txt", "This is a te"),
        ("mt_sparse_with_column_errors.csv", "Trägerorganisationen"),
        ("crazyones.pdf", "crazy ones"),
        ("2023-half-year-analyses-by-segment.xlsx", "Zone NA; Sales (a): 12,553"),
        ("emoji.xlsx", "🤠😅"),
        ("docx-tables.docx", "Header Col 1: Lorem ipsum; Header Col 2: A link example"),
        ("handbook-1p.docx", "The United States Trustee appoints"),
        ("mk_test.docx", "# Abstract"),
        ("mk_test.json", "key1: string_value"),
        ("example-steelJIS-datasheet-utf-16.html", "C: 0.39 - 0.46; Si: 0.2 - 0.35"),
        ("fake-html-cp1252.html", "Der Preis betrug 15,50 €"),
        ("mt_invisible_text.html", "Station: Acton Town"),
        ("test_blog.html", "# Does Model and Inference Parameter Matter in LLM Applications?"),
        ("encrypted-file.pdf", ""),
        ("r6-user-password.pdf", ""),
        ("korean-text-with-tables.pdf", "다"),
        ("pdf-bad-color-space.pdf", ""),
    ],
)
def test_known_words_are_there(read, name, words) -> None:
    result = read(name)

    assert result.status == "read"
    assert words in "".join(page.text for page in result.pages)


def test_mixed_encodings_are_told(read) -> None:
    assert "two encodings" in str(read("derived_mixed_gbk_utf8.csv").notices[0])


def test_a_locked_pdf_asks_for_its_password(messy) -> None:
    read = partial(read_file, max_bytes=10**7)
    result = read("encrypted-file.pdf", (messy / "encrypted-file.pdf").read_bytes())

    assert result.needs_password
