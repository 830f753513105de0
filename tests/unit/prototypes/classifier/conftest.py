from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.config import Settings
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.workbench import Workbench
from tests.unit.prototypes.classifier.mails import table


@pytest.fixture
def workbench(tmp_path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def empty(workbench) -> Classifier:
    return workbench.create(Classifier, "Mail", ClassifierSettings().to_json())


@pytest.fixture
def classifier(empty) -> Classifier:
    """Trained on sixty mails of three kinds."""
    empty.desk.add([("mails.csv", table())])
    empty.train().result(60)
    return empty
