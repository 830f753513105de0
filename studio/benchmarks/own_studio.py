"""A studio of a benchmark's own, so that what is asked there is nobody's call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from studio.config import Settings
from studio.workbench import Workbench


@contextmanager
def own_settings(settings: Settings) -> Iterator[Settings]:
    """Settings of a new home with the models of another; deleted afterwards."""
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        settings.models_dir.mkdir(parents=True, exist_ok=True)
        (home / settings.models_dir.name).symlink_to(settings.models_dir.resolve())
        yield replace(settings, home=home, database_url="", milvus_uri="")


@contextmanager
def own_studio(settings: Settings) -> Iterator[Workbench]:
    """A new studio with the models of another; deleted afterwards."""
    with (
        own_settings(settings) as own,
        Workbench.open(settings=own, resume=False) as workbench,
    ):
        yield workbench
