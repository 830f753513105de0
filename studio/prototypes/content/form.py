"""A filled-in form, checked: what is missing or too long, and the values as templates take them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from studio.errors import InvalidInput
from studio.prototypes.content.sandbox import Trusted
from studio.prototypes.content.template import Variable
from studio.records import Notice

MAX_FIELD_CHARACTERS = 20_000
"""Of one field; a longer one is no brief but a document, which is summarised first."""
MAX_LIST_ITEMS = 200

FormValue = str | int | float | tuple[str, ...]


def read_form(variables: Sequence[Variable], values: Mapping[str, str]) -> dict[str, FormValue]:
    """The values by variable, as templates take them; an empty field is an empty text or list.

    Names that are no variable are left out.

    Raises:
        InvalidInput: a required field is empty, a text too long, a number or a choice none; `fields`
            names each with what is wrong.
    """
    problems: dict[str, Notice] = {}
    read: dict[str, FormValue] = {}
    for variable in variables:
        written = values.get(variable.name, "").strip()
        problem = _problem(variable, written)
        if problem is not None:
            problems[variable.name] = problem
        else:
            read[variable.name] = _value(variable, written)
    if problems:
        raise InvalidInput(
            "The form cannot be used yet. {problem}",
            fields=problems,
            problem=next(iter(problems.values())),
        )
    return read


def items_of(written: str) -> tuple[str, ...]:
    """The values of a list: one per line, or between semicolons."""
    parts = (part.strip(" \t-•*") for part in re.split(r"[\n;；]+", written))
    return tuple(part for part in parts if part)[:MAX_LIST_ITEMS]


def source_of(variables: Sequence[Variable], values: Mapping[str, str]) -> str:
    """Everything in the form that facts may come from, a line each.

    Where a variable is marked as a source the other free texts count, too: a product's name or a price
    in another field is no invention.
    """
    return "\n".join(
        values[variable.name].strip()
        for variable in variables
        if variable.type != "choice" and values.get(variable.name, "").strip()
    )


def facts_of(variables: Sequence[Variable], values: Mapping[str, str]) -> str:
    """What stands in the fields that are marked as sources, a line each."""
    return "\n".join(
        values[variable.name].strip()
        for variable in variables
        if variable.is_source and values.get(variable.name, "").strip()
    )


def _problem(variable: Variable, written: str) -> Notice | None:
    if not written:
        return Notice("{field} is empty.", field=variable.label) if variable.required else None
    if len(written) > MAX_FIELD_CHARACTERS:
        return Notice(
            "{field} has {n:,} characters; at most {limit:,} can be read.",
            field=variable.label,
            n=len(written),
            limit=MAX_FIELD_CHARACTERS,
        )
    if variable.type == "number" and number_of(written) is None:
        return Notice(
            "{field} is {value}, which is not a number.", field=variable.label, value=written[:40]
        )
    if variable.type == "choice" and written not in variable.choices:
        return Notice(
            "{field} cannot be {value}; choose one of: {allowed}.",
            field=variable.label,
            value=written[:40],
            allowed=", ".join(variable.choices),
        )
    return None


def _value(variable: Variable, written: str) -> FormValue:
    match variable.type:
        case "list":
            return items_of(written)
        case "number":
            number = number_of(written)
            return "" if number is None else number
        case "choice":
            return Trusted(written)
    return written


def number_of(written: str) -> int | float | None:
    """The number that was typed into a field; None where it is none."""
    match = re.fullmatch(r"[+-]?\d{1,15}(?:\.\d{1,10})?", written.replace(",", ""))
    if match is None:
        return None
    number = float(match.group())
    return int(number) if number == int(number) else number
