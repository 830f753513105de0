"""What a business model takes for granted: every default with its range, its source and its date.

An assumption is a number that nobody measured. The user may replace each; a value outside what is
possible is refused with words. Those shared by all models stand in `shared_lines`, those of one model
beside its formulas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from studio.economics.figure import Figure, FigureBasis, Unit
from studio.errors import InvalidInput
from studio.records import Notice

READ_ON = date(2026, 11, 23)
"""When the sources named here were read, and the studio's own choices were made."""
LARGEST = Decimal(10**12)
"""What no amount and no number of a business exceeds: a slip of the keys is not computed with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a default comes from; `is_verified` is False where no source was read."""

    text: Notice
    is_verified: bool = True
    as_of: date = READ_ON


def chosen(reason: Notice) -> Source:
    """Where a default comes from that the studio chose for want of a source, and why this number."""
    return Source(
        text=Notice("the studio's own choice, from no source: {reason}", reason=reason),
        is_verified=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """The values that make sense; with `is_open` the bounds themselves do not."""

    least: Decimal = Decimal(0)
    most: Decimal | None = None
    is_open: bool = False

    def has(self, value: Decimal) -> bool:
        """Whether a value makes sense; what is no number never does."""
        if not value.is_finite() or value > LARGEST:
            return False
        if self.is_open:
            return self.least < value and (self.most is None or value < self.most)
        return self.least <= value and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        return str(self.notice)

    @property
    def notice(self) -> Notice:
        """The same for people."""
        return self.told_in(Unit.COUNT)

    def told_in(self, unit: Unit) -> Notice:
        """The same for people, shares in percent."""
        least, most = told(self.least, unit), told(self.most or Decimal(0), unit)
        if self.is_open and self.most is None:
            return Notice("more than {least}", least=least)
        if self.is_open:
            return Notice("more than {least} and less than {most}", least=least, most=most)
        if self.most is None:
            return Notice("{least} or more", least=least)
        return Notice("between {least} and {most}", least=least, most=most)


def told(value: Decimal, unit: Unit) -> str:
    """A value for people, as exact as it was typed: shares in percent."""
    if unit in (Unit.SHARE, Unit.SHARE_PER_MONTH):
        return f"{(value * 100).normalize():,f}%"
    return f"{value.normalize():,f}" if value.is_finite() else str(value)


AT_LEAST_0 = Possible()
ABOVE_0 = Possible(is_open=True)
SHARE = Possible(most=Decimal(1))
BELOW_1 = Possible(most=Decimal(1), is_open=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A number taken for granted.

    `low` to `high` is the range that simulations draw from (a triangle with its peak at the value) and
    that the tornado swings through; both are the value where it is a choice and not uncertain (how
    many customers to look at). `default_formula` gives the default from what was measured, where it
    depends on that. `is_whole` tells that parts of one are rounded where it is used, `is_own` that the
    user set the value.
    """

    key: str
    label: Notice
    value: Decimal
    unit: Unit
    low: Decimal
    high: Decimal
    possible: Possible
    source: Source
    default_formula: str = ""
    is_whole: bool = False
    is_own: bool = False

    @property
    def is_uncertain(self) -> bool:
        """Whether it has a range."""
        return self.low < self.high

    def with_value(self, value: Decimal) -> Assumption:
        """The same with the user's own value; the range moves along, as wide against it as before.

        Raises:
            InvalidInput: the value is not possible; `fields` names the assumption.
        """
        if not self.possible.has(value):
            allowed = self.possible.told_in(self.unit)
            if self.possible.most is None and value.is_finite() and value > LARGEST:
                allowed = Notice("{most} or less", most=told(LARGEST, self.unit))
            raise InvalidInput(
                "{label} is {value}; it must be {allowed}.",
                fields={self.key: Notice("It must be {allowed}.", allowed=allowed)},
                label=self.label,
                value=told(value, self.unit),
                allowed=allowed,
            )
        if value == self.value:
            return self
        source = Source(text=Notice("your own entry"))
        return replace(self.with_default(value), source=source, is_own=True)

    def with_default(self, value: Decimal) -> Assumption:
        """The same with a default that follows from what was measured; the range moves along.

        It keeps its width against the value (15 to 25 around 20 becomes 7.5 to 12.5 around 10) and
        stays within what is possible.
        """
        if not self.is_uncertain:
            return replace(self, value=value, low=value, high=value)
        factor = abs(value / self.value)
        low = value - (self.value - self.low) * factor
        high = value + (self.high - self.value) * factor
        most = self.possible.most
        return replace(
            self,
            value=value,
            low=max(low, self.possible.least),
            high=high if most is None else min(high, most),
        )

    @property
    def certain(self) -> Assumption:
        """The same without a range: what is decided is not a matter of chance."""
        return replace(self, low=self.value, high=self.value)

    @property
    def figure(self) -> Figure:
        """The same as a figure with its provenance."""
        return Figure(
            key=self.key,
            label=self.label,
            value=self.value,
            unit=self.unit,
            basis=FigureBasis.ASSUMED,
            source=self.source.text,
            as_of=None if self.is_own else self.source.as_of,
            low=float(self.low),
            high=float(self.high),
            note=None if self.source.is_verified else Notice("unverified"),
        )


def assumed(
    key: str,
    label: Notice,
    value: str,
    unit: Unit,
    span: tuple[str, str] | None = None,
    source: Source | None = None,
    possible: Possible = AT_LEAST_0,
) -> Assumption:
    """An assumption with its range from texts of numbers; without a range it is a choice.

    Raises:
        ValueError: nothing says where it comes from. A fault of the program.
    """
    if source is None:
        raise ValueError(f"{key} has no source")
    low, high = span or (value, value)
    return Assumption(
        key=key,
        label=label,
        value=Decimal(value),
        unit=unit,
        low=Decimal(low),
        high=Decimal(high),
        possible=possible,
        source=source,
    )


def with_values(
    assumptions: Sequence[Assumption], values: Mapping[str, Decimal]
) -> tuple[Assumption, ...]:
    """The assumptions with the user's values in place of defaults.

    Raises:
        InvalidInput: values are not possible, or name nothing that is assumed; `fields` has all.
    """
    errors: list[InvalidInput] = []
    changed = []
    for assumption in assumptions:
        try:
            value = values.get(assumption.key)
            changed.append(assumption if value is None else assumption.with_value(value))
        except InvalidInput as error:
            errors.append(error)
    known = {assumption.key for assumption in assumptions}
    for key in sorted(set(values) - known):
        errors.append(
            InvalidInput(
                "The model has no assumption {key}. It has {allowed}.",
                fields={key: Notice("The model does not have it.")},
                key=key,
                allowed=", ".join(sorted(known)),
            )
        )
    if errors:
        fields = {key: text for error in errors for key, text in error.fields.items()}
        raise InvalidInput(errors[0].notice.template, fields=fields, **errors[0].notice.values)
    return tuple(changed)
