"""Taking prototypes out and in, at once or in the background: what the export page holds.

workbench.exports.export("support-bot", Path("bot.zip"))
workbench.exports.report("support-bot", ReportChoices(scenario_id=saved.record.id))
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from studio.acting import Role
from studio.business import Business
from studio.export.archive_source import open_zip
from studio.export.importing import Imported, import_prototype
from studio.export.packing import ExportChoices, Package, package_of, write_package
from studio.export.report.facts import Report, ReportChoices
from studio.export.report.gathering import gather
from studio.export.report.rendering import render
from studio.export.report.words import ReportWords
from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.records import Notice
from studio.workspace.activity import Subject
from studio.workspace.database import storage_errors
from studio.workspace.secrets import SecretStore

EXPORT_JOB = "export"
"""The kind of job that packs a prototype; its key is the prototype's id."""
IMPORT_JOB = "import"
"""The kind of job that imports a prototype; its key is the name of the file."""
REPORT_JOB = "report"
"""The kind of job that gathers a report; its key is the prototype's id."""
_KEPT_S = 24 * 3600  # of files that wait to be downloaded


class ExportDesk:
    """Exports, imports and reports of one studio. Every method may be called by any thread.

    Args:
        toolbox: the stores and the model service.
        opened: gives the prototype of an id or address.
        business: gives the business of a prototype.
        secrets: whose names no model that comes may use.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        opened: Callable[[str], StoredPrototype[Any]],
        business: Callable[[str], Business],
        secrets: SecretStore,
    ) -> None:
        self._tools = toolbox
        self._opened = opened
        self._business = business
        self._secrets = secrets

    # Out

    def package(self, prototype_id: str, choices: ExportChoices | None = None) -> Package:
        """What an export of a prototype would have, and how large it is; nothing is written.

        Args:
            prototype_id: id or address.
            choices: what goes in; the index and findings, without weights, by default.

        Raises:
            NotFound: there is no such prototype, or its kind cannot be exported.
        """
        return package_of(self._opened(prototype_id), self._tools, choices or ExportChoices())

    def export(
        self, prototype_id: str, path: Path, choices: ExportChoices | None = None
    ) -> Package:
        """Write a prototype as a zip that runs on its own; gives what went in. Waits for it.

        Raises:
            AccessDenied: whoever acts is no editor.
            NotFound: there is no such prototype, or its kind cannot be exported.
            StudioError: the file cannot be written; one that was there stays.
        """
        self._tools.workspace.acting.require(Role.EDITOR)
        package = self.package(prototype_id, choices)
        write_package(package, path)
        self._note(self._opened(prototype_id))
        return package

    def start_export(
        self, prototype_id: str, path: Path, choices: ExportChoices | None = None
    ) -> Job[None]:
        """The same in the background; the same job while one of this prototype runs.

        Raises:
            AccessDenied: whoever acts is no editor.
            NotFound: there is no such prototype, or its kind cannot be exported.
        """
        self._tools.workspace.acting.require(Role.EDITOR)
        prototype = self._opened(prototype_id)

        def work(context: JobContext) -> None:
            package = package_of(prototype, self._tools, choices or ExportChoices())
            write_package(package, path, report=context.relay, cancelled=context.cancelled)
            self._note(prototype)

        title = Notice("Packing the prototype")
        return self._tools.jobs.start(EXPORT_JOB, title, work, prototype.id)

    def _note(self, prototype: StoredPrototype[Any]) -> None:
        subject = Subject(kind="prototype", id=prototype.id, name=prototype.name)
        self._tools.workspace.activity.record("exported", subject)

    def outgoing(self, name: str) -> Path:
        """Where a file waits to be downloaded; those of more than a day ago are deleted.

        Args:
            name: of the file.
        """
        folder = self._tools.settings.cache_dir / "outgoing"
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.delete_old_files()
        return folder / name

    def delete_old_files(self) -> None:
        """Delete what has waited to be downloaded for more than a day."""
        oldest = self._tools.clock().timestamp() - _KEPT_S
        for path in (self._tools.settings.cache_dir / "outgoing").glob("*"):
            with suppress(OSError):  # another thread has deleted it, or it is being read
                if path.is_file() and path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)

    def to_take_away(self, path: Path) -> Callable[[], bytes]:
        """What reads a packed prototype, on whatever thread the browser asks for it.

        Args:
            path: as `outgoing` gave it.

        Raises:
            AccessDenied: whoever acts is no editor.
        """
        self._tools.workspace.acting.require(Role.EDITOR)
        return path.read_bytes

    # In

    def import_prototype(
        self, path: Path, *, report: Callable[[int, int], object] = lambda _done, _total: None
    ) -> Imported:
        """A new prototype from an export, with its settings, documents, judgements and scenarios.

        Its index is taken over where that is possible, else it is being built when this returns.

        Args:
            path: the zip.
            report: told how many documents were checked, of how many.

        Raises:
            DataError: the file is no export, is damaged, or was changed; nothing was stored.
            StudioError: it cannot be stored.
        """
        names = self._secrets.names()
        with open_zip(path) as source:
            imported = import_prototype(
                source, self._tools, self._opened, key_names=names, report=report
            )
        self._opened(imported.record.id).refresh()
        return imported

    def start_import(self, path: Path) -> Job[Imported]:
        """The same in the background; the file is deleted when that is over."""

        def work(context: JobContext) -> Imported:
            def tell(done: int, total: int) -> None:
                context.raise_if_cancelled()
                context.report(done, total, "documents")

            try:
                return self.import_prototype(path, report=tell)
            finally:
                path.unlink(missing_ok=True)

        title = Notice("Importing the prototype")
        return self._tools.jobs.start(IMPORT_JOB, title, work, path.name)

    # Reports

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
        prototype = self._opened(prototype_id)

        def work(context: JobContext) -> Report:
            def tell(notice: Notice) -> None:
                context.raise_if_cancelled()
                context.report(0, notice=notice)

            return self._gathered(prototype.id, choices, tell)

        title = Notice("Making the report")
        return self._tools.jobs.start(REPORT_JOB, title, work, prototype.id)

    def _gathered(
        self,
        prototype_id: str,
        choices: ReportChoices,
        tell: Callable[[Notice], object] = lambda _: None,
    ) -> Report:
        prototype, business = self._opened(prototype_id), self._business(prototype_id)
        return gather(prototype, business, self._tools, choices, report=tell)
