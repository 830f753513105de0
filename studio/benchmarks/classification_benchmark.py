"""`studio bench classification`: 77 kinds of questions to a bank, with none, ten and all examples.

Reads BANKING77 (Casanueva et al., 2020, "Efficient Intent Detection with Dual Sentence Encoders", CC BY
4.0) with the default model and decides as a classifier of the studio does; nothing is tuned to its test
part.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.config import Settings
from studio.errors import DataError, NotFound
from studio.evaluation.classification import ClassificationScores, score_labels
from studio.evaluation.comparison import Interval
from studio.evaluation.proportions import share_interval
from studio.inference.catalogue import Catalogue
from studio.inference.hardware import describe_machine
from studio.inference.provisioning import Provisioner
from studio.inference.service import LocalModelService
from studio.prototypes.classifier.baselines import by_words
from studio.prototypes.classifier.head import Codes, Head, Vectors, fitted_head, head_of_meanings
from studio.prototypes.classifier.label_names import read_as
from studio.records import CallContext, EmbeddingRequest, Task

SEED = 77
N_EACH = 10
N_DRAWS = 5
BOUNDS = {"names": 0.62, "ten": 0.845, "all": 0.925}
"""What accuracy must reach with label names alone, ten examples a label, and all of them."""
_PACKAGES = ("scikit-learn", "openvino", "numpy")
_BATCH = 256

Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """Texts with codes of their labels, to learn from and to test with; `labels` by code."""

    labels: tuple[str, ...]
    learn: tuple[str, ...]
    learn_codes: Codes
    test: tuple[str, ...]
    test_codes: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyMeasure:
    """One way. `bound` is what accuracy must reach, None where nothing was promised.

    `draws` are the accuracies of further draws of examples; `accuracy` has the mean of all draws with
    the interval for the test's texts. `calibration_error` and `macro_f1` are of the first draw, NaN for
    counted words, which give no confidence. `fit_s` is learning without reading, of one draw.
    """

    name: str
    n_examples: int
    accuracy: Interval
    macro_f1: float
    calibration_error: float
    draws: tuple[float, ...]
    fit_s: float
    bound: float | None

    @property
    def is_passed(self) -> bool:
        """Whether the bound holds; true without one."""
        return self.bound is None or self.accuracy.mean >= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationReport:
    """All ways on the same test, with what they were measured on. `read_s` is embedding all texts."""

    machine: str
    versions: str
    model: str
    n_test: int
    n_read: int
    read_s: float
    measures: tuple[AccuracyMeasure, ...]

    @property
    def is_passed(self) -> bool:
        """Whether every bound holds."""
        return all(measure.is_passed for measure in self.measures)

    def as_text(self) -> str:
        """A table for the terminal; the ratio is to counted words on all examples."""
        lines = [self.machine, self.versions]
        lines.append(
            f"banking77: {self.n_test} texts tested, {self.model} read {self.n_read} texts in "
            f"{self.read_s:.1f} s ({self.n_read / self.read_s:.0f} texts/s)"
        )
        lines.append(
            f"{'way':28} {'examples':>8}  {'accuracy':22} {'ratio':>6} {'F1':>6} {'ECE':>6} "
            f"{'fit s':>7}  bound"
        )
        words = self.measures[-1].accuracy.mean
        for m in self.measures:
            said = "ok" if m.is_passed else "MISSED"
            bound = "" if m.bound is None else f">= {m.bound:.3f} {said}"
            lines.append(
                f"{m.name:28} {m.n_examples:8}  {m.accuracy!s:22} {m.accuracy.mean / words:6.3f} "
                f"{m.macro_f1:6.3f} {m.calibration_error:6.3f} {m.fit_s:7.2f}  {bound}".rstrip()
            )
            if len(m.draws) > 1:
                lines.append(f"{'':28} draws: {', '.join(f'{one:.3f}' for one in m.draws)}")
        return "\n".join(lines)

    def as_json(self) -> str:
        """The same as JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def load_bank(data: Path) -> Bank:
    """The collection from the folder of the data sets.

    Raises:
        NotFound: it is not there.
        DataError: a file is not as expected.
    """
    folder = data / "banking77"
    try:
        learn, test = (_rows(folder / f"{part}.jsonl") for part in ("train", "test"))
    except FileNotFoundError as error:
        raise NotFound(
            "The collection banking77 is not in {folder}. Name the folder of the collections with "
            "--data.",
            folder=data,
        ) from error
    except (ValueError, KeyError) as error:
        raise DataError("{folder} cannot be read: {reason}", folder=folder, reason=error) from error
    labels = tuple(sorted({label for _, label in learn}))
    codes = {label: code for code, label in enumerate(labels)}
    return Bank(
        labels=labels,
        learn=tuple(text for text, _ in learn),
        learn_codes=np.array([codes[label] for _, label in learn], dtype=np.int64),
        test=tuple(text for text, _ in test),
        test_codes=np.array([codes[label] for _, label in test], dtype=np.int64),
    )


def run_classification_benchmark(
    catalogue: Catalogue,
    provisioner: Provisioner,
    settings: Settings,
    data: Path,
    *,
    quick: bool = False,
    progress: Callable[[str], object] = lambda _: None,
) -> ClassificationReport:
    """Measure the default embedding model. `quick` draws the ten examples once instead of five times.

    Raises:
        NotFound: the collection is not there.
        StudioError: the model cannot be had.
    """
    bank = load_bank(data)
    model = catalogue.default(Task.EMBEDDING).id
    service = LocalModelService(
        catalogue, provisioner, lambda _: None, replace(settings, embedding_cache_bytes=0)
    )
    try:
        service.info(model)
        progress(f"reading {len(bank.learn) + len(bank.test)} texts")
        return measured(
            bank,
            lambda texts: _embedded(service, model, texts),
            model=model,
            machine=f"{describe_machine().cpu}, {settings.n_threads} threads, "
            f"Python {platform.python_version()}",
            n_draws=1 if quick else N_DRAWS,
            progress=progress,
        )
    finally:
        service.close()


def measured(
    bank: Bank,
    embed: Embed,
    *,
    model: str,
    machine: str,
    n_draws: int = N_DRAWS,
    progress: Callable[[str], object] = lambda _: None,
) -> ClassificationReport:
    """The report for a way of making vectors: unit vectors of the texts, in their order."""
    began_s = time.perf_counter()
    learn, test = embed(bank.learn), embed(bank.test)
    read_s = time.perf_counter() - began_s
    meanings = embed([read_as(label, "") for label in bank.labels])
    progress("label names alone")
    measures = [
        _measure("names", "names of labels (zero-shot)", bank, test, [head_of_meanings(meanings)])
    ]
    progress("ten examples a label")
    drawn = [_drawn(bank.learn_codes, draw) for draw in range(n_draws)]
    measures.append(_fitted("ten", "ten examples a label", bank, learn, test, meanings, drawn))
    progress("all examples")
    everything = [np.arange(len(bank.learn))]
    measures.append(_fitted("all", "all examples", bank, learn, test, meanings, everything))
    progress("counted words")
    measures.append(_words(bank))
    return ClassificationReport(
        machine=machine,
        versions=", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        model=model,
        n_test=len(bank.test),
        n_read=len(bank.learn) + len(bank.test),
        read_s=read_s,
        measures=tuple(measures),
    )


def _fitted(
    key: str,
    name: str,
    bank: Bank,
    learn: Vectors,
    test: Vectors,
    meanings: Vectors,
    draws: Sequence[NDArray[np.int64]],
) -> AccuracyMeasure:
    began_s = time.perf_counter()
    heads = [
        fitted_head(
            [bank.learn[row] for row in rows],
            learn[rows],
            bank.learn_codes[rows],
            meanings,
            seed=SEED,
        )
        for rows in draws
    ]
    fit_s = (time.perf_counter() - began_s) / len(draws)
    return _measure(key, name, bank, test, heads, n_examples=len(draws[0]), fit_s=fit_s)


def _measure(
    key: str,
    name: str,
    bank: Bank,
    test: Vectors,
    heads: Sequence[Head],
    *,
    n_examples: int = 0,
    fit_s: float = 0.0,
) -> AccuracyMeasure:
    scores = [_scores(bank, head.confidences(bank.test, test)) for head in heads]
    accuracies = [one.accuracy.mean for one in scores]
    n = len(bank.test)
    return AccuracyMeasure(
        name=name,
        n_examples=n_examples,
        accuracy=share_interval(round(float(np.mean(accuracies)) * n), n),
        macro_f1=scores[0].macro_f1.mean,
        calibration_error=scores[0].calibration_error,
        draws=tuple(accuracies),
        fit_s=fit_s,
        bound=BOUNDS[key],
    )


def _scores(bank: Bank, shares: NDArray[np.float64]) -> ClassificationScores:
    given = shares.argmax(axis=1).astype(np.int64)
    confidence = shares[np.arange(len(given)), given]
    return score_labels(bank.test_codes, given, confidence, len(bank.labels), seed=SEED)


def _words(bank: Bank) -> AccuracyMeasure:
    began_s = time.perf_counter()
    given = by_words(bank.learn, bank.learn_codes, bank.test, seed=SEED)
    fit_s = time.perf_counter() - began_s
    right = int((given == bank.test_codes).sum())
    return AccuracyMeasure(
        name="counted words (TF-IDF, SVM)",
        n_examples=len(bank.learn),
        accuracy=share_interval(right, len(bank.test)),
        macro_f1=float("nan"),
        calibration_error=float("nan"),
        draws=(right / len(bank.test),),
        fit_s=fit_s,
        bound=None,
    )


def _drawn(codes: Codes, draw: int) -> NDArray[np.int64]:
    """Rows of ten examples of each label, drawn without replacement; all where there are fewer."""
    rng = np.random.default_rng([SEED, draw])
    return np.concatenate(
        [rng.permutation(np.flatnonzero(codes == code))[:N_EACH] for code in np.unique(codes)]
    )


def _embedded(service: LocalModelService, model: str, texts: Sequence[str]) -> Vectors:
    context = CallContext(request_id="bench-classification", surface="bench")
    return np.concatenate(
        [
            service.embed(
                EmbeddingRequest(model=model, texts=tuple(texts[at : at + _BATCH]), context=context)
            ).vectors
            for at in range(0, len(texts), _BATCH)
        ]
    )


def _rows(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(str(row["text"]), str(row["label"])) for row in rows]
