"""What could be mended in texts that are learnt from or measured on: proposed first, then done.

Looked for are markup, odd white space, personal data, and texts that say nearly what another says.
Nothing is changed before somebody wants it, and what was changed can be had back: who keeps the texts
keeps them as they came. Looks at texts only; knows no store and no model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from studio.evaluation.kept_answers import KeptAnswers
from studio.evaluation.leakage import near_repeats
from studio.ingestion.personal import find_personal
from studio.ingestion.tags import without_tags
from studio.prototypes.masking import masked_text

Care = Literal["markup", "spaces", "personal"]
CARES: tuple[Care, ...] = ("markup", "spaces", "personal")
"""What can be mended within a text, in the order in which it is done."""
N_SHOWN = 3

_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b-\x1f\x7f]"
)
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n ?(?:\n ?)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CareFinding:
    """Texts with something that could be mended.

    `kind` is a `Care`, or "repeats" for texts that nearly repeat another. `n` texts have it; `examples`
    are a few as (as it is, as it would be); of repeats (the repeat, the text that it repeats).
    """

    kind: Literal["markup", "spaces", "personal", "repeats"]
    n: int
    examples: tuple[tuple[str, str], ...]


_looked = KeptAnswers[tuple[CareFinding, ...]]()


def cared(text: str, cares: Collection[str]) -> str:
    """A text with these things mended; the same text where there is nothing to mend.

    A text of nothing but markup stays as it is, as an empty one could neither be learnt nor asked.
    """
    for care in CARES:
        if care in cares:
            text = _MENDS[care](text) or text
    return text


def look_over(texts: Sequence[str], *, n_shown: int = N_SHOWN) -> tuple[CareFinding, ...]:
    """What could be mended in texts, in the order of `CARES`; () where there is nothing.

    One pass over each text for each of them; asked again of the same texts, they are not read again.
    """
    return _looked.of((texts, (str(n_shown),)), lambda: _looked_over(texts, n_shown))


def _looked_over(texts: Sequence[str], n_shown: int) -> tuple[CareFinding, ...]:
    found = []
    for care in CARES:
        mend = _MENDS[care]
        pairs = [(text, mended) for text in texts if (mended := mend(text)) not in ("", text)]
        if pairs:
            found.append(CareFinding(kind=care, n=len(pairs), examples=tuple(pairs[:n_shown])))
    return tuple(found)


def repeats_in(
    texts: Sequence[str], groups: Sequence[str] = (), *, n_shown: int = N_SHOWN
) -> CareFinding | None:
    """Texts that repeat an earlier one, or nearly (see `near_repeats`); None for none.

    Texts of different groups are no repeats.
    """
    found = near_repeats(texts, groups)
    if not found:
        return None
    shown = tuple((texts[one.row], texts[one.earlier]) for one in found[:n_shown])
    return CareFinding(kind="repeats", n=len(found), examples=shown)


def _with_plain_spaces(text: str) -> str:
    """Without signs that nobody sees, with single blanks, and no more than one empty line at a time."""
    whole = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _LINES.sub("\n\n", _BLANKS.sub(" ", _INVISIBLE.sub("", whole))).strip()


def _masked(text: str) -> str:
    return masked_text(text) if find_personal(text) else text


_MENDS: Mapping[Care, Callable[[str], str]] = {
    "markup": without_tags,
    "spaces": _with_plain_spaces,
    "personal": _masked,
}
