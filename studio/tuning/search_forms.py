"""Forms of a search model measured as it is used: how well, how fast, and what it takes.

How well it ranks is measured, or how well a classifier that reads with it gives labels.

Knows no run and no page; see `compressing`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.inference.embedder_forms import EmbedderForm, form_of
from studio.inference.hardware import pick_device
from studio.inference.local_weights import is_universal_sentence
from studio.inference.model_spec import ModelSpec
from studio.inference.provisioning import Provisioner
from studio.inference.training.plan import write_json
from studio.jobs.runner import JobContext
from studio.prototypes.base import Toolbox
from studio.records import CallContext, EmbeddingRequest, Notice
from studio.tuning.corpus import Corpus, ranking_scores
from studio.tuning.examples import Example, Parted
from studio.tuning.labelled import labels_given, macro_f1_of_labels

if TYPE_CHECKING:
    from pydantic import TypeAdapter

EXAMPLES = "examples.json"
N_TIMED, N_ROUNDS = 64, 3
"""Passages that speed is measured with, and how often; the median counts."""
N_QUERIES_TIMED = 20
N_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFormMeasured:
    """What was measured of a form.

    `scores` has nDCG@10 by query, or 1 for a text that got its label and 0 for another; of labels
    `macro_f1` is the mean F1, else None.
    """

    scores: Mapping[str, float]
    tokens_per_s: float
    query_ms: float
    memory_bytes: int
    macro_f1: float | None = None


def search_forms() -> tuple[EmbedderForm, ...]:
    """The forms that make sense on this computer.

    Raises:
        InvalidInput: it has an accelerator, where search models are computed with 16 bits anyway.
    """
    from studio.inference.engines.openvino_embedding import computes_in_bf16

    if pick_device() != "cpu":
        raise InvalidInput(
            "On this computer search models run on the accelerator with 16 bits already. Smaller forms "
            "are for computers without one."
        )
    return ("bf16", "int8") if computes_in_bf16() else ("int8",)


def search_model_folder(spec: ModelSpec, provisioner: Provisioner, context: JobContext) -> Path:
    """The folder of a model whose forms can be made.

    Raises:
        InvalidInput: it runs elsewhere, has no safetensors, or is a smaller form itself.
        StudioError: its weights cannot be had.
    """
    folder = None
    if spec.source not in ("remote", "fake"):
        folder = provisioner.ensure(spec, context.relay, context.cancelled).folder
    if folder is None or is_universal_sentence(folder) or form_of(folder) is not None:
        raise InvalidInput(
            "{name} cannot be compressed here: only search models in safetensors can, that are no "
            "smaller form already.",
            name=spec.name,
        )
    return folder


def measure_search_form(
    spec: ModelSpec,
    examples: Sequence[Example],
    corpus: Corpus,
    tools: Toolbox,
    context: JobContext,
) -> SearchFormMeasured:
    """How well and how fast a form in the catalogue reads; the passages once, and some of them thrice.

    Raises:
        InvalidInput: nothing of what is right for the queries is among the passages.
        StudioError: it was stopped, or the model cannot be loaded.
    """
    reader = _Reader(spec, tools, context)
    vectors = reader.all_of(corpus.texts, "passages")
    scores = ranking_scores(
        examples, corpus, vectors, lambda texts, purpose: reader.read(texts, purpose)[0]
    )
    if not scores:
        raise InvalidInput(
            "Most examples name documents that are not in the prototype's index. Build the index, or "
            "upload the passages themselves."
        )
    return SearchFormMeasured(
        scores=scores,
        tokens_per_s=reader.tokens_per_s(corpus.texts),
        query_ms=reader.wait_ms([one.prompt for one in examples], "query"),
        memory_bytes=tools.models.info(spec.id).memory_bytes,
    )


def measure_label_form(
    spec: ModelSpec, examples: Parted, tools: Toolbox, context: JobContext
) -> SearchFormMeasured:
    """How many texts held out get their label by what is learnt from the others, and how fast it reads.

    Raises:
        StudioError: it was stopped, or the model cannot be loaded.
    """
    reader = _Reader(spec, tools, context)
    given = labels_given(examples, lambda texts: reader.all_of(texts, "texts"), seed=0)
    return SearchFormMeasured(
        scores={one.text: float(one.is_right) for one in given},
        macro_f1=macro_f1_of_labels(given),
        tokens_per_s=reader.tokens_per_s([one.prompt for one in examples.train]),
        # A classifier reads what it is asked as a passage, too.
        query_ms=reader.wait_ms([one.text for one in given], "passage"),
        memory_bytes=tools.models.info(spec.id).memory_bytes,
    )


class _Reader:
    """Texts read by a form, for nobody's account but the studio's own.

    Args:
        spec: of the form, which is in the catalogue.
        tools: has the model service.
        context: of the job.
    """

    def __init__(self, spec: ModelSpec, tools: Toolbox, context: JobContext) -> None:
        self._spec, self._tools, self._context = spec, tools, context
        # What is computed for a measurement never comes from the cache.
        self._behalf = CallContext(request_id=f"compress-{uuid.uuid4().hex[:12]}", surface="bench")

    def read(
        self, texts: Sequence[str], purpose: Literal["query", "passage"]
    ) -> tuple[NDArray[np.float32], int]:
        """`(n, dim)` float32 of unit length, and how many tokens that were."""
        request = EmbeddingRequest(
            model=self._spec.id, texts=tuple(texts), purpose=purpose, context=self._behalf
        )
        made = self._tools.models.embed(request)
        return made.vectors, sum(made.n_tokens)

    def all_of(self, texts: Sequence[str], unit: str) -> NDArray[np.float32]:
        """Many passages, a part at a time, with progress."""
        parts = []
        for start in range(0, len(texts), N_AT_ONCE):
            self._context.raise_if_cancelled()
            self._context.report(
                start, len(texts), unit, Notice("Measuring {name}", name=self._spec.name)
            )
            parts.append(self.read(texts[start : start + N_AT_ONCE], "passage")[0])
        return np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)

    def tokens_per_s(self, texts: Sequence[str]) -> float:
        """The median speed of reading the first of these texts."""
        timed = texts[:N_TIMED]
        return float(np.median([self._speed(timed) for _ in range(N_ROUNDS)]))

    def wait_ms(self, texts: Sequence[str], purpose: Literal["query", "passage"]) -> float:
        """The median time of reading one of these texts alone."""
        waits = []
        for text in texts[:N_QUERIES_TIMED]:
            began_s = time.perf_counter()
            self.read([text], purpose)
            waits.append((time.perf_counter() - began_s) * 1000)
        return float(np.median(waits))

    def _speed(self, texts: Sequence[str]) -> float:
        began_s = time.perf_counter()
        _, n_tokens = self.read(texts, "passage")
        return n_tokens / max(1e-9, time.perf_counter() - began_s)


def search_weights_bytes(
    spec: ModelSpec, tools: Toolbox, provisioner: Provisioner, context: JobContext
) -> int:
    """Bytes of the weights that the engine reads: of what was made for it, where something was."""
    from studio.inference.engines.openvino_embedding import converted_bytes

    weights = provisioner.ensure(spec, context.relay, context.cancelled)
    assert weights.folder is not None  # `search_model_folder` has looked
    made = converted_bytes(
        weights.folder, tools.settings.models_dir / ".openvino", weights.revision
    )
    files = sum(path.stat().st_size for path in weights.folder.glob("*.safetensors"))
    return files if made is None else made


def write_examples(examples: Sequence[Example], folder: Path) -> None:
    """Keep the examples of a run."""
    write_json(folder / EXAMPLES, _adapter().dump_python(tuple(examples), mode="json"))


def read_examples_in(folder: Path) -> tuple[Example, ...]:
    """The examples of a run, in order."""
    return _adapter().validate_json((folder / EXAMPLES).read_bytes())


@cache
def _adapter() -> TypeAdapter[tuple[Example, ...]]:
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[Example, ...])
