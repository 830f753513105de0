"""Packing a prototype: what goes into its archive and how large that is, then the archive itself.

    <address>/README.md, app.py, product.py, settings.py, ...     see `code_files`
    <address>/data/prototype.json                                 see `manifest`
    <address>/data/documents, data/texts                          the founder's files, and their text
    <address>/data/index, ...                                     what was made of them, if wanted
    <address>/state/models                                        weights, if wanted

Never in it: keys, paths of this computer, conversations, requests of users, the ledger.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from studio.config import VERSION
from studio.errors import Cancelled
from studio.export.archive_names import file_name
from studio.export.code_files import CodeFacts, code_files
from studio.export.kinds.registry import export_of
from studio.export.manifest import (
    FILE,
    Manifest,
    StoredDocument,
    StoredEvent,
    StoredJudgement,
    StoredLabel,
    StoredPage,
    StoredScenario,
    StoredTeamAnswer,
)
from studio.export.needed_models import NeededModels, needed_models, weight_files
from studio.export.sentences import sentences
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.records import Document, Notice, Progress
from studio.workspace.database import storage_errors
from studio.workspace.records import DocumentRecord

# Of the folders of derived files: what is being built, locks, and what a build leaves for a moment.
_PASSING = re.compile(r"building-.*|LOCK|.*\.lock|.*\.new|\.new-.*")
_VERSION = re.compile(r"v\d{6,}")
_SHARE_LEFT = 0.38
"""About what compressing leaves of texts, code and vectors, on the sample company's data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportChoices:
    """What goes in beside code and data.

    `with_index` takes what was made of the data, so that nothing has to be built at the first start;
    `with_weights` the models' weights, so that it starts without a network; `with_findings` judgements
    and business scenarios.
    """

    with_index: bool = True
    with_weights: bool = False
    with_findings: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file of the archive: its name below the archive's folder, and where its bytes come from."""

    name: str
    n_bytes: int
    read: Callable[[], bytes] | None = None
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What would be written: the entries but for the manifest, which is written last.

    `n_bytes` is what they take up unpacked, `n_bytes_packed` about what the archive takes.
    """

    slug: str
    entries: tuple[Entry, ...]
    manifest: Manifest = field(repr=False)

    @property
    def n_bytes(self) -> int:
        """What the entries take up unpacked."""
        return sum(entry.n_bytes for entry in self.entries)

    @property
    def n_bytes_packed(self) -> int:
        """About what the archive will take: weights are not compressed."""
        weights = self.bytes_of("state/")
        return weights + round((self.n_bytes - weights) * _SHARE_LEFT)

    @property
    def mark(self) -> str:
        """The same for the same content; another one once data, settings or choices have changed."""
        said = self.manifest.model_dump_json(exclude={"exported_at"})
        sizes = [(entry.name, entry.n_bytes) for entry in self.entries if entry.path is not None]
        return hashlib.sha256(f"{said}{sizes}".encode()).hexdigest()[:12]

    def bytes_of(self, prefix: str) -> int:
        """What the entries below a folder take up."""
        return sum(entry.n_bytes for entry in self.entries if entry.name.startswith(prefix))


def package_of(
    prototype: StoredPrototype[Any], toolbox: Toolbox, choices: ExportChoices
) -> Package:
    """What an archive of the prototype would have, as it is now; reads no large file.

    Raises:
        NotFound: its kind cannot be exported.
    """
    export, record, now = export_of(prototype.kind), prototype.record, toolbox.clock()
    needed = needed_models(prototype, export, toolbox.catalogue)
    documents, entries = _documents(prototype.id, toolbox)
    derived = _derived(prototype) if choices.with_index else ()
    names = tuple(dict.fromkeys(entry.name.split("/")[1] for entry in derived))
    weights = weight_files(needed.all, toolbox.settings.models_dir) if choices.with_weights else ()
    language = str(record.settings.get("language", "en"))
    facts = CodeFacts(
        export=export,
        name=record.name,
        slug=record.slug,
        language=language,
        version=record.version,
        settings=needed.settings,
        example=export.example(prototype),
        models=needed.all,
        n_documents=len(documents),
        derived=names,
        has_weights=bool(weights),
        is_demo=toolbox.settings.is_demo,
        at=now,
    )
    entries += [*derived, *_sentences(language)]
    entries += [_made(name, content) for name, content in code_files(facts)]
    entries += [Entry(name=name, path=path, n_bytes=path.stat().st_size) for path, name in weights]
    manifest = _manifest(prototype, toolbox, choices, needed, documents, names, now)
    return Package(slug=record.slug, entries=tuple(entries), manifest=manifest)


def write_package(
    package: Package,
    target: Path,
    *,
    report: Callable[[Progress], object] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Write the archive; the file is there whole or not at all.

    Args:
        package: what goes in.
        target: the file; one of that name is replaced.
        report: told how many bytes are done.
        cancelled: asked after every entry.

    Raises:
        Cancelled: `cancelled` said so; nothing is left.
        StorageFull: there is no room left.
        StudioError: a file cannot be read or written.
    """
    notice = Notice("Packing {name}", name=package.manifest.name)
    files: dict[str, str] = {}
    done = 0
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=target.parent, prefix=".new-", suffix=".zip")
        try:
            with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w") as archive:
                for entry in package.entries:
                    _raise_if(cancelled())
                    checksum = _write(archive, f"{package.slug}/{entry.name}", entry)
                    if entry.name.startswith("data/"):
                        files[entry.name.removeprefix("data/")] = checksum
                    done += entry.n_bytes
                    report(
                        Progress(notice=notice, done=done, total=package.n_bytes or 1, unit="bytes")
                    )
                manifest = package.manifest.model_copy(update={"files": files})
                content = manifest.model_dump_json(indent=1).encode()
                _write(archive, f"{package.slug}/data/{FILE}", _made(f"data/{FILE}", content))
            os.replace(partial, target)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise


def _raise_if(is_cancelled: bool) -> None:
    if is_cancelled:
        raise Cancelled("The export was stopped; nothing was written.")


def _write(archive: zipfile.ZipFile, name: str, entry: Entry) -> str:
    """Write one entry; gives its SHA-256."""
    digest = hashlib.sha256()
    is_weight = entry.name.startswith("state/")  # numbers that do not shrink
    info = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_STORED if is_weight else zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    with archive.open(info, "w", force_zip64=entry.n_bytes > 2**28) as stream:
        for piece in _pieces(entry):
            digest.update(piece)
            stream.write(piece)
    return digest.hexdigest()


def _pieces(entry: Entry) -> Iterable[bytes]:
    if entry.read is not None:
        yield entry.read()
    if entry.path is not None:
        with entry.path.open("rb") as file:
            while piece := file.read(1 << 20):
                yield piece


def _made(name: str, content: bytes) -> Entry:
    return Entry(name=name, n_bytes=len(content), read=lambda: content)


def _documents(
    prototype_id: str, toolbox: Toolbox
) -> tuple[tuple[StoredDocument, ...], list[Entry]]:
    """What the manifest says of the documents, and their files."""
    stored, entries = [], []
    for number, record in enumerate(toolbox.workspace.documents.list(prototype_id), start=1):
        file = f"documents/{file_name(number, record.name)}"
        text = ""
        entries.append(_original(f"data/{file}", record, toolbox))
        if record.n_pages:
            text = f"texts/{number:03d}.json"
            entries.append(_text_entry(f"data/{text}", record, toolbox))
        stored.append(
            StoredDocument(
                id=record.document_id,
                name=record.name,
                media_type=record.media_type,
                status=record.status,
                reason=None if record.reason is None else record.reason.to_json(),
                report=dict(record.report),
                file=file,
                text=text,
            )
        )
    return tuple(stored), entries


def _original(name: str, record: DocumentRecord, toolbox: Toolbox) -> Entry:
    return Entry(
        name=name,
        n_bytes=record.n_bytes,
        read=lambda: toolbox.workspace.documents.original(record.document_id),
    )


def _text_entry(name: str, record: DocumentRecord, toolbox: Toolbox) -> Entry:
    """Its size is about that of the text; read when it is written."""
    return Entry(
        name=name,
        n_bytes=record.n_characters,
        read=lambda: _text(toolbox.workspace.documents.document(record.document_id)),
    )


def _text(document: Document) -> bytes:
    pages = [
        StoredPage(
            text=page.text,
            number=page.number,
            name=page.name,
            rows=[(row.start, row.end, list(row.cells)) for row in page.rows],
        ).model_dump()
        for page in document.pages
    ]
    return json.dumps(pages, ensure_ascii=False, indent=1).encode()


def _derived(prototype: StoredPrototype[Any]) -> tuple[Entry, ...]:
    """What was made of the data, as it stands now: of an index with versions the current one."""
    entries = []
    for name, folder in prototype.derived_folders().items():
        pointer = folder / "CURRENT"
        current = pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else None
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            is_old = bool(_VERSION.fullmatch(parts[0])) and current not in (None, parts[0])
            if path.is_file() and not is_old and not any(map(_PASSING.fullmatch, parts)):
                below = "/".join(("data", name, *parts))
                entries.append(Entry(name=below, path=path, n_bytes=path.stat().st_size))
    return tuple(entries)


def _sentences(language: str) -> list[Entry]:
    found = sentences(language)
    if not found:
        return []
    text = json.dumps(dict(found), ensure_ascii=False, indent=1, sort_keys=True)
    return [_made("data/sentences.json", text.encode())]


def _manifest(
    prototype: StoredPrototype[Any],
    toolbox: Toolbox,
    choices: ExportChoices,
    needed: NeededModels,
    documents: tuple[StoredDocument, ...],
    derived: tuple[str, ...],
    now: datetime,
) -> Manifest:
    workspace, record = toolbox.workspace, prototype.record
    judgements = workspace.judgements.list(record.id) if choices.with_findings else ()
    scenarios = workspace.scenarios.list(record.id) if choices.with_findings else ()
    return Manifest(
        studio=VERSION,
        kind=record.kind,
        name=record.name,
        language=str(record.settings.get("language", "en")),
        version=record.version,
        is_demo=toolbox.settings.is_demo,
        exported_at=now,
        settings=dict(needed.settings),
        documents=documents,
        judgements=tuple(
            StoredJudgement(query=one.query, item=one.item, grade=one.grade, source=one.source)
            for one in judgements
        ),
        # The latest comes first; written in the order in which they came.
        scenarios=tuple(
            StoredScenario(name=one.name, model=one.model, content=dict(one.content))
            for one in reversed(scenarios)
        ),
        events=tuple(
            StoredEvent(
                user=one.user_id, item=one.item_id, kind=one.kind, rating=one.rating, at=one.at
            )
            for one in workspace.new_events.list(record.id)
        ),
        given_labels=tuple(
            StoredLabel(key=one.key, text=one.text, label=one.label)
            for one in workspace.given_labels.list(record.id)
        ),
        team_answers=tuple(
            StoredTeamAnswer(
                question=one.question, answer=one.answer, language=one.language, is_on=one.is_on
            )
            for one in reversed(workspace.curated_answers.list(record.id))
        ),
        models=needed.entries,
        derived=derived,
    )
