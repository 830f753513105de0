"""Mails of three kinds whose words tell them apart, for classifiers on the deterministic embedder."""

from __future__ import annotations

import csv
import io

WORDS = {
    "delivery": ("parcel", "courier", "postage", "tracking", "shipped"),
    "refund": ("refund", "money", "return", "cancel", "exchange"),
    "repair": ("broken", "mend", "zip", "workshop", "leaks"),
}
ENDS = ("today", "please", "thanks", "again", "since Monday", "for my order")


def rows(n_each: int = 20, n_unlabelled: int = 12) -> list[tuple[str, str]]:
    """(text, label) rows, the last ones without a label."""
    labelled = [
        (f"{words[n % 5]} {words[(n + 1 + n // 5) % 5]} {ENDS[n % 6]} {n}", label)
        for label, words in WORDS.items()
        for n in range(n_each)
    ]
    every = [word for words in WORDS.values() for word in words]
    return labelled + [
        (f"{every[n % 15]} {every[(n * 4 + 3) % 15]} waiting {n}", "") for n in range(n_unlabelled)
    ]


def table(of: list[tuple[str, str]] | None = None, header: str = "text,label") -> bytes:
    """The rows as a CSV file."""
    text = io.StringIO()
    text.write(header + "\n")
    csv.writer(text).writerows(rows() if of is None else of)
    return text.getvalue().encode()
