"""The facade that pages, notebooks and the HTTP interface hold.

Opens the stores, wires the shared model service to the ledger, and makes prototypes. It loads no
model library; models load when they are first used or by `prepare_models`.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from studio.access.accounts import Accounts
from studio.acting import Acting, Actor, Role
from studio.business import Business, exchange_rates, set_exchange_rates
from studio.config import Settings
from studio.economics.currency import ExchangeRates
from studio.economics.measured_base import MeasuredBase, measured_base
from studio.economics.prices import PriceBook, TokenPrice
from studio.errors import ModelUnavailable, NotFound, StudioError
from studio.explaining.explaining import Explaining
from studio.export.backup import BackupManifest
from studio.export.backup_desk import BackupDesk, take_restored
from studio.export.desk import ExportDesk
from studio.export.importing import Imported
from studio.export.packing import ExportChoices, Package
from studio.export.report.facts import ReportChoices
from studio.export.report.words import ReportWords
from studio.export.standalone import standalone_prototype
from studio.feedback.feedback import Feedback
from studio.inference import thread_choice
from studio.inference.builtin_models import MINILM
from studio.inference.catalogue import Catalogue
from studio.inference.embedding_cache import EmbeddingCache
from studio.inference.hardware import n_cores, processor_name
from studio.inference.home_place import found_at, kept_for
from studio.inference.loading import EngineLoader
from studio.inference.model_spec import ModelSpec
from studio.inference.protocol import EmbeddingEngine
from studio.inference.provisioning import Provisioner
from studio.inference.service import LocalModelService
from studio.inference.service_models import builtin_models
from studio.inference.thread_choice import ThreadChoice, counts_for
from studio.inference.turns import Share
from studio.jobs.logbook import Logbook
from studio.jobs.ownership import Ownership
from studio.jobs.runner import Job, JobContext, JobRunner
from studio.ledger.store import Ledger
from studio.metering import Meters
from studio.model_desk import ModelDesk
from studio.prototypes.base import JobHandler, StoredPrototype, Toolbox
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.evaluation.evaluations import EVALUATE_JOB, Evaluations
from studio.prototypes.model_choice import automatic_embedding_model
from studio.prototypes.registry import KINDS, kind_named
from studio.prototypes.replay.measuring import Measuring
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import SearchSettings
from studio.records import Notice, Task
from studio.retrieval.milvus import MilvusPlace, sweep
from studio.sample_company import sample_files, sample_of
from studio.sharing.sharing import Sharing
from studio.tuning.tuning import Tuning
from studio.workspace.api_key_record import ACCOUNT_PREFIX
from studio.workspace.database import storage_errors
from studio.workspace.key_weights import KeyWeights
from studio.workspace.publication_record import PublicationChoices, PublicationRecord
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


@cache
def _entries() -> TypeAdapter[tuple[ModelSpec, ...]]:
    """Reads and writes entries; made once, as every search reads them and making it takes longer."""
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[ModelSpec, ...])


class WorkspaceCatalogueStore:
    """Keeps the models a user added in the workspace's database.

    Args:
        workspace: the database.
        home: the studio's folder; what lies in it is found when the folder has moved.
    """

    def __init__(self, workspace: Workspace, home: Path) -> None:
        self._workspace = workspace
        self._home = home

    def load(self) -> tuple[ModelSpec, ...]:
        """The entries, oldest first."""
        stored = _entries().validate_python(self._workspace.load_models())
        return tuple(found_at(spec, self._home) for spec in stored)

    def save(self, specs: Sequence[ModelSpec]) -> None:
        """Keep these entries instead of those before."""
        kept = tuple(kept_for(spec, self._home) for spec in specs)
        self._workspace.save_models(_entries().dump_python(kept, mode="json"))


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
        meters: what each account used and cost.
        sharing: publications, for their founder and for visitors.
        feedback: what people say about answers, and how versions compare.
        tuning: models that are fine-tuned here.
        explaining: why prototypes answer and find what they do.
        exports: prototypes that leave and come, and reports.
        backups: everything in one file, and back.
        model_desk: models tested, given another key or price, their files deleted.
        acting: who acts; see `studio.acting`.
        accounts: people who may sign in.

    Args:
        settings: where things lie and how much may be used.
        find_actor: gives whom the calling thread draws a page for; None everywhere else, where the
            studio itself acts and may do all.
    """

    def __init__(
        self, settings: Settings, find_actor: Callable[[], Actor | None] = lambda: None
    ) -> None:
        self.settings = settings
        self.acting = Acting(find_actor)
        self._milvus = MilvusPlace.of(settings.milvus_uri, settings.milvus_token)
        if self._milvus is not None:
            self._milvus.check()
        _make_home(settings.home)
        self.workspace = Workspace(
            settings.workspace_url, settings.home / "files", acting=self.acting
        )
        self.accounts = Accounts(self.workspace, timedelta(days=settings.sign_in_days))
        self.ledger = Ledger(settings.ledger_location)
        self.secrets = SecretStore(settings.home, self.acting)
        self.catalogue = Catalogue(
            WorkspaceCatalogueStore(self.workspace, settings.home), builtin_models(settings)
        )
        self.provisioner = Provisioner(settings)
        ownership = Ownership(settings.home / "owners")
        with suppress(OSError):  # a home that may only be read
            _ = ownership.token  # tells others that somebody works here
        self.jobs = JobRunner(
            logbook=Logbook(self.workspace.jobs, ownership), carried=self.acting.carried
        )
        self._weights = KeyWeights(self.workspace.api_keys)
        self.models = LocalModelService(
            self.catalogue,
            self.provisioner,
            self.ledger.append,
            settings,
            lambda name: self.secrets.get(name) or settings.remote_key(name),
            cache=_embedding_cache(settings),
            share_of=self._share_of,
        )
        choice = self.thread_choice()
        if choice is not None and not settings.threads_are_set:
            self.models.use_threads(choice.n_threads)
        self._toolbox = Toolbox(
            settings=settings,
            workspace=self.workspace,
            models=self.models,
            catalogue=self.catalogue,
            ledger=self.ledger,
            jobs=self.jobs,
            acting=self.acting,
            prices=self.prices,
            clock=utc_now,
        )
        self.meters = Meters(self.ledger, self.prices, utc_now)
        self.sharing = Sharing(self._toolbox, self.prototype)
        self.feedback = Feedback(self._toolbox, self.prototype)
        self.tuning = Tuning(
            self._toolbox,
            self.provisioner,
            self.prototype,
            self.models.unload,
            self.acting.require,
        )
        self.explaining = Explaining(self._toolbox, self.provisioner, self.prototype)
        self.exports = ExportDesk(self._toolbox, self.prototype, self.business, self.secrets)
        self.backups = BackupDesk(self._toolbox)
        self.model_desk = ModelDesk(
            self._toolbox, self.provisioner, self.secrets, self.models.unload, self.set_price
        )
        self._open: dict[str, AnyPrototype] = {}
        self._lock = threading.Lock()
        for kind in KINDS.values():
            for job, handler in kind.resumable.items():
                self.jobs.register(job, partial(self._go_on, handler))
        self.jobs.register(EVALUATE_JOB, self._go_on_evaluating)

    @classmethod
    def open(
        cls,
        home: Path | str | None = None,
        *,
        settings: Settings | None = None,
        resume: bool = True,
        find_actor: Callable[[], Actor | None] = lambda: None,
    ) -> Workbench:
        """Open the studio in a folder; it is made when it is not there.

        Args:
            home: the folder; by default `STUDIO_HOME` or `.prototype-studio` in the user's folder.
            settings: everything, instead of the environment's settings.
            resume: go on at once with what an ended process left unfinished (see `resume_jobs`).
            find_actor: see the class.

        Raises:
            StudioError: the folder or the database cannot be used; nothing is changed.
        """
        chosen = settings or Settings.from_env()
        if home is not None:
            chosen = replace(chosen, home=Path(home).expanduser())
        take_restored(chosen, utc_now())
        workbench = cls(chosen, find_actor)
        workbench.exports.delete_old_files()
        if resume:
            workbench.resume_jobs()
        return workbench

    def resume_jobs(self, after: Callable[[], object] | None = None) -> tuple[Job[Any], ...]:
        """Go on with long work that was queued or running when its process ended; gives the jobs.

        Each is started once, however many processes ask; what was cancelled stays so.

        Args:
            after: returns when they may begin; until then they are queued, for everybody to see. At
                once by default.

        Raises:
            StudioError: the workspace cannot be read.
        """
        return self.jobs.resume(after)

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
        """What the user has built, the newest first; also what was put aside."""
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

    def create(
        self,
        kind: type[P],
        name: str,
        settings: Mapping[str, Any],
        project_id: str | None = None,
    ) -> P:
        """A new prototype of a kind, without data.

        Args:
            kind: the class of the kind.
            name: for people.
            settings: as JSON, from the kind's settings or its `default_settings(language)`.
            project_id: the project it belongs to; the default one by default.

        Raises:
            InvalidInput: the name is empty or too long.
            NotFound: there is no such project.
        """
        record = self.workspace.prototypes.create(kind.kind, name, dict(settings), project_id)
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
        prototype.take_sample(sample_files(prototype.kind, language))

    def delete(self, prototype_id: str) -> None:
        """Put a prototype away; `restore` brings it back with everything."""
        self.workspace.prototypes.delete(prototype_id)

    def restore(self, prototype_id: str) -> AnyPrototype:
        """Bring a deleted prototype back."""
        return self.prototype(self.workspace.prototypes.restore(prototype_id).id)

    def delete_for_good(self, prototype_id: str) -> None:
        """Remove what was deleted long ago, with its documents, texts and index; only an owner may.

        Its calls stay in the ledger, and that it was there stays in the activity log.

        Raises:
            AccessDenied: whoever acts is no owner.
            NotFound: there is no such prototype.
            InvalidInput: it was not deleted, or less than `removal.KEPT_FOR` ago.
        """
        removed = self.workspace.removal.remove(prototype_id)
        with self._lock:
            self._open.pop(removed.prototype_id, None)
        for sha256 in removed.unused_files:
            self.workspace.files.delete(sha256)
        index = self.settings.indexes_dir / removed.prototype_id
        shutil.rmtree(index, ignore_errors=True)
        if self._milvus is not None:
            sweep(self._milvus, index)

    def duplicate(self, prototype_id: str, name: str) -> AnyPrototype:
        """A copy with the same settings and data; what it derives from them is being made."""
        original = self.workspace.prototypes.get(prototype_id)
        copy = self.prototype(self.workspace.prototypes.duplicate(original.id, name).id)
        for kept in (
            self.workspace.curated_answers,
            self.workspace.judgements,
            self.workspace.new_events,
            self.workspace.given_labels,
            self.workspace.evaluation_sets,
        ):
            kept.copy(original.id, copy.id)
        copy.refresh()
        return copy

    # Publications

    def publications(self, prototype_id: str | None = None) -> tuple[PublicationRecord, ...]:
        """What others can open, the newest first; only of a prototype if given."""
        return self.workspace.publications.list(prototype_id)

    def publish(
        self, prototype_id: str, choices: PublicationChoices, *, slug: str = "", note: str = ""
    ) -> PublicationRecord:
        """Let others open a prototype with its settings of now; later ones do not reach them.

        Its data is not part of a version: what is searched or recommended from is always that of now.

        `sharing` moves it to another version and opens it for visitors; `workspace.publications`
        ends it.

        Args:
            prototype_id: its id or address.
            choices: how it is shown, to whom and how much.
            slug: the wish for the address; by default made of the headline.
            note: why, for the history.

        Raises:
            NotFound: there is no such prototype.
            InvalidInput: a choice is out of range; `fields` names each.
        """
        return self.sharing.publish(prototype_id, choices, slug=slug, note=note)

    def _share_of(self, account: str) -> Share:
        """Who shares a model with others: an account, or the person who is signed in."""
        user = account or self.acting.user_in_turn()
        return Share(user=user, weight=self._weights.of(account))

    def _go_on(self, handler: JobHandler, prototype_id: str, context: JobContext) -> object:
        return handler(self.prototype(prototype_id), context)

    def _go_on_evaluating(self, run_id: str, context: JobContext) -> None:
        run = self.workspace.evaluation_runs.get(run_id)
        self.evaluation(run.prototype_id).work(run_id, context)

    # What leaves and comes back

    def export(
        self, prototype_id: str, path: Path | str, choices: ExportChoices | None = None
    ) -> Package:
        """Write a prototype as a zip that runs on its own; see `ExportDesk.export`."""
        return self.exports.export(prototype_id, Path(path), choices)

    def import_prototype(self, path: Path | str) -> Imported:
        """A new prototype from such a zip; see `ExportDesk.import_prototype`."""
        return self.exports.import_prototype(Path(path))

    def report(
        self,
        prototype_id: str,
        choices: ReportChoices | None = None,
        words: ReportWords | None = None,
    ) -> str:
        """An investor's page on a prototype as one HTML file; see `ExportDesk.report`."""
        return self.exports.report(prototype_id, choices, words)

    def backup(self, path: Path | str, *, with_secrets: bool = False) -> BackupManifest:
        """Write everything the user owns into one file while the studio runs; see `BackupDesk.make`.

        `studio restore` brings it back, or `backups.prepare_restore` at the next start.
        """
        return self.backups.make(Path(path), with_secrets=with_secrets)

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
        """The one prototype of exported code; see `standalone_prototype`.

        Args:
            data: the folder `data` beside the code.
            kind: the class of the kind.
            settings: as JSON.
        """
        found = standalone_prototype(
            data, settings, self._toolbox, self.provisioner, self.prototype
        )
        return self.prototype(found.id, kind)

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

    def thread_choice(self) -> ThreadChoice | None:
        """How many threads were measured to be enough on this machine; None before that."""
        return thread_choice.kept(self.settings.home, processor_name())

    def measure_machine(self) -> Job[ThreadChoice]:
        """Measure how many threads are enough, in the background; models loaded from then on use them.

        What `STUDIO_THREADS` says goes before it. Takes about ten seconds.

        Raises:
            AccessDenied: whoever acts is no editor.
        """
        self.acting.require(Role.EDITOR)
        return self.jobs.start(
            "measure-machine", Notice("Measuring this computer"), self._measure_machine, "machine"
        )

    def _measure_machine(self, context: JobContext) -> ThreadChoice:
        spec = self.catalogue.default(Task.EMBEDDING)
        if spec.source == "remote":  # another machine's pace says nothing of this one
            spec = MINILM
        weights = None if self.settings.is_demo else self.provisioner.ensure(spec, context.relay)

        def opened(n_threads: int) -> EmbeddingEngine:
            context.raise_if_cancelled()
            settings = replace(self.settings, n_threads=n_threads)
            folder = partial(self.provisioner.transformers_folder, spec)
            return EngineLoader(spec, weights, settings, self.secrets.get, folder).embedding()

        choice = thread_choice.measure(
            opened, counts_for(n_cores()), machine=processor_name(), now=utc_now()
        )
        with storage_errors(self.settings.home):
            thread_choice.keep(choice, self.settings.home)
        if not self.settings.threads_are_set:
            self.models.use_threads(choice.n_threads)
        return choice

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
            AccessDenied: whoever acts is no editor.
        """
        self.acting.require(Role.EDITOR)
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

    def business(self, prototype_id: str, *, account_prefix: str = "") -> Business:
        """What a prototype costs, how it would be served, and which business model carries it.

        Args:
            prototype_id: its id or address.
            account_prefix: whose requests it is computed from, as in `measured_base`.

        Raises:
            NotFound: there is no such prototype.
        """
        prototype = self.prototype(prototype_id)

        def base() -> MeasuredBase:
            return self.measured_base(prototype.id, account_prefix=account_prefix)

        return Business(prototype, self._toolbox, base)

    def calls(self, prototype_id: str | None = None, since: datetime | None = None) -> pd.DataFrame:
        """The ledger's calls with their cost: `cost` (Decimal USD or None) and `cost_source`.

        Args:
            prototype_id: only calls of this prototype.
            since: only calls that started at this aware time or later.
        """
        self.ledger.flush()
        return self.prices().attach(self.ledger.frame(prototype_id=prototype_id, since=since))

    # Measured requests

    def measuring(self, prototype_id: str) -> Measuring:
        """Measuring a prototype now, with several callers, and what was measured last.

        Raises:
            NotFound: there is no such prototype.
        """
        return Measuring(self.prototype(prototype_id), self._toolbox)

    def evaluation(self, prototype_id: str) -> Evaluations:
        """Measuring a prototype on questions with right answers, and comparing what was measured.

        Raises:
            NotFound: there is no such prototype.
        """
        return Evaluations(self.prototype(prototype_id), self._toolbox)

    def measured_base(self, prototype_id: str, *, account_prefix: str = "") -> MeasuredBase:
        """What the ledger knows of a prototype's requests, priced as of now.

        Args:
            prototype_id: its id or address.
            account_prefix: only requests on accounts that begin so: "key:" for all customers of the
                HTTP interface, `ApiKeyRecord.account` for one of them. The requests that "measure
                now" made are left out then; what several callers at once take is still known.

        Raises:
            NotFound: there is no such prototype.
        """
        found = self.prototype(prototype_id)
        self.ledger.flush()
        prices, calls = self.prices(), self.ledger.frame(prototype_id=found.id)
        return measured_base(
            prices.attach(calls),
            machine_hour_usd=prices.machine_hour_usd,
            prototype_id=found.id,
            replay=self.measuring(found.id).last(),
            accounts=account_prefix,
        )

    def customers_of(self, prototype_id: str) -> Mapping[str, int]:
        """Accounts of API customers that asked a prototype -> how many requests, the most first.

        Raises:
            NotFound: there is no such prototype.
        """
        found = self.prototype(prototype_id)
        self.ledger.flush()
        calls = self.ledger.frame(prototype_id=found.id, account_prefix=ACCOUNT_PREFIX)
        counts = calls.groupby("account")["request_id"].nunique()
        counts = counts.sort_values(ascending=False, kind="stable")
        return {str(account): int(n) for account, n in counts.items()}


def _token_price(stored: Mapping[str, str | None]) -> TokenPrice:
    cached = stored["cached_usd_per_mtok"]
    return TokenPrice(
        input_usd_per_mtok=Decimal(stored["input_usd_per_mtok"] or 0),
        output_usd_per_mtok=Decimal(stored["output_usd_per_mtok"] or 0),
        cached_usd_per_mtok=None if cached is None else Decimal(cached),
    )


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
