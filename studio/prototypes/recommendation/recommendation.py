"""A recommender over its owner's items and events: the handle that pages, notebooks and API hold.

Combines settings and versions, the tables (`DataDesk`), the long work (`Workshop`), and lists with the
reason for each item. Settings are read anew for each request.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np

from studio.errors import InvalidInput, NotFound
from studio.evaluation.case import Attempt, EvaluationCase
from studio.jobs.runner import Job, JobState
from studio.prototypes.base import JobHandler, StoredPrototype, Toolbox
from studio.prototypes.recommendation.attempting import by_words, names_of, request_for
from studio.prototypes.recommendation.audience import Audience, moment
from studio.prototypes.recommendation.choosing import chosen_method
from studio.prototypes.recommendation.data.desk import PREPARING, DataDesk, PreparedData
from studio.prototypes.recommendation.evaluation import Evaluation, TuningResult
from studio.prototypes.recommendation.goals import METHOD_LABELS, Goal, MethodName
from studio.prototypes.recommendation.listing import Shelf, made_list, shelf_of, shown
from studio.prototypes.recommendation.methods.contract import Recommender, Visitor
from studio.prototypes.recommendation.methods.ranking import top_items
from studio.prototypes.recommendation.reasons import reason_for_similar
from studio.prototypes.recommendation.reranking import allowed, still_usable
from studio.prototypes.recommendation.results import (
    HistoryItem,
    NewEvent,
    RecommendationRequest,
    Recommendations,
    RecommendedItem,
    RequestFigures,
    ShownItem,
    TrainingState,
    TrainingStatus,
    UserSummary,
)
from studio.prototypes.recommendation.settings import TRAINED_BY, RecommendationSettings
from studio.prototypes.recommendation.telling import listed, said_of_list, said_of_method
from studio.prototypes.recommendation.trained import Trained
from studio.prototypes.recommendation.visiting import Visit, visit_of
from studio.prototypes.recommendation.workshop import EVALUATING, TRAINING, TUNING, Workshop
from studio.prototypes.recording import call_without_model
from studio.records import CallRecord, Notice, Replied, Stage, Surface
from studio.workspace.records import NewEventRecord

N_AUDIENCES = 4
"""Versions that weigh events otherwise, of which what users did is kept at hand."""


@dataclass(slots=True)
class _Made:
    """What is made once for many requests; the views of `served` share it."""

    data: PreparedData | None = None
    audiences: dict[object, Audience] = field(default_factory=dict)  # of the data, by event weights
    shelf: tuple[object, object, Shelf] | None = None
    names: tuple[object, Mapping[str, str]] | None = None
    new: dict[str, list[NewEventRecord]] | None = None


class Recommendation(StoredPrototype[RecommendationSettings]):
    """One recommender. Every method may be called by any thread.

        recommender.desk.add([("items.csv", items), ("events.csv", events)])
        recommender.train().result()
        recommender.recommend("U0001").items[0].reason.notice
        recommender.start_evaluating().result().verdict

    Attributes:
        desk: where its tables come in.

    Args:
        prototype_id: of a stored prototype of the kind "recommendation".
        toolbox: what it works with.

    Raises:
        NotFound: there is no prototype of that id.
    """

    kind: ClassVar[str] = "recommendation"
    settings_type: ClassVar[type[RecommendationSettings]] = RecommendationSettings
    derived_by: ClassVar[tuple[str, ...]] = TRAINED_BY
    resumable: ClassVar[Mapping[str, JobHandler]] = {
        PREPARING: lambda prototype, context: prototype.desk.prepare_now(context),
        TRAINING: lambda prototype, context: prototype.workshop.train(context),
        EVALUATING: lambda prototype, context: prototype.workshop.evaluate(context),
        TUNING: lambda prototype, context: prototype.workshop.tune(context),
    }

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        super().__init__(prototype_id, toolbox)
        self.desk = DataDesk(self._id, toolbox)
        self.workshop = Workshop(self._id, toolbox, self.desk, lambda: self.settings)
        self._lock = threading.Lock()
        self._made = _Made()

    # Its data

    def data(self) -> PreparedData | None:
        """What its desk prepared last, without the events that came since; None before."""
        return self.desk.current()

    def add_events(self, events: Sequence[NewEvent]) -> None:
        """Keep what users did since; the next request of these users counts it, without training.

        A user that is not known yet becomes known. Training takes the events in.

        Raises:
            NotFound: an item is not known; none of the events was kept.
            InvalidInput: an id is too long, or a rating is not a number; none was kept.
        """
        data = self._prepared()
        unknown = [event.item_id for event in events if event.item_id not in data.items.codes]
        if unknown:
            raise NotFound(
                "There is no item {item}; none of the events was kept.", item=unknown[0][:80]
            )
        now = self._tools.clock()
        records = [
            NewEventRecord(
                user_id=event.user_id,
                item_id=event.item_id,
                kind=event.kind,
                rating=event.rating,
                at=event.at or now,
            )
            for event in events
        ]
        self._tools.workspace.new_events.add(self._id, records)
        with self._lock:
            self._made.new = None  # read again with the next request

    def derived_folders(self) -> Mapping[str, Path]:
        """Where what is trained and what was read of its tables lies, by name."""
        return {"index": self.workshop.folder, "prepared": self.desk.folder}

    def take_sample(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Store the sample company's tables and train in the background."""
        self.desk.add(files)
        self.train()

    def refresh(self) -> None:
        """Train in the background where the data changed, or nothing is trained yet."""
        if self.training_state().state in ("untrained", "stale", "failed"):
            self.train()

    # Training

    def train(self) -> Job[None]:
        """Train all methods on the data in the background; the same job while it runs.

        The methods trained before answer until it is done.
        """
        return self.workshop.start_training()

    def training(self) -> Job[Any] | None:  # Any: a resumed job's result is not typed
        """The training job that was started last; None where none is remembered."""
        return self._tools.jobs.latest(TRAINING, self._id)

    def training_state(self) -> TrainingState:
        """How the trained methods stand to the data."""
        trained, job = self.workshop.trained(), self.training()
        status, notice = self._training_status(trained, job)
        data = self.desk.current()
        n_included = 0 if trained is None or data is None else trained.n_events - len(data.events)
        codes = {} if data is None else data.items.codes  # of items that are gone nothing is learnt
        n_new = sum(one.item_id in codes for new in self._new_events().values() for one in new)
        return TrainingState(
            state=status,
            notice=notice,
            is_usable=trained is not None and data is not None,
            trained_at=None if trained is None else trained.trained_at,
            n_users=0 if trained is None else len(trained.user_ids),
            n_items=0 if trained is None else len(trained.item_ids),
            n_events=0 if trained is None else trained.n_events,
            n_new_events=max(0, n_new - max(0, n_included)),
            methods=() if trained is None else tuple(trained.methods),
            job_id="" if job is None else job.id,
        )

    def _training_status(
        self, trained: Trained | None, job: Job[Any] | None
    ) -> tuple[TrainingStatus, Notice]:
        wanted = self.desk.fingerprint()
        if job is not None and not job.state.is_final:
            return "training", job.progress.notice
        if not wanted:
            return "empty", Notice("Add a table of items, or of events, or use the sample tables.")
        is_current = trained is not None and trained.fingerprint == self.workshop.fingerprint(
            wanted
        )
        if job is not None and job.state is JobState.FAILED and job.error and not is_current:
            return "failed", job.error
        if trained is None:
            return "untrained", Notice("Nothing is trained yet. Train the recommender to try it.")
        if not trained.fingerprint:
            return "stale", Notice(
                "What users did is learnt; what the items are about was not read to the end. Train "
                "again to have every way of recommending."
            )
        if not is_current:
            return "stale", Notice(
                "The tables or settings changed. Train again to recommend by them; until then the "
                "recommender answers as before."
            )
        return "ready", Notice(
            "{n_methods} ways of recommending are trained on {n_events} events.",
            n_methods=len(trained.methods),
            n_events=trained.n_events,
        )

    # Recommending

    def recommend(
        self, request: RecommendationRequest | str, surface: Surface = "notebook"
    ) -> Recommendations:
        """A list for a user; one record of it goes to the ledger.

        Somebody new without likes gets what is popular. Ids that nobody knows are left out, and said
        so in `notices`.

        Args:
            request: for whom and how; a plain user id for the settings' own way.
            surface: where the request came from, for the ledger.

        Raises:
            InvalidInput: a rule of the request names a column that the items do not have, or is out
                of range, or the method was not trained on this data.
            NotFound: nothing is trained yet.
        """
        if isinstance(request, str):
            request = RecommendationRequest(user_id=request)
        began_s, started_at = time.perf_counter(), self._tools.clock()
        record = self.record  # read once: each look into the database takes a millisecond
        settings = RecommendationSettings.from_json(record.settings)
        data, trained = self._prepared(), self._serving()
        goal = request.goal or settings.goal
        method = self._method(request.method, goal, settings, trained)
        visit = visit_of(
            request, goal, self._listening(data, settings), trained, self._new_of(request.user_id)
        )
        shelf = self._shown(trained, data)
        rules, left_out = (
            (request.rules, ())
            if request.rules is not None
            else still_usable(settings.rules(), shelf.items)
        )
        made = made_list(
            method,
            self._fallback(trained, visit.visitor),
            visit,
            shelf,
            trained,
            rules,
            n_items=_checked_n(request.n_items or settings.n_items),
            now_s=started_at.timestamp(),
        )
        total_ms = (time.perf_counter() - began_s) * 1000
        context = self._call_context(self._new_request_id("recommend-"), surface, record.version)
        call = call_without_model(
            context,
            Stage.RECOMMENDATION,
            way=f"recommender:{method.name}",
            engine="recommender",
            total_ms=total_ms,
            started_at=started_at,
            revision=trained.fingerprint[:12],
        )
        self._tools.ledger.append(call)
        is_cold = not len(visit.visitor.items)
        notices = [
            *said_of_method(request, settings, method),
            *visit.notices,
            *left_out,
            *said_of_list(method, made, is_cold=is_cold),
        ]
        return Recommendations(
            user_id=request.user_id,
            goal=goal,
            method=method.name,
            items=made.items,
            history=self._history_items(visit, data),
            is_cold=is_cold,
            n_candidates=made.n_candidates,
            notices=tuple(notices),
            figures=self._figures(call),
        )

    def side_by_side(
        self, request: RecommendationRequest, methods: Sequence[MethodName]
    ) -> Mapping[MethodName, Recommendations]:
        """The same request by several methods, with the same rules."""
        return {name: self.recommend(replace(request, method=name), "bench") for name in methods}

    def similar(self, item_id: str, n_items: int = 6) -> tuple[RecommendedItem, ...]:
        """Items that go with an item, by the best method for the goal "liked"; its own page's list.

        Raises:
            NotFound: there is no such item, or nothing is trained yet.
        """
        data, trained = self._prepared(), self._serving()
        code = trained.item(item_id)
        if code is None:
            raise NotFound("There is no item {item}.", item=item_id[:80])
        shelf = self._shown(trained, data)
        method = self._method(None, "liked", replace(self.settings, method=""), trained)
        scores = method.similar(code)
        if not np.isfinite(scores).any() and "content" in trained.methods:
            method = trained.methods["content"]  # nobody took it yet: by what it is about
            scores = method.similar(code)
        rules, _ = still_usable(self.settings.rules(), shelf.items)
        passes = allowed(shelf.items, rules) & shelf.is_there
        scores = np.where(passes, scores, -np.inf).astype(np.float32)
        codes = top_items(scores, n_items).tolist()
        best = float(scores[codes[0]]) if codes else 1.0
        return tuple(
            RecommendedItem(
                rank=rank,
                item=shown(shelf.items, other),
                score=float(scores[other]),
                relative=max(0.0, float(scores[other]) / best) if best > 0 else 0.0,
                reason=reason_for_similar(other, code, method.name, shelf.items),
            )
            for rank, other in enumerate(codes, start=1)
        )

    def item(self, item_id: str) -> ShownItem:
        """An item as it is shown.

        Raises:
            NotFound: there is no such item.
        """
        items = self._prepared().items
        code = items.codes.get(item_id)
        if code is None:
            raise NotFound("There is no item {item}.", item=item_id[:80])
        return shown(items, code)

    def find_items(self, words: str = "", n_items: int = 20) -> tuple[ShownItem, ...]:
        """Items whose id or title has all the words, the most frequent first; all without words."""
        data = self.desk.current()
        if data is None:
            return ()
        wanted = words.casefold().split()
        order = np.argsort(-self._listening(data).item_counts, kind="stable").tolist()
        found = []
        for code in order:
            text = f"{data.items.ids[code]} {data.items.titles[code]}".casefold()
            if all(word in text for word in wanted):
                found.append(shown(data.items, code))
            if len(found) == n_items:
                break
        return tuple(found)

    def find_users(self, words: str = "", n_users: int = 20) -> tuple[UserSummary, ...]:
        """Users whose id or segment begins with the words; without words some of many kinds.

        Those without words are of different activity (many events, some, few, none), the same each
        time, so that a page offers interesting ones to try.
        """
        data = self.desk.current()
        return () if data is None else self._listening(data).find(words, n_users)

    def segments(self) -> tuple[str, ...]:
        """Segments of users that somebody new may be of; () where the data has none."""
        data = self.desk.current()
        return () if data is None else self._listening(data).segments()

    def history(self, user_id: str, n_items: int = 50) -> tuple[HistoryItem, ...]:
        """What a user did, the newest first, one entry per item; () for an unknown user."""
        data = self.desk.current()
        if data is None:
            return ()
        taken = self._listening(data).taken(user_id, self._new_of(user_id))
        visit = Visit(visitor=Visitor(), history=taken, seen=frozenset(), notices=())
        return self._history_items(visit, data)[:n_items]

    # Evaluating

    def start_evaluating(self) -> Job[Evaluation]:
        """Measure every method on the data's own future in the background; the same job while it runs.

        What comes out is kept, also over a restart, and decides which method serves each goal.
        """
        return self.workshop.start_evaluating()

    def evaluating(self) -> Job[Evaluation] | None:
        """The evaluating job that was started last; None where none is remembered."""
        return self._tools.jobs.latest(EVALUATING, self._id)

    def evaluation(self) -> Evaluation | None:
        """What was measured last; None where nothing was. See `is_evaluation_current`."""
        return self.workshop.evaluation()

    def is_evaluation_current(self) -> bool:
        """Whether what was measured last is of the data and settings as they are now."""
        found = self.evaluation()
        wanted = self.desk.fingerprint()
        return found is not None and found.fingerprint == self.workshop.fingerprint(wanted)

    def start_tuning(self, method: MethodName | None = None) -> Job[TuningResult]:
        """Try parameters of a method on a validation period in the background; it can be resumed.

        Args:
            method: the way of recommending; the best one by default.
        """
        return self.workshop.start_tuning(method or self.method_for_goal())

    def tune_again(self) -> Job[TuningResult]:
        """Go on with the search that was started last, which failed or was stopped.

        Raises:
            NotFound: none was started.
        """
        return self.workshop.start_tuning(self.workshop.wanted_tuning())

    def tuning(self) -> Job[Any] | None:  # Any: a resumed job's result is not typed
        """The tuning job that was started last; None where none is remembered."""
        return self._tools.jobs.latest(TUNING, self._id)

    def tuning_result(self) -> TuningResult | None:
        """What was tuned last, also over a restart; None where nothing was."""
        return self.workshop.tuning_result()

    def is_tuning_current(self) -> bool:
        """Whether what was tuned last is of the data, and of what events count, as they are now."""
        result, wanted = self.tuning_result(), self.desk.fingerprint()
        now = self.workshop.fingerprint(wanted, with_tuned=False)
        return result is not None and result.fingerprint == now

    def is_tuning_applied(self) -> bool:
        """Whether the parameters found last are those of the settings."""
        result = self.tuning_result()
        return result is not None and set(result.settings_values()) <= set(self.settings.tuned)

    def apply_tuning(self) -> Job[None]:
        """Take the parameters found best as settings (a new version) and train with them.

        Parameters of methods that were not tuned this time stay as they are.

        Raises:
            NotFound: nothing was tuned.
        """
        result = self.tuning_result()
        if result is None:
            raise NotFound("Nothing was tuned yet. Look for better parameters first.")
        found = result.settings_values()
        touched = {trial.method for trial in result.trials} | {method for method, _, _ in found}
        kept = tuple(one for one in self.settings.tuned if one[0] not in touched)
        self.configure(replace(self.settings, tuned=(*kept, *found)))
        return self.train()

    def method_for_goal(self) -> MethodName:
        """The way of recommending that answers now for the settings' goal."""
        settings, trained = self.settings, self.workshop.trained()
        return self._wanted_method(settings.goal, settings, trained)

    # Measuring

    def replay_inputs(self, limit: int) -> tuple[str, ...]:
        """Users to measure with, of every activity; none while nothing is trained."""
        if self.workshop.trained() is None:
            return ()
        return tuple(user.user_id for user in self.find_users(n_users=limit))

    def replay(self, text: str) -> Replied:
        """A list for that user as for a visitor; nothing is kept but the call.

        Raises:
            StudioError: nothing is trained any more.
        """
        return Replied(request_id=self.recommend(text, surface="bench").figures.request_id)

    def attempt(self, case: EvaluationCase) -> Attempt:
        """A list for a case of an evaluation; see `attempting`.

        Raises:
            InvalidInput: the case names neither a user nor items.
            StudioError: nothing is trained any more.
        """
        data = self._prepared()
        known = self._listening(data).is_known
        request = request_for(case.question, known, self._named(data), self.settings.n_items)
        found = self.recommend(request, surface="bench")
        return Attempt(
            request_id=found.figures.request_id,
            ranking=tuple(one.item.item_id for one in found.items),
            total_ms=found.figures.total_ms,
        )

    def item_names(self) -> Mapping[str, str]:
        """What an item may be called, its id or its title -> its id; none before there is data."""
        data = self.desk.current()
        return {} if data is None else names_of(data.items.ids, data.items.titles)

    def check_tried(self, settings: RecommendationSettings) -> None:
        """Look whether what is trained can answer under these settings.

        Raises:
            InvalidInput: nothing is trained yet, or the settings weigh events otherwise or have other
                parameters than it was trained with.
        """
        if self.workshop.trained() is None:
            raise InvalidInput("Nothing is trained yet. Train the recommender first.")
        now = RecommendationSettings.from_json(
            self._tools.workspace.prototypes.get(self._id).settings
        )
        if any(getattr(settings, name) != getattr(now, name) for name in TRAINED_BY):
            raise InvalidInput(
                "That version weighs events otherwise, or has other parameters or another model, than "
                "what is trained now. Go back to it and train again, then measure it."
            )

    def data_fingerprint(self) -> str:
        """Of what is trained; empty before."""
        trained = self.workshop.trained()
        return "" if trained is None else trained.fingerprint[:16]

    # What a request needs

    def _prepared(self) -> PreparedData:
        data = self.desk.current()
        if data is None:
            raise NotFound("There is no data yet. Add a table of items and one of events first.")
        return data

    def _serving(self) -> Trained:
        trained = self.workshop.trained()
        if trained is None:
            raise NotFound("Nothing is trained yet. Train the recommender first.")
        return trained

    def _listening(
        self, data: PreparedData, settings: RecommendationSettings | None = None
    ) -> Audience:
        weights = (settings or self.settings).event_weights
        made = self._made
        with self._lock:
            if made.data is not data or len(made.audiences) > N_AUDIENCES:
                made.data, made.audiences = data, {}
            if weights not in made.audiences:
                made.audiences[weights] = Audience(data.items, data.events, dict(weights))
            return made.audiences[weights]

    def _named(self, data: PreparedData) -> Mapping[str, str]:
        """What an item may be called, as `request_for` wants it; made once for the data."""
        with self._lock:
            kept = self._made.names
            if kept is None or kept[0] is not data:
                names = by_words(names_of(data.items.ids, data.items.titles))
                kept = self._made.names = (data, names)
            return kept[1]

    def _shown(self, trained: Trained, data: PreparedData) -> Shelf:
        with self._lock:
            kept = self._made.shelf
            if kept is None or kept[0] is not trained or kept[1] is not data:
                kept = self._made.shelf = (trained, data, shelf_of(trained, data.items))
            return kept[2]

    def _new_events(self) -> Mapping[str, list[NewEventRecord]]:
        with self._lock:
            if self._made.new is None:
                found: dict[str, list[NewEventRecord]] = defaultdict(list)
                for event in self._tools.workspace.new_events.list(self._id):
                    found[event.user_id].append(event)
                self._made.new = dict(found)
            return self._made.new

    def _new_of(self, user_id: str) -> Sequence[NewEventRecord]:
        return self._new_events().get(user_id, ())

    def _method(
        self,
        wanted: MethodName | None,
        goal: Goal,
        settings: RecommendationSettings,
        trained: Trained,
    ) -> Recommender:
        name = wanted or self._wanted_method(goal, settings, trained)
        if name not in trained.methods:
            raise InvalidInput(
                "{method} cannot be used on this data. These can: {known}.",
                method=METHOD_LABELS[name],
                known=listed([METHOD_LABELS[known] for known in trained.methods]),
            )
        return trained.methods[name]

    def _wanted_method(
        self, goal: Goal, settings: RecommendationSettings, trained: Trained | None
    ) -> MethodName:
        """The one that is set, else as `chosen_method` says.

        Until a first training is complete, one that is set and not trained yet is passed over.
        """
        there = () if trained is None else tuple(trained.methods)
        is_complete = trained is None or bool(trained.fingerprint)
        if settings.method and (is_complete or settings.method in there):
            return cast("MethodName", settings.method)  # checked by the settings
        data = self.desk.current()
        support = "behaviour" if data is None else data.verdict.support
        return chosen_method(goal, there, support, self.evaluation())

    def _fallback(self, trained: Trained, visitor: Visitor) -> Recommender:
        """What fills a list up: what is popular in the visitor's segment, or with all."""
        is_in_segment = visitor.segment and "segment" in trained.methods
        return trained.methods["segment" if is_in_segment else "popular"]

    def _history_items(self, visit: Visit, data: PreparedData) -> tuple[HistoryItem, ...]:
        """The newest first; items that are gone are left out."""
        items = data.items
        return tuple(
            HistoryItem(
                item=shown(items, items.codes[one.item_id]),
                kind=one.kind,
                weight=one.weight,
                rating=one.rating,
                at=moment(one.at_s),
            )
            for one in reversed(visit.history)
            if one.item_id in items.codes
        )

    def _figures(self, call: CallRecord) -> RequestFigures:
        price = self._tools.prices().price_of_all([call])
        return RequestFigures(
            total_ms=call.total_ms,
            cost=None if price is None else price.amount,
            currency="USD",
            cost_source=Notice("no model was called") if price is None else price.source,
            request_id=call.request_id,
        )

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        state = self.training_state()
        return (
            f"**{self.name}** · recommendation, version {self.version} · {state.n_items} items, "
            f"{state.n_users} users, {state.n_events} events · {state.notice}"
        )


def _checked_n(n_items: int) -> int:
    if not 1 <= n_items <= 50:
        raise InvalidInput("A list of {n} items cannot be made; ask for 1 to 50.", n=n_items)
    return n_items
