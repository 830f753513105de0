"""The labelled texts of the last training, learnt and tested, as they are kept for who learns from them.

Knows no file and no model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from studio.prototypes.classifier.data import SEED, Example, LabelledData
from studio.prototypes.classifier.label_names import read_as

MAX_KEPT = 5_000
"""Texts of each part that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledTexts:
    """What a classifier learnt from and was tested with: (text, label); no text is in two of them.

    `made` are texts that a model made, which were learnt from, too. `meanings` has what each label is
    read as.
    """

    learnt: tuple[tuple[str, str], ...]
    made: tuple[tuple[str, str], ...]
    tested: tuple[tuple[str, str], ...]
    meanings: Mapping[str, str]


def kept_of(data: LabelledData, told: Mapping[str, str]) -> LabelledTexts:
    """The texts of a training, drawn evenly where there are many; `told` has what labels mean."""
    return LabelledTexts(
        learnt=_drawn([one for one in data.learn if not one.is_made]),
        made=_drawn([one for one in data.learn if one.is_made]),
        tested=_drawn(data.test),
        meanings={label: read_as(label, told.get(label, "")) for label in data.labels},
    )


def to_json(found: LabelledTexts) -> bytes:
    """The texts as JSON, to be kept."""
    values = {name: getattr(found, name) for name in found.__slots__}
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")


def labelled_from_json(content: bytes) -> LabelledTexts:
    """What `to_json` gave. Raises ValueError where it is something else."""
    stored = json.loads(content)
    try:
        parts = {
            name: tuple((str(text), str(label)) for text, label in stored[name])
            for name in ("learnt", "made", "tested")
        }
        return LabelledTexts(**parts, meanings=dict(stored["meanings"]))
    except (KeyError, TypeError) as error:
        raise ValueError("no labelled texts") from error


def _drawn(examples: Sequence[Example]) -> tuple[tuple[str, str], ...]:
    rows = np.random.default_rng(SEED).permutation(len(examples))[:MAX_KEPT]
    return tuple((examples[at].text, examples[at].label) for at in np.sort(rows))
