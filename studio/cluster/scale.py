"""How many copies of each model run, and on which part of a graphics card.

Knows nothing of Ray.
"""

from __future__ import annotations

from dataclasses import dataclass

from studio.errors import InvalidInput

MAX_REPLICAS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Copies of each deployment, from `least` to `most`, and the share of a GPU that one has.

    Equal numbers are a fixed size. `gpus` is 0 for the processor, a fraction below 1 for copies that
    share a card, or a whole number of cards.
    """

    least: int = 1
    most: int = 1
    gpus: float = 0.0

    def __post_init__(self) -> None:
        """Check the ranges. Raises InvalidInput."""
        if not 1 <= self.least <= self.most <= MAX_REPLICAS:
            raise InvalidInput(
                "{least} to {most} copies of each model cannot be; give 1 to {limit}, the smaller"
                " number first.",
                least=self.least,
                most=self.most,
                limit=MAX_REPLICAS,
            )
        if not (0 <= self.gpus <= 1 or self.gpus > 0 and float(self.gpus).is_integer()):
            raise InvalidInput(
                "{gpus} of a graphics card for each copy cannot be; give a fraction such as 0.5, or"
                " a whole number.",
                gpus=self.gpus,
            )

    @property
    def is_fixed(self) -> bool:
        """Whether there are always as many."""
        return self.least == self.most

    @classmethod
    def of(cls, replicas: int | None, autoscale: str, gpus: float) -> Scale:
        """As the command line says it: a number of copies or "MIN:MAX", not both.

        Raises:
            InvalidInput: both are given, or something out of range.
        """
        if not autoscale:
            n = 1 if replicas is None else replicas
            return cls(least=n, most=n, gpus=gpus)
        if replicas is not None:
            raise InvalidInput("Give either --replicas or --autoscale, not both.")
        least, _, most = autoscale.partition(":")
        if not (least.isdecimal() and most.isdecimal()):
            raise InvalidInput(
                "--autoscale is {given}; it looks like 1:4, the least and the most copies.",
                given=autoscale,
            )
        return cls(least=int(least), most=int(most), gpus=gpus)
