"""The real default models, fetched once per session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.config import Settings
from studio.workbench import Workbench


@pytest.fixture(scope="session")
def real_home(tmp_path_factory, kept_models: Path) -> Path:
    """A studio's folder over the weights that all tests share."""
    home = tmp_path_factory.mktemp("real-home")
    (home / "models").symlink_to(kept_models, target_is_directory=True)
    return home


@pytest.fixture(scope="session")
def real_workbench(real_home: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=real_home)) as workbench:
        yield workbench
