"""One tuning as it is kept: what was asked, from what, how it ended. And the folder of all of them.

    tuned/<id>/run.json        a `TuningRun`
    tuned/<id>/examples.json   its examples, parted
    tuned/<id>/lineage.json    where the model comes from; goes with the model wherever it goes
    tuned/<id>/...             the files of the training, see `inference.training.plan`

Knows no job and no model library.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from studio.errors import NotFound
from studio.inference.training.plan import (
    Method,
    StoppedBy,
    TrainingSettings,
    write_json,
)
from studio.tuning.effect import Effect
from studio.tuning.estimate import Estimate
from studio.tuning.examples import Example, Parted

if TYPE_CHECKING:
    from pydantic import TypeAdapter

logger = logging.getLogger(__name__)

PARTS = ("train", "watched", "held_out")
RUN, EXAMPLES, LINEAGE = "run.json", "examples.json", "lineage.json"

Outcome = Literal["open", "done", "no_gain", "failed"]
"""Not over (it waits, runs or was stopped), a model was made, nothing was learnt, it cannot be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningRun:
    """A tuning.

    Attributes:
        id: also the name of its folder.
        name: what the user calls it; the model's name in the catalogue.
        method: contrastive tuning of a search model or LoRA of a text model.
        prototype_id: whose examples and passages were taken; empty for none.
        base_model: catalogue id.
        base_name: what the base is called.
        base_revision: which weights; empty until they were read.
        settings: how it is trained.
        cares: what was mended in the examples, see `care`.
        fingerprint: of the examples, see `Parted.fingerprint`.
        n_train: examples to learn from.
        n_watched: examples that decide when to stop.
        n_held_out: examples held out, which decide nothing.
        work: floating-point operations of the training that were counted beforehand.
        reading: those of reading the passages before and after; 0 for a text model.
        estimate: time and cost said beforehand.
        created_at: aware UTC.
        outcome: see `Outcome`.
        problem: why it cannot be done, as JSON of a notice; None if nothing is known.
        finished_at: aware UTC; None before.
        model_id: catalogue id of the model; empty without one.
        stopped_by: what ended the training; None before.
        n_steps: updates done.
        best_step: updates after which what is held out was best.
        batch_size: examples per update at the end; less than asked for where memory was short.
        n_trained: weights that were trained.
        seconds: the training took.
        cost_usd: for that at the price of this machine.
        reading_s: reading the passages took, before and after; see `total_s` and `total_usd`.
        machine: what it ran on.
        size_bytes: of the model's files.
        loss: what the loss on the examples held out did.
        effect: what it gained where it counts: nDCG@10 of a search model, the loss of a text model.
    """

    id: str
    name: str
    method: Method
    prototype_id: str
    base_model: str
    base_name: str
    base_revision: str = ""
    settings: TrainingSettings
    cares: tuple[str, ...] = ()
    fingerprint: str
    n_train: int
    n_watched: int
    n_held_out: int
    work: float
    reading: float = 0.0
    estimate: Estimate
    created_at: datetime
    outcome: Outcome = "open"
    problem: dict[str, Any] | None = None  # Any: JSON of a notice
    finished_at: datetime | None = None
    model_id: str = ""
    stopped_by: StoppedBy | None = None
    n_steps: int = 0
    best_step: int = 0
    batch_size: int = 0
    n_trained: int = 0
    seconds: float = 0.0
    cost_usd: Decimal | None = None
    reading_s: float = 0.0
    machine: str = ""
    size_bytes: int = 0
    loss: Effect | None = None
    effect: Effect | None = None

    @property
    def total_s(self) -> float:
        """Seconds of training and of reading passages."""
        return self.seconds + self.reading_s

    @property
    def total_usd(self) -> Decimal | None:
        """What both cost; None before, or where the price is unknown."""
        if self.cost_usd is None or not self.seconds:
            return self.cost_usd
        return self.cost_usd * Decimal(self.total_s / self.seconds)


_Parts = dict[str, tuple[Example, ...]]


class RunStore:
    """The runs of a studio. Every method may be called by any thread.

    Args:
        folder: of all runs; need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, run_id: str) -> Path:
        """The folder of a run.

        Raises:
            NotFound: that is no id of a run.
        """
        if not run_id.isalnum():
            raise NotFound("There is no tuning with the id {id}.", id=repr(run_id))
        return self._folder / run_id

    def create(self, run: TuningRun, examples: Parted) -> None:
        """Keep a new run with its examples.

        Raises:
            OSError: the disk is full.
        """
        folder = self.place(run.id)
        folder.mkdir(parents=True)
        parts = {name: getattr(examples, name) for name in PARTS}
        write_json(folder / EXAMPLES, _adapter(_Parts).dump_python(parts, mode="json"))
        self.save(run)

    def save(self, run: TuningRun) -> None:
        """Keep what a run has become."""
        write_json(self.place(run.id) / RUN, _adapter(TuningRun).dump_python(run, mode="json"))

    def get(self, run_id: str) -> TuningRun:
        """The run of that id.

        Raises:
            NotFound: there is none, or its file cannot be read.
        """
        from pydantic import ValidationError

        try:
            text = (self.place(run_id) / RUN).read_bytes()
            run: TuningRun = _adapter(TuningRun).validate_json(text)
        except (OSError, ValidationError) as error:
            raise NotFound(
                "There is no tuning with the id {id}, or its files were changed.", id=run_id
            ) from error
        return run

    def examples(self, run_id: str) -> Parted:
        """The examples of a run; what was left out is not kept.

        Raises:
            NotFound: there are none.
        """
        from pydantic import ValidationError

        try:
            text = (self.place(run_id) / EXAMPLES).read_bytes()
            parts = _adapter(_Parts).validate_json(text)
            return Parted(**{name: parts[name] for name in PARTS}, dropped=())
        except (OSError, ValidationError, KeyError) as error:
            raise NotFound("The examples of the tuning {id} are gone.", id=run_id) from error

    def list(self) -> Sequence[TuningRun]:
        """All runs, the newest first; what cannot be read is left out and said in the log."""
        runs = []
        for path in self._folder.glob(f"*/{RUN}"):
            try:
                runs.append(self.get(path.parent.name))
            except NotFound as error:
                logger.warning("%s", error)
        return sorted(runs, key=lambda run: run.created_at, reverse=True)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # Any: a class, or a form of dict
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
