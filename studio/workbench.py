"""The facade that pages, notebooks and the HTTP interface hold.

Opens the stores, wires the shared model service to the ledger, and makes prototypes. It loads no
model library; models load when they are first used or by `prepare_models`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from filelock import FileLock

from studio.business import Business, exchange_rates, set_exchange_rates
from studio.config import Settings
from studio.economics.currency import ExchangeRates
from studio.economics.measured_base import MeasuredBase, measured_base
from studio.economics.prices import PriceBook, TokenPrice
from studio.errors import ModelUnavailable, NotFound, StudioError
from studio.export.archive_source import FolderSource, open_zip
from studio.export.backup import BackupManifest, backup_bytes, make_backup
from studio.export.importing import Imported, import_prototype
from studio.export.kinds.registry import export_of
from studio.export.needed_models import needed_models
from studio.export.packing import ExportChoices, Package, package_of, write_package
from studio.export.report.facts import Report, ReportChoices
from studio.export.report.gathering import gather
from studio.export.report.rendering import render
from studio.export.report.words import ReportWords
from studio.export.restoring import (
    discard_restore,
    prepare_restore,
    swap_if_ready,
    waiting_restore,
)
from studio.inference.catalogue import Catalogue
from studio.inference.embedding_cache import EmbeddingCache
from studio.inference.model_spec import ModelSpec
from studio.inference.provisioning import Provisioner
from studio.inference.service import LocalModelService
from studio.jobs.logbook import Logbook
from studio.jobs.ownership import Ownership
from studio.jobs.runner import Job, JobContext, JobRunner
from studio.ledger.store import Ledger
from studio.prototypes.base import JobHandler, StoredPrototype, Toolbox
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.model_choice import automatic_embedding_model
from studio.prototypes.registry import KINDS, kind_named
from studio.prototypes.replay.measuring import Measuring
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import SearchSettings
from studio.records import Notice, Task
from studio.sample_company import sample_of
from studio.workspace.database import storage_errors
from studio.workspace.records import PrototypeRecord
from studio.workspace.secrets import SecretStore
from studio.workspace.store import Workspace, utc_now

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import TypeAdapter

logger = logging.getLogger(__name__)

AnyPrototype = StoredPrototype[Any]
AnyDocumented = DocumentedPrototype[Any]
P = TypeVar("P", bound=AnyPrototype)

_MACHINE_HOUR = "prices.machine_hour_usd"
_OVERRIDES = "prices.overrides"
_KEPT_S = 24 * 3600  # of files that wait to be downloaded
_PRODUCT = "export.product"

EXPORT_JOB = "export"
"""The kind of job that packs a prototype; its key is the prototype's id."""
IMPORT_JOB = "import"
"""The kind of job that imports a prototype; its key is the same."""
REPORT_JOB = "report"
"""The kind of job that gathers a report; its key is the prototype's id."""
BACKUP_JOB = "backup"
"""The kind of job that writes a backup; its key is the same."""


@cache
def _entries() -> TypeAdapter[tuple[ModelSpec, ...]]:
    """Reads and writes entries; made once, as every search reads them and making it takes longer."""
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[ModelSpec, ...])


class WorkspaceCatalogueStore:
    """Keeps the models a user added in the workspace's database."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def load(self) -> tuple[ModelSpec, ...]:
        """The entries, oldest first."""
        return _entries().validate_python(self._workspace.load_models())

    def save(self, specs: Sequence[ModelSpec]) -> None:
        """Keep these entries instead of those before."""
        values = _entries().dump_python(tuple(specs), mode="json")
        self._workspace.save_models(values)


class Workbench:
    """One studio: its stores, its model service and its prototypes. Thread-safe.

    Attributes:
        settings: what it was opened with.
        workspace: what the user owns.
        ledger: every model call.
        catalogue: the models there are.
        provisioner: their weights.
        models: the shared model service.
        jobs: long work.
        secrets: keys of remote models.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        _make_home(settings.home)
        self.workspace = Workspace(settings.workspace_url, settings.home / "files")
        self.ledger = Ledger(settings.ledger_path)
        self.secrets = SecretStore(settings.home)
        self.catalogue = Catalogue(WorkspaceCatalogueStore(self.workspace))
        self.provisioner = Provisioner(settings)
        ownership = Ownership(settings.home / "owners")
        with suppress(OSError):  # a home that may only be read
            _ = ownership.token  # tells others that somebody works here
        self.jobs = JobRunner(logbook=Logbook(self.workspace.jobs, ownership))
        self.models = LocalModelService(
            self.catalogue,
            self.provisioner,
            self.ledger.append,
            settings,
            lambda name: self.secrets.get(name) or settings.remote_key(name),
            cache=_embedding_cache(settings),
        )
        self._toolbox = Toolbox(
            settings=settings,
            workspace=self.workspace,
            models=self.models,
            catalogue=self.catalogue,
            ledger=self.ledger,
            jobs=self.jobs,
            prices=self.prices,
            clock=utc_now,
        )
        self._open: dict[str, AnyPrototype] = {}
        self._lock = threading.Lock()
        for kind in KINDS.values():
            for job, handler in kind.resumable.items():
                self.jobs.register(job, partial(self._go_on, handler))

    @classmethod
    def open(
        cls,
        home: Path | str | None = None,
        *,
        settings: Settings | None = None,
        resume: bool = True,
    ) -> Workbench:
        """Open the studio in a folder; it is made when it is not there.

        Args:
            home: the folder; by default `STUDIO_HOME` or `.prototype-studio` in the user's folder.
            settings: everything, instead of the environment's settings.
            resume: go on at once with what an ended process left unfinished (see `resume_jobs`).

        Raises:
            StudioError: the folder or the database cannot be used; nothing is changed.
        """
        chosen = settings or Settings.from_env()
        if home is not None:
            chosen = replace(chosen, home=Path(home).expanduser())
        _take_restored(chosen)
        workbench = cls(chosen)
        if resume:
            workbench.resume_jobs()
        return workbench

    def resume_jobs(self) -> tuple[Job[Any], ...]:
        """Go on with long work that was queued or running when its process ended; gives the jobs.

        Each is started once, however many processes ask; what was cancelled stays so.

        Raises:
            StudioError: the workspace cannot be read.
        """
        return self.jobs.resume()

    def close(self) -> None:
        """Stop jobs, unload models, write the ledger out. The studio may be opened again.

        Jobs that can be resumed go on when it is.
        """
        self.jobs.close()
        self.models.close()
        self.ledger.close()
        self.workspace.close()

    def __enter__(self) -> Workbench:
        """Itself; closed at the end of a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    # Prototypes

    def prototypes(self, kind: str | None = None) -> tuple[PrototypeRecord, ...]:
        """What the user has built, the newest first."""
        return tuple(self.workspace.prototypes.list(kind))

    @overload
    def prototype(self, id_or_slug: str) -> AnyPrototype: ...

    @overload
    def prototype(self, id_or_slug: str, kind: type[P]) -> P: ...

    def prototype(self, id_or_slug: str, kind: type[P] | None = None) -> AnyPrototype | P:
        """The prototype of that id or address.

        Args:
            id_or_slug: the id it is stored under, or its readable address.
            kind: the class it must be of (`Chatbot`, `Search`); any by default.

        Raises:
            NotFound: there is none, it was deleted, or it is of another kind.
        """
        record = self.workspace.prototypes.get(id_or_slug)
        with self._lock:
            if record.id not in self._open:
                self._open[record.id] = kind_named(record.kind)(record.id, self._toolbox)
            found = self._open[record.id]
        if kind is not None and not isinstance(found, kind):
            raise NotFound(
                "{name} is no {wanted}. Open it on the page of its kind, {kind}.",
                name=record.name,
                wanted=kind.kind,
                kind=record.kind,
            )
        return found

    def create(self, kind: type[P], name: str, settings: Mapping[str, Any]) -> P:
        """A new prototype of a kind, without data.

        Args:
            kind: the class of the kind.
            name: for people.
            settings: as JSON, from the kind's settings or its `default_settings(language)`.

        Raises:
            InvalidInput: the name is empty or too long.
        """
        record = self.workspace.prototypes.create(kind.kind, name, dict(settings))
        return self.prototype(record.id, kind)

    def create_chatbot(self, name: str, settings: ChatbotSettings | None = None) -> Chatbot:
        """A new chatbot without documents.

        Raises:
            InvalidInput: the name is empty or too long.
        """
        return self.create(Chatbot, name, (settings or ChatbotSettings()).to_json())

    def create_search(self, name: str, settings: SearchSettings | None = None) -> Search:
        """A new search without documents.

        Raises:
            InvalidInput: the name is empty or too long.
        """
        return self.create(Search, name, (settings or SearchSettings()).to_json())

    def sample_chatbot(self, language: str = "en") -> Chatbot:
        """The sample company's chatbot, as `sample` gives it."""
        return self.sample(Chatbot, language)

    def sample_search(self, language: str = "en") -> Search:
        """The sample company's search over its catalogue, as `sample` gives it."""
        return self.sample(Search, language)

    def sample(self, kind: type[P], language: str = "en") -> P:
        """The sample company's prototype of a kind in a language ("en" or "zh"), made on first call.

        Its data is stored when this returns; what it derives from it is being made if it is not there.

        Raises:
            NotFound: the sample data is not installed.
        """
        for record in self.prototypes(kind.kind):
            if record.is_sample and record.settings.get("language") == language:
                found = self.prototype(record.id, kind)
                found.refresh()
                return found
        sample = sample_of(kind.kind, language)
        record = self.workspace.prototypes.create(
            kind.kind, sample.name, sample.settings.to_json(), is_sample=True
        )
        made = self.prototype(record.id, kind)
        made.take_sample(sample.files)
        return made

    def add_sample_data(self, prototype: AnyPrototype) -> None:
        """Put the sample company's data for its kind and language into a prototype."""
        language = prototype.settings.language
        prototype.take_sample(sample_of(prototype.kind, language).files)

    def delete(self, prototype_id: str) -> None:
        """Put a prototype away; `restore` brings it back with everything."""
        self.workspace.prototypes.delete(prototype_id)

    def restore(self, prototype_id: str) -> AnyPrototype:
        """Bring a deleted prototype back."""
        return self.prototype(self.workspace.prototypes.restore(prototype_id).id)

    def duplicate(self, prototype_id: str, name: str) -> AnyPrototype:
        """A copy with the same settings and data; what it derives from them is being made."""
        copy = self.prototype(self.workspace.prototypes.duplicate(prototype_id, name).id)
        copy.refresh()
        return copy

    def _go_on(self, handler: JobHandler, prototype_id: str, context: JobContext) -> object:
        return handler(self.prototype(prototype_id), context)

    # What leaves and comes back

    def package(self, prototype_id: str, choices: ExportChoices | None = None) -> Package:
        """What an export of a prototype would have, and how large it is; nothing is written.

        Args:
            prototype_id: id or address.
            choices: what goes in; the index and findings, without weights, by default.

        Raises:
            NotFound: there is no such prototype, or its kind cannot be exported.
        """
        prototype = self.prototype(prototype_id)
        return package_of(prototype, self._toolbox, choices or ExportChoices())

    def export(
        self, prototype_id: str, path: Path | str, choices: ExportChoices | None = None
    ) -> Package:
        """Write a prototype as a zip that runs on its own; gives what went in. Waits for it.

        Raises:
            NotFound: there is no such prototype, or its kind cannot be exported.
            StudioError: the file cannot be written; one that was there stays.
        """
        package = self.package(prototype_id, choices)
        write_package(package, Path(path))
        return package

    def outgoing(self, name: str) -> Path:
        """Where a file waits to be downloaded; those of more than a day ago are deleted.

        Args:
            name: of the file.
        """
        folder = self.settings.cache_dir / "outgoing"
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            oldest = utc_now().timestamp() - _KEPT_S
            for path in folder.iterdir():
                if path.is_file() and path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)
        return folder / name

    def start_export(
        self, prototype_id: str, path: Path, choices: ExportChoices | None = None
    ) -> Job[None]:
        """The same in the background; the same job while one of this prototype runs.

        Raises:
            NotFound: there is no such prototype, or its kind cannot be exported.
        """
        prototype = self.prototype(prototype_id)

        def work(context: JobContext) -> None:
            package = package_of(prototype, self._toolbox, choices or ExportChoices())
            write_package(package, path, report=context.relay, cancelled=context.cancelled)

        return self.jobs.start(EXPORT_JOB, Notice("Packing the prototype"), work, prototype.id)

    def start_import(self, path: Path) -> Job[Imported]:
        """`import_prototype` in the background; the file is deleted when that is over."""

        def work(context: JobContext) -> Imported:
            def tell(done: int, total: int) -> None:
                context.raise_if_cancelled()
                context.report(done, total, "documents")

            try:
                return self.import_prototype(path, report=tell)
            finally:
                path.unlink(missing_ok=True)

        return self.jobs.start(IMPORT_JOB, Notice("Importing the prototype"), work, IMPORT_JOB)

    def import_prototype(
        self,
        path: Path | str,
        *,
        report: Callable[[int, int], object] = lambda _done, _total: None,
    ) -> Imported:
        """A new prototype from an export, with its settings, documents, judgements and scenarios.

        Its index is taken over where that is possible, else it is being built when this returns.

        Args:
            path: the zip.
            report: told how many files were checked, of how many.

        Raises:
            DataError: the file is no export, is damaged, or was changed; nothing was stored.
            StudioError: it cannot be stored.
        """
        with open_zip(Path(path)) as source:
            imported = import_prototype(
                source,
                self._toolbox,
                self.prototype,
                key_names=self.secrets.names(),
                report=report,
            )
        self.prototype(imported.record.id).refresh()
        return imported

    def report(
        self,
        prototype_id: str,
        choices: ReportChoices | None = None,
        words: ReportWords | None = None,
    ) -> str:
        """An investor's page on a prototype as one HTML file. May take as long as models do.

        Args:
            prototype_id: id or address.
            choices: what goes in; three examples asked now, and no business model, by default.
            words: how it speaks; plain English and US dollars by default.

        Raises:
            NotFound: there is no such prototype or scenario.
            StudioError: the scenario cannot be computed.
        """
        return render(self._gathered(prototype_id, choices or ReportChoices()), words)

    def start_report(self, prototype_id: str, choices: ReportChoices) -> Job[Report]:
        """Gather a report in the background; `render` then writes it in any language.

        Raises:
            NotFound: there is no such prototype.
        """
        prototype = self.prototype(prototype_id)

        def work(context: JobContext) -> Report:
            def tell(notice: Notice) -> None:
                context.raise_if_cancelled()
                context.report(0, notice=notice)

            return self._gathered(prototype.id, choices, tell)

        return self.jobs.start(REPORT_JOB, Notice("Making the report"), work, prototype.id)

    def _gathered(
        self,
        prototype_id: str,
        choices: ReportChoices,
        tell: Callable[[Notice], object] = lambda _: None,
    ) -> Report:
        prototype, business = self.prototype(prototype_id), self.business(prototype_id)
        return gather(prototype, business, self._toolbox, choices, report=tell)

    def backup(self, path: Path | str, *, with_secrets: bool = False) -> BackupManifest:
        """Write everything the user owns into one file, while the studio runs. Waits for it.

        Weights and caches are left out.

        Args:
            path: the file; one of that name is replaced.
            with_secrets: take the API keys along; who has the file can then use them.

        Raises:
            StudioError: the workspace lies in a database server, or the file cannot be written.
        """
        self.ledger.flush()
        return make_backup(
            self.settings,
            Path(path),
            now=utc_now(),
            n_prototypes=len(self.prototypes()),
            with_secrets=with_secrets,
        )

    def start_backup(self, path: Path, *, with_secrets: bool = False) -> Job[BackupManifest]:
        """The same in the background; the same job while one runs."""
        self.ledger.flush()

        def work(context: JobContext) -> BackupManifest:
            return make_backup(
                self.settings,
                path,
                now=utc_now(),
                n_prototypes=len(self.prototypes()),
                with_secrets=with_secrets,
                report=context.relay,
                cancelled=context.cancelled,
            )

        return self.jobs.start(BACKUP_JOB, Notice("Writing the backup"), work, BACKUP_JOB)

    def backup_bytes(self) -> int:
        """About what a backup would take, before it is compressed."""
        return backup_bytes(self.settings)

    def prepare_restore(self, path: Path | str) -> BackupManifest:
        """Check a backup and keep it ready: the next start of the studio begins with it.

        Until then nothing changes; `discard_restore` takes it back. The workspace of now is kept
        beside it under another name.

        Raises:
            DataError: the backup is damaged, was changed, or is of a newer version.
        """
        prepare_restore(Path(path), self.settings, cancelled=lambda: False)
        found = self.waiting_restore()
        assert found is not None
        return found

    def waiting_restore(self) -> BackupManifest | None:
        """The backup that the next start begins with; None for none."""
        return waiting_restore(self.settings)

    def discard_restore(self) -> None:
        """Go on with the workspace of now after the next start, too."""
        discard_restore(self.settings)

    @classmethod
    def open_beside(cls, folder: Path, *, is_demo: bool = False) -> Workbench:
        """A studio of exported code: it keeps its files in the folder `state` beside it.

        Args:
            folder: of the code.
            is_demo: work with the labelled demo engine.

        Raises:
            StudioError: the folder cannot be written to.
        """
        environment = Settings.from_env()
        return cls.open(
            settings=replace(
                environment,
                home=folder / "state",
                database_url="",
                is_demo=is_demo or environment.is_demo,
            )
        )

    def product(self, data: Path, kind: type[P], settings: Mapping[str, Any]) -> P:
        """The one prototype of exported code; taken from its data at the first call ever.

        Waits until what its models and settings need is there; models that cannot be had are left out.

        Args:
            data: the folder `data` beside the code.
            kind: the class of the kind.
            settings: as JSON; a new version where they differ from those before.

        Raises:
            DataError: the data are damaged.
            InvalidInput: a setting cannot be used; the message says what is allowed.
        """
        wanted = kind.settings_type.from_json(settings)
        with FileLock(self.settings.home / "product.lock"):
            product_id = self.workspace.preferences.get(_PRODUCT)
            if product_id is None:
                source = FolderSource(data)
                imported = import_prototype(source, self._toolbox, self.prototype)
                product_id = imported.record.id
                self.workspace.preferences.set(_PRODUCT, product_id)
            found = self.prototype(product_id, kind)
            found.configure(wanted)
        self._fetch_models_of(found)
        found.refresh()
        for job in self.jobs.jobs():
            job.wait()
        return found

    def _fetch_models_of(self, prototype: AnyPrototype) -> None:
        """Fetch what a prototype needs and is not on the disk; what cannot be had now waits."""
        needed = needed_models(prototype, export_of(prototype.kind), self.catalogue)
        for spec in needed.all:
            if self.settings.is_demo or self.provisioner.is_ready(spec):
                continue
            logger.warning("fetching the model %s, once", spec.name)
            try:
                self.provisioner.ensure(spec)
            except ModelUnavailable as error:
                logger.warning("%s could not be fetched: %s", spec.name, error)

    # Models

    def models_ready(self) -> bool:
        """Whether the weights of all default models are on the disk."""
        return self.settings.is_demo or all(
            map(self.provisioner.is_ready, self.catalogue.defaults())
        )

    def ready_models(self, task: Task) -> tuple[ModelSpec, ...]:
        """The models for a task whose weights are on the disk; all of them in the demo."""
        return tuple(
            spec
            for spec in self.catalogue.list(task)
            if self.settings.is_demo or self.provisioner.is_ready(spec)
        )

    def prepare_models(self, before_loading: Callable[[], object] = lambda: None) -> Job[None]:
        """Fetch and load the default models in the background; the same job while it runs.

        With them come the models that search for present prototypes in other languages.

        Args:
            before_loading: called between fetching and loading; may wait for something.
        """
        return self.jobs.start(
            "prepare",
            Notice("Preparing the models"),
            lambda context: self._prepare(context, before_loading),
            "defaults",
        )

    def _prepare(self, context: JobContext, before_loading: Callable[[], object]) -> None:
        specs = list(self.catalogue.defaults())
        if not self.settings.is_demo:
            for spec in specs:  # what needs the network first, so that the rest needs none
                self.provisioner.ensure(spec, context.relay, context.cancelled)
            specs += self._fetched_for_languages(context)
        before_loading()
        for spec in specs:
            context.raise_if_cancelled()
            self.models.load(spec.id, context.relay)

    def _fetched_for_languages(self, context: JobContext) -> list[ModelSpec]:
        """The models that search for prototypes in languages the default does not read.

        One that cannot be had now is left out: words alone search as long as it is missing.
        """
        languages = {
            str(record.settings.get("language", ""))
            for record in self.prototypes()
            if not record.settings.get("embedding_model")
        }
        default = self.catalogue.default(Task.EMBEDDING)
        fetched: list[ModelSpec] = []
        for language in sorted(languages - {""}):
            spec = automatic_embedding_model(self.catalogue, self.settings, language)
            if spec == default or spec in fetched:
                continue
            try:
                self.provisioner.ensure(spec, context.relay, context.cancelled)
            except ModelUnavailable as error:
                logger.warning("%s could not be fetched: %s", spec.name, error)
            else:
                fetched.append(spec)
        return fetched

    # Money

    def prices(self) -> PriceBook:
        """The price book with the user's own prices."""
        stored = self.workspace.preferences.get(_OVERRIDES, {})
        overrides = {model: _token_price(price) for model, price in stored.items()}
        return PriceBook(self.machine_hour_usd, overrides)

    @property
    def machine_hour_usd(self) -> Decimal:
        """What one hour of this machine is taken to cost."""
        stored = self.workspace.preferences.get(_MACHINE_HOUR)
        return self.settings.machine_hour_usd if stored is None else Decimal(stored)

    def set_machine_hour_usd(self, amount: Decimal) -> None:
        """Change what an hour of this machine costs; past calls are priced anew when read.

        Raises:
            InvalidInput: the amount is negative or not a number.
        """
        PriceBook(amount)  # checks the range
        self.workspace.preferences.set(_MACHINE_HOUR, str(amount))

    def set_price(self, model: str, price: TokenPrice | None) -> None:
        """Set the user's own price of a model, or take it back with None."""
        stored: dict[str, Mapping[str, str | None]] = self.workspace.preferences.get(_OVERRIDES, {})
        stored.pop(model, None)
        if price is not None:
            stored[model] = {
                name: None if (value := getattr(price, name)) is None else str(value)
                for name in price.__slots__
            }
        self.workspace.preferences.set(_OVERRIDES, stored)

    @property
    def exchange_rates(self) -> ExchangeRates:
        """What a US dollar is worth: the user's rates, or the dated ones that come with the studio."""
        return exchange_rates(self.workspace)

    def set_exchange_rates(self, rates: ExchangeRates | None) -> None:
        """Change what a US dollar is worth; None takes the studio's rates again."""
        set_exchange_rates(self.workspace, rates)

    def business(self, prototype_id: str) -> Business:
        """What a prototype costs, how it would be served, and which business model carries it.

        Raises:
            NotFound: there is no such prototype.
        """
        prototype = self.prototype(prototype_id)
        return Business(prototype, self._toolbox, lambda: self.measured_base(prototype.id))

    def calls(self, prototype_id: str | None = None) -> pd.DataFrame:
        """The ledger's calls with their cost: `cost` (Decimal USD or None) and `cost_source`."""
        self.ledger.flush()
        return self.prices().attach(self.ledger.frame(prototype_id=prototype_id))

    # Measured requests

    def measuring(self, prototype_id: str) -> Measuring:
        """Measuring a prototype now, with several callers, and what was measured last.

        Raises:
            NotFound: there is no such prototype.
        """
        return Measuring(self.prototype(prototype_id), self._toolbox)

    def measured_base(self, prototype_id: str) -> MeasuredBase:
        """What the ledger knows of a prototype's requests, priced as of now.

        Raises:
            NotFound: there is no such prototype.
        """
        found = self.prototype(prototype_id)
        return measured_base(
            self.calls(found.id), prototype_id=found.id, replay=self.measuring(found.id).last()
        )


def _token_price(stored: Mapping[str, str | None]) -> TokenPrice:
    cached = stored["cached_usd_per_mtok"]
    return TokenPrice(
        input_usd_per_mtok=Decimal(stored["input_usd_per_mtok"] or 0),
        output_usd_per_mtok=Decimal(stored["output_usd_per_mtok"] or 0),
        cached_usd_per_mtok=None if cached is None else Decimal(cached),
    )


def _take_restored(settings: Settings) -> None:
    """Begin with a backup that waits; where the folders cannot be swapped, it goes on waiting."""
    try:
        restored = swap_if_ready(settings, now=utc_now())
    except StudioError as error:
        logger.warning("a backup waits to be restored: %s", error)
        return
    if restored is not None:
        logger.warning("a backup was restored; the workspace of before: %s", restored.old_home)


def _embedding_cache(settings: Settings) -> EmbeddingCache | None:
    if not settings.embedding_cache_bytes:
        return None
    return EmbeddingCache(settings.cache_dir / "embeddings.db", settings.embedding_cache_bytes)


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(
            "The studio cannot keep its files in {home}: {reason}. Set STUDIO_HOME to a folder that "
            "you may write to.",
            home=home,
            reason=error.strerror or str(error),
        ) from error
