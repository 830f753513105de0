"""The order in which pairs are learnt, epoch by epoch; decided by the seed alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.inference.training.plan import TrainingPair


def epoch_order(n_pairs: int, seed: int, epoch: int) -> list[int]:
    """All pairs in the order of an epoch, which counts from 0."""
    return [int(i) for i in np.random.default_rng([seed, epoch]).permutation(n_pairs)]


def take_batch(
    pairs: Sequence[TrainingPair], waiting: list[int], size: int
) -> tuple[list[int], list[int]]:
    """The next batch, and what waits after it.

    A batch never has the same prompt, answer or group twice: the right passage of one query would else
    count as a wrong one of the other. What must wait for that keeps its place in front.

    Args:
        pairs: all pairs.
        waiting: numbers of those not learnt yet in this epoch, in order.
        size: most pairs in the batch, 1 or more.
    """
    batch: list[int] = []
    seen: set[tuple[str, str]] = set()
    later: list[int] = []
    for at, number in enumerate(waiting):
        if len(batch) == size:
            later += waiting[at:]
            break
        pair = pairs[number]
        own = {("prompt", pair.prompt), ("answer", pair.answer)}
        own |= {("group", pair.group)} if pair.group else set()
        if own & seen:
            later.append(number)
        else:
            batch.append(number)
            seen |= own
    return batch, later
