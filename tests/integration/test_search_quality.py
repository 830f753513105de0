"""Search with the real models reaches what is promised on the public collections."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.benchmarks.public_collections import load_collection
from studio.benchmarks.retrieval_benchmark import MULTILINGUAL, model_embedder
from studio.benchmarks.search_quality import SearchMeasure, measure_search
from studio.config import Settings
from studio.inference.service import LocalModelService
from studio.records import Task


@pytest.fixture(scope="module")
def models(real_workbench, real_home):
    settings = Settings(home=real_home)
    service = LocalModelService(
        real_workbench.catalogue,
        real_workbench.provisioner,
        lambda _: None,
        replace(settings, embedding_cache_bytes=0),
    )
    yield lambda model: model_embedder(real_workbench.catalogue, service, model)
    service.close()


def by_mode(measures: tuple[SearchMeasure, ...]) -> dict[str, SearchMeasure]:
    return {measure.mode: measure for measure in measures}


@pytest.fixture(scope="module")
def cranfield(models, real_workbench, studio_data) -> dict[str, SearchMeasure]:
    default = real_workbench.catalogue.default(Task.EMBEDDING).id
    return by_mode(measure_search(load_collection("cranfield", studio_data), [models(default)]))


@pytest.fixture(scope="module")
def chinese(models, studio_data) -> dict[str, SearchMeasure]:
    return by_mode(measure_search(load_collection("xquad_zh", studio_data), [models(MULTILINGUAL)]))


@pytest.mark.parametrize("mode", ["keyword", "semantic", "hybrid"])
def test_abstracts_are_found(mode: str, cranfield: dict[str, SearchMeasure]) -> None:
    measure = cranfield[mode]
    assert measure.bound is not None
    assert measure.ndcg.mean >= measure.bound


@pytest.mark.parametrize("mode", ["keyword", "semantic", "hybrid"])
def test_chinese_passages_are_found(mode: str, chinese: dict[str, SearchMeasure]) -> None:
    measure = chinese[mode]
    assert measure.bound is not None
    assert measure.ndcg.mean >= measure.bound


def test_questions_find_passages_in_another_language(models, studio_data) -> None:
    for name in ("xquad_en-zh", "xquad_zh-en"):
        collection = load_collection(name, studio_data)
        measures = by_mode(measure_search(collection, [models(MULTILINGUAL)], max_queries=200))
        assert measures["semantic"].recall.mean >= 0.9
        assert measures["keyword"].recall.mean < 0.3
