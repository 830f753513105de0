"""Where files come in: read and looked over, then stored as somebody decided.

Between the two nothing is kept on the disk. Knows no settings of a kind and no index.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from studio.ingestion.duplicates import NEAR, find_duplicates, similarity
from studio.ingestion.personal import Counts, count_personal
from studio.ingestion.reader import ReadFile, read_again, read_files, read_pasted
from studio.prototypes.base import Toolbox
from studio.prototypes.intake import IncomingFile, Intake, IntakeChoices, Likeness
from studio.prototypes.masking import masked_file
from studio.records import Notice, Page, Progress
from studio.workspace.records import DocumentRecord

MOST_COMPARED = 12_000_000
"""Characters of stored text that are compared with what comes in: about three seconds."""

Report = Callable[[Progress], None]


class IntakeDesk:
    """Takes files for one prototype. Every method may be called by any thread.

    Args:
        prototype_id: whose files.
        toolbox: the stores.
    """

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        self._id = prototype_id
        self._tools = toolbox

    def inspect(
        self,
        files: Sequence[tuple[str, bytes]],
        *,
        passwords: Mapping[str, str] | None = None,
        report: Report | None = None,
    ) -> Intake:
        """Read files, and look for personal data and duplicates; nothing is stored.

        Args:
            files: name and bytes of each.
            passwords: of locked files, by name.
            report: told before each file.
        """
        limit = self._tools.settings.max_upload_bytes
        incoming: list[IncomingFile] = []
        for done, (name, content) in enumerate(files):
            _tell(report, Notice("Reading {name}", name=name), done, len(files))
            password = (passwords or {}).get(name)
            for read in read_files(name, content, max_bytes=limit, password=password):
                own = content if read.content is None else read.content
                incoming.append(_incoming(str(len(incoming)), read, own))
        _tell(report, Notice("Looking for duplicates"), len(files), len(files))
        return self._compared(uuid.uuid4().hex, incoming)

    def inspect_pasted(self, text: str, name: str) -> Intake:
        """The same for a text that was typed or pasted, also rows of a table or questions."""
        read = read_pasted(text, name=name)
        content = text.encode("utf-8", "replace")
        return self._compared(uuid.uuid4().hex, [_incoming("0", read, content)])

    def unlock(self, intake: Intake, password: str) -> Intake:
        """The intake with the locked files read that this password opens; the same one if none is."""
        limit = self._tools.settings.max_upload_bytes
        files = list(intake.files)
        for at, file in enumerate(files):
            if file not in intake.locked:
                continue
            name = file.read.name
            (read, *_) = read_files(name, file.content, max_bytes=limit, password=password)
            if read.status != "refused":
                files[at] = _incoming(file.id, read, file.content)
        return intake if files == list(intake.files) else self._compared(intake.id, files)

    def read_again(
        self, intake: Intake, file_id: str, *, first_row_names: bool, sheet: str = ""
    ) -> Intake:
        """The intake with a table read with its first row as names of columns, or as a row.

        Args:
            intake: what it is in.
            file_id: of the file.
            first_row_names: whether the first row names the columns.
            sheet: of which worksheet; for workbooks alone.
        """
        files = [
            _incoming(
                file.id,
                read_again(file.read, file.content, first_row_names=first_row_names, sheet=sheet),
                file.content,
            )
            if file.id == file_id
            else file
            for file in intake.files
        ]
        return self._compared(intake.id, files)

    def take(self, intake: Intake, choices: IntakeChoices) -> tuple[DocumentRecord, ...]:
        """Store the files that were chosen, each whole before the next; their records in order.

        Raises:
            StorageFull: there is no room left; what was stored until then stays.
        """
        return tuple(self._stored(file, mask=choices.mask) for file in intake.taken(choices))

    def _stored(self, file: IncomingFile, *, mask: bool) -> DocumentRecord:
        if not mask:
            return self.keep(file.read, file.content)
        read, counts = masked_file(file.read)
        return self.keep(read, read.content or b"", masked=counts)

    def keep(self, read: ReadFile, content: bytes, masked: Counts | None = None) -> DocumentRecord:
        """Store a file with what reading it gave.

        Args:
            read: the reader's account.
            content: the bytes to keep.
            masked: what was replaced in the text; None where the file is kept as it came.
        """
        report: dict[str, object] = {
            "notices": [notice.to_json() for notice in read.notices],
            "n_rows": read.n_rows,
            "n_rows_dropped": read.n_rows_dropped,
            "n_characters_dropped": read.n_characters_dropped,
            "shape": read.shape,
            "columns": [
                [column.name, column.role, column.kind, *column.examples] for column in read.columns
            ],
            "needs_password": read.needs_password,
        }
        if read.form is not None:
            report["form"] = [read.form.encoding, read.form.delimiter, read.form.has_header]
        if masked is not None:
            report |= {"masked": [list(count) for count in masked], "came_as": read.media_type}
        return self._tools.workspace.documents.add_document(
            self._id,
            name=read.name,
            content=content,
            pages=read.pages,
            media_type=read.media_type if masked is None else "text/plain",
            status=read.status,
            reason=read.notices[0] if read.notices else None,
            report=report,
        )

    def _compared(self, intake_id: str, files: Sequence[IncomingFile]) -> Intake:
        """The intake, with what each file says again of stored ones or of those before it."""
        stored, n_left = self._stored_texts(files)
        names = {record.sha256: record.name for record in self._records()}
        texts = {f"new-{file.id}": _text(file.read.pages) for file in files if file.is_readable}
        known = {f"old-{at}": text for at, (_, text) in enumerate(stored)}
        labels = {f"old-{at}": name for at, (name, _) in enumerate(stored)}
        labels |= {f"new-{file.id}": file.read.name for file in files}
        likeness = _likenesses({**known, **texts}, labels)
        changed = []
        for file in files:
            like = likeness.get(f"new-{file.id}")
            same = names.get(hashlib.sha256(file.content).hexdigest())
            if same is not None and file.is_readable:
                like = Likeness(name=same, similarity=1.0, is_exact=True, is_stored=True)
            changed.append(replace(file, like=like))
        return Intake(id=intake_id, files=tuple(changed), n_not_compared=n_left)

    def _records(self) -> tuple[DocumentRecord, ...]:
        records = self._tools.workspace.documents.list(self._id)
        return tuple(record for record in records if record.status != "refused")

    def _stored_texts(self, files: Sequence[IncomingFile]) -> tuple[list[tuple[str, str]], int]:
        """Names and texts of stored documents, the newest first, and how many had no room."""
        if not any(file.is_readable for file in files):
            return [], 0
        records, room = self._records(), MOST_COMPARED
        texts: list[tuple[str, str]] = []
        for record in reversed(records):
            room -= record.n_characters
            if room < 0:
                break
            pages = self._tools.workspace.documents.document(record.document_id).pages
            texts.append((record.name, _text(pages)))
        return texts, len(records) - len(texts)


def _incoming(file_id: str, read: ReadFile, content: bytes) -> IncomingFile:
    return IncomingFile(id=file_id, read=read, content=content, personal=count_personal(read.pages))


def _text(pages: Sequence[Page]) -> str:
    return "\n".join(page.text for page in pages)


def _likenesses(texts: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, Likeness]:
    """What each text says again of one before it, by id; a copy of an earlier text counts first."""
    found: dict[str, Likeness] = {}
    for group in find_duplicates(texts.items(), near=1.0):
        first, *others = group.ids
        found |= {other: _likeness(first, labels, 1.0, is_exact=True) for other in others}
    singles = {text_id: text for text_id, text in texts.items() if text_id not in found}
    for group in find_duplicates(singles.items()):
        first, *others = group.ids
        for other in others:
            share = similarity(texts[first], texts[other])
            if share >= NEAR:  # alike by way of a third one only, they differ too much
                found[other] = _likeness(first, labels, share, is_exact=False)
    return found


def _likeness(text_id: str, labels: Mapping[str, str], share: float, *, is_exact: bool) -> Likeness:
    return Likeness(
        name=labels[text_id],
        similarity=share,
        is_exact=is_exact,
        is_stored=text_id.startswith("old-"),
    )


def _tell(report: Report | None, notice: Notice, done: int, total: int) -> None:
    if report is not None:
        report(Progress(notice=notice, done=done, total=total, unit="files"))
