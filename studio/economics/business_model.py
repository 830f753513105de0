"""What a business model is made of: assumptions, and lines with formulas over them.

A model is data: its formulas are shown, computed and exported as they stand (see
`studio.economics.formula`). A line may use the model's assumptions, other lines, and the figures that
the serving gives (`SERVING_INPUTS`). Knows no user and no number but defaults.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from studio.economics.assumptions import Assumption
from studio.economics.figure import Unit
from studio.economics.formula import Formula, formula
from studio.records import Notice

COST_PER_REQUEST = "cost_per_request"
REPLICA_HOUR = "replica_hour"
SPEED = "speed"
SERVING_INPUTS = (COST_PER_REQUEST, REPLICA_HOUR, SPEED)

CUSTOMERS = "customers"
"""The assumption that says how many units (subscribers, clients, ...) a month is computed for."""
VOLUME = "volume"
"""Customers weighted by how much each uses; the plan counts it month by month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A computed figure: a formula over assumptions and other lines.

    `source` says where the formula is from; None where it is mere bookkeeping. `otherwise` says in
    words why there may be no value ("never breaks even").
    """

    key: str
    label: Notice
    unit: Unit
    formula: str
    source: Notice | None = None
    otherwise: Notice | None = None

    @property
    def parsed(self) -> Formula:
        """The formula, parsed once."""
        return formula(self.formula)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGroup:
    """Users of one kind where a model's unit is the mean of several kinds, such as paying and free.

    `share` is the formula of their share of all units. A unit is one of them when `values` stand in
    place of its assumptions: with a conversion of 1 it pays. `causes` are the lines that say what one
    of them brings and costs.
    """

    label: Notice
    share: str
    values: tuple[tuple[str, str], ...]
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessModel:
    """One way to earn money with a prototype.

    Lines are kept in an order in which each stands after those it uses. Of two lines with a key the
    later counts, so that a model replaces a shared line by one of its own.

    `unit` and `units` are what is counted ("subscriber", "subscribers"); `price_key` the assumption that
    `minimum_price` is a value of; `terms` further prices and conditions that whoever sells it decides;
    `usage_keys` the assumptions that say how much a unit uses, which the deciles scale; `special` the
    lines that only this model has and a reader wants first. `groups` are the kinds of users that a unit
    is the mean of, those who pay first; none where all are alike.

    Raises:
        ValueError: a line uses a name that is not there, or lines use each other in a circle.
    """

    key: str
    name: Notice
    summary: Notice
    unit: Notice
    units: Notice
    price_key: str
    usage_keys: tuple[str, ...]
    special: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    lines: tuple[Line, ...]
    groups: tuple[UserGroup, ...] = ()
    terms: tuple[str, ...] = ()
    by_customers: frozenset[str] = field(init=False)
    """The lines that change with the number of customers, and so from month to month."""

    def __post_init__(self) -> None:
        """Put the lines in order and check their names."""
        ordered = _ordered(self.lines, {assumption.key for assumption in self.assumptions})
        object.__setattr__(self, "lines", ordered)
        moving = {CUSTOMERS, VOLUME}
        for line in ordered:
            if not moving.isdisjoint(line.parsed.names):
                moving.add(line.key)
        object.__setattr__(self, "by_customers", frozenset(moving - {CUSTOMERS}))

    def line(self, key: str) -> Line:
        """The line of that key.

        Raises:
            KeyError: the model has none.
        """
        for line in self.lines:
            if line.key == key:
                return line
        raise KeyError(key)

    def lines_for(self, keys: Iterable[str]) -> tuple[Line, ...]:
        """These lines and all that they use, in order."""
        wanted = set(keys)
        for line in reversed(self.lines):
            if line.key in wanted:
                wanted.update(line.parsed.names)
        return tuple(line for line in self.lines if line.key in wanted)


def _ordered(lines: tuple[Line, ...], assumed: set[str]) -> tuple[Line, ...]:
    """The lines as they were given, but each after those it uses."""
    by_key = {line.key: line for line in lines}
    known = assumed | set(SERVING_INPUTS)
    ordered: dict[str, Line] = {}

    def place(key: str, users: tuple[str, ...]) -> None:
        if key in known or key in ordered:
            return
        if key not in by_key or key in users:
            raise ValueError(f"{key} is not there, or uses itself: {users}")
        for name in by_key[key].parsed.names:
            place(name, (*users, key))
        ordered[key] = by_key[key]

    for key in by_key:
        if key in known:
            raise ValueError(f"{key} is a line and an assumption")
        place(key, ())
    return tuple(ordered.values())
