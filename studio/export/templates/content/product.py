"""The content generator: writes texts from a form, with the settings of settings.py.

    from product import write

    for text in write({"product": "Cove 1 Tent", "facts": "one person; 1.45 kg"}).texts:
        print(text.content, text.checks)

Writing and checking are done by the library in library/, with which the generator was built; so it
writes here what it wrote there. The README says which of its files does what.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from studio.prototypes.content.content import Content
from studio.prototypes.content.text import Variants
from studio.records import Message

from opening import opened


@cache
def generator() -> Content:
    """The generator, ready; the first call ever makes state/ from data/."""
    return opened(Content)


def prompt(values: Mapping[str, str]) -> tuple[Message, ...]:
    """What the model is told for a form, before it writes."""
    return generator().prompt(values)


def write(values: Mapping[str, str], n_variants: int | None = None) -> Variants:
    """Texts for a form, each with its checks and what it took; waits for them.

    Args:
        values: field of the form (see VARIABLES in settings.py) -> what stands in it.
        n_variants: how many; N_VARIANTS by default.
    """
    return generator().write(values, n_variants, surface="page")
