"""A brand's voice: what it is made of, and how it is read from texts that have it.

Nothing is asked of a model: what is said of a voice can be counted in the samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from studio.prototypes.prototype_settings import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a brand speaks.

    Attributes:
        tone: words for it ("warm", "short sentences"), in the language of the texts.
        vocabulary: words it likes to use.
        do: rules to follow, a short sentence each.
        dont: rules about what to leave alone, a short sentence each.
        samples: texts that have the voice; what is written is compared with them.
    """

    tone: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Voice:
        """The voice from plain values; unknown names are left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: tuple(values) for name, values in stored.items() if name in known})


def read_voice(samples: Sequence[str], language: Language) -> Voice:
    """The voice of sample texts, as far as it can be counted; a proposal for a person to edit.

    Args:
        samples: one or more texts of the brand, each of a paragraph or more.
        language: theirs.

    Raises:
        InvalidInput: there are fewer than 40 words (80 characters in Chinese) in all.
    """
    raise NotImplementedError
