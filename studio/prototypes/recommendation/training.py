"""Training every way of recommending that the data allows, within a job."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.jobs.runner import JobContext
from studio.prototypes.base import Toolbox
from studio.prototypes.passage_reader import PassageReader
from studio.prototypes.recommendation.goals import METHOD_LABELS, MethodName
from studio.prototypes.recommendation.interactions import Interactions, Items
from studio.prototypes.recommendation.methods.contract import Recommender, Told, TrainingData
from studio.prototypes.recommendation.methods.hybrid import Hybrid
from studio.prototypes.recommendation.methods.registry import (
    ALONE,
    Parameters,
    made,
    parts_on,
    usable,
)
from studio.records import Notice

logger = logging.getLogger(__name__)

Vectors = NDArray[np.float32]
N_READ_AT_ONCE = 64
N_SOON_READ = 100
"""Items that a model reads while nobody minds the wait; with more, behaviour alone serves first."""
QUICK: tuple[MethodName, ...] = ("popular", "recent", "segment", "item_cosine", "next_item")
"""Ways that are fitted in a moment and need no model; they serve until a first training is complete."""
MAX_READ = 50_000
"""Items that a model reads at most; with more, what is alike by description is left out."""

MIN_DESCRIBED = 2
"""Items with more text than the id that it takes; ids read as texts would be alike by their digits."""

Step = Callable[[int, int, Notice], None]
"""Told how many methods are done, of how many, and what is being done; may raise to stop.

Also before each round of a method that takes long.
"""


def item_vectors(
    items: Items, model: str, toolbox: Toolbox, prototype_id: str, context: JobContext
) -> Vectors | None:
    """What the items are about, `(n, dim)` float32; None where no model can be had, or no texts.

    Nor for more items than `MAX_READ`.

    Texts that were read before come from the cache.

    Raises:
        StudioError: the job was stopped, or the model failed.
    """
    described = sum(
        text not in ("", item) for text, item in zip(items.texts, items.ids, strict=True)
    )
    if len(items) > MAX_READ or described < MIN_DESCRIBED:
        return None
    context.report(0, notice=Notice("Loading the model {model}", model=model))
    try:
        toolbox.models.info(model)
    except ModelUnavailable as error:
        logger.warning("items are not read, as %s cannot be had: %s", model, error)
        return None
    reader = PassageReader(toolbox.models, model, prototype_id, context)
    parts = []
    for start in range(0, len(items), N_READ_AT_ONCE):
        context.raise_if_cancelled()
        context.report(start, len(items), "items", Notice("Reading what the items are about"))
        parts.append(reader.embed(items.texts[start : start + N_READ_AT_ONCE]))
    return np.concatenate(parts)


def parameters_of(tuned: tuple[tuple[str, str, float], ...]) -> Parameters:
    """Tuned values by method; those that no method has (of a newer studio) are left out."""
    found: dict[MethodName, dict[str, float]] = {}
    for method, parameter, value in tuned:
        for name, kind in ALONE.items():
            if name == method and parameter in kind.parameters:
                found.setdefault(name, {})[parameter] = value
    return found


def fitted_methods(
    data: TrainingData,
    parameters: Parameters,
    *,
    seed: int,
    step: Step = lambda _done, _total, _notice: None,
) -> Mapping[MethodName, Recommender]:
    """Every way that the data allows, fitted; the hybrid is made of the same ones."""
    names = usable(data)
    methods: dict[MethodName, Recommender] = {}
    for at, name in enumerate(names):
        step(at, len(names), Notice("Training: {method}", method=METHOD_LABELS[name]))
        told = _rounds_of(name, partial(step, at, len(names)))
        if name != "hybrid":
            methods[name] = made(name, data, parameters)
            methods[name].fit(data, seed=seed, told=told)
            continue
        trial = made(name, data, parameters)
        hybrid = Hybrid([methods[part] for part in parts_on(data)])
        if isinstance(trial, Hybrid):
            trial.choose_weights(data, seed=seed, told=told)  # on parts of its own, fitted on less
            hybrid.weights = trial.weights
        methods[name] = hybrid
    return methods


def _rounds_of(name: MethodName, say: Callable[[Notice], None]) -> Told:
    """Tells how far one way is, which may take minutes."""

    def told(done: int, total: int) -> None:
        say(
            Notice(
                "Training: {method}, round {n} of {total}",
                method=METHOD_LABELS[name],
                n=min(done + 1, total),
                total=total,
            )
        )

    return told


def quick_methods(
    data: TrainingData, parameters: Parameters, *, seed: int
) -> Mapping[MethodName, Recommender]:
    """The ways of `QUICK` that the data allows, fitted."""
    able = usable(data)
    methods = {name: made(name, data, parameters) for name in QUICK if name in able}
    for method in methods.values():
        method.fit(data, seed=seed)
    return methods


def with_new_events(
    events: Interactions, items: Items, new: list[tuple[str, str, str, float | None, datetime]]
) -> Interactions:
    """Events with those that came since at the end; of items that are gone left out.

    Args:
        events: as they were prepared.
        items: as they were prepared.
        new: (user, item, kind, rating, aware time), in order of time.
    """
    known = [one for one in new if one[1] in items.codes]
    if not known:
        return events
    users, kinds = dict(events.codes), {kind: code for code, kind in enumerate(events.kinds)}
    for user, _, kind, _, _ in known:
        users.setdefault(user, len(users))
        kinds.setdefault(kind, len(kinds))
    n_more = len(users) - len(events.users)
    times = np.asarray([at.timestamp() for *_, at in known])
    ratings = [np.nan if rating is None else rating for *_, rating, _ in known]
    return Interactions(
        users=tuple(users),
        kinds=tuple(kinds),
        user_codes=np.append(events.user_codes, [users[one[0]] for one in known]),
        item_codes=np.append(events.item_codes, [items.codes[one[1]] for one in known]),
        kind_codes=np.append(events.kind_codes, [kinds[one[2]] for one in known]),
        ratings=np.append(events.ratings, ratings),
        times_s=np.append(events.times_s, times),
        segments=(*events.segments, *[""] * n_more),
    )
