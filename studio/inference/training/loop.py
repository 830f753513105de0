"""The loop that every training runs: updates, looks at what is watched, checkpoints, early stopping.

The same pairs, plan and thread count give the same weights to the bit, whether it runs through or is
killed and goes on. Knows neither the model nor where its pairs come from.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from studio.errors import StudioError
from studio.inference.hardware import release_memory
from studio.inference.training.batches import epoch_order, take_batch
from studio.inference.training.checkpoint import (
    TrainingState,
    load_checkpoint,
    plain,
    save_checkpoint,
)
from studio.inference.training.plan import (
    BEST,
    CURVE,
    CurvePoint,
    StoppedBy,
    TrainingPair,
    TrainingPlan,
    TrainingResult,
    add_to_curve,
    read_curve,
)

WARM_UP = 0.1
"""Share of the training in which the learning rate rises from 0."""
CHECKPOINT_EVERY_S = 20.0
MAX_GRADIENT = 1.0
WEIGHT_DECAY = 0.01


class Trainee(Protocol):
    """A model that learns from pairs."""

    least_batch: int
    """The fewest pairs a batch must have."""

    def weights(self) -> Mapping[str, Any]:
        """The tensors that are trained, by name, always in the same order."""
        ...

    def loss(self, pairs: Sequence[TrainingPair]) -> tuple[Any, int]:
        """The mean loss of a batch as a tensor to go back from, and the tokens that were read."""
        ...

    def losses(self, pairs: Sequence[TrainingPair]) -> list[float]:
        """The loss of each pair, without learning from it."""
        ...


class TrainingLoop:
    """One training in a folder; `run` begins it or goes on with it.

    Args:
        folder: of the training; see `plan`.
        plan: what to do.
        trainee: the model.
        train: pairs that are learnt from.
        watched: pairs that decide when to stop and which weights are best.
        held_out: pairs that decide nothing.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        folder: Path,
        plan: TrainingPlan,
        trainee: Trainee,
        train: Sequence[TrainingPair],
        *,
        watched: Sequence[TrainingPair],
        held_out: Sequence[TrainingPair],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        import torch

        self._folder = folder
        self._plan = plan
        self._trainee = trainee
        self._train = train
        self._watched = watched
        self._held_out = held_out
        self._clock = clock
        self._weights = trainee.weights()
        self._optimizer = torch.optim.AdamW(
            list(self._weights.values()),
            lr=plan.settings.learning_rate,
            weight_decay=WEIGHT_DECAY,
        )

    def run(self) -> TrainingResult:
        """Train to the end and leave the best weights in the model and in `best.safetensors`.

        Raises:
            StudioError: the very first loss is no number, or memory is too short for the smallest
                batch.
        """
        began = self._clock()
        state = self._begin()
        self._rewrite_curve(state)
        earlier, saved_at = state.seconds, self._clock()
        stopped_by: StoppedBy = "end"
        while state.epoch < self._plan.settings.n_epochs:
            loss = self._update(state)
            state.seconds = earlier + self._clock() - began
            if not math.isfinite(loss):
                stopped_by = "diverged"
                break
            self._note(state, "train", loss)
            following, _ = take_batch(self._train, state.waiting, state.batch_size)
            is_epoch_over = len(following) < self._trainee.least_batch  # what is left waits
            if is_epoch_over:
                self._end_epoch(state)
                state.seconds = earlier + self._clock() - began
            if is_epoch_over or self._clock() - saved_at >= CHECKPOINT_EVERY_S:
                self._save(state)
                saved_at = self._clock()
            if state.n_without_gain >= self._plan.settings.patience:
                stopped_by = "patience"
                break
        return self._finish(state, stopped_by, lambda: earlier + self._clock() - began)

    def _begin(self) -> TrainingState:
        """Where the last process left it, or the start: what the base loses."""
        import torch

        torch.manual_seed(self._plan.settings.seed)
        found = load_checkpoint(self._folder, self._weights, self._optimizer, self._plan.device)
        if found is not None:
            found.batch_size = min(found.batch_size, self._plan.settings.batch_size)
            return found
        losses = self._looked_at(self._held_out)
        mean = _mean(self._looked_at(self._watched))
        if not math.isfinite(mean + _mean(losses)):
            raise StudioError(
                "The loss of the model is no number before any training. Choose another model."
            )
        state = TrainingState(
            waiting=epoch_order(len(self._train), self._plan.settings.seed, 0),
            batch_size=self._plan.settings.batch_size,
            best_loss=mean,
            losses_before=losses,
            curve=[],
        )
        self._note(state, "watched", mean)
        self._keep_best()
        self._save(state)
        return state

    def _update(self, state: TrainingState) -> float:
        """One update of the weights; its loss. A loss that is no number changes nothing."""
        import torch

        while True:
            batch, later = take_batch(self._train, state.waiting, state.batch_size)
            random = torch.get_rng_state()
            try:
                loss, n_tokens = self._trainee.loss([self._train[number] for number in batch])
                value = float(loss.detach())
                if not math.isfinite(value):
                    return value
                loss.backward()
                break
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                self._optimizer.zero_grad(set_to_none=True)
                torch.set_rng_state(random)
                self._shrink(state)
        norm = torch.nn.utils.clip_grad_norm_(list(self._weights.values()), MAX_GRADIENT)
        if not math.isfinite(float(norm)):
            self._optimizer.zero_grad(set_to_none=True)
            return math.nan
        for group in self._optimizer.param_groups:
            group["lr"] = self._plan.settings.learning_rate * _rate_share(self._done(state))
        with _memory_needed():  # the first one takes room for two more numbers of each weight
            self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        state.waiting = later
        state.step += 1
        state.n_tokens += n_tokens
        return value

    def _shrink(self, state: TrainingState) -> None:
        smaller = state.batch_size // 2
        if smaller < self._trainee.least_batch:
            raise StudioError(
                "There is not enough memory to train this model, even with {n} examples at a time. "
                "Cut texts shorter, choose a smaller model, or unload other models.",
                n=state.batch_size,
            )
        state.batch_size = smaller
        release_memory()
        self._note(state, "smaller", 0.0)

    def _end_epoch(self, state: TrainingState) -> None:
        loss = _mean(self._looked_at(self._watched))
        state.epoch += 1
        state.waiting = epoch_order(len(self._train), self._plan.settings.seed, state.epoch)
        is_best = math.isfinite(loss) and loss < state.best_loss
        if is_best:
            state.best_loss, state.best_step, state.n_without_gain = loss, state.step, 0
            self._keep_best()
        else:
            state.n_without_gain += 1
        if math.isfinite(loss):
            self._note(state, "watched", loss, is_best=is_best)

    def _finish(
        self, state: TrainingState, stopped_by: StoppedBy, seconds: Callable[[], float]
    ) -> TrainingResult:
        import torch
        from safetensors.torch import load_file

        with torch.no_grad():
            for name, tensor in load_file(self._folder / BEST).items():
                self._weights[name].copy_(tensor)
        after = self._looked_at(self._held_out)
        return TrainingResult(
            stopped_by=stopped_by,
            n_steps=state.step,
            best_step=state.best_step,
            batch_size=state.batch_size,
            losses_before=tuple(state.losses_before),
            losses_after=tuple(after),
            seconds=seconds(),
            n_trained=sum(int(tensor.numel()) for tensor in self._weights.values()),
            n_tokens=state.n_tokens,
        )

    def _looked_at(self, pairs: Sequence[TrainingPair]) -> list[float]:
        with _memory_needed():
            return self._trainee.losses(pairs)

    def _done(self, state: TrainingState) -> float:
        n = len(self._train)
        learnt = state.epoch * n + (n - len(state.waiting))
        return learnt / (n * self._plan.settings.n_epochs)

    def _note(self, state: TrainingState, part: Any, loss: float, *, is_best: bool = False) -> None:
        point = CurvePoint(
            part=part,
            step=state.step,
            done=min(1.0, self._done(state)),
            loss=loss,
            seconds=state.seconds,
            batch_size=state.batch_size,
            is_best=is_best,
        )
        state.curve.append(point)
        add_to_curve(point, self._folder)

    def _rewrite_curve(self, state: TrainingState) -> None:
        """Take back what the last process said after its last checkpoint: it is done again.

        That it was ended for its memory, which the plan has smaller batches for, stays.
        """
        state.curve += [
            point
            for point in read_curve(self._folder)
            if point.part == "smaller"
            and point.batch_size >= self._plan.settings.batch_size
            and point not in state.curve
        ]
        lines = [json.dumps(asdict(point)) + "\n" for point in state.curve]
        (self._folder / CURVE).write_text("".join(lines), encoding="utf-8")

    def _keep_best(self) -> None:
        from safetensors.torch import save_file

        partial = self._folder / f"{BEST}.partial"
        save_file({name: plain(tensor) for name, tensor in self._weights.items()}, partial)
        partial.replace(self._folder / BEST)

    def _save(self, state: TrainingState) -> None:
        save_checkpoint(self._folder, state, self._weights, self._optimizer, self._plan.device)


@contextmanager
def _memory_needed() -> Iterator[None]:
    """Say in words where memory runs out and smaller batches would not help. Raises StudioError."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise StudioError(
            "There is not enough memory to train this model. Cut texts shorter, choose a smaller model, "
            "or unload other models."
        ) from error


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, however the device says it."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in text or "allocate memory" in text


def _rate_share(done: float) -> float:
    """The learning rate as a share of its highest: up in a line, then down to 0 in another."""
    return min((done + 1e-3) / WARM_UP, (1 - done) / (1 - WARM_UP), 1.0)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
