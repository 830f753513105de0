"""The tables of a classifier and the labels that people give: what each is for, read, cleaned.

Knows no model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from studio.errors import InvalidInput, NotFound
from studio.ingestion.long_table import TextTable
from studio.jobs.runner import JobContext
from studio.prototypes.base import Toolbox
from studio.prototypes.classifier.data import (
    MAX_TEXT,
    LabelledData,
    RawRow,
    prepared,
    text_key,
)
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.prototypes.classifier.tables import (
    StoredTable,
    look_at,
    stored_tables,
    with_columns,
    with_use,
)
from studio.prototypes.data_care import CARES
from studio.prototypes.table_desk import TableDesk
from studio.records import Notice
from studio.workspace.records import GivenLabelRecord

RECIPE = 2
"""Counts up when the same tables give other data than before."""


class LabelDesk(TableDesk):
    """The tables and given labels of one classifier. Every method may be called by any thread.

    Args:
        prototype_id: whose.
        toolbox: the stores.
    """

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        super().__init__(prototype_id, toolbox, look_at)

    # Tables

    def tables(self) -> tuple[StoredTable, ...]:
        """The tables in the stored files, with what each is for."""
        return stored_tables(self.files(), self._settings())

    def set_use(self, table: str, use: str) -> None:
        """Say what a table is for; a new version of the settings.

        Raises:
            InvalidInput: there is no such use.
        """
        self._keep(with_use(self._settings(), table, use))

    def set_columns(self, table: str, *, text: str, label: str) -> None:
        """Say which column of a table holds the text and which the label, "" for none.

        Raises:
            NotFound: there is no such table or column.
        """
        found = next((one for one in self.tables() if one.name == table), None)
        if found is None:
            raise NotFound("There is no table {table} any more.", table=table)
        self._keep(with_columns(self._settings(), found, text=text, label=label))

    # Labels

    def describe(self, label: str, meaning: str) -> None:
        """Add a label, or say what one means; a new version of the settings.

        Raises:
            InvalidInput: the label has no name, or name or meaning is too long.
        """
        settings, name = self._settings(), " ".join(label.split())
        known = {one.casefold(): one for one, _ in settings.label_meanings}
        meanings = dict(settings.label_meanings)
        meanings[known.get(name.casefold(), name)] = meaning.strip()
        self._keep(replace(settings, label_meanings=tuple(meanings.items())))

    def forget(self, label: str) -> None:
        """Take a described label away; its examples in tables stay."""
        settings = self._settings()
        left = tuple(pair for pair in settings.label_meanings if pair[0] != label)
        self._keep(replace(settings, label_meanings=left))

    def merge(self, label: str, into: str) -> None:
        """Count a label as another from now on; `split` takes it back.

        Raises:
            InvalidInput: both are the same.
        """
        if label == into:
            raise InvalidInput("{label} cannot be counted as itself.", label=label)
        settings = self._settings()
        merged = {**dict(settings.merged), label: into}
        merged.pop(into, None)  # no circle
        self._keep(replace(settings, merged=tuple(merged.items())))

    def set_cleaning(self, cleaning: Sequence[str]) -> None:
        """Say what is mended in the texts (see `data_care.CARES`); the tables stay as they came.

        Raises:
            InvalidInput: there is no such thing to mend.
        """
        chosen = tuple(one for one in CARES if one in cleaning)
        unknown = tuple(one for one in cleaning if one not in CARES)
        self._keep(replace(self._settings(), cleaning=(*chosen, *unknown)))

    def split(self, label: str) -> None:
        """Count a merged label as itself again."""
        settings = self._settings()
        left = tuple(pair for pair in settings.merged if pair[0] != label)
        self._keep(replace(settings, merged=left))

    def give(self, text: str, label: str) -> None:
        """Keep the label that a person gives to a text; one given before is replaced.

        Raises:
            InvalidInput: text or label is empty or too long.
        """
        self.give_all([(text, label)])

    def give_all(self, labelled: Sequence[tuple[str, str]]) -> None:
        """Keep several of them, all or none. Raises as `give` does."""
        rows = [
            (key_of(text), text.strip()[:MAX_TEXT], " ".join(label.split()))
            for text, label in labelled
        ]
        self._tools.workspace.given_labels.put(self._id, rows)

    def take_back(self, text: str) -> None:
        """Forget the label given to a text; nothing happens where it has none."""
        self._tools.workspace.given_labels.remove(self._id, key_of(text))

    def given(self) -> tuple[GivenLabelRecord, ...]:
        """The labels that people gave, the oldest first."""
        return self._tools.workspace.given_labels.list(self._id)

    # What is made of them

    def fingerprint(self) -> str:
        """Of the tables, labels and given labels as they are now; "" where there is none of them."""
        settings, given = self._settings(), self.given()
        used = [table for table in self.tables() if table.is_used]
        if not used and not given and not settings.label_meanings:
            return ""
        hashes = {record.document_id: record.sha256 for record in self.files()}
        parts = [
            RECIPE,
            [[hashes[t.document_id], t.name, t.use, t.text_column, t.label_column] for t in used],
            [[one.key, one.label] for one in given],
            settings.label_meanings,
            settings.merged,
            *([settings.cleaning] if settings.cleaning else []),
        ]
        text = json.dumps(parts, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]

    def read(self, context: JobContext) -> LabelledData:
        """The tables and given labels, cleaned and split, within a job.

        Raises:
            Cancelled: the job was asked to stop.
        """
        given = [(one.text, one.label) for one in self.given()]
        return prepared(self._rows(context), given, self._settings())

    def _rows(self, context: JobContext) -> Iterator[RawRow]:
        used = {(t.document_id, t.name): t for t in self.tables() if t.is_used}
        for record, table in self._whole({document_id for document_id, _ in used}, context):
            stored = used.get((record.document_id, table.name))
            if stored is not None:
                yield from _rows_of(table, stored)
        # What follows goes over all of them once more and takes some seconds for 100,000.
        context.report(0, None, notice=Notice("Looking over the texts"))

    def _settings(self) -> ClassifierSettings:
        record = self._tools.workspace.prototypes.get(self._id)
        return ClassifierSettings.from_json(record.settings)

    def _keep(self, settings: ClassifierSettings) -> None:
        self._tools.workspace.prototypes.update_settings(self._id, settings.to_json(), "")


def key_of(text: str) -> str:
    """What given labels are kept under: the same for texts that count as the same."""
    return hashlib.sha256(text_key(text).encode("utf-8")).hexdigest()


def _rows_of(table: TextTable, stored: StoredTable) -> Iterator[RawRow]:
    texts = map(str, table.frame[stored.text_column])
    if not stored.label_column or stored.use == "unlabelled":
        labels: Iterator[str] = iter([""] * len(table.frame))
    else:
        labels = map(str, table.frame[stored.label_column])
    sources: Iterator[str] = iter([""] * len(table.frame))
    if stored.use == "synthetic" and stored.is_made:
        sources = map(str, table.frame[stored.source_column])
    for text, label, source in zip(texts, labels, sources, strict=True):
        yield RawRow(text=text, label=label, use=stored.use, made_from=source)
