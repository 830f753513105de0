"""The long work of one recommender: training, evaluating, tuning, each as a job that can be resumed.

What comes out is kept below one folder, so that it is there after a restart. Knows no request.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from studio.errors import DataError, NotFound
from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import Toolbox
from studio.prototypes.model_choice import automatic_embedding_model
from studio.prototypes.recommendation import trained as training_files
from studio.prototypes.recommendation.data.desk import DataDesk
from studio.prototypes.recommendation.data.prepared import PreparedData
from studio.prototypes.recommendation.evaluating import EvaluationPlan, evaluate
from studio.prototypes.recommendation.evaluation import (
    Evaluation,
    Trial,
    TuningResult,
    evaluation_from_json,
    to_json,
    tuning_from_json,
)
from studio.prototypes.recommendation.goals import METHODS, MethodName
from studio.prototypes.recommendation.interactions import Interactions
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.prototypes.recommendation.trained import Trained
from studio.prototypes.recommendation.training import (
    N_SOON_READ,
    Vectors,
    fitted_methods,
    item_vectors,
    parameters_of,
    quick_methods,
    with_new_events,
)
from studio.prototypes.recommendation.tuning import TuningDesk, tune
from studio.prototypes.recommendation.weighing import training_data
from studio.prototypes.training_folder import Results
from studio.records import Notice

if TYPE_CHECKING:
    from pydantic import TypeAdapter

logger = logging.getLogger(__name__)

TRAINING = "recommendation-training"
EVALUATING = "recommendation-evaluating"
TUNING = "recommendation-tuning"
"""Kinds of jobs, keyed by the prototype's id."""
SEED = 20260117
"""Of all that is drawn: same data, same settings, same result."""


@cache
def _trials() -> TypeAdapter[tuple[Trial, ...]]:
    """Reads and writes trials; made when it is first needed, as pydantic takes its time."""
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[Trial, ...])


class Workshop:
    """Training, evaluation and tuning of one recommender. Every method may be called by any thread.

    Attributes:
        folder: where what comes out is kept.

    Args:
        prototype_id: whose.
        toolbox: the stores and the model service.
        desk: its tables.
        settings: gives its settings as they are now.
    """

    def __init__(
        self,
        prototype_id: str,
        toolbox: Toolbox,
        desk: DataDesk,
        settings: Callable[[], RecommendationSettings],
    ) -> None:
        self._id = prototype_id
        self._tools = toolbox
        self._desk = desk
        self._settings = settings
        self.folder = toolbox.settings.indexes_dir / prototype_id
        self._lock = threading.Lock()
        self._trained: Trained | None = None
        self._results = Results(self.folder)

    # Training

    def start_training(self) -> Job[None]:
        """Train in the background; the same job while it runs."""
        return self._tools.jobs.start(
            TRAINING, Notice("Training the recommender"), self.train, self._id
        )

    def train(self, context: JobContext) -> None:
        """Prepare the data where it changed, train every method, let them serve.

        Where nothing serves yet and there are many items for a model to read, what users did is learnt
        first, in a moment, and serves meanwhile. Tables that change meanwhile are learnt from at once:
        who corrects three columns in a row does not ask three times.

        Raises:
            NotFound: there is no data.
            StudioError: the job was stopped, or a model failed; what serves stays.
        """
        learnt = None
        while learnt != (wanted := self._desk.fingerprint()) and (wanted or learnt is None):
            learnt = self._train_on(self._desk.prepare_now(context), context)

    def _train_on(self, data: PreparedData, context: JobContext) -> str:
        """Train once; the fingerprint of the data that was learnt from."""
        settings = self._settings()
        events = self.events_of(data)
        fingerprint = self.fingerprint(data.fingerprint)
        parameters = parameters_of(settings.tuned)
        weights = dict(settings.event_weights)
        if self.trained() is None and len(data.items) > N_SOON_READ and len(events):
            context.report(0, notice=Notice("Learning from what users did"))
            behaviour = training_data(events, len(data.items), event_weights=weights)
            with self._lock:  # not saved: it is complete in no other process
                self._trained = Trained(
                    methods=quick_methods(behaviour, parameters, seed=SEED),
                    item_ids=data.items.ids,
                    user_ids=events.users,
                    vectors=None,
                    model="",
                    parameters=settings.tuned,
                    fingerprint="",
                    n_events=len(events),
                    trained_at=self._tools.clock(),
                )
        model, vectors = self._vectors(data, settings, context)
        prepared = training_data(events, len(data.items), event_weights=weights, vectors=vectors)

        def step(done: int, total: int, notice: Notice) -> None:
            context.raise_if_cancelled()
            context.report(done, total, "methods", notice)

        made = Trained(
            methods=fitted_methods(prepared, parameters, seed=SEED, step=step),
            item_ids=data.items.ids,
            user_ids=events.users,
            vectors=vectors,
            model=model if vectors is not None else "",
            parameters=settings.tuned,
            fingerprint=fingerprint,
            n_events=len(events),
            trained_at=self._tools.clock(),
        )
        context.raise_if_cancelled()
        try:
            training_files.save(made, self.folder)
        except OSError as error:  # it serves from memory, and can be trained again
            logger.warning("a trained recommender could not be saved: %s", error)
        with self._lock:
            self._trained = made
        return data.fingerprint

    def trained(self) -> Trained | None:
        """What serves now; None before the first training, or where its files are damaged."""
        with self._lock:
            if self._trained is None:
                try:
                    self._trained = training_files.load(self.folder)
                except DataError as error:
                    logger.warning("%s", error)
            return self._trained

    def fingerprint(self, data_fingerprint: str, *, with_tuned: bool = True) -> str:
        """Of all that decides what is learnt: the data, what events count, parameters, the model.

        `with_tuned` False leaves out the parameters, which a search for better ones does not look at.
        """
        settings = self._settings()
        parts = [
            data_fingerprint,
            sorted(settings.event_weights),
            sorted(settings.tuned) if with_tuned else [],
            settings.embedding_model,
        ]
        return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()[:32]

    def events_of(self, data: PreparedData) -> Interactions:
        """The events of the data, and those that came since."""
        new = self._tools.workspace.new_events.list(self._id)
        listed = [(one.user_id, one.item_id, one.kind, one.rating, one.at) for one in new]
        return with_new_events(data.events, data.items, listed)

    # Evaluating

    def start_evaluating(self) -> Job[Evaluation]:
        """Measure in the background; the same job while it runs."""
        return self._tools.jobs.start(
            EVALUATING, Notice("Measuring the recommender"), self.evaluate, self._id
        )

    def evaluate(self, context: JobContext) -> Evaluation:
        """Measure every method on the data's own future, and keep what came out.

        Raises:
            InvalidInput: there is nothing to measure by.
            NotFound: there is no data.
            StudioError: the job was stopped.
        """
        data = self._desk.prepare_now(context)
        settings = self._settings()
        _, vectors = self._vectors(data, settings, context)

        def report(done: int, total: int, notice: Notice) -> None:
            context.raise_if_cancelled()
            context.report(done, total, "methods", notice)

        found = evaluate(
            self.events_of(data),
            len(data.items),
            self._plan(settings),
            vectors=vectors,
            fingerprint=self.fingerprint(data.fingerprint),
            now=self._tools.clock(),
            report=report,
            check=context.raise_if_cancelled,
        )
        self._results.write("evaluation.json", to_json(found))
        return found

    def evaluation(self) -> Evaluation | None:
        """What was measured last, also over a restart; None where nothing was."""
        return self._results.read("evaluation.json", evaluation_from_json)

    # Tuning

    def start_tuning(self, method: MethodName) -> Job[TuningResult]:
        """Search parameters in the background; the same job while it runs."""
        self._results.write("tuning-wanted.json", json.dumps(method).encode("utf-8"))
        return self._tools.jobs.start(
            TUNING, Notice("Looking for better parameters"), self.tune, self._id
        )

    def tune(self, context: JobContext) -> TuningResult:
        """Search the parameters of the method asked for last; goes on where a run before ended.

        Raises:
            InvalidInput: there is nothing to measure by.
            NotFound: there is no data.
            StudioError: the job was stopped; its trials are kept.
        """
        data = self._desk.prepare_now(context)
        settings = self._settings()
        method = self.wanted_tuning()
        _, vectors = self._vectors(data, settings, context)
        fingerprint = self.fingerprint(data.fingerprint, with_tuned=False)
        name = f"tuning-{fingerprint[:12]}-{method}.json"

        def report(done: int, total: int) -> None:
            context.raise_if_cancelled()
            context.report(done, total, "trials")

        found = tune(
            method,
            self.events_of(data),
            len(data.items),
            self._plan(settings, with_tuned=False),
            TuningDesk(
                known=self._results.read(name, _trials().validate_json) or (),
                keep=lambda trials: self._results.write(name, _trials().dump_json(trials)),
                report=report,
            ),
            vectors=vectors,
            fingerprint=fingerprint,
            now=self._tools.clock(),
        )
        self._results.write("tuning.json", to_json(found))
        self._results.remove(name)
        return found

    def wanted_tuning(self) -> MethodName:
        """The method that a search was asked for last.

        Raises:
            NotFound: there was none, or a newer studio asked for one that is not known here.
        """
        found = self._results.read("tuning-wanted.json", json.loads)
        if found is None:
            raise NotFound("No search for better parameters was started yet.")
        if found not in METHODS:
            raise NotFound("There is no way of recommending called {method}.", method=str(found))
        method: MethodName = found
        return method

    def tuning_result(self) -> TuningResult | None:
        """What was tuned last, also over a restart; None where nothing was."""
        return self._results.read("tuning.json", tuning_from_json)

    def _plan(self, settings: RecommendationSettings, *, with_tuned: bool = True) -> EvaluationPlan:
        return EvaluationPlan(
            parameters=parameters_of(settings.tuned) if with_tuned else {},
            event_weights=dict(settings.event_weights),
            seed=SEED,
        )

    def _vectors(
        self, data: PreparedData, settings: RecommendationSettings, context: JobContext
    ) -> tuple[str, Vectors | None]:
        """The items' vectors: those of the training where nothing has changed, or read anew."""
        tools = self._tools
        model = settings.embedding_model or (
            automatic_embedding_model(tools.catalogue, tools.settings, settings.language).id
        )
        made = self.trained()
        if (
            made is not None
            and made.fingerprint == self.fingerprint(data.fingerprint)
            and made.model == model
        ):
            return model, made.vectors
        return model, item_vectors(data.items, model, tools, self._id, context)
