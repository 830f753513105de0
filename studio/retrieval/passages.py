"""Passages on disk and as models see them.

One JSON object per line, in the order of their rows. The module knows no vectors.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from studio.records import Chunk
from studio.retrieval.terms import CJK_CLASS

PASSAGES_FILE = "passages.jsonl"
_FILE_NAME = re.compile(r"(?:.*[/\\])?([^/\\]+)\.[A-Za-z0-9]{1,5}")
_WORD = re.compile(rf"[^\W\d_{CJK_CLASS}]{{3}}|[{CJK_CLASS}]{{2}}")
# What scanners, cameras and programs call a file when nobody names it, and what tells versions apart.
# Before a passage these only move its vector (nDCG@10 on Cranfield by meaning: 0.331 without a name,
# 0.320 with such a one, 0.404 with the title).
_SAYS_NOTHING = re.compile(
    r"(?<![^\W_])(?:"
    r"(?:scan(?:ned)?|scanner|img|image|picture|photo|dsc[fn]?|pxl|mvimg|screen ?shot|capture|attachment"
    r"|document|doc|docx|pdf|file|page|text|note|sheet|table|book|presentation|untitled|unnamed|new"
    r"|copy|draft|final|version|ver|rev|download|downloads|upload|temp|tmp|export|output|default"
    r"|(?:microsoft|google|word|excel|whatsapp|wechat) ?(?:image|document|file)?|at|of|the)\d*"
    r"|(?=[0-9a-f]*\d)[0-9a-f]{6,}"
    r")(?![^\W_])"
    r"|扫描件?|掃描|图片|圖片|照片|截图|截屏|屏幕快照|文档|文件|文檔|新建|未命名|无标题|副本|最终版?|下载|导出|附件|微信"
)


def searchable_text(chunk: Chunk) -> str:
    """What is embedded and indexed: the headings above or else the document's title, then the text.

    What the passage's first line says already is not given twice. A passage with an `indexed_text`
    is that; a table row without one is its own text.
    """
    if chunk.indexed_text:
        return chunk.indexed_text
    first_line = chunk.text.split("\n", 1)[0]
    if not chunk.heading:
        title = "" if chunk.cells else document_title(chunk.document_name)
        is_said = title.casefold() in first_line.casefold()
        return chunk.text if is_said else f"{title}\n{chunk.text}"
    *above, nearest = chunk.heading.split(" > ")
    path = above if nearest in first_line else [*above, nearest]
    return "\n".join(filter(None, [" > ".join(path), chunk.text]))


def document_title(name: str) -> str:
    """The words of a document's name: "returns-policy_2026.pdf" is "returns policy 2026".

    A title that is no file name stays as it is, but for marks between its words. Empty for a name
    that says nothing: one that a machine gave ("scan_0001.pdf", "3f9ad2c41b.pdf"), or without a word
    of three letters or two Chinese characters.
    """
    file_name = _FILE_NAME.fullmatch(name)
    title = " ".join(re.split(r"[\s_-]+", file_name[1] if file_name else name)).strip()
    told = _SAYS_NOTHING.sub(" ", title.casefold())
    return title if _WORD.search(told) else ""


def text_key(text: str) -> str:
    """A key under which the vector of a text can be found again."""
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def write_passages(folder: Path, chunks: Iterable[Chunk]) -> None:
    """Write the passages into the folder, which must exist. Raises OSError."""
    with (folder / PASSAGES_FILE).open("w", encoding="utf-8", newline="\n") as file:
        for chunk in chunks:
            fields = {
                "document_id": chunk.document_id,
                "document_name": chunk.document_name,
                "page": chunk.page,
                "start": chunk.start,
                "end": chunk.end,
                "heading": chunk.heading,
                "text": chunk.text,
                "cells": chunk.cells,
                "indexed_text": chunk.indexed_text,
            }
            # ASCII escapes: any character at all survives, and a line is a line.
            file.write(json.dumps(fields, ensure_ascii=True) + "\n")


def read_passages(folder: Path) -> tuple[Chunk, ...]:
    """What `write_passages` wrote; a passage's id is its line, from 0.

    Raises OSError, ValueError, KeyError or TypeError where the file is damaged.
    """
    with (folder / PASSAGES_FILE).open(encoding="utf-8") as file:
        return tuple(_chunk(row, json.loads(line)) for row, line in enumerate(file))


def _chunk(row: int, stored: dict[str, Any]) -> Chunk:
    cells = tuple((str(column), str(value)) for column, value in stored.pop("cells", ()))
    return Chunk(chunk_id=row, cells=cells, **stored)
