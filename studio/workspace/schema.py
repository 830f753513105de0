"""The tables of the workspace, as SQLAlchemy maps them.

Knows columns and their relations, and nothing of what they mean; `migrations` makes the tables, and
a test holds both against each other.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored without a zone in UTC, as databases disagree about zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """The time as it is stored; a time without a zone is an error of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """The stored time, aware, in UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Base of all tables; constraints have names, so that a migration can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {  # SQLAlchemy's own type for it
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        str: Text(),
    }


class ProjectRow(Base):
    """A founder's folder for one idea."""

    __tablename__ = "projects"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class PrototypeRow(Base):
    """A prototype with its current settings."""

    __tablename__ = "prototypes"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(50))
    name: Mapped[str]
    version: Mapped[int]
    settings: Mapped[dict[str, Any]]
    is_sample: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class VersionRow(Base):
    """The settings a prototype had; the current ones included."""

    __tablename__ = "prototype_versions"

    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[dict[str, Any]]
    note: Mapped[str]
    created_at: Mapped[datetime]


class DocumentRow(Base):
    """A file of a prototype; its bytes lie in the file store under `sha256`."""

    __tablename__ = "documents"
    __table_args__ = (
        Index(
            "uq_documents_prototype_id_sha256",
            "prototype_id",
            "sha256",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    n_bytes: Mapped[int]
    n_pages: Mapped[int]
    n_characters: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    report: Mapped[dict[str, Any]]
    added_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class PageRow(Base):
    """A stretch of a document's text."""

    __tablename__ = "pages"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int | None]
    name: Mapped[str] = mapped_column(server_default="")
    text: Mapped[str]
    rows: Mapped[list[Any]] = mapped_column(JSON(), server_default="[]")  # see `Row`


class ConversationRow(Base):
    """One talk of one visitor with a prototype."""

    __tablename__ = "conversations"
    __table_args__ = (Index(None, "prototype_id", "key"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"))
    key: Mapped[str] = mapped_column(String(100))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class TurnRow(Base):
    """What one side said."""

    __tablename__ = "turns"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[str] = mapped_column(String(20))
    content: Mapped[str]
    extra: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class PreferenceRow(Base):
    """A value the user chose, as JSON."""

    __tablename__ = "preferences"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON())  # Any: whatever JSON can say
    updated_at: Mapped[datetime]


class JobRow(Base):
    """Long work that is to survive the process that does it; see `JobRecord`."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(50))
    key: Mapped[str | None]
    title: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20))
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    owner: Mapped[str] = mapped_column(String(40))
    n_interrupted: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(index=True)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class JudgementRow(Base):
    """How right an item is for a query, as a person said."""

    __tablename__ = "judgements"

    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), primary_key=True)
    query: Mapped[str] = mapped_column(String(1000), primary_key=True)
    item: Mapped[str] = mapped_column(String(1000), primary_key=True)
    grade: Mapped[int]
    source: Mapped[str] = mapped_column(String(20))
    judged_at: Mapped[datetime]


class ScenarioRow(Base):
    """A business model with its numbers, under a name."""

    __tablename__ = "scenarios"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    name: Mapped[str]
    model: Mapped[str] = mapped_column(String(50))
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class NewEventRow(Base):
    """What a user of a recommender did since the data was read."""

    __tablename__ = "new_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    user: Mapped[str] = mapped_column(String(200))
    item: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(100))
    rating: Mapped[float | None] = mapped_column(Float())
    happened_at: Mapped[datetime]


class GivenLabelRow(Base):
    """A label that a person gave to a text of a classifier."""

    __tablename__ = "given_labels"

    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text())
    label: Mapped[str] = mapped_column(String(200))
    given_at: Mapped[datetime]


class TextRow(Base):
    """A text that was written for a prototype, or by a person from such a text."""

    __tablename__ = "texts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    root_id: Mapped[str] = mapped_column(String(32), index=True)  # the first of its revisions
    position: Mapped[int]  # counts up within a prototype
    content: Mapped[str]
    extra: Mapped[dict[str, Any]]
    is_kept: Mapped[bool]
    rating: Mapped[int | None]
    created_at: Mapped[datetime]


class DraftRow(Base):
    """Something worked out for a prototype beside its texts; see `DraftRecord`."""

    __tablename__ = "drafts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    title: Mapped[str]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class BallotRow(Base):
    """Two texts compared without knowing whose they are."""

    __tablename__ = "ballots"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    left_name: Mapped[str]
    right_name: Mapped[str]
    texts: Mapped[dict[str, Any]]
    vote: Mapped[str | None] = mapped_column(String(10))
    created_at: Mapped[datetime]


class BatchTableRow(Base):
    """A sheet whose rows are being written."""

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    name: Mapped[str]
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    settings: Mapped[dict[str, Any]]
    columns: Mapped[dict[str, Any]]
    estimate: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    seconds: Mapped[float] = mapped_column(Float())
    cost: Mapped[str | None] = mapped_column(String(40))  # exact, as text; None once it is unknown
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class BatchRowRow(Base):
    """One row of such a sheet, and what became of it."""

    __tablename__ = "batch_rows"

    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(20))
    cells: Mapped[dict[str, Any]]
    text: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    n_attempts: Mapped[int]
    tokens_in: Mapped[int]
    tokens_out: Mapped[int]
    finished_at: Mapped[datetime | None]


class EvaluationSetRow(Base):
    """Questions with what would be right, to measure a prototype by; see `EvaluationSetRecord`."""

    __tablename__ = "evaluation_sets"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    name: Mapped[str]
    seed: Mapped[int]
    tune_share: Mapped[float] = mapped_column(Float())
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class EvaluationCaseRow(Base):
    """One of these questions."""

    __tablename__ = "evaluation_cases"

    set_id: Mapped[str] = mapped_column(ForeignKey("evaluation_sets.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    position: Mapped[int]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class EvaluationRunRow(Base):
    """A prototype measured on such a set, with everything that is needed to do it again."""

    __tablename__ = "evaluation_runs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    set_id: Mapped[str] = mapped_column(ForeignKey("evaluation_sets.id"), index=True)
    name: Mapped[str]
    part: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    setup: Mapped[dict[str, Any]]
    facts: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class EvaluationResultRow(Base):
    """One case of a run, as it was then, and what came of it."""

    __tablename__ = "evaluation_results"

    run_id: Mapped[str] = mapped_column(ForeignKey("evaluation_runs.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case: Mapped[dict[str, Any]]
    attempt: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    scores: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    latency_ms: Mapped[float | None] = mapped_column(Float())
    cost: Mapped[str | None] = mapped_column(String(40))  # exact, as text
    label: Mapped[str | None] = mapped_column(String(10))  # of a person: right or wrong
    finished_at: Mapped[datetime | None]


class EvaluationVoteRow(Base):
    """Which of two runs answered a case better, by somebody who did not know whose answers they were."""

    __tablename__ = "evaluation_votes"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    first_run: Mapped[str] = mapped_column(ForeignKey("evaluation_runs.id"), index=True)
    second_run: Mapped[str] = mapped_column(ForeignKey("evaluation_runs.id"), index=True)
    case_id: Mapped[str] = mapped_column(String(200))
    vote: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]


class PublicationRow(Base):
    """A prototype that others can open; see `PublicationRecord`."""

    __tablename__ = "publications"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    version: Mapped[int]
    note: Mapped[str]
    headline: Mapped[str]
    founder: Mapped[str]
    logo: Mapped[bytes | None]
    logo_type: Mapped[str] = mapped_column(String(50))
    accent: Mapped[str] = mapped_column(String(7))
    greeting: Mapped[str]
    starter_questions: Mapped[list[str]] = mapped_column(JSON())
    language: Mapped[str] = mapped_column(String(10))
    password_hash: Mapped[str | None] = mapped_column(String(300))
    expires_at: Mapped[datetime | None]
    is_kiosk: Mapped[bool]
    idle_reset_s: Mapped[int]
    requests_per_visitor_per_day: Mapped[int | None]
    money_per_day_usd: Mapped[str | None] = mapped_column(String(40))  # exact, as text
    shows_people: Mapped[bool] = mapped_column(server_default=false())
    second_version: Mapped[int | None]
    second_share_percent: Mapped[int] = mapped_column(server_default="0")
    split_since: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PublishedVersionRow(Base):
    """That a publication was moved to a version."""

    __tablename__ = "published_versions"

    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    note: Mapped[str]
    published_at: Mapped[datetime]


class ApiKeyRow(Base):
    """A customer's key of the HTTP interface; see `ApiKeyRecord`."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str]
    prefix: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the key, hexadecimal
    publications: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    opens_models: Mapped[bool]
    requests_per_minute: Mapped[int | None]
    tokens_per_day: Mapped[int | None]
    usd_per_day: Mapped[str | None] = mapped_column(String(40))  # exact, as text
    weight: Mapped[int] = mapped_column(server_default=text("1"))
    max_at_once: Mapped[int | None]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class FeedbackRow(Base):
    """What somebody said about an answer; see `FeedbackRecord`."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint(
            "prototype_id", "request_id", "part", "account", name="uq_feedback_prototype_id_answer"
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    request_id: Mapped[str] = mapped_column(String(64))
    part: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(200))
    version: Mapped[int | None]
    publication_id: Mapped[str | None] = mapped_column(ForeignKey("publications.id"), index=True)
    question: Mapped[str]
    answer: Mapped[str]
    language: Mapped[str] = mapped_column(String(10))
    retrieved: Mapped[list[Any]] = mapped_column(JSON())
    thumb: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(40))
    comment: Mapped[str]
    correction: Mapped[str]
    state: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CuratedAnswerRow(Base):
    """An answer of the team; see `CuratedRecord`."""

    __tablename__ = "curated_answers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    prototype_id: Mapped[str] = mapped_column(ForeignKey("prototypes.id"), index=True)
    question: Mapped[str]
    answer: Mapped[str]
    language: Mapped[str] = mapped_column(String(10))
    model: Mapped[str] = mapped_column(String(300))
    revision: Mapped[str] = mapped_column(String(100))
    vector: Mapped[bytes | None]
    is_on: Mapped[bool]
    n_hits: Mapped[int]
    last_hit_at: Mapped[datetime | None]
    feedback_id: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class UserRow(Base):
    """Somebody who may sign in; see `UserRecord`."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(200), unique=True)  # the name as it is compared
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


class SignInRow(Base):
    """That a browser is signed in; only a hash of its token is kept."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class WrongTryRow(Base):
    """A try of a password that was wrong, or is not known to be right yet; see `WrongTries`."""

    __tablename__ = "wrong_tries"
    __table_args__ = (Index(None, "door", "key_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(String(20))
    key_hash: Mapped[str] = mapped_column(String(64))
    tried_at: Mapped[datetime]


class ActivityRow(Base):
    """Who did what when; see `ActivityRecord`. It outlives what it is about."""

    __tablename__ = "activity"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(50))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(32))
    subject_name: Mapped[str]
    n_times: Mapped[int]
