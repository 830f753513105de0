"""The real default models, fetched once per session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.config import Settings
from studio.workbench import Workbench


@pytest.fixture(scope="session")
def real_home(tmp_path_factory) -> Path:
    """A studio's folder whose weights are kept between runs where STUDIO_TEST_MODELS names one."""
    home = tmp_path_factory.mktemp("real-home")
    kept = os.environ.get("STUDIO_TEST_MODELS")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        (home / "models").symlink_to(kept, target_is_directory=True)
    return home


@pytest.fixture(scope="session")
def real_workbench(real_home: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=real_home)) as workbench:
        yield workbench
