"""What the settings of every kind have in common: a language, names, allowed values, the way to JSON.

A kind derives its own settings and says what each is called and which values are allowed; knows no
kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Literal, Self, get_args

from studio.errors import InvalidInput
from studio.records import Notice, joined

Language = Literal["en", "zh"]
Range = tuple[float, float]

LABELS: Mapping[str, Notice] = {"language": Notice("Language")}
CHOICES: Mapping[str, tuple[str, ...]] = {"language": get_args(Language)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrototypeSettings:
    """Settings of a prototype of any kind.

    Values are what JSON can say: texts, numbers, yes or no, and tuples of these.

    Attributes:
        labels: what a person calls each setting, in the order in which changes are listed.
        ranges: least and greatest value of each number.
        choices: the values that a setting with a fixed choice may have.
        language: the language it speaks.

    Raises:
        InvalidInput: a value is not allowed; `fields` names each with what is.
    """

    labels: ClassVar[Mapping[str, Notice]] = LABELS
    ranges: ClassVar[Mapping[str, Range]] = {}
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = CHOICES

    language: Language = "en"

    def __post_init__(self) -> None:
        """Check every value."""
        problems = self._problems()
        if problems:
            raise InvalidInput(
                "Some settings cannot be used. {problems}",
                fields=problems,
                problems=joined(list(problems.values())),
            )

    def to_json(self) -> dict[str, Any]:
        """The settings as plain JSON values, for the workspace."""
        return {name: _listed(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Settings from stored values; unknown names (of a newer studio) are left out.

        Raises:
            InvalidInput: a value is not allowed, or has another form than such a setting has.
        """
        known = {field.name for field in fields(cls)} & set(values)
        try:
            return cls(**{name: _tupled(cls._made(name, values[name])) for name in known})
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            # Files that others made may hold anything.
            raise InvalidInput(
                "The settings cannot be read, as one of them has an unknown form: {reason}. Export the"
                " prototype again where it comes from.",
                reason=f"{type(error).__name__}: {error}",
            ) from error

    @classmethod
    def _made(cls, name: str, value: Any) -> Any:  # noqa: ARG003 - Any: what JSON can say
        """A stored value as the setting of that name holds it; lists become tuples afterwards."""
        return value

    def _problems(self) -> dict[str, Notice]:
        """What is wrong, by setting; a kind adds its own."""
        problems = {name: found for name in self.ranges if (found := self._range_problem(name))}
        for name, allowed in self.choices.items():
            if getattr(self, name) not in allowed:
                problems[name] = self._choice_problem(name, getattr(self, name), allowed)
        return problems

    def _choice_problem(self, name: str, value: object, allowed: Sequence[str]) -> Notice:
        return Notice(
            "{setting} cannot be {value}; choose one of: {allowed}.",
            setting=self.labels[name],
            value=str(value),
            allowed=", ".join(allowed),
        )

    def _range_problem(self, name: str) -> Notice | None:
        """What is wrong with a number; None when it can be used."""
        value, (low, high) = getattr(self, name), self.ranges[name]
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Notice(
                "{setting} is {value}, which is not a number.",
                setting=self.labels[name],
                value=value,
            )
        if not low <= value <= high:  # refuses what is not a number of any size (NaN) too
            return Notice(
                "{setting} is {value}; it must be between {low} and {high}.",
                setting=self.labels[name],
                value=value,
                low=f"{low:g}",
                high=f"{high:g}",
            )
        return None


def _listed(value: Any) -> Any:  # Any: what JSON can say
    return [_listed(one) for one in value] if isinstance(value, list | tuple) else value


def _tupled(value: Any) -> Any:  # as above
    return tuple(_tupled(one) for one in value) if isinstance(value, list | tuple) else value
