"""What all tests share: a folder decides the marker, unit tests have no network and no home."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# How long an example takes says more about what else the machine does than about the code.
hypothesis.settings.register_profile("studio", deadline=None)
hypothesis.settings.load_profile("studio")

FOLDER_MARKS = {"integration": "integration", "e2e": "e2e"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for folder, mark in FOLDER_MARKS.items():
            if folder in item.path.parts:
                item.add_marker(getattr(pytest.mark, mark))


@pytest.fixture(autouse=True)
def _isolated_home(tmp_path_factory, monkeypatch, request) -> None:
    """No test reads or writes the user's own studio; unit and contract tests have no network."""
    if "e2e" in request.path.parts:
        return
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path_factory.mktemp("home")))
    if "integration" not in request.path.parts:
        request.getfixturevalue("_no_network")


@pytest.fixture
def _no_network():
    import pytest_socket

    pytest_socket.socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)
    yield
    pytest_socket._remove_restrictions()


@pytest.fixture(scope="session")
def kept_models(tmp_path_factory) -> Path:
    """The folder where all tests of a session keep fetched weights; STUDIO_TEST_MODELS names one that
    lasts from run to run."""
    kept = os.environ.get("STUDIO_TEST_MODELS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("models")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def studio_data() -> Path:
    """Folder of the public data sets; skips where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("STUDIO_DATA") or default)
    if not folder.is_dir():
        pytest.skip(f"public data sets are not at {folder}; set STUDIO_DATA")
    return folder
