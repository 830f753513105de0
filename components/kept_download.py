"""A file that is made on a click stays until the browser has fetched it.

Streamlit 1.67 notes a file that a download button's function made for no session, so the next two
script runs of anybody remove it. Where others are at work, whose pages look again every second, that
is before a browser on a busy machine asks for it, and the download ends in "404". Here the file is noted
for the session of the button, as files that are given ready-made are: it goes when that page is drawn
anew without it, and with the session. Changes Streamlit's manager of files; draws nothing.
"""

from __future__ import annotations

from functools import wraps
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from streamlit.runtime.media_file_manager import MediaFileManager


def install() -> None:
    """Let every file that is made on a click stay; once for a process."""
    make = MediaFileManager.execute_deferred
    if hasattr(make, "__wrapped__"):
        return

    @wraps(make)
    def execute_deferred(self: MediaFileManager, file_id: str) -> str:
        entry = self._deferred_callables.get(file_id)
        url = make(self, file_id)
        if entry is not None:
            made = PurePosixPath(urlsplit(url).path).stem
            with self._lock:
                if made in self._file_metadata:
                    files = self._files_by_session_and_coord[entry["session_id"]]
                    files[f"{entry['coordinates']}.made"] = made
        return url

    MediaFileManager.execute_deferred = execute_deferred  # type: ignore[method-assign]
