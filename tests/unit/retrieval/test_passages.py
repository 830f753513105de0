from __future__ import annotations

import pytest

from studio.records import Chunk
from studio.retrieval.passages import document_title, searchable_text


def chunk(text: str, **fields) -> Chunk:
    named = {"document_name": "returns-policy.md", **fields}
    return Chunk(chunk_id=0, document_id="d", page=None, start=0, end=len(text), text=text, **named)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("returns-policy_2026.pdf", "returns policy 2026"),
        ("shop/docs/returns.md", "returns"),
        ("Super_Bowl_50", "Super Bowl 50"),
        ("on lift/drag ratios of wings", "on lift/drag ratios of wings"),
        ("退货政策.docx", "退货政策"),
        ("Refund policy final v2.docx", "Refund policy final v2"),
        ("Document management guide.pdf", "Document management guide"),
        ("产品文件.pdf", "产品文件"),
        ("0023.pdf", ""),
        ("scan_0001.pdf", ""),
        ("IMG_2043.jpg", ""),
        ("New Document (3).docx", ""),
        ("final_v2.docx", ""),
        ("Screenshot 2026-01-02.png", ""),
        ("3f9ad2c41b7e.pdf", ""),
        ("550e8400-e29b-41d4-a716-446655440000.pdf", ""),
        ("新建文档(2).docx", ""),
        ("微信图片_20260102.png", ""),
        ("", ""),
    ],
)
def test_a_documents_name_gives_its_title(name, title) -> None:
    assert document_title(name) == title


def test_a_passage_without_headings_is_found_by_its_documents_title() -> None:
    assert searchable_text(chunk("Within seven days.")) == "returns policy\nWithin seven days."
    assert searchable_text(chunk("Our Returns Policy: seven days.")).startswith("Our")


def test_headings_stand_for_the_title_and_are_not_said_twice() -> None:
    assert searchable_text(chunk("Seven days.", heading="A > B")) == "A > B\nSeven days."
    assert searchable_text(chunk("# B\n\nSeven.", heading="A > B")) == "A\n# B\n\nSeven."


def test_rows_have_no_title_but_their_own() -> None:
    row = chunk("Name: Tent; Price: 5", cells=(("Name", "Tent"), ("Price", "5")))

    assert searchable_text(row) == row.text
    assert searchable_text(chunk("x", indexed_text="Only this.")) == "Only this."
