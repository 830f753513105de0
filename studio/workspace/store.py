"""The workspace: everything a user owns, behind one object.

Each topic has a module of its own; this one opens the database and holds them together. Knows no
kind of prototype, no model and no page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from studio.acting import Acting
from studio.workspace.activity import Activity
from studio.workspace.api_keys import ApiKeys
from studio.workspace.ballots import Ballots
from studio.workspace.batches import Batches
from studio.workspace.conversations import Conversations
from studio.workspace.curated_answers import CuratedAnswers
from studio.workspace.database import Database, make_engine
from studio.workspace.documents import Documents
from studio.workspace.drafts import Drafts
from studio.workspace.evaluation_runs import EvaluationRuns
from studio.workspace.evaluation_sets import EvaluationSets
from studio.workspace.feedback import FeedbackStore
from studio.workspace.files import FileStore
from studio.workspace.given_labels import GivenLabels
from studio.workspace.jobs import Jobs
from studio.workspace.judgements import Judgements
from studio.workspace.migration import migrate
from studio.workspace.new_events import NewEvents
from studio.workspace.noting import note_changes
from studio.workspace.permissions import check_changes, check_statement
from studio.workspace.preferences import Preferences
from studio.workspace.projects import Projects
from studio.workspace.prototypes import Prototypes
from studio.workspace.publications import Publications
from studio.workspace.records import Json
from studio.workspace.removal import Removal
from studio.workspace.scenarios import Scenarios
from studio.workspace.texts import Texts
from studio.workspace.users import Users
from studio.workspace.wrong_tries import WrongTries

_MODELS = "catalogue.models"


def utc_now() -> datetime:
    """The time now, aware, in UTC."""
    return datetime.now(UTC)


class Workspace:
    """What a user owns. Thread-safe; several processes may open the same one.

    What a method has returned from writing is on the disk. All failures are `StudioError`s.

    Attributes:
        projects: folders of prototypes.
        prototypes: prototypes with their versions.
        documents: their files and texts.
        files: the bytes of what was uploaded, by their hash.
        conversations: what was said to them.
        preferences: what the user chose.
        judgements: what people said about results.
        scenarios: business models with their numbers.
        new_events: what users of recommenders did since their data was read.
        given_labels: labels that people gave to texts of classifiers.
        texts: what was written.
        drafts: what was worked out beside texts: reports, outlines, trials.
        ballots: texts compared blind.
        batches: sheets whose rows are written.
        evaluation_sets: questions with what would be right.
        evaluation_runs: prototypes measured on them, and votes between two.
        publications: prototypes that others can open.
        api_keys: who may use the HTTP interface.
        feedback: what people said about answers.
        curated_answers: answers of the team to questions.
        acting: who acts.
        jobs: long work that is to survive a restart.
        users: people who may sign in.
        wrong_tries: passwords that were tried and not right.
        activity: who did what when.
        removal: removes what was deleted long ago for good.

    Args:
        database_url: SQLAlchemy URL; the database is made or brought to this version when opened.
        files_dir: folder of the uploaded files.
        clock: gives the aware time.
        acting: tells who acts: what they may not do is refused, what they do is noted.

    Raises:
        DataError: the database is damaged; nothing is changed.
        StudioError: it was made by a newer version, or cannot be opened; nothing is changed.
    """

    def __init__(
        self,
        database_url: str,
        files_dir: Path,
        clock: Callable[[], datetime] = utc_now,
        acting: Acting | None = None,
    ) -> None:
        engine = make_engine(database_url)
        try:
            migrate(engine)
        except BaseException:
            engine.dispose()  # a server would else keep the connection
            raise
        acting = acting or Acting()
        self.acting = acting

        def before_write(session: Session) -> None:
            check_changes(session)
            note_changes(session, clock())

        self._database = Database(engine, acting)
        self._database.guard(before_write, check_statement)
        self.projects = Projects(self._database, clock)
        self.prototypes = Prototypes(self._database, clock)
        self.files = FileStore(files_dir)
        self.documents = Documents(self._database, self.files, clock)
        self.conversations = Conversations(self._database, clock)
        self.preferences = Preferences(self._database, clock)
        self.judgements = Judgements(self._database, clock)
        self.scenarios = Scenarios(self._database, clock)
        self.new_events = NewEvents(self._database)
        self.given_labels = GivenLabels(self._database, clock)
        self.texts = Texts(self._database, clock)
        self.drafts = Drafts(self._database, clock)
        self.ballots = Ballots(self._database, clock)
        self.batches = Batches(self._database, clock)
        self.evaluation_sets = EvaluationSets(self._database, clock)
        self.evaluation_runs = EvaluationRuns(self._database, clock)
        self.publications = Publications(self._database, clock)
        self.api_keys = ApiKeys(self._database, clock)
        self.feedback = FeedbackStore(self._database, clock)
        self.curated_answers = CuratedAnswers(self._database, clock)
        self.jobs = Jobs(self._database)
        self.users = Users(self._database, clock)
        self.wrong_tries = WrongTries(self._database)
        self.activity = Activity(self._database, clock)
        self.removal = Removal(self._database, clock, acting)

    def load_models(self) -> list[Json]:
        """The models the user added to the catalogue, as JSON in their order; none at first."""
        return list(self.preferences.get(_MODELS, []))

    def save_models(self, models: Sequence[Json]) -> None:
        """Keep these models instead of those before.

        Raises:
            InvalidInput: one is not JSON.
        """
        self.preferences.set(_MODELS, [dict(model) for model in models])

    def close(self) -> None:
        """Close the connections; the workspace may be opened again."""
        self._database.close()
