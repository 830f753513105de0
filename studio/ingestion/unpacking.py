"""ZIP containers looked at before anything in them is unpacked: Office files and compressed folders.

A few kilobytes can unpack to terabytes. What a container says about its sizes is checked first; what
is unpacked afterwards can then not exceed it, since unpacking stops at the size that was stated.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from studio.ingestion.failures import MALFORMED
from studio.records import Notice

_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackingLimits:
    """How much may come out of one container.

    `max_ratio` is the greatest size of what is unpacked over what was packed; it counts only from
    `ratio_from_bytes` on, because small files of repeated text are packed as tightly by honest means.
    """

    max_total_bytes: int = 400 * 2**20
    max_files: int = 2000
    max_ratio: int = 200
    ratio_from_bytes: int = 32 * 2**20


LIMITS = UnpackingLimits()


def is_encrypted(entry: zipfile.ZipInfo) -> bool:
    """Whether a member needs a password."""
    return bool(entry.flag_bits & _ENCRYPTED)


def is_too_tight(entries: Sequence[zipfile.ZipInfo], limits: UnpackingLimits = LIMITS) -> bool:
    """Whether members unpack to so much more than they are packed that it can only be a trick."""
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    return unpacked >= limits.ratio_from_bytes and unpacked > limits.max_ratio * max(1, packed)


def package_problem(name: str, content: bytes, limits: UnpackingLimits = LIMITS) -> Notice | None:
    """Why an Office file must not be opened; None when it may be.

    Every part is unpacked once in small pieces and held against its checksum, so that a parser never
    meets a part that is larger than stated.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            if sum(entry.file_size for entry in entries) > limits.max_total_bytes or is_too_tight(
                entries, limits
            ):
                return Notice(
                    "{name} unpacks to more than can be read. Split it or save only what is needed.",
                    name=name,
                )
            if any(map(is_encrypted, entries)):
                return locked_office(name)
            damaged = package.testzip() is not None
    except MALFORMED:
        damaged = True
    return damaged_office(name) if damaged else None


def damaged_office(name: str) -> Notice:
    """What to tell about an Office file that its parser cannot make sense of."""
    return Notice(
        "{name} is damaged or incomplete and cannot be read. Open it in the program it was made with, "
        "save it again as .docx, .pptx or .xlsx and upload that.",
        name=name,
    )


def locked_office(name: str) -> Notice:
    """What to tell about an Office file with a password."""
    return Notice(
        "{name} is locked with a password. Open it, save it without one and upload that.", name=name
    )
