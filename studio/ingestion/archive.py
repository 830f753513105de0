"""Compressed folders (.zip): the files in them, taken out with limits and written nowhere.

What would be unsafe or is no document is refused by name or told: paths that lead elsewhere, links,
members with a password, and more than the limits allow.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile

from studio.ingestion.decoding import clean, decode
from studio.ingestion.failures import MALFORMED
from studio.ingestion.result import Attached, Content
from studio.ingestion.unpacking import LIMITS, UnpackingLimits, is_encrypted, is_too_tight
from studio.records import Notice

_UTF8_NAME = 0x800
_DRIVE = re.compile(r"[A-Za-z]:")
_IGNORED = frozenset(("__MACOSX", "Thumbs.db", "desktop.ini"))


def read_archive(
    name: str, content: bytes, *, max_bytes: int, limits: UnpackingLimits = LIMITS
) -> Content:
    """The files of a folder as `attached`, in its order, without pages of its own.

    Args:
        name: of the folder.
        content: the whole folder.
        max_bytes: larger members are refused.
        limits: how much may come out of it together.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if is_too_tight(entries, limits):
                return _refused(
                    Notice(
                        "{name} unpacks to more than can be read. Unpack it and upload what is needed.",
                        name=name,
                    )
                )
            return _members(name, archive, entries, max_bytes, limits)
    except MALFORMED:
        return _refused(
            Notice(
                "{name} is damaged or incomplete and cannot be unpacked. Download or make it again.",
                name=name,
            )
        )


def too_large_notice(name: str, n_bytes: int, max_bytes: int) -> Notice:
    """What to tell about a file above the limit."""
    return Notice(
        "{name} has {size_mb} MB; at most {limit_mb} MB are read. Split it or upload a smaller one.",
        name=name,
        size_mb=round(n_bytes / 2**20, 1),
        limit_mb=round(max_bytes / 2**20, 1),
    )


def _members(
    name: str,
    archive: zipfile.ZipFile,
    entries: list[zipfile.ZipInfo],
    max_bytes: int,
    limits: UnpackingLimits,
) -> Content:
    attached: list[Attached] = []
    n_hidden = n_bytes = n_left = 0
    for entry in entries:
        path = _path(entry)
        if _is_hidden(path):
            n_hidden += 1
            continue
        if len(attached) >= limits.max_files or n_bytes + entry.file_size > limits.max_total_bytes:
            n_left += 1
            continue
        member = _member(archive, entry, path, max_bytes, limits)
        n_bytes += len(member.content)
        attached.append(member)
    notices = []
    if n_hidden:
        notices.append(
            Notice(
                "{n_files} hidden files in {name} were left out.",
                "One hidden file in {name} was left out.",
                n_files=n_hidden,
                name=name,
            )
        )
    if n_left:
        notices.append(
            Notice(
                "{n_files} files in {name} were left out: at most {max_files} files with {limit_mb} MB "
                "together are read. Upload the rest by itself.",
                "One file in {name} was left out: at most {max_files} files with {limit_mb} MB "
                "together are read. Upload it by itself.",
                n_files=n_left,
                name=name,
                max_files=limits.max_files,
                limit_mb=round(limits.max_total_bytes / 2**20),
            )
        )
    if not attached and not n_left:
        notices.append(Notice("{name} has no files in it. Upload a folder with files.", name=name))
    return Content(
        pages=(), notices=tuple(notices), is_complete=not n_left, attached=tuple(attached)
    )


def _member(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    path: str,
    max_bytes: int,
    limits: UnpackingLimits,
) -> Attached:
    refusal = _refusal(entry, path, max_bytes, limits)
    if refusal is not None:
        return Attached(name=path, refusal=refusal)
    try:
        return Attached(name=path, content=archive.read(entry))
    except MALFORMED:
        notice = Notice(
            "{name} is damaged within its folder, or packed in a way that cannot be unpacked here. "
            "Unpack the folder and upload the file by itself.",
            name=path,
        )
        return Attached(name=path, refusal=notice)


def _refusal(
    entry: zipfile.ZipInfo, path: str, max_bytes: int, limits: UnpackingLimits
) -> Notice | None:
    if path.startswith(("/", "\\")) or _DRIVE.match(path) or ".." in re.split(r"[/\\]", path):
        return Notice(
            "{name} has a path that leads out of its folder. Upload the file by itself.", name=path
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        return Notice("{name} is only a link to another file. Upload that file.", name=path)
    if is_encrypted(entry):
        return Notice(
            "{name} is locked with a password. Unpack the folder and upload the file by itself.",
            name=path,
        )
    if entry.file_size > max_bytes:
        return too_large_notice(path, entry.file_size, max_bytes)
    if is_too_tight([entry], limits):
        return Notice(
            "{name} unpacks to more than can be read. Unpack it and upload what is needed.",
            name=path,
        )
    return None


def _path(entry: zipfile.ZipInfo) -> str:
    """The name of a member; programs that do not say UTF-8 wrote it in the encoding of their day."""
    if entry.flag_bits & _UTF8_NAME:
        return clean(entry.filename)
    try:
        decoded = decode(entry.filename.encode("cp437"))
    except UnicodeEncodeError:
        decoded = None
    return clean(entry.filename if decoded is None else decoded.text)


def _is_hidden(path: str) -> bool:
    parts = [part for part in re.split(r"[/\\]", path) if part]
    return any(
        part in _IGNORED or part.startswith("~$") or (part.startswith(".") and part.strip("."))
        for part in parts
    )


def _refused(notice: Notice) -> Content:
    return Content(pages=(), notices=(notice,), is_complete=False)
