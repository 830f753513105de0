"""What all tests share: a folder decides the marker, unit tests have no network and no home."""

from __future__ import annotations

import functools
import os
import sys
import time
from pathlib import Path
from types import FrameType

import hypothesis
import pytest

# How long an example takes says more about what else the machine does than about the code.
hypothesis.settings.register_profile("studio", deadline=None)
hypothesis.settings.load_profile("studio")

FOLDER_MARKS = {"integration": "integration", "e2e": "e2e", "faults": "faults"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for folder, mark in FOLDER_MARKS.items():
            if folder in item.path.parts:
                item.add_marker(getattr(pytest.mark, mark))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long value is called by its argument: a workbook holds the time at which it was made, and the
    workers of a run must agree on what the tests are called."""
    return argname if isinstance(val, bytes | str) and len(val) > 60 else None


@pytest.fixture(autouse=True)
def _imports_end_with_their_test():
    """A model that is still being loaded when its test ends imports torch for seconds beside the tests
    that follow, which may iterate over sys.modules (hypothesis does) or change what an import needs."""
    yield
    ends = time.monotonic() + 120
    while any(_is_importing(frame) for frame in sys._current_frames().values()):
        assert time.monotonic() < ends, "a thread that this test left has imported for two minutes"
        time.sleep(0.01)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


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


@pytest.fixture(scope="session", autouse=True)
def _packages_are_scanned_once():
    """Streamlit's test runner reads the metadata of all installed packages at every run of a page,
    which takes longer than the page; a server does so once, at its start."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        once = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture(scope="session")
def kept_models(tmp_path_factory) -> Path:
    """The folder where all tests of a session keep fetched weights; STUDIO_TEST_MODELS names one that
    lasts from run to run."""
    kept = os.environ.get("STUDIO_TEST_MODELS")
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # workers fetch once for all
    folder = Path(kept) if kept else base / "models"
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


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A running PostgreSQL server; skips where its programs or the driver are absent."""
    import tempfile

    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install -e '.[postgres]'")
    from tests.postgres_server import binaries, postgres_server

    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # A socket's path has a hundred characters at most, which pytest's own folders may exceed.
    with (
        tempfile.TemporaryDirectory(prefix="pg") as folder,
        postgres_server(Path(folder) / "server", programs) as server,
    ):
        yield server
