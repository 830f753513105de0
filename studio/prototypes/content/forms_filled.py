"""Forms that were filled in: those that people wrote texts from, rows of sheets, and the template's own.

What a content prototype is measured with. Knows no model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from studio.errors import InvalidInput
from studio.prototypes.content.form import read_form
from studio.prototypes.content.template import Variable


def example_form(variables: Sequence[Variable]) -> dict[str, str]:
    """The form as its own examples fill it in; a choice without one takes its first value."""
    filled = {}
    for variable in variables:
        example = variable.example or next(iter(variable.choices), "")
        if example:
            filled[variable.name] = example
    return filled


def usable_forms(
    variables: Sequence[Variable], forms: Iterable[Mapping[str, str]], limit: int
) -> tuple[Mapping[str, str], ...]:
    """Up to `limit` of the forms, each once, in their order; those that cannot be used are left out."""
    found: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
    names = [variable.name for variable in variables]
    for form in forms:
        if len(found) == limit:
            break
        own = {name: form[name] for name in names if form.get(name)}
        try:
            read_form(variables, own)
        except InvalidInput:
            continue  # of an older form
        found.setdefault(tuple(own.items()), own)
    return tuple(found.values())
