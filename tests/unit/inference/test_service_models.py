"""Built-in models move to the service that the settings name, and keep what prompts rest on."""

from __future__ import annotations

import pytest

from studio.config import Settings
from studio.errors import InvalidInput
from studio.inference.builtin_models import (
    BUILTIN_MODELS,
    MINILM,
    MULTILINGUAL_E5_SMALL,
    QWEN_0_5B,
    SMOLLM2,
)
from studio.inference.service_models import builtin_models, is_served, served_models


def settings(**given: object) -> Settings:
    return Settings(**{"service_url": "http://cluster:8600/v1"} | given)  # type: ignore[arg-type]


def remote(given: Settings) -> dict[str, str]:
    return {spec.id: spec.base_url for spec in builtin_models(given) if spec.source == "remote"}


def test_without_a_service_everything_runs_here() -> None:
    assert builtin_models(Settings()) == BUILTIN_MODELS
    assert not is_served(MINILM, Settings())


def test_the_default_models_run_at_the_service_under_their_ids() -> None:
    url = "http://cluster:8600/v1"
    assert remote(settings()) == {MINILM.id: url, SMOLLM2.id: url}
    moved = next(spec for spec in builtin_models(settings()) if spec.id == SMOLLM2.id)
    assert (moved.location, moved.secret_name, moved.is_default) == (SMOLLM2.id, "", True)
    assert (moved.n_parameters, moved.max_tokens) == (SMOLLM2.n_parameters, SMOLLM2.max_tokens)
    assert is_served(moved, settings())


def test_the_order_stays() -> None:
    assert [spec.id for spec in builtin_models(settings())] == [spec.id for spec in BUILTIN_MODELS]


def test_named_models_run_there_instead_with_their_prefixes() -> None:
    given = settings(service_models=(QWEN_0_5B.id, MULTILINGUAL_E5_SMALL.id))
    assert set(remote(given)) == {QWEN_0_5B.id, MULTILINGUAL_E5_SMALL.id}
    moved = next(spec for spec in builtin_models(given) if spec.id == MULTILINGUAL_E5_SMALL.id)
    assert (moved.query_prefix, moved.passage_prefix) == ("query: ", "passage: ")


@pytest.mark.parametrize("name", ["gpt-4o", "ms-marco-minilm-l6-v2"])
def test_a_model_that_cannot_run_there_is_named(name: str) -> None:
    with pytest.raises(InvalidInput, match=rf"names {name}.*There are: all-minilm-l6-v2"):
        served_models(settings(service_models=(name,)))


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://cluster:8600", "http://cluster:8600/v1"),
        ("https://models.example/studio/v1", "https://models.example/studio/v1"),
    ],
)
def test_an_address_without_a_path_gets_the_usual_one(given: str, used: str) -> None:
    assert set(remote(settings(service_url=given)).values()) == {used}


@pytest.mark.parametrize("url", ["cluster:8600", "ftp://cluster/v1", "http://me:pw@cluster/v1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="STUDIO_SERVICE_URL"):
        builtin_models(settings(service_url=url))


def test_the_key_is_named_and_never_part_of_an_entry() -> None:
    given = settings(service_key="very-secret")
    moved = next(spec for spec in builtin_models(given) if spec.id == MINILM.id)
    assert given.remote_key(moved.secret_name) == "very-secret"
    assert "very-secret" not in repr(moved) + repr(given)
    assert settings().remote_key("model-service") is None


def test_the_demo_runs_no_models_anywhere() -> None:
    assert builtin_models(settings(is_demo=True)) == BUILTIN_MODELS
