"""The ways of recommending by name: one line each, and what each can be used on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.methods.content import Content
from studio.prototypes.recommendation.methods.contract import Recommender, TrainingData
from studio.prototypes.recommendation.methods.ease import Ease
from studio.prototypes.recommendation.methods.factors import Als, Bpr
from studio.prototypes.recommendation.methods.hybrid import Hybrid
from studio.prototypes.recommendation.methods.neighbours import ItemBM25, ItemCosine
from studio.prototypes.recommendation.methods.next_item import NextItem
from studio.prototypes.recommendation.methods.popularity import Popular, Recent, SegmentPopular

ALONE: Mapping[MethodName, type[Recommender]] = {
    method.name: method
    for method in (
        Popular,
        Recent,
        SegmentPopular,
        Content,
        ItemCosine,
        ItemBM25,
        Als,
        Bpr,
        Ease,
        NextItem,
    )
}
"""All ways but the hybrid, which is made of them."""

HYBRID_PARTS: tuple[MethodName, ...] = ("item_cosine", "next_item", "ease", "content", "recent")
"""Ways that the hybrid weighs; different in kind, and each quick to ask."""

Parameters = Mapping[MethodName, Mapping[str, float]]
"""Parameters by method; those left out have their defaults."""


def usable(data: TrainingData) -> tuple[MethodName, ...]:
    """The ways that can be fitted on the data, in the order of `ALONE`, then the hybrid."""
    names = [
        name
        for name, method in ALONE.items()
        if (data.vectors is not None or not method.needs_vectors)
        and (data.has_times or not method.needs_times)
        and (name != "segment" or any(data.segments))
    ]
    return (*names, Hybrid.name)


def made(name: MethodName, data: TrainingData, parameters: Parameters) -> Recommender:
    """A way that is not fitted yet, with its parameters; the hybrid with parts of its own."""
    if name == Hybrid.name:
        return Hybrid(parts=[made(part, data, parameters) for part in parts_on(data)])
    return ALONE[name](parameters.get(name))


def parts_on(data: TrainingData) -> Sequence[MethodName]:
    """The parts of the hybrid that can be fitted on the data."""
    able = usable(data)
    return [part for part in HYBRID_PARTS if part in able]
