from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.config import Settings
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.workbench import Workbench

sys.path.insert(0, str(Path(__file__).parent))  # for `shop`


def opened(home: Path) -> Workbench:
    return Workbench.open(settings=Settings(home=home, is_demo=True))


def shop_in(workbench: Workbench) -> Recommendation:
    import shop

    settings = RecommendationSettings().to_json()
    made = workbench.create(Recommendation, "Shop", settings)
    made.desk.add([("items.csv", shop.items_csv()), ("events.csv", shop.events_csv())])
    made.train().result(60)
    return made


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with opened(tmp_path_factory.mktemp("shop") / "home") as workbench:
        yield workbench


@pytest.fixture(scope="module")
def recommender(workbench: Workbench) -> Recommendation:
    """Trained once per module; tests that change it make their own."""
    return shop_in(workbench)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Recommendation]:
    """One that a test may change."""
    with opened(tmp_path / "home") as workbench:
        yield shop_in(workbench)
