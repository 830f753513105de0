"""Names inside archives: safe on every system, and never taken from a stranger's word.

Knows texts only.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

_MAX_STEM = 60
_UNSAFE = re.compile(r"[^\w.-]+")
# Windows opens a device under these names, whatever the ending.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def file_name(number: int, name: str) -> str:
    """A file's name in an archive: its number and what is safe of its own name, "003-returns.md".

    Folders of the name are left out, so that no path of anybody's computer goes in.
    """
    base = re.split(r"[\\/]", name)[-1]
    path = PurePosixPath(_UNSAFE.sub("-", unicodedata.normalize("NFC", base)).strip("-.") or "file")
    stem, ending = path.stem[:_MAX_STEM].strip("-."), path.suffix[:12]
    return f"{number:03d}-{stem or 'file'}{ending}"


def is_safe(name: str) -> bool:
    """Whether an entry's name leads to a place below the folder that it is unpacked into.

    Refuses absolute paths, `..`, drive letters, backslashes, control characters and device names.
    """
    parts = name.split("/")
    return (
        0 < len(name) <= 500
        and not re.search(r'[\\:*?"<>|\x00-\x1f]', name)
        and all(part not in ("", ".", "..") for part in parts)
        and not any(_DEVICES.fullmatch(part.split(".")[0]) for part in parts)
    )
