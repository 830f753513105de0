"""Personal data in documents: counted, and masked where the user wants it.

What is found, `personal_forms` says. Masking keeps the places of table rows right and masks their
cells, so that nothing reaches an index or a model by another way.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from studio.ingestion.personal_forms import Finding, PersonalKind, find_personal
from studio.records import Cells, Page, Row
from studio.writing_systems import HAN

__all__ = [
    "CHINESE_MASKS",
    "MASKS",
    "Counts",
    "Finding",
    "PersonalKind",
    "count_personal",
    "find_personal",
    "masked",
    "masks_of",
]

MASKS: Mapping[PersonalKind, str] = {
    "email": "[email]",
    "phone": "[phone]",
    "national_id": "[id number]",
    "bank_card": "[card number]",
    "iban": "[bank account]",
}
CHINESE_MASKS: Mapping[PersonalKind, str] = {
    "email": "[邮箱]",
    "phone": "[电话]",
    "national_id": "[证件号]",
    "bank_card": "[银行卡号]",
    "iban": "[银行账号]",
}

_CHINESE = re.compile(f"[{HAN}]")
_OTHER_WORD = re.compile(rf"[^\W\d_{HAN}]+")

Counts = tuple[tuple[PersonalKind, int], ...]
"""How often each kind occurs, in the order of `MASKS`; kinds that do not occur are left out."""


def count_personal(pages: Sequence[Page]) -> Counts:
    """How much personal data the pages hold, by kind; () when none was found."""
    return _counts(finding for page in pages for finding in find_personal(page.text))


def masks_of(text: str) -> Mapping[PersonalKind, str]:
    """What stands for personal data in a text: in Chinese where it has more of that than other words."""
    is_chinese = len(_CHINESE.findall(text)) > len(_OTHER_WORD.findall(text))
    return CHINESE_MASKS if is_chinese else MASKS


def masked(pages: Sequence[Page]) -> tuple[tuple[Page, ...], Counts]:
    """The pages with "[email]" and the like in place of personal data, and how much that was.

    On pages that are mostly Chinese these are "[邮箱]" and the like.

    Rows stand where they stood, as far as the text before them has become longer or shorter; their
    cells and the names of pages are masked, too.
    """
    findings = [find_personal(page.text) for page in pages]
    changed = tuple(map(_masked_page, pages, findings))
    return changed, _counts(finding for found in findings for finding in found)


def _masked_page(page: Page, findings: tuple[Finding, ...]) -> Page:
    masks = masks_of(page.text)
    name = _masked_text(page.name, find_personal(page.name), masks)
    if not findings:
        return replace(page, name=name)
    ends = [finding.end for finding in findings]
    shifts = [0]
    for finding in findings:
        shifts.append(shifts[-1] + len(masks[finding.kind]) - (finding.end - finding.start))

    def moved(offset: int) -> int:
        return offset + shifts[bisect_right(ends, offset)]

    rows = tuple(
        Row(
            start=moved(row.start),
            end=moved(row.end),
            cells=_masked_cells(row.cells, masks),
        )
        for row in page.rows
    )
    return replace(page, text=_masked_text(page.text, findings, masks), name=name, rows=rows)


def _masked_cells(cells: Cells, masks: Mapping[PersonalKind, str]) -> Cells:
    """The cells, looked at as they stand in the text: beside the names of their columns."""
    changed = []
    for column, value in cells:
        label = f"{column}: "
        findings = find_personal(label + value)
        whole = _masked_text(label + value, findings, masks)
        is_in_value = all(finding.start >= len(label) for finding in findings)
        changed.append((column, whole[len(label) :] if is_in_value else value))
    return tuple(changed)


def _masked_text(
    text: str, findings: tuple[Finding, ...], masks: Mapping[PersonalKind, str]
) -> str:
    parts, at = [], 0
    for finding in findings:
        parts += [text[at : finding.start], masks[finding.kind]]
        at = finding.end
    return "".join([*parts, text[at:]])


def _counts(findings: Iterable[Finding]) -> Counts:
    counts = Counter(finding.kind for finding in findings)
    return tuple((kind, counts[kind]) for kind in MASKS if counts[kind])
