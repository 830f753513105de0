"""What all kinds over documents share: a stored prototype with settings, versions, files, an index.

A kind adds what it does with them. Knows no kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from studio.inference.model_spec import ModelSpec
from studio.ingestion.result import ReadFile
from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import JobHandler, StoredPrototype, Toolbox
from studio.prototypes.bench.bench import SearchBench
from studio.prototypes.bench.measuring import Measurement
from studio.prototypes.document_settings import OF_INDEX, DocumentSettings
from studio.prototypes.documents_script import CJK_LANGUAGES, DocumentsScript
from studio.prototypes.intake import Intake, IntakeChoices
from studio.prototypes.knowledge import INDEX_JOB, IndexPlan, IndexState, Knowledge
from studio.prototypes.model_choice import automatic_embedding_model
from studio.prototypes.passage_preview import Cutting, PassagePreview, PassageReckoner
from studio.prototypes.searcher import Searcher
from studio.records import Chunk, Document, Page, Progress, Task
from studio.retrieval.chunking import Role
from studio.retrieval.index_choice import IndexChoice
from studio.workspace.records import DocumentRecord

S = TypeVar("S", bound=DocumentSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnUse:
    """A column of the tables among the documents: what it seems to be for, and what it is used for.

    `kind` is what its values are ("text", "number", "date", "category", "link"), `examples` are up to
    three of them.
    """

    name: str
    kind: str
    guessed: Role
    role: Role
    examples: tuple[str, ...] = ()


class DocumentedPrototype(StoredPrototype[S]):
    """One prototype over documents. Every method may be called by any thread.

    Args:
        prototype_id: of a stored prototype of this kind.
        toolbox: what it works with.

    Raises:
        NotFound: there is no prototype of that id.
    """

    reads_every_query: ClassVar[bool] = False
    """Whether its model reads queries that only words are searched for, too: to tell relevance."""

    reads_closely: ClassVar[bool] = False
    """Whether the relevance of what it finds is told by the closest sentence of a passage."""

    derived_by: ClassVar[tuple[str, ...]] = OF_INDEX
    resumable: ClassVar[Mapping[str, JobHandler]] = {
        INDEX_JOB: lambda prototype, context: prototype.build_index(context)
    }

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        super().__init__(prototype_id, toolbox)
        self._knowledge = Knowledge(
            self._id, toolbox, self._index_plan, lambda: self.embedding_model
        )
        self._script = DocumentsScript(self._id, toolbox.workspace.documents)
        self._reckoner = PassageReckoner(self._id, toolbox)
        self.bench = SearchBench(self, toolbox, self._knowledge)

    # What it is

    @property
    def embedding_model(self) -> str:
        """Catalogue id of the model that searches: the chosen one, or the automatic one."""
        return self.settings.embedding_model or self.automatic_model(Task.EMBEDDING).id

    @property
    def reading_language(self) -> str:
        """ISO 639-1 code of what the model that searches must read.

        The language of the settings; but Chinese where that is written otherwise and most of the
        documents are in Chinese characters, whoever set what language the prototype speaks.
        """
        return self._reading_language()

    def _reading_language(self, incoming: Iterable[Sequence[Page]] = ()) -> str:
        """The language that has to be read once documents with these pages are there, too."""
        language = self.settings.language
        if language in CJK_LANGUAGES or self._script.now(incoming) != "cjk":
            return language
        return "zh"

    def _reading_model(self, files: Sequence[tuple[str, ReadFile]]) -> str:
        """The model that will read, once these files are there: they may be what it is chosen for."""
        chosen = self.settings.embedding_model
        if chosen:
            return chosen
        language = self._reading_language(read.pages for _, read in files)
        return automatic_embedding_model(self._tools.catalogue, self._tools.settings, language).id

    def automatic_model(self, task: Task) -> ModelSpec:
        """The model for a task where the settings name none; one that reads the documents searches.

        Raises:
            NotFound: the catalogue has no default for the task.
        """
        tools = self._tools
        if task is Task.EMBEDDING:
            language = self.reading_language
            return automatic_embedding_model(tools.catalogue, tools.settings, language)
        return tools.catalogue.default(task)

    def _index_plan(self) -> IndexPlan:
        """How its settings want the index: by which model, cut how, of which kind."""
        settings = self.settings
        chosen = settings.embedding_model
        return IndexPlan(
            model=self.embedding_model,
            stopgap="" if chosen else self._tools.catalogue.default(Task.EMBEDDING).id,
            chunking=settings.chunking({column.name: column.guessed for column in self.columns()}),
            kind=settings.index_kind,
        )

    def searcher(self) -> Searcher:
        """What searches now: the index that stands, with the model that made it."""
        return self._knowledge.searcher()

    # Its documents

    def add_file(
        self, name: str, content: bytes, password: str | None = None
    ) -> tuple[DocumentRecord, ...]:
        """Read and keep a file, or the files in a zip or an e-mail; a record for each.

        A bad file does not raise: its record says why it was refused.
        """
        return self._knowledge.add_file(name, content, password)

    def take_documents_of(self, prototype_id: str) -> int:
        """Take over the documents of another prototype, but for those it has; gives how many came.

        Raises:
            NotFound: there is no prototype of that id.
        """
        return self._tools.workspace.documents.copy(prototype_id, self._id)

    def documents(self) -> tuple[DocumentRecord, ...]:
        """Its files, in the order they were added."""
        return self._knowledge.documents()

    def document(self, document_id: str) -> Document:
        """A file's text, page by page. Raises NotFound for what is none of its files."""
        return self._knowledge.document(document_id)

    def remove_document(self, document_id: str) -> None:
        """Take a file away; it is found until the index is built again. Raises NotFound."""
        self._knowledge.remove_document(document_id)

    def columns(self) -> tuple[ColumnUse, ...]:
        """The columns of the tables among its documents, in the order they first occur.

        A name that several tables have is one column; the first table's guess is taken.
        """
        corrected = dict(self.settings.roles)
        columns: dict[str, ColumnUse] = {}
        for record in self.documents():
            for name, guessed, kind, *examples in record.report.get("columns", ()):
                use = ColumnUse(
                    name=name,
                    kind=kind,
                    guessed=guessed,
                    role=corrected.get(name, guessed),
                    examples=tuple(examples),
                )
                columns.setdefault(name, use)
        return tuple(columns.values())

    def passages(self, document_id: str) -> tuple[Chunk, ...]:
        """A document's passages in the index that answers now; () where it is not indexed."""
        return self._knowledge.passages(document_id)

    # What comes in

    def inspect(
        self,
        files: Sequence[tuple[str, bytes]],
        *,
        passwords: Mapping[str, str] | None = None,
        report: Callable[[Progress], None] | None = None,
    ) -> Intake:
        """Read files and look them over; nothing is stored before `take`.

        Args:
            files: name and bytes of each.
            passwords: of locked files, by name.
            report: told before each file.
        """
        return self._knowledge.desk.inspect(files, passwords=passwords, report=report)

    def inspect_pasted(self, text: str, name: str) -> Intake:
        """The same for a text that was typed or pasted, also rows of a table or questions."""
        return self._knowledge.desk.inspect_pasted(text, name)

    def unlock(self, intake: Intake, password: str) -> Intake:
        """The intake with the locked files read that this password opens; the same one if none is."""
        return self._knowledge.desk.unlock(intake, password)

    def read_again(
        self, intake: Intake, file_id: str, *, first_row_names: bool, sheet: str = ""
    ) -> Intake:
        """The intake with a table read with its first row as names of columns, or as a row.

        `sheet` names the worksheet of a workbook that this is said of.
        """
        return self._knowledge.desk.read_again(
            intake, file_id, first_row_names=first_row_names, sheet=sheet
        )

    def incoming_columns(self, intake: Intake) -> tuple[ColumnUse, ...]:
        """The columns of the tables that come in, with what they would be used for."""
        present = {column.name: column for column in self.columns()}
        corrected = dict(self.settings.roles)
        uses = []
        for column in intake.columns:
            known = present.get(column.name)
            guessed = column.role if known is None else known.guessed
            uses.append(
                ColumnUse(
                    name=column.name,
                    kind=column.kind,
                    guessed=guessed,
                    role=corrected.get(column.name, guessed),
                    examples=column.examples,
                )
            )
        return tuple(uses)

    def take(
        self, intake: Intake, choices: IntakeChoices | None = None
    ) -> tuple[DocumentRecord, ...]:
        """Store the chosen files and keep the choices as settings; the index is not built yet.

        Args:
            intake: what `inspect` gave.
            choices: what to do with it; as `intake.suggested()` by default.

        Raises:
            InvalidInput: a length or a role is not allowed; nothing was stored.
            StorageFull: there is no room left; what was stored until then stays.
        """
        choices = choices or intake.suggested()
        settings = self.settings
        chosen = choices.without_personal_data().applied(settings)
        records = self._knowledge.desk.take(intake, choices)
        if records and chosen != settings:
            self.configure(chosen)
        return records

    def preview(
        self, intake: Intake | None = None, choices: IntakeChoices | None = None
    ) -> PassagePreview:
        """How documents would be cut into passages, and what reading these would take.

        The model is the one that will read when they are there: Chinese files bring one that reads
        Chinese, where none was chosen.

        Args:
            intake: what comes in; None for the stored documents alone.
            choices: what to do with it; as `intake.suggested()` by default.

        Raises:
            InvalidInput: a length or a role is not allowed.
        """
        choices = choices or (intake.suggested() if intake else IntakeChoices())
        cutting, model = self._cutting(intake, choices)
        return self._reckoner.preview(cutting, model)

    def measure_reading(
        self, intake: Intake | None = None, choices: IntakeChoices | None = None
    ) -> None:
        """Read up to 16 of the passages that `preview` counts, so that it can tell time and price.

        What is read is kept, so that building the index does not do it again.

        Raises:
            StudioError: the model cannot be loaded, or fails.
        """
        choices = choices or (intake.suggested() if intake else IntakeChoices())
        cutting, model = self._cutting(intake, choices)
        self._reckoner.measure(cutting, model)

    def _cutting(self, intake: Intake | None, choices: IntakeChoices) -> tuple[Cutting, str]:
        """The passages there would be, and the model that would read them."""
        files = [] if intake is None else intake.read_as(choices)
        guessed = {column.name: column.guessed for column in self.columns()}
        for _, read in files:
            for column in read.columns:
                guessed.setdefault(column.name, column.role)
        settings = choices.without_personal_data().applied(self.settings)
        documents = [
            Document(document_id=file_id, name=read.name, pages=read.pages)
            for file_id, read in files
        ]
        model = self._reading_model(files)
        return self._knowledge.cut(documents, settings.chunking(guessed), model), model

    def take_sample(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Store the sample company's documents and build the index in the background."""
        for name, content in files:
            self.add_file(name, content)
        self.update_index()

    # Its index

    def refresh(self) -> None:
        """Build the index in the background where it is behind the documents, or failed."""
        if self.index_state().state in ("stale", "failed"):
            self.update_index()

    def index_choice(self) -> IndexChoice | None:
        """Which kind of vector index answers now, and why; None where there is no index."""
        return self._knowledge.index_choice()

    def update_index(self) -> Job[None]:
        """Build the index in the background; the same job while it runs."""
        return self._knowledge.update_index()

    def build_index(self, context: JobContext) -> None:
        """Build the index within a job that runs; what `update_index` does in the background."""
        self._knowledge.build_index(context)

    def index_state(self) -> IndexState:
        """How the index stands to the documents."""
        return self._knowledge.state()

    # How well it finds

    def measure(self, trial: S | None = None) -> Measurement:
        """Keyword, semantic and hybrid search, its own settings and a trial, on what was judged.

        Waits for it; `bench` has everything else: judgements, single queries, the same as a job.

            search.bench.read_judgements("judged.csv", Path("judged.csv").read_bytes())
            measured = search.measure(replace(search.settings, semantic_weight=0.7))
            measured              # in a notebook: the verdict and a table
            measured.frame()      # one row per way, as a DataFrame
            search.bench.apply(measured.way("trial").settings)

        Args:
            trial: settings to measure beside its own.

        Raises:
            InvalidInput: nothing is judged as right, or nothing is indexed.
            StudioError: a model failed.
        """
        return self.bench.measure(trial)
