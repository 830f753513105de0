"""Passages on disk and as models see them.

One JSON object per line, in the order of their rows. The module knows no vectors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from studio.records import Chunk

PASSAGES_FILE = "passages.jsonl"


def searchable_text(chunk: Chunk) -> str:
    """What is embedded and indexed: the headings above, then the text.

    A passage that opens with its own heading is not given it twice; one with an `indexed_text` is
    that.
    """
    if chunk.indexed_text:
        return chunk.indexed_text
    *above, nearest = chunk.heading.split(" > ")
    first_line = chunk.text.split("\n", 1)[0]
    path = above if nearest in first_line else [*above, nearest]
    return "\n".join(filter(None, [" > ".join(path), chunk.text]))


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
