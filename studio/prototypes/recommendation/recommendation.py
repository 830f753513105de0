"""A recommender over its owner's items and events: the handle that pages, notebooks and API hold.

Combines settings and versions, the stored data, the trained methods, the business rules and the
reasons. Settings are read anew for each request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from studio.jobs.runner import Job
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.prototypes.recommendation.data.desk import DataDesk, PreparedData
from studio.prototypes.recommendation.evaluation import Evaluation, TuningResult
from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.results import (
    HistoryItem,
    NewEvent,
    RecommendationRequest,
    Recommendations,
    RecommendedItem,
    ShownItem,
    TrainingState,
    UserSummary,
)
from studio.prototypes.recommendation.settings import RecommendationSettings

Surface = Literal["page", "api", "notebook", "job", "bench"]


class Recommendation(StoredPrototype[RecommendationSettings]):
    """One recommender. Every method may be called by any thread.

        recommender.desk.add([("items.csv", items), ("events.csv", events)])
        recommender.desk.prepare().result()
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

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        super().__init__(prototype_id, toolbox)
        self.desk = DataDesk(self._id, toolbox)

    # Its data

    def data(self) -> PreparedData | None:
        """What its desk prepared last, new events at the end; None before. Kept in memory."""
        raise NotImplementedError

    def add_events(self, events: Sequence[NewEvent]) -> None:
        """Keep what users did since; the next request of these users counts it, without training.

        A user that is not known yet becomes known.

        Raises:
            NotFound: an item is not known; none of the events was kept.
        """
        raise NotImplementedError

    # Training

    def train(self) -> Job[None]:
        """Train all methods on the data in the background; the same job while it runs.

        The methods trained before answer until it is done.
        """
        raise NotImplementedError

    def training_state(self) -> TrainingState:
        """How the trained methods stand to the data."""
        raise NotImplementedError

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
            InvalidInput: a rule names a column that the items do not have, or is out of range.
            NotFound: nothing is trained yet.
        """
        raise NotImplementedError

    def side_by_side(
        self, request: RecommendationRequest, methods: Sequence[MethodName]
    ) -> Mapping[MethodName, Recommendations]:
        """The same request by several methods, with the same rules."""
        raise NotImplementedError

    def similar(self, item_id: str, n_items: int = 6) -> tuple[RecommendedItem, ...]:
        """Items that go with an item, by the best method for the goal "liked"; its own page's list.

        Raises:
            NotFound: there is no such item, or nothing is trained yet.
        """
        raise NotImplementedError

    def item(self, item_id: str) -> ShownItem:
        """An item as it is shown.

        Raises:
            NotFound: there is no such item.
        """
        raise NotImplementedError

    def find_items(self, words: str = "", n_items: int = 20) -> tuple[ShownItem, ...]:
        """Items whose id or title has all the words, the most frequent first; all without words."""
        raise NotImplementedError

    def find_users(self, words: str = "", n_users: int = 20) -> tuple[UserSummary, ...]:
        """Users whose id or segment begins with the words; without words some of many kinds.

        Those without words are of different activity (many events, some, few, none), the same each
        time, so that a page offers interesting ones to try.
        """
        raise NotImplementedError

    def history(self, user_id: str, n_items: int = 50) -> tuple[HistoryItem, ...]:
        """What a user did, the newest first, one entry per item; () for an unknown user."""
        raise NotImplementedError

    # Evaluating

    def start_evaluating(self) -> Job[Evaluation]:
        """Measure every method on the data's own future in the background; the same job while it runs.

        What comes out is kept, also over a restart, and decides which method serves each goal.
        """
        raise NotImplementedError

    def evaluating(self) -> Job[Evaluation] | None:
        """The evaluating job that was started last; None where none is remembered."""
        raise NotImplementedError

    def evaluation(self) -> Evaluation | None:
        """What was measured last; None where nothing was. `fits_data` says whether it is still true."""
        raise NotImplementedError

    def start_tuning(self, method: MethodName | None = None) -> Job[TuningResult]:
        """Try parameters of a method on a validation period in the background; it can be resumed.

        Args:
            method: the way of recommending; the best one by default.
        """
        raise NotImplementedError

    def tuning(self) -> Job[Any] | None:  # Any: a resumed job's result is not typed
        """The tuning job that was started last; None where none is remembered."""
        raise NotImplementedError

    def tuning_result(self) -> TuningResult | None:
        """What was tuned last, also over a restart; None where nothing was."""
        raise NotImplementedError

    def apply_tuning(self) -> Job[None]:
        """Take the parameters found best as settings (a new version) and train with them.

        Raises:
            NotFound: nothing was tuned.
        """
        raise NotImplementedError

    def method_for_goal(self) -> MethodName:
        """The way of recommending that answers now for the settings' goal."""
        raise NotImplementedError
