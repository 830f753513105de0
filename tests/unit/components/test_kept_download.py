"""A file made on a click is there when the browser asks for it, whoever else is at work."""

from __future__ import annotations

from pathlib import PurePosixPath
from unittest import mock

import pytest
from streamlit.runtime import media_file_manager
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from components import kept_download


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> MediaFileManager:
    monkeypatch.setattr(
        MediaFileManager, "execute_deferred", MediaFileManager.execute_deferred
    )  # taken back after the test
    kept_download.install()
    kept_download.install()  # a second time changes nothing
    return MediaFileManager(MemoryMediaFileStorage("/media"))


def made(files: MediaFileManager) -> str:
    """Click a button of the session "mine"; gives the id of the file it made."""
    with mock.patch.object(media_file_manager, "_get_session_id", return_value="mine"):
        button = files.add_deferred(lambda: b"sheet", "text/csv", "1.2", "texts.csv")
    return PurePosixPath(files.execute_deferred(button)).stem


def test_runs_of_others_leave_it(files: MediaFileManager) -> None:
    file_id = made(files)
    for _run in range(5):
        files.remove_orphaned_files()
    assert files._storage.get_file(file_id).content == b"sheet"


def test_it_goes_when_its_page_is_drawn_anew(files: MediaFileManager) -> None:
    file_id = made(files)
    files.clear_session_refs("mine")
    for _run in range(2):  # a sweep marks it, the next one removes it
        files.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError):
        files._storage.get_file(file_id)
