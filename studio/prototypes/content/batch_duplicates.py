"""The texts of a batch held against each other when all are written: duplicate content.

Which other text is nearest is known only at the end, and must not depend on which row was quicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.content.checking import variants_check, with_check
from studio.prototypes.content.composing import Composer
from studio.prototypes.content.text import Text
from studio.prototypes.content.text_json import text_from_json, text_to_json
from studio.records import Notice
from studio.workspace.batches import Batches as BatchStore
from studio.workspace.records import BatchRowRecord

MAX_COMPARED = 10_000
"""Above so many rows each is not held against all others: it would take minutes."""
N_AT_ONCE = 256


def compare_rows(store: BatchStore, batch_id: str, composer: Composer) -> None:
    """Put the check against the nearest other text to every written row, and reject where it must pass.

    Nothing happens where no model can compare. Of more than 10,000 texts each is told why it was not
    compared.
    """
    rows = [row for row in store.rows(batch_id, ("done", "rejected")) if row.text is not None]
    if len(rows) > MAX_COMPARED:
        for start in range(0, len(rows), N_AT_ONCE):
            store.replace_texts(batch_id, list(map(_too_many, rows[start : start + N_AT_ONCE])))
        return
    if len(rows) < 2:
        return
    texts = [text_from_json(row.text) for row in rows if row.text is not None]
    parts: list[NDArray[np.float32]] = []
    for start in range(0, len(texts), N_AT_ONCE):
        found = composer.vectors_of([_prose(text) for text in texts[start : start + N_AT_ONCE]])
        if found is None:
            return
        parts.append(found)
    vectors = np.concatenate(parts)  # (n, dim)
    changed = []
    for at, nearest in enumerate(nearest_other(vectors)):
        check = variants_check(vectors[at], [vectors[nearest]], composer.settings)
        text = replace(texts[at], checks=with_check(texts[at].checks, check))
        changed.append(_with_text(rows[at], text))
    store.replace_texts(batch_id, changed)


def _too_many(row: BatchRowRecord) -> BatchRowRecord:
    assert row.text is not None
    text = text_from_json(row.text)
    told = Notice("More than {limit:,} texts are not held against each other.", limit=MAX_COMPARED)
    changed = tuple(
        replace(check, status="skipped", value=None, notice=told)
        if check.name == "variants"
        else check
        for check in text.checks
    )
    return _with_text(row, replace(text, checks=changed))


def nearest_other(vectors: NDArray[np.float32]) -> Sequence[int]:
    """For each row of `(n, dim)` float32, n at least 2, the position of the nearest other one."""
    nearest: list[int] = []
    for start in range(0, len(vectors), N_AT_ONCE):
        block = vectors[start : start + N_AT_ONCE]
        cosines = block @ vectors.T  # (block, n)
        cosines[np.arange(len(block)), np.arange(start, start + len(block))] = -2.0  # not itself
        nearest.extend(int(at) for at in cosines.argmax(1))
    return nearest


def _prose(text: Text) -> str:
    return "\n".join(value for _, value in text.fields) or text.content or "-"


def _with_text(row: BatchRowRecord, text: Text) -> BatchRowRecord:
    state = "done" if text.is_accepted else "rejected"
    return replace(row, text=text_to_json(text), state=state)
