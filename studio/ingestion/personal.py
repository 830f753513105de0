"""Personal data in documents: counted, and masked where the user wants it.

What is found, `personal_forms` says. Masking keeps the places of table rows right and masks their
cells, so that nothing reaches an index or a model by another way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from studio.ingestion.personal_forms import Finding, PersonalKind, find_personal
from studio.records import Cells, Page, Row

__all__ = [
    "MASKS",
    "Counts",
    "Finding",
    "PersonalKind",
    "count_personal",
    "find_personal",
    "masked",
]

MASKS: dict[PersonalKind, str] = {
    "email": "[email]",
    "phone": "[phone]",
    "national_id": "[id number]",
    "bank_card": "[card number]",
    "iban": "[bank account]",
}

Counts = tuple[tuple[PersonalKind, int], ...]
"""How often each kind occurs, in the order of `MASKS`; kinds that do not occur are left out."""


def count_personal(pages: Sequence[Page]) -> Counts:
    """How much personal data the pages hold, by kind; () when none was found."""
    return _counts(finding for page in pages for finding in find_personal(page.text))


def masked(pages: Sequence[Page]) -> tuple[tuple[Page, ...], Counts]:
    """The pages with "[email]" and the like in place of personal data, and how much that was.

    Rows stand where they stood, as far as the text before them has become longer or shorter; their
    cells and the names of pages are masked, too.
    """
    findings = [find_personal(page.text) for page in pages]
    changed = tuple(map(_masked_page, pages, findings))
    return changed, _counts(finding for found in findings for finding in found)


def _masked_page(page: Page, findings: tuple[Finding, ...]) -> Page:
    name = _masked_text(page.name, find_personal(page.name))
    if not findings:
        return replace(page, name=name)
    ends = [finding.end for finding in findings]
    shifts = [0]
    for finding in findings:
        shifts.append(shifts[-1] + len(MASKS[finding.kind]) - (finding.end - finding.start))

    def moved(offset: int) -> int:
        return offset + shifts[bisect_right(ends, offset)]

    rows = tuple(
        Row(
            start=moved(row.start),
            end=moved(row.end),
            cells=_masked_cells(row.cells),
        )
        for row in page.rows
    )
    return replace(page, text=_masked_text(page.text, findings), name=name, rows=rows)


def _masked_cells(cells: Cells) -> Cells:
    """The cells, looked at as they stand in the text: beside the names of their columns."""
    changed = []
    for column, value in cells:
        label = f"{column}: "
        findings = find_personal(label + value)
        whole = _masked_text(label + value, findings)
        is_in_value = all(finding.start >= len(label) for finding in findings)
        changed.append((column, whole[len(label) :] if is_in_value else value))
    return tuple(changed)


def _masked_text(text: str, findings: tuple[Finding, ...]) -> str:
    parts, at = [], 0
    for finding in findings:
        parts += [text[at : finding.start], MASKS[finding.kind]]
        at = finding.end
    return "".join([*parts, text[at:]])


def _counts(findings: Iterable[Finding]) -> Counts:
    counts = Counter(finding.kind for finding in findings)
    return tuple((kind, counts[kind]) for kind in MASKS if counts[kind])
