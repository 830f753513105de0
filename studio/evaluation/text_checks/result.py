"""What a check of a text found. A leaf: knows no check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from studio.records import Notice

CheckName = Literal[
    "length",
    "required_words",
    "banned_words",
    "keywords",
    "language",
    "readability",
    "repetition",
    "support",
    "variants",
    "copying",
    "voice",
    "fields",
]
"""The checks there are, in the order in which they are shown.

`variants` is the similarity to the other texts for the same brief, `copying` that to the source,
`support` looks for numbers and names that the source does not have, `fields` is the validity of JSON.
"""

CheckStatus = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check of one text.

    Attributes:
        name: which check.
        status: "skipped" where there was nothing to check it against, or nothing that can check it
            (readability of a language without a formula); never counted as passed.
        value: what was measured, in `unit`; None where it is no number.
        unit: "words", "characters", "share" (0 to 1), "points" or empty.
        notice: what was found against what is allowed, in a sentence.
        found: the words, numbers or names that made it fail, as they stand in the text.
        is_required: whether the user said that a text must pass it.
    """

    name: CheckName
    status: CheckStatus
    notice: Notice
    value: float | None = None
    unit: str = ""
    found: tuple[str, ...] = ()
    is_required: bool = False
