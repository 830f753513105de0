"""A classifier of its owner's texts: the handle that pages, notebooks and API hold.

Combines settings and versions, tables and given labels (`LabelDesk`), the long work (`Workshop`), and
labels with the reason for each. Settings are read anew for each request.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput, NotFound
from studio.evaluation.case import Attempt, EvaluationCase
from studio.evaluation.classification import threshold_for
from studio.jobs.runner import Job, JobState
from studio.prototypes.base import JobHandler, StoredPrototype, Toolbox
from studio.prototypes.classifier import making
from studio.prototypes.classifier.data import MAX_TEXT, DataReport, text_key
from studio.prototypes.classifier.desk import LabelDesk, key_of
from studio.prototypes.classifier.evaluation import Evaluation, Milestone
from studio.prototypes.classifier.head import Vectors
from studio.prototypes.classifier.labelled import LabelledTexts
from studio.prototypes.classifier.likeness import nearest
from studio.prototypes.classifier.making import MadeText, Proposals
from studio.prototypes.classifier.method import METHOD_LABELS, MethodChoice, chosen_method
from studio.prototypes.classifier.pieces import pieces_of, without
from studio.prototypes.classifier.results import (
    Classification,
    Explanation,
    LabelShare,
    LikeExample,
    RequestFigures,
    Suggestion,
    TrainingState,
    TrainingStatus,
    WordWeight,
)
from studio.prototypes.classifier.settings import LEARNT_BY, ClassifierSettings
from studio.prototypes.classifier.suggesting import most_useful
from studio.prototypes.classifier.told import LabelDraft, label_drafts, told_labels
from studio.prototypes.classifier.trained import Trained
from studio.prototypes.classifier.workshop import MAKING, TRAINING, Workshop
from studio.prototypes.data_care import cared
from studio.records import CallContext, CallRecord, EmbeddingRequest, Notice, Replied, Surface

N_RANKED = 5
N_NEAREST = 3


class Classifier(StoredPrototype[ClassifierSettings]):
    """One classifier. Every method may be called by any thread.

        classifier.desk.add([("mails.csv", mails)])
        classifier.train().result()
        classifier.classify("Where is my parcel?").answer
        classifier.evaluation().verdict

    Attributes:
        desk: where its tables and given labels come in.
        workshop: its long work.

    Args:
        prototype_id: of a stored prototype of the kind "classifier".
        toolbox: what it works with.

    Raises:
        NotFound: there is no prototype of that id.
    """

    kind: ClassVar[str] = "classifier"
    settings_type: ClassVar[type[ClassifierSettings]] = ClassifierSettings
    derived_by: ClassVar[tuple[str, ...]] = LEARNT_BY
    resumable: ClassVar[Mapping[str, JobHandler]] = {
        TRAINING: lambda prototype, context: prototype.workshop.train(context),
    }

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        super().__init__(prototype_id, toolbox)
        self.desk = LabelDesk(self._id, toolbox)
        self.workshop = Workshop(self._id, toolbox, self.desk, lambda: self.settings)

    # Learning

    def train(self) -> Job[None]:
        """Learn and test in the background; the same job while it runs.

        What was learnt before answers until it is done.
        """
        return self.workshop.start()

    def training(self) -> Job[Any] | None:  # Any: a resumed job's result is not typed
        """The training job that was started last; None where none is remembered."""
        return self._tools.jobs.latest(TRAINING, self._id)

    def refresh(self) -> None:
        """Learn in the background where data or settings changed, or nothing is learnt yet."""
        if self.training_state().state in ("untrained", "stale"):
            self.train()

    def take_sample(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Store the sample company's tables and learn in the background."""
        self.desk.add(files)
        self.train()

    def derived_folders(self) -> Mapping[str, Path]:
        """Where what is learnt lies, by name."""
        return {"index": self.workshop.folder}

    def training_state(self) -> TrainingState:
        """How what is learnt stands to the data."""
        trained, job = self.workshop.trained(), self.training()
        status, notice = self._training_status(trained, job)
        if trained is None:
            return TrainingState(state=status, notice=notice, is_usable=False)
        n_given = len(self.desk.given())
        return TrainingState(
            state=status,
            notice=notice,
            is_usable=True,
            labels=trained.labels,
            method=trained.method,
            reason=self._choice(trained).reason,
            n_examples=trained.n_examples,
            n_by_hand=trained.n_by_hand,
            n_pool=len(trained.pool),
            n_waiting=max(0, n_given - trained.n_by_hand),
            trained_at=trained.trained_at,
            n_bytes=trained.n_bytes,
            n_bytes_learning=trained.n_bytes_learning,
        )

    def _choice(self, trained: Trained) -> MethodChoice:
        report = self.workshop.report()
        counts = {} if report is None else dict(report.balance)
        return chosen_method(self.settings.method, trained.labels, counts)

    def _training_status(
        self, trained: Trained | None, job: Job[Any] | None
    ) -> tuple[TrainingStatus, Notice]:
        if job is not None and not job.state.is_final:
            return "training", job.progress.notice
        wanted = self.workshop.fingerprint()
        if not wanted:
            return "empty", Notice(
                "Upload texts with labels, or name the labels, or use the sample data."
            )
        is_current = trained is not None and trained.fingerprint == wanted
        if job is not None and job.state is JobState.FAILED and job.error and not is_current:
            return "failed", job.error
        if trained is None:
            return "untrained", Notice("Nothing is learnt yet. Train the classifier to try it.")
        if not is_current:
            return "stale", Notice(
                "Texts, labels or settings changed. Train again to decide by them; until then it "
                "answers as before."
            )
        return "ready", Notice(
            "{n_labels} labels, {method}; {n_examples} examples.",
            n_labels=len(trained.labels),
            method=METHOD_LABELS[trained.method],
            n_examples=trained.n_examples,
        )

    # Classifying

    def classify(self, text: str, surface: Surface = "notebook") -> Classification:
        """The label of a text, or that a person has to decide, and why.

        Args:
            text: up to 20,000 characters; a model reads the first some hundred words.
            surface: where the request came from, for the ledger.

        Raises:
            InvalidInput: the text is empty or too long.
            NotFound: nothing is learnt yet.
            ModelUnavailable: the model cannot be loaded.
        """
        began_s = time.perf_counter()
        asked = _checked(text)
        record = self.record  # read once: each look into the database takes a millisecond
        settings, trained = ClassifierSettings.from_json(record.settings), self._serving()
        context = self._call_context(self._new_request_id("classify-"), surface, record.version)
        texts = [cared(asked, trained.cleaning)]
        vectors, call = self._read(trained.model, texts, context)
        shares = trained.head.confidences(texts, vectors)[0]
        order = np.argsort(-shares, kind="stable")
        examples = _like(trained, vectors)
        confidence = float(shares[order[0]])
        reason = _doubt(confidence, examples, settings, trained)
        return Classification(
            text=asked,
            label=trained.labels[order[0]],
            confidence=confidence,
            is_sure=reason is None,
            reason=reason,
            ranked=_ranked(trained.labels, shares),
            nearest=examples,
            method=trained.method,
            version=record.version,
            figures=self._figures(call, began_s),
        )

    def explain(self, text: str, surface: Surface = "page") -> Explanation:
        """Which words matter: each is left out, and the confidence in the label looked at again.

        One request with as many texts as there are words (48 at most).

        Raises:
            InvalidInput: the text is empty or too long.
            NotFound: nothing is learnt yet.
        """
        trained = self._serving()
        asked = cared(_checked(text), trained.cleaning)
        pieces = pieces_of(asked)
        context = self._call_context(self._new_request_id("why-"), surface)
        texts = [asked, *(without(asked, piece) for piece in pieces)]
        vectors, _ = self._read(trained.model, texts, context)
        shares = trained.head.confidences(texts, vectors)
        code = int(shares[0].argmax())
        return Explanation(
            text=asked,
            label=trained.labels[code],
            confidence=float(shares[0, code]),
            words=tuple(
                WordWeight(
                    words=piece.words,
                    start=piece.start,
                    end=piece.end,
                    weight=float(shares[0, code] - shares[at, code]),
                )
                for at, piece in enumerate(pieces, start=1)
            ),
        )

    # Labelling

    def suggest(self, n: int = 20) -> tuple[Suggestion, ...]:
        """The texts without a label that are most worth labelling, the most useful first.

        Computed from vectors that are there, without a model. None where nothing is learnt yet or all
        texts have a label.
        """
        trained = self.workshop.trained()
        if trained is None or not trained.pool:
            return ()
        given = {one.key for one in self.desk.given()}
        rows = [at for at, text in enumerate(trained.pool) if key_of(text) not in given]
        vectors, shares = trained.pool_vectors[rows], trained.pool_confidences[rows]
        return tuple(
            Suggestion(text=trained.pool[rows[at]], ranked=_ranked(trained.labels, shares[at]))
            for at in most_useful(shares, vectors, n)
        )

    def drafts(self) -> tuple[LabelDraft, ...]:
        """Texts with a label out of feedback and of the tune parts of evaluation sets, to be confirmed.

        What has a label already, and what the test part of a set asks, is left out.
        """
        trained = self.workshop.trained()
        if trained is None:
            return ()
        texts = [one.text for one in trained.examples] + [one.text for one in self.desk.given()]
        known = set(map(text_key, texts))
        return label_drafts(self._id, trained.labels, known, self._tools.workspace)

    # Texts that a model makes

    def rare_labels(self) -> tuple[str, ...]:
        """Labels with few examples beside the most frequent one, the rarest first."""
        report = self.workshop.report()
        return () if report is None else making.rare_labels(dict(report.balance))

    def make_texts(self, labels: Sequence[str], model: str) -> Job[Proposals]:
        """Let a model write texts for labels, in the background; `proposals` has them to be looked at.

        Args:
            labels: for which texts are wanted.
            model: catalogue id of the model that writes.
        """
        return self.workshop.start_making(labels, model)

    def making(self) -> Job[Any] | None:  # Any: as `training`
        """The job that makes texts that was started last; None where none is remembered."""
        return self._tools.jobs.latest(MAKING, self._id)

    def proposals(self) -> Proposals | None:
        """What a model made and nobody has decided on yet, also over a restart; None for nothing."""
        return making.load(self.workshop.folder)

    def keep_made(self, made: Sequence[MadeText]) -> None:
        """Learn from these texts from now on, and drop the other proposals.

        They stand in a table of their own, which can be removed; they never test.

        Raises:
            StorageFull: there is no room left; the proposals stay.
        """
        if made:
            name = f"made-by-a-model-{self._tools.clock():%Y-%m-%d-%H%M%S}.csv"
            self.desk.add([(name, making.as_table(made))])
        making.forget(self.workshop.folder)

    # How good it is

    def evaluation(self) -> Evaluation | None:
        """What was measured last; None where nothing was. See `is_evaluation_current`."""
        return self.workshop.evaluation()

    def is_evaluation_current(self) -> bool:
        """Whether what was measured last is of the data and settings as they are now."""
        found = self.evaluation()
        return found is not None and found.fingerprint == self.workshop.fingerprint()

    def milestones(self) -> tuple[Milestone, ...]:
        """How right it was with how many examples, the oldest first."""
        return self.workshop.milestones()

    def report(self) -> DataReport | None:
        """What was found in the data at the last training; None before the first."""
        return self.workshop.report()

    def threshold_for(self, share_right: float) -> float | None:
        """The threshold that answers most while such a share of what it answers is right.

        By the last measurement; None where none reaches it.
        """
        found = self.evaluation()
        point = None if found is None else threshold_for(found.scores.curve, share_right)
        return None if point is None else point.threshold

    # Measuring it on questions, beside its own test

    def attempt(self, case: EvaluationCase) -> Attempt:
        """Classify a text of an evaluation as for a visitor.

        Raises:
            InvalidInput: the text is empty or too long.
            StudioError: nothing is learnt yet, or the model failed.
        """
        found = self.classify(case.question, surface="bench")
        return Attempt(
            request_id=found.figures.request_id,
            text=found.answer,
            label=found.label,
            is_refusal=not found.is_sure,
            total_ms=found.figures.total_ms,
        )

    def check_tried(self, settings: ClassifierSettings) -> None:
        """Look whether what is learnt is of these settings; the threshold alone may differ.

        Raises:
            InvalidInput: nothing is learnt yet, or it was learnt by other labels, tables or models.
        """
        if self.workshop.trained() is None:
            raise InvalidInput("Nothing is learnt yet. Train the classifier first.")
        now = ClassifierSettings.from_json(self._tools.workspace.prototypes.get(self._id).settings)
        if any(getattr(settings, name) != getattr(now, name) for name in LEARNT_BY):
            raise InvalidInput(
                "That version has other labels, tables or another model than what is learnt now. Go "
                "back to it and train again, then measure it."
            )

    def data_fingerprint(self) -> str:
        """Of what is learnt; empty before."""
        trained = self.workshop.trained()
        return "" if trained is None else trained.fingerprint[:16]

    def learnt_texts(self) -> tuple[str, ...]:
        """The examples that it learnt from, as far as they are kept; () before the first training."""
        trained = self.workshop.trained()
        return () if trained is None else tuple(one.text for one in trained.examples)

    def known_labels(self) -> tuple[str, ...]:
        """The labels that what is learnt tells apart; () before the first training."""
        trained = self.workshop.trained()
        return () if trained is None else trained.labels

    def own_columns(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What the columns of texts and of labels are called in its tables."""
        used = [table for table in self.desk.tables() if table.is_used]
        texts = dict.fromkeys(table.text_column for table in used)
        labels = dict.fromkeys(table.label_column for table in used if table.label_column)
        return tuple(texts), tuple(labels)

    def labelled_texts(self) -> LabelledTexts | None:
        """What it learnt from and was tested with last, apart; None before it was trained."""
        return self.workshop.labelled()

    def told_right(self) -> tuple[tuple[str, str], ...]:
        """Texts with the label that a person called right in feedback; see `told_labels`."""
        labels = () if (trained := self.workshop.trained()) is None else trained.labels
        return told_labels(self._id, labels, self._tools.workspace)

    # Measuring time and cost

    def replay_inputs(self, limit: int) -> tuple[str, ...]:
        """Texts to measure with: those without a label, then the examples; each once."""
        trained = self.workshop.trained()
        if trained is None:
            return ()
        texts = (*trained.pool[:limit], *(one.text for one in trained.examples[:limit]))
        return tuple(dict.fromkeys((*texts, *self.settings.suggestions)))[:limit]

    def replay(self, text: str) -> Replied:
        """Classify as for a visitor.

        Raises:
            StudioError: it could not be answered.
        """
        return Replied(request_id=self.classify(text, "bench").figures.request_id)

    # What a request needs

    def _serving(self) -> Trained:
        trained = self.workshop.trained()
        if trained is None:
            raise NotFound("Nothing is learnt yet. Train the classifier first.")
        return trained

    def _read(
        self, model: str, texts: Sequence[str], context: CallContext
    ) -> tuple[Vectors, CallRecord]:
        """Vectors `(n, dim)` as the examples have them, and the ledger's record."""
        made = self._tools.models.embed(
            EmbeddingRequest(model=model, texts=tuple(texts), purpose="passage", context=context)
        )
        return made.vectors, made.call

    def _figures(self, call: CallRecord, began_s: float) -> RequestFigures:
        price = self._tools.prices().price_of_all([call])
        return RequestFigures(
            total_ms=(time.perf_counter() - began_s) * 1000,
            tokens_in=call.tokens_in,
            cost=None if price is None else price.amount,
            currency="USD",
            cost_source=Notice("no model was called") if price is None else price.source,
            model=call.model,
            request_id=call.request_id,
        )

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        state = self.training_state()
        return f"**{self.name}** · classifier, version {self.version} · {state.notice}"


def _checked(text: str) -> str:
    asked = text.strip()
    if not 1 <= len(asked) <= MAX_TEXT:
        raise InvalidInput(
            "A text of 1 to {limit} characters can be classified; this one has {n}.",
            limit=MAX_TEXT,
            n=len(asked),
        )
    return asked


def _ranked(labels: Sequence[str], shares: NDArray[np.float64]) -> tuple[LabelShare, ...]:
    order = np.argsort(-shares, kind="stable")[:N_RANKED]
    return tuple(LabelShare(label=labels[at], confidence=float(shares[at])) for at in order)


def _like(trained: Trained, vectors: Vectors) -> tuple[LikeExample, ...]:
    if not trained.examples:
        return ()
    rows, likeness = nearest(vectors, trained.example_vectors, N_NEAREST)
    return tuple(
        LikeExample(
            text=trained.examples[row].text,
            label=trained.examples[row].label,
            likeness=float(like),
        )
        for row, like in zip(rows[0], likeness[0], strict=True)
    )


def _doubt(
    confidence: float,
    examples: Sequence[LikeExample],
    settings: ClassifierSettings,
    trained: Trained,
) -> Notice | None:
    """Why no label is given; None where it is."""
    if settings.threshold > 0 and examples and examples[0].likeness < trained.least_likeness:
        return Notice(
            "It is unlike all examples, so it may belong to none of the labels: a person decides."
        )
    if confidence < settings.threshold:
        shown, threshold = f"{confidence:.0%}", f"{settings.threshold:.0%}"
        if shown == threshold:
            return Notice(
                "Not sure: its confidence is just below the threshold of {threshold}, so a person "
                "decides.",
                threshold=threshold,
            )
        return Notice(
            "Not sure: {confidence} is below the threshold of {threshold}, so a person decides.",
            confidence=shown,
            threshold=threshold,
        )
    return None
