"""What somebody wants to give a prototype: read, looked over and decided upon, but not stored yet.

Values only. Knows no workspace, no index and no page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from studio.ingestion.columns import ColumnGuess
from studio.ingestion.personal import Counts, PersonalKind
from studio.ingestion.result import ReadFile
from studio.prototypes.document_settings import DocumentSettings
from studio.prototypes.masking import masked_file, masked_text
from studio.retrieval.chunking import ChunkingMethod, Role

S = TypeVar("S", bound=DocumentSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What a file says again.

    `name` is the other file; `is_stored` says that the prototype has it already, else it comes with
    the same intake. `similarity` is the share of runs of three words that both have, from 0.8 to 1;
    `is_exact` that they differ in nothing but case, punctuation and white space.
    """

    name: str
    similarity: float
    is_exact: bool
    is_stored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFile:
    """A file that was read and not stored.

    `id` names it within its intake. `content` are its bytes. `personal` counts the personal data in
    its text. `like` is the first file that says the same, None where there is none.
    """

    id: str
    read: ReadFile
    content: bytes = field(repr=False)
    personal: Counts = ()
    like: Likeness | None = None

    @property
    def is_readable(self) -> bool:
        """Whether there is anything of it to keep."""
        return self.read.status != "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeChoices:
    """What is to be done with the files of an intake.

    Attributes:
        skip: ids of files that are left out. What could not be read is left out anyway.
        mask: personal data is replaced before anything is stored; the files as they came are then
            not kept.
        roles: what columns of tables are for, by name, where it is not as guessed or as set.
        method: how documents are cut; None leaves it as it is set. This and the next two hold for
            all documents of the prototype.
        max_tokens: greatest length of a passage; None as it is set.
        overlap_tokens: how much of a passage the next repeats; None as it is set.
    """

    skip: frozenset[str] = frozenset()
    mask: bool = False
    roles: tuple[tuple[str, Role], ...] = ()
    method: ChunkingMethod | None = None
    max_tokens: int | None = None
    overlap_tokens: int | None = None

    def without_personal_data(self) -> IntakeChoices:
        """With masking, the choices under the names that columns will have; else the same."""
        if not self.mask:
            return self
        return replace(self, roles=tuple((masked_text(name), role) for name, role in self.roles))

    def applied(self, settings: S) -> S:
        """The settings with these choices.

        Raises:
            InvalidInput: a length or a role is not allowed.
        """
        changes: dict[str, object] = {
            "passage_method": self.method,
            "passage_tokens": self.max_tokens,
            "passage_overlap": self.overlap_tokens,
        }
        changes = {name: value for name, value in changes.items() if value is not None}
        if self.roles:
            changes["roles"] = tuple({**dict(settings.roles), **dict(self.roles)}.items())
        return replace(settings, **changes)  # type: ignore[arg-type]  # of the fields' own types


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Files that were read and wait for a decision.

    `files` are in the order they came, with those within a compressed folder or an e-mail by
    themselves. `n_not_compared` stored documents were not looked at for duplicates, because there is
    too much text to do so while somebody waits; exact copies of a file are found all the same.
    """

    id: str
    files: tuple[IncomingFile, ...]
    n_not_compared: int = 0

    @property
    def locked(self) -> tuple[IncomingFile, ...]:
        """Files that a password may open."""
        return tuple(f for f in self.files if not f.is_readable and f.read.needs_password)

    @property
    def personal(self) -> Counts:
        """How much personal data all files hold, by kind; () where none was found."""
        return _sum(file.personal for file in self.files)

    @property
    def columns(self) -> tuple[ColumnGuess, ...]:
        """The columns of all tables, each name once, in the order they first occur."""
        found: dict[str, ColumnGuess] = {}
        for file in self.files:
            for column in file.read.columns:
                found.setdefault(column.name, column)
        return tuple(found.values())

    def suggested(self) -> IntakeChoices:
        """The choices to begin with: exact duplicates are left out."""
        skip = (f.id for f in self.files if f.like is not None and f.like.is_exact)
        return IntakeChoices(skip=frozenset(skip))

    def taken(self, choices: IntakeChoices) -> tuple[IncomingFile, ...]:
        """The files that will be stored, in their order."""
        return tuple(f for f in self.files if f.is_readable and f.id not in choices.skip)

    def personal_in(self, choices: IntakeChoices) -> Counts:
        """How much personal data the files hold that will be stored, before it is masked."""
        return _sum(file.personal for file in self.taken(choices))

    def read_as(self, choices: IntakeChoices) -> list[tuple[str, ReadFile]]:
        """Ids and texts of the files that will be stored, as they will be."""
        return [
            (file.id, masked_file(file.read)[0] if choices.mask else file.read)
            for file in self.taken(choices)
        ]


def _sum(counts: Iterator[Counts] | Sequence[Counts]) -> Counts:
    total: dict[PersonalKind, int] = {}
    for of_file in counts:
        for kind, n in of_file:
            total[kind] = total.get(kind, 0) + n
    return tuple(total.items())
