"""`studio bench tuning`: what fine-tuning gains on the sample company, and what a kill costs.

The search model is tuned on one half of the questions and measured on the other, and the other way
round, so that every question is measured once by a model that has not seen it. The text model is tuned
on the questions with their answers in two rounds; the same training is stopped after one and goes on.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from studio.config import Settings
from studio.errors import StudioError
from studio.evaluation.comparison import Interval
from studio.inference.hardware import describe_machine
from studio.inference.training import plan as files
from studio.inference.training.plan import DEFAULTS, TrainingSettings
from studio.records import Task
from studio.tuning.effect import Effect, effect_of
from studio.tuning.examples import Example
from studio.tuning.run import TuningRun
from studio.tuning.tuning import Tuning, TuningRequest
from studio.workbench import Workbench

N_FOLDS = 2
LORA = replace(DEFAULTS["lora"], n_epochs=2)
"""Two rounds show a gain, and leave something to go on with after the first."""
SEED = 0
_POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningReport:
    """What was gained, on which machine, and how long it took.

    `search` pools both halves; `seconds_search` is the training time of one. `resumed_same` says
    that the adapter of the training that was stopped is that of the one that was not, byte by byte;
    None where that was not tried.
    """

    machine: str
    is_quick: bool
    search: Effect
    seconds_search: float
    text: Effect
    seconds_text: float
    estimated_text_s: tuple[float, float]
    resumed_same: bool | None

    @property
    def is_passed(self) -> bool:
        """Whether both models are better with certainty, and a kill cost nothing."""
        gained = self.search.outcome == self.text.outcome == "better"
        return gained and self.resumed_same is not False

    def as_text(self) -> str:
        """A few lines for the terminal."""
        lines = [self.machine]
        for name, effect, seconds in (
            ("search model, contrastive", self.search, self.seconds_search),
            ("text model, LoRA", self.text, self.seconds_text),
        ):
            lines.append(
                f"{name}: {effect.measure} {_shown(effect.before)} -> {_shown(effect.after)}, gain"
                f" {_shown(effect.gain)} on {effect.gain.n} held out ({effect.n_better} better,"
                f" {effect.n_worse} worse), {seconds:.0f} s: {effect.outcome}"
            )
        low, high = self.estimated_text_s
        lines.append(f"estimated for the text model beforehand: {low:.0f} to {high:.0f} s")
        if self.resumed_same is not None:
            lines.append(f"stopped and gone on with, the same to the bit: {self.resumed_same}")
        if self.is_quick:
            lines.append("Quick: one half, one round over the examples of the text model.")
        return "\n".join(lines)

    def as_json(self) -> str:
        """The same for programs."""
        return json.dumps(asdict(self), indent=2, default=str)


def run_tuning_benchmark(
    settings: Settings, *, quick: bool = False, say: Callable[[str], object] = lambda _: None
) -> TuningReport:
    """Tune both default models in a studio of its own; under ten minutes on two cores, 3 if quick.

    Args:
        settings: of this machine; the weights that are on its disk are used.
        quick: one half, and one round of the text model, without the stop in between.
        say: told what is being done.

    Raises:
        StudioError: weights are missing, or a training cannot be done.
    """
    with _own_studio(settings) as bench:
        bot = bench.sample_chatbot("en")
        job = bot.index_state().job
        if job is not None:
            job.result()
        examples = bench.tuning.sample("contrastive", "en")
        runs = []
        for fold in range(1 if quick else N_FOLDS):
            say(f"search model, half {fold + 1}")
            runs.append(_search_run(bench, bot.id, _parted(examples, fold)))
        say("text model")
        lora = replace(LORA, n_epochs=1) if quick else LORA
        text = _text_run(bench, lora, stop=False)
        same = None
        if not quick:
            say("text model, stopped and gone on with")
            same = _adapter(bench, text) == _adapter(bench, _text_run(bench, lora, stop=True))
        assert text.effect is not None  # a run that is done has one
        return TuningReport(
            machine=_machine(),
            is_quick=quick,
            search=_pooled(runs),
            seconds_search=sum(run.seconds for run in runs) / len(runs),
            text=text.effect,
            seconds_text=text.seconds,
            estimated_text_s=(text.estimate.low_s, text.estimate.high_s),
            resumed_same=same,
        )


@contextmanager
def _own_studio(settings: Settings) -> Iterator[Workbench]:
    """A studio in a folder that goes away, with the weights of this one."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings.models_dir.mkdir(parents=True, exist_ok=True)
        (home / "models").symlink_to(settings.models_dir.resolve(), target_is_directory=True)
        with Workbench.open(settings=replace(settings, home=home, database_url="")) as bench:
            yield bench


def _parted(examples: Sequence[Example], fold: int) -> tuple[Example, ...]:
    """The examples with a half held out, by the words of the question."""

    def place(one: Example) -> int:
        return int.from_bytes(hashlib.sha256(one.prompt.encode()).digest()[:4], "big") % N_FOLDS

    return tuple(
        replace(one, part="held_out" if place(one) == fold else "train") for one in examples
    )


def _search_run(bench: Workbench, prototype_id: str, examples: tuple[Example, ...]) -> TuningRun:
    return _finished(
        bench.tuning,
        TuningRequest(
            name="bench search",
            method="contrastive",
            base_model=bench.catalogue.default(Task.EMBEDDING).id,
            examples=examples,
            prototype_id=prototype_id,
        ),
    )


def _text_run(bench: Workbench, settings: TrainingSettings, *, stop: bool) -> TuningRun:
    request = TuningRequest(
        name="bench text",
        method="lora",
        base_model=bench.catalogue.default(Task.GENERATION).id,
        examples=bench.tuning.sample("lora", "en"),
        settings=settings,
    )
    return _finished(bench.tuning, request, stop=stop)


def _finished(tuning: Tuning, request: TuningRequest, *, stop: bool = False) -> TuningRun:
    """Start a run and wait for it; with `stop` it is stopped after its first round and gone on with."""
    run = tuning.start(request)
    job = tuning.job(run.id)
    assert job is not None  # it was started just now
    if stop:
        while sum(p.part == "watched" for p in tuning.curve(run.id)) < 2 and not job.state.is_final:
            time.sleep(_POLL_S)
        job.cancel()
        job.wait()
        job = tuning.go_on(run.id)
    ended: TuningRun = job.result()
    if ended.loss is None:
        raise StudioError("The training of {name} gave nothing to measure.", name=request.name)
    return ended if ended.effect else replace(ended, effect=ended.loss)


def _pooled(runs: Sequence[TuningRun]) -> Effect:
    """All folds together: every question by the model that has not seen it."""
    changes = [change for run in runs if run.effect for change in run.effect.changes]
    measure = runs[0].effect.measure if runs[0].effect else "nDCG@10"
    return effect_of(
        {change.prompt: change.before for change in changes},
        {change.prompt: change.after for change in changes},
        measure,
        seed=SEED,
    )


def _adapter(bench: Workbench, run: TuningRun) -> str:
    folder = bench.settings.tuned_dir / run.id / files.ADAPTER
    return hashlib.sha256((folder / "adapter_model.safetensors").read_bytes()).hexdigest()


def _shown(interval: Interval) -> str:
    return f"{interval.mean:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def _machine() -> str:
    machine: Any = describe_machine()
    return f"{machine.cpu}, {machine.n_cores} cores, {machine.device}"
