"""What a benchmark reports: figures with their bounds, and what could not be measured.

Knows no benchmark and no model.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured value with the most that it may be, or the least if `is_at_least`.

    A value that is not a number holds no bound.
    """

    name: str
    value: float
    bound: float
    detail: str
    is_at_least: bool = False

    @property
    def is_passed(self) -> bool:
        """Whether the bound holds."""
        return self.value >= self.bound if self.is_at_least else self.value <= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresReport:
    """All figures of a run, with what they were taken on.

    `skipped` names what could not be measured, with the reason: a bound that was not looked at does
    not hold.
    """

    machine: str
    versions: str
    figures: tuple[Figure, ...]
    skipped: tuple[str, ...] = ()

    @property
    def is_passed(self) -> bool:
        """Whether everything was measured and every figure is within its bound."""
        return not self.skipped and all(figure.is_passed for figure in self.figures)

    def as_text(self) -> str:
        """A table for the terminal."""
        lines = [self.machine, self.versions, ""]
        for one in self.figures:
            sign = ">=" if one.is_at_least else "<="
            verdict = "ok" if one.is_passed else "MISSED"
            lines.append(
                f"{one.name:56} {one.value:8.3f} {sign} {one.bound:<6g} {verdict:7}{one.detail}"
            )
        lines += [f"skipped: {reason}" for reason in self.skipped]
        return "\n".join(lines)

    def as_json(self) -> str:
        """The same as JSON."""
        return json.dumps(asdict(self), indent=2)
