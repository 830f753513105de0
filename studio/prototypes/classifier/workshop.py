"""The long work of one classifier: read, embed, learn, test, learn from everything; one job.

What comes out is kept below one folder, so that it is there after a restart. Knows no request.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from studio.errors import DataError, InvalidInput
from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import Toolbox
from studio.prototypes.classifier import making
from studio.prototypes.classifier import trained as training_files
from studio.prototypes.classifier.data import SEED, DataReport, Example, LabelledData
from studio.prototypes.classifier.desk import LabelDesk
from studio.prototypes.classifier.evaluating import HeldOut, evaluated
from studio.prototypes.classifier.evaluation import (
    Evaluation,
    Milestone,
    evaluation_from_json,
    milestones_from_json,
    milestones_to_json,
    to_json,
)
from studio.prototypes.classifier.head import Codes, Head, Vectors, fitted_head, head_of_meanings
from studio.prototypes.classifier.label_names import read_as
from studio.prototypes.classifier.labelled import LabelledTexts, kept_of, labelled_from_json
from studio.prototypes.classifier.labelled import to_json as labelled_to_json
from studio.prototypes.classifier.likeness import least_likeness
from studio.prototypes.classifier.making import Proposals
from studio.prototypes.classifier.method import chosen_method
from studio.prototypes.classifier.reporting import report_from_json, report_to_json
from studio.prototypes.classifier.settings import ClassifierSettings, MethodName
from studio.prototypes.classifier.trained import Trained
from studio.prototypes.model_choice import automatic_embedding_model
from studio.prototypes.passage_reader import PassageReader
from studio.prototypes.training_folder import Results
from studio.records import Notice

logger = logging.getLogger(__name__)

TRAINING = "classifier-training"
"""The kind of job that learns and tests, keyed by the prototype's id."""
MAKING = "classifier-making"
"""The kind of job that lets a model write texts, keyed likewise."""
N_READ_AT_ONCE = 64
MAX_POOL = 5_000
"""Texts without a label that are looked at for what to label next; more are drawn from."""
MAX_KEPT = 20_000
"""Examples that are kept to show what a text is like."""
MAX_MILESTONES = 100


@dataclass(frozen=True, kw_only=True)  # no slots: arrays
class _Read:
    """The data with the vectors of its texts and of what its labels mean."""

    data: LabelledData
    learn: Vectors
    test: Vectors
    pool: Vectors
    meanings: Vectors
    model: str

    @property
    def held_out(self) -> HeldOut:
        """What a test works with."""
        return HeldOut(
            data=self.data,
            learn_vectors=self.learn,
            test_vectors=self.test,
            meanings=self.meanings,
        )


class Workshop:
    """Learning and testing of one classifier. Every method may be called by any thread.

    Attributes:
        folder: where what comes out is kept.

    Args:
        prototype_id: whose.
        toolbox: the stores and the model service.
        desk: its tables and given labels.
        settings: gives its settings as they are now.
    """

    def __init__(
        self,
        prototype_id: str,
        toolbox: Toolbox,
        desk: LabelDesk,
        settings: Callable[[], ClassifierSettings],
    ) -> None:
        self._id = prototype_id
        self._tools = toolbox
        self._desk = desk
        self._settings = settings
        self.folder = toolbox.settings.indexes_dir / prototype_id
        self._lock = threading.Lock()
        self._trained: Trained | None = None
        self._results = Results(self.folder)

    def start(self) -> Job[None]:
        """Learn and test in the background; the same job while it runs."""
        return self._tools.jobs.start(
            TRAINING, Notice("Learning from the examples"), self.train, self._id
        )

    def train(self, context: JobContext) -> None:
        """Read, embed, learn, test, and let what was learnt serve.

        Raises:
            InvalidInput: there are not two labels.
            StudioError: the job was stopped, or a model failed; what serves stays.
        """
        settings, fingerprint = self._settings(), self.fingerprint()
        data = self._desk.read(context)
        self._results.write("report.json", report_to_json(data.report))
        _check(data)
        told = dict(settings.label_meanings)
        self._results.write("labelled.json", labelled_to_json(kept_of(data, told)))
        read = self._embedded(_pool_cut(data), settings, context)
        counts = dict(data.report.balance)
        method = chosen_method(settings.method, data.labels, counts).method
        if method == "examples" and not data.learn:
            method = "descriptions"
        if len(data.test):
            self._test(read, method, fingerprint, context)
        else:
            self._results.remove("evaluation.json")
        context.report(0, None, notice=Notice("Learning from all examples"))
        made = self._serving(read, method, fingerprint, settings.cleaning)
        context.raise_if_cancelled()
        try:
            training_files.save(made, self.folder)
        except OSError as error:  # it serves from memory, and can be made again
            logger.warning("a trained classifier could not be saved: %s", error)
        with self._lock:
            self._trained = made

    def start_making(self, labels: Sequence[str], model: str) -> Job[Proposals]:
        """Let a model write texts for labels with few examples, in the background; see `making`."""
        return self._tools.jobs.start(
            MAKING,
            Notice("Writing texts for labels with few examples"),
            lambda context: self._make(labels, model, context),
            self._id,
        )

    def _make(self, labels: Sequence[str], model: str, context: JobContext) -> Proposals:
        trained = self.trained()
        if trained is None:
            raise InvalidInput("Nothing is learnt yet. Train the classifier first.")
        data = self._desk.read(context)
        made = making.make_texts(
            making.Wanted(labels=tuple(labels), n_before=making.n_made_before(self.folder)),
            data,
            trained,
            self._tools,
            context,
            model=model,
            prototype_id=self._id,
            language=self._settings().language,
        )
        making.save(made, self.folder)
        return made

    def trained(self) -> Trained | None:
        """What serves now; None before the first training, or where its files are damaged."""
        with self._lock:
            if self._trained is None:
                try:
                    self._trained = training_files.load(self.folder)
                except DataError as error:
                    logger.warning("%s", error)
            return self._trained

    def fingerprint(self) -> str:
        """Of all that decides what is learnt; "" where there is nothing to learn."""
        data, settings = self._desk.fingerprint(), self._settings()
        if not data:
            return ""
        parts = [data, settings.method, self.model(settings)]
        return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()[:32]

    def model(self, settings: ClassifierSettings) -> str:
        """Catalogue id of the model that reads: the chosen one, or the automatic one."""
        tools = self._tools
        return settings.embedding_model or (
            automatic_embedding_model(tools.catalogue, tools.settings, settings.language).id
        )

    def report(self) -> DataReport | None:
        """What was found in the data at the last training; None before the first."""
        return self._results.read("report.json", report_from_json)

    def evaluation(self) -> Evaluation | None:
        """What was measured last, also over a restart; None where nothing was."""
        return self._results.read("evaluation.json", evaluation_from_json)

    def labelled(self) -> LabelledTexts | None:
        """The texts of the last training; None before."""
        return self._results.read("labelled.json", labelled_from_json)

    def milestones(self) -> tuple[Milestone, ...]:
        """How right it was with how many examples, the oldest first."""
        return self._results.read("milestones.json", milestones_from_json) or ()

    # Steps of the job

    def _embedded(
        self, data: LabelledData, settings: ClassifierSettings, context: JobContext
    ) -> _Read:
        model = self.model(settings)
        name = self._tools.catalogue.get(model).name
        context.report(0, None, notice=Notice("Loading the model {model}", model=name))
        self._tools.models.info(model)
        reader = PassageReader(self._tools.models, model, self._id, context)
        told = dict(settings.label_meanings)
        parts = (
            [one.text for one in data.learn],
            [one.text for one in data.test],
            list(data.pool),
            [read_as(label, told.get(label, "")) for label in data.labels],
        )
        vectors = _embed(reader, [text for part in parts for text in part], context)
        ends = np.cumsum([len(part) for part in parts])[:-1]
        learn, test, pool, meanings = np.split(vectors, ends)
        return _Read(data=data, learn=learn, test=test, pool=pool, meanings=meanings, model=model)

    def _test(self, read: _Read, method: MethodName, fingerprint: str, context: JobContext) -> None:
        context.report(0, None, notice=Notice("Testing on texts it has not seen"))
        began_s = time.perf_counter()
        codes = read.held_out.codes(read.data.learn)
        head = _head(method, read.data.learn, read.learn, codes, read.meanings)
        found = evaluated(
            read.held_out,
            head,
            method,
            fit_s=time.perf_counter() - began_s,
            fingerprint=fingerprint,
            before=self.evaluation(),
            now=self._tools.clock(),
        )
        context.raise_if_cancelled()
        self._results.write("evaluation.json", to_json(found))
        milestone = Milestone(
            n_examples=found.n_examples,
            n_by_hand=found.n_by_hand,
            accuracy=found.scores.accuracy,
            at=found.measured_at,
        )
        kept = (*self.milestones(), milestone)[-MAX_MILESTONES:]
        self._results.write("milestones.json", milestones_to_json(kept))

    def _serving(
        self, read: _Read, method: MethodName, fingerprint: str, cleaning: tuple[str, ...]
    ) -> Trained:
        """Learnt from the test's texts, too, unless these stand in a table of their own."""
        data = read.data
        examples = data.learn if data.has_own_test else (*data.learn, *data.test)
        vectors = read.learn if data.has_own_test else np.concatenate([read.learn, read.test])
        codes = read.held_out.codes(examples)
        rows = np.random.default_rng(SEED).permutation(len(examples))[:MAX_KEPT]
        kept = np.sort(rows)
        return Trained(
            labels=data.labels,
            method=method,
            head=_head(method, examples, vectors, codes, read.meanings),
            examples=tuple(examples[at] for at in kept),
            example_vectors=vectors[kept],
            pool=data.pool,
            pool_vectors=read.pool,
            least_likeness=least_likeness(vectors[kept], seed=SEED),
            model=read.model,
            cleaning=cleaning,
            fingerprint=fingerprint,
            n_examples=len(examples),
            n_by_hand=sum(one.is_by_hand for one in examples),
            trained_at=self._tools.clock(),
        )


def _check(data: LabelledData) -> None:
    if len(data.labels) >= 2:
        return
    if data.labels:
        raise InvalidInput(
            "There is only the label {label}. A classifier tells two or more apart: add texts with "
            "other labels, or name another label under “Labels”.",
            label=data.labels[0],
        )
    raise InvalidInput(
        "There is no label yet. Upload texts with labels, or name two labels or more under “Labels”."
    )


def _pool_cut(data: LabelledData) -> LabelledData:
    """With some of its texts without a label, drawn anew the same, where they are many."""
    if len(data.pool) <= MAX_POOL:
        return data
    rows = np.sort(np.random.default_rng(SEED).permutation(len(data.pool))[:MAX_POOL])
    return replace(data, pool=tuple(data.pool[at] for at in rows))


def _embed(reader: PassageReader, texts: Sequence[str], context: JobContext) -> Vectors:
    """`(n, dim)` float32 in the order of the texts."""
    notice, parts = Notice("Reading the texts"), []
    for start in range(0, len(texts), N_READ_AT_ONCE):
        context.raise_if_cancelled()
        context.report(start, len(texts), "texts", notice)
        parts.append(reader.embed(texts[start : start + N_READ_AT_ONCE]))
    return np.concatenate(parts)


def _head(
    method: MethodName,
    examples: Sequence[Example],
    vectors: Vectors,
    codes: Codes,
    meanings: Vectors,
) -> Head:
    if method == "descriptions" or not len(codes):
        return head_of_meanings(meanings)
    texts = [one.text for one in examples]
    return fitted_head(texts, vectors, codes, meanings, seed=SEED)
