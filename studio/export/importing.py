"""A prototype from an export: checked whole before anything is stored, then stored beside the others.

A zip may come from anybody. So settings are read as any form's, models never take a stored key of the
reader's, and files that a library would load unseen are made again instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from studio.economics.models.registry import model_named
from studio.economics.scenario import Scenario
from studio.errors import DataError, ModelUnavailable
from studio.export.archive_names import is_safe
from studio.export.archive_source import ArchiveSource
from studio.export.kinds.contract import KindExport
from studio.export.kinds.registry import export_of
from studio.export.manifest import Manifest, StoredDocument, StoredPage
from studio.export.needed_models import MODEL_SETTINGS, OWN_MODELS, is_own, own_path
from studio.inference.model_spec import ModelSpec
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.records import Notice, Page, Row
from studio.workspace.database import storage_errors
from studio.workspace.files import write_atomically
from studio.workspace.naming import MAX_NAME
from studio.workspace.records import JudgementSource, NewEventRecord, PrototypeRecord

_MADE_AGAIN = (".faiss", ".bin")
"""Endings of derived files that a C++ library reads; a stranger's are made again from the vectors."""

_PAGES: TypeAdapter[list[StoredPage]] = TypeAdapter(list[StoredPage])


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of an import: the prototype, and what is not as it was, in sentences."""

    record: PrototypeRecord
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """What was read and found good, before anything is stored."""

    settings: Mapping[str, Any]
    documents: tuple[tuple[StoredDocument, bytes, tuple[Page, ...]], ...]
    models: tuple[ModelSpec, ...]
    notices: tuple[Notice, ...]


def import_prototype(
    source: ArchiveSource,
    toolbox: Toolbox,
    opened: Callable[[str], StoredPrototype[Any]],
    *,
    key_names: Collection[str] = (),
    report: Callable[[int, int], object] = lambda _done, _total: None,
) -> Imported:
    """Store what a source holds as a new prototype.

    Args:
        source: a zip, or the folder beside exported code.
        toolbox: where it goes.
        opened: gives the prototype of an id, of its kind.
        key_names: names of the keys that are stored here; none of them is given to a model that comes.
        report: told how many documents were checked, of how many.

    Raises:
        DataError: the source is damaged, or was changed; nothing was stored.
        NotFound: it is of a kind that this studio does not have.
        InvalidInput: a setting cannot be used; nothing was stored.
    """
    export = export_of(source.manifest.kind)
    checked = _checked(source, export, toolbox, key_names, report)
    for model in checked.models:
        toolbox.catalogue.add(model)
    taken = {one.name for one in toolbox.workspace.prototypes.list()}
    record = toolbox.workspace.prototypes.create(
        export.kind, _free_name(source.manifest.name, taken), checked.settings
    )
    prototype = opened(record.id)
    try:
        is_as_it_was = _store_documents(record.id, checked, toolbox)
        _store_findings(record.id, source.manifest, toolbox)
        fits = source.manifest.is_demo == toolbox.settings.is_demo
        if fits and (is_as_it_was or not export.index_names_documents):
            _store_derived(source, prototype)
        _probe(prototype, export)
    except BaseException:
        toolbox.workspace.prototypes.delete(record.id)  # half of one is of no use to anybody
        raise
    return Imported(record=record, notices=checked.notices)


def _free_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number where another prototype has it: two alike could not be told apart."""
    ends = ("", *(f" ({number})" for number in range(2, len(taken) + 2)))
    return next(free for end in ends if (free := name[: MAX_NAME - len(end)] + end) not in taken)


def _checked(
    source: ArchiveSource,
    export: KindExport,
    toolbox: Toolbox,
    key_names: Collection[str],
    report: Callable[[int, int], object],
) -> _Checked:
    manifest = source.manifest
    models, renamed, notices = _models(source, toolbox, key_names)
    settings = _settings(manifest, export, toolbox, models, renamed)
    total = len(manifest.documents)
    documents = []
    for number, document in enumerate(manifest.documents, start=1):
        content = source.read(document.file)
        pages = _pages(source.read(document.text)) if document.text else ()
        documents.append((document, content, pages))
        report(number, total)
    for name in _derived_names(manifest):  # so that damage is told before anything is stored
        source.read(name)
    for scenario in manifest.scenarios:
        model_named(scenario.model)
        Scenario.from_json(scenario.model, scenario.content)
    for event in manifest.events:
        if event.at.tzinfo is None:
            raise DataError("The archive has a time without a zone; nothing was imported.")
    return _Checked(
        settings=settings, documents=tuple(documents), models=models, notices=tuple(notices)
    )


def _settings(
    manifest: Manifest,
    export: KindExport,
    toolbox: Toolbox,
    models: tuple[ModelSpec, ...],
    renamed: Mapping[str, str],
) -> Mapping[str, Any]:
    """The settings, their models by the ids that these have here; those that are nowhere are left."""
    values = dict(manifest.settings)
    known = {spec.id for spec in (*toolbox.catalogue.list(), *models)}
    for name in MODEL_SETTINGS:
        wanted = renamed.get(str(values.get(name, "")), str(values.get(name, "")))
        if name in values:
            values[name] = wanted if wanted in known else ""
    try:
        return export.settings_type.from_json(values).to_json()
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise DataError(
            "The settings in the archive cannot be read; nothing was imported."
        ) from error


def _models(
    source: ArchiveSource, toolbox: Toolbox, key_names: Collection[str]
) -> tuple[tuple[ModelSpec, ...], dict[str, str], list[Notice]]:
    """Entries to be added, new ids by old ones, and what cannot be had."""
    added: list[ModelSpec] = []
    renamed: dict[str, str] = {}
    notices: list[Notice] = []
    present = {spec.id: spec for spec in toolbox.catalogue.list()}
    for spec in source.manifest.models:
        if source.is_own:
            if spec.id not in present:
                added.append(_in_place(spec, toolbox))
            continue
        same = present.get(spec.id)
        if same is not None and replace(same, is_default=False) == spec:
            continue
        if is_own(spec) or spec.source not in ("hub", "remote"):
            notices.append(
                Notice(
                    "The model {name} lay on the computer where this was exported. Choose another one,"
                    " or add it under Models.",
                    name=spec.name,
                )
            )
            continue
        new_id = _free_id(spec.id, {*present, *(one.id for one in added), *key_names})
        renamed[spec.id] = new_id
        # Never the name of a stored key: it would be sent to an address that a stranger chose.
        secret = new_id if spec.secret_name else ""
        added.append(replace(spec, id=new_id, secret_name=secret, is_default=False))
        if secret:
            notices.append(
                Notice("The model {name} needs its key. Enter it under Models.", name=spec.name)
            )
    return tuple(added), renamed, notices


def _free_id(wanted: str, taken: set[str]) -> str:
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found


def _in_place(spec: ModelSpec, toolbox: Toolbox) -> ModelSpec:
    """The entry with the place of its files beside exported code.

    Raises:
        ModelUnavailable: they are not there yet.
    """
    if not is_own(spec):
        return spec
    place = toolbox.settings.home / Path(OWN_MODELS).name / own_path(spec)
    if not place.exists():
        raise ModelUnavailable(
            "The model {name} lay on the computer where this was exported. Put its files into {place},"
            " then start again.",
            name=spec.name,
            place=place,
        )
    return replace(spec, location=str(place))


def _pages(content: bytes) -> tuple[Page, ...]:
    try:
        stored = _PAGES.validate_python(json.loads(content))
    except (ValidationError, ValueError) as error:
        raise DataError(
            "The text of a document in the archive cannot be read; nothing was imported."
        ) from error
    return tuple(
        Page(
            text=page.text,
            number=page.number,
            name=page.name,
            rows=tuple(
                Row(start=start, end=end, cells=tuple(cells)) for start, end, cells in page.rows
            ),
        )
        for page in stored
    )


def _store_documents(prototype_id: str, checked: _Checked, toolbox: Toolbox) -> bool:
    """Store the documents; gives whether all have the ids that they had."""
    is_as_it_was = True
    for document, content, pages in checked.documents:
        record = toolbox.workspace.documents.add_document(
            prototype_id,
            document.name,
            content,
            pages,
            media_type=document.media_type[:200],
            status=document.status,
            reason=None if document.reason is None else Notice.from_json(document.reason),
            report=document.report,
            document_id=document.id,
        )
        is_as_it_was = is_as_it_was and record.document_id == document.id
    return is_as_it_was


def _store_findings(prototype_id: str, manifest: Manifest, toolbox: Toolbox) -> None:
    workspace = toolbox.workspace
    for source in get_args(JudgementSource):
        judged = [(j.query, j.item, j.grade) for j in manifest.judgements if j.source == source]
        if judged:
            workspace.judgements.put(prototype_id, judged, source)
    for scenario in manifest.scenarios:
        workspace.scenarios.create(prototype_id, scenario.name, scenario.model, scenario.content)
    for answer in manifest.team_answers:
        kept = workspace.curated_answers.add(
            prototype_id, answer.question, answer.answer, language=answer.language
        )
        workspace.curated_answers.switch(kept.id, is_on=answer.is_on)
    events = [
        NewEventRecord(
            user_id=one.user, item_id=one.item, kind=one.kind, rating=one.rating, at=one.at
        )
        for one in manifest.events
    ]
    if events:
        workspace.new_events.add(prototype_id, events)
    labelled = [(one.key, one.text, one.label) for one in manifest.given_labels]
    if labelled:
        workspace.given_labels.put(prototype_id, labelled)


def _probe(prototype: StoredPrototype[Any], export: KindExport) -> None:
    """Ask the new prototype what its page will ask first: what documents say of themselves is free."""
    try:
        export.example(prototype)
        export.models(prototype)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        raise DataError(
            "What the archive says of its documents cannot be read; nothing was imported."
        ) from error


def _derived_names(manifest: Manifest) -> list[str]:
    return [
        name
        for name in manifest.files
        if name.split("/")[0] in manifest.derived and "/" in name and is_safe(name)
    ]


def _store_derived(source: ArchiveSource, prototype: StoredPrototype[Any]) -> None:
    """Put what was made of the data in its place; what is missing is made again later."""
    folders = prototype.derived_folders()
    for name in _derived_names(source.manifest):
        folder_name, _, below = name.partition("/")
        is_unseen = not source.is_own and name.endswith(_MADE_AGAIN)
        if folder_name not in folders or is_unseen:
            continue
        target = folders[folder_name] / below
        with storage_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, source.read(name))
