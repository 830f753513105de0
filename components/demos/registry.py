"""Finds how a kind is shown to visitors, so that another kind adds one module and nothing else.

A module here is named like its kind and has `show(visit)`, which draws everything below the demo's
head, and `first_texts(prototype)`, what a new publication begins with.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol, cast

from studio.prototypes.registry import KINDS
from studio.records import Notice
from studio.sharing.visit import Visit
from studio.workbench import AnyPrototype


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstTexts:
    """What a publication of a prototype begins with.

    `starters` are None where the kind has no use for questions to begin with. `limits` is what visitors
    cannot expect of its model, for whoever publishes. `has_people` says that visitors could look at
    what real users of its data did.
    """

    greeting: str = ""
    starters: tuple[str, ...] | None = None
    limits: tuple[Notice, ...] = ()
    has_people: bool = False


class Demo(Protocol):
    """A kind as visitors meet it."""

    def show(self, visit: Visit) -> None:
        """Draw it for a visitor who was let in."""

    def first_texts(self, prototype: Any) -> FirstTexts:  # of the kind's own class
        """What a publication begins with."""


def has_demo(kind: str) -> bool:
    """Whether prototypes of a kind can be shown to visitors."""
    return kind in KINDS and find_spec(f"components.demos.{kind}") is not None


def demo_of(prototype: AnyPrototype) -> Demo:
    """How the kind of a prototype is shown; `has_demo` says whether it can be."""
    return cast("Demo", import_module(f"components.demos.{KINDS[prototype.kind].kind}"))
