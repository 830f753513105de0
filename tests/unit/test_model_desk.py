"""Models of the catalogue are tested, given another key and a price, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from studio.config import Settings
from studio.economics.prices import TokenPrice
from studio.errors import InvalidInput, ModelUnavailable, NotFound
from studio.inference.builtin_models import SMOLLM2
from studio.inference.model_spec import ModelSpec
from studio.records import Task
from studio.workbench import Workbench
from tests.openai_stub import KEY, Endpoint, running_endpoint

HUB = ModelSpec(
    id="from-hub", name="From the hub", task=Task.GENERATION, source="hub", location="me/model"
)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with running_endpoint() as one:
        yield one


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", offline=True)) as opened:
        yield opened


def remote(bench: Workbench, endpoint: Endpoint, *, key: str, task: Task = Task.GENERATION) -> str:
    spec = ModelSpec(
        id="far",
        name="Far",
        task=task,
        source="remote",
        location="stub-1",
        base_url=endpoint.base_url,
        secret_name="far" if key else "",
    )
    bench.catalogue.add(spec)
    if key:
        bench.secrets.set("far", key)
    return spec.id


def test_a_test_says_what_came_back_and_how_long_it_took(
    bench: Workbench, endpoint: Endpoint
) -> None:
    endpoint.says = ["Hello there."]
    done = bench.model_desk.test(remote(bench, endpoint, key=KEY))
    assert done.text == "Hello there."
    assert done.took_ms > 0
    (sent,) = endpoint.requests
    assert sent["max_tokens"] <= 16
    assert list(bench.calls()["model"]) == ["far"]


def test_an_embedding_model_is_tested_with_a_text(bench: Workbench, endpoint: Endpoint) -> None:
    done = bench.model_desk.test(remote(bench, endpoint, key=KEY, task=Task.EMBEDDING))
    assert (done.text, done.n_numbers) == ("", 3)


@pytest.mark.parametrize("first", ["sk-wrong", ""])
def test_another_key_counts_from_the_next_request_on(
    bench: Workbench, endpoint: Endpoint, first: str
) -> None:
    model = remote(bench, endpoint, key=first)
    bench.models.load(model)
    with pytest.raises(ModelUnavailable, match="does not accept the stored key"):
        bench.model_desk.test(model)
    bench.model_desk.set_key(model, KEY)
    assert bench.model_desk.test(model).text
    assert KEY not in str(bench.catalogue.list())
    with pytest.raises(InvalidInput, match="empty"):
        bench.model_desk.set_key(model, " ")


def test_a_price_of_ones_own_stands_above_the_list_until_it_is_taken_back(
    bench: Workbench, endpoint: Endpoint
) -> None:
    model = remote(bench, endpoint, key=KEY)
    unknown = bench.model_desk.price(model)
    assert (unknown.rates, unknown.is_own) == (None, False)
    assert "Enter its price on the Models page" in str(unknown.source)
    price = TokenPrice(input_usd_per_mtok=Decimal(2), output_usd_per_mtok=Decimal(6))
    bench.model_desk.set_price(model, price)
    own = bench.model_desk.price(model)
    assert own.is_own
    assert own.rates is not None
    assert own.rates.output is not None
    assert own.rates.output.base == 6
    bench.model_desk.set_price(model, None)
    assert not bench.model_desk.price(model).is_own


def test_the_lists_price_is_told_with_its_source(bench: Workbench) -> None:
    spec = ModelSpec(
        id="mini",
        name="Mini",
        task=Task.GENERATION,
        source="remote",
        location="gpt-4o-mini",
        base_url="https://api.openai.com/v1",
    )
    bench.catalogue.add(spec)
    price = bench.model_desk.price("mini")
    assert price.rates is not None
    assert price.rates.input is not None
    assert price.rates.input.base > 0
    assert not price.is_own


def stored(bench: Workbench, spec: ModelSpec) -> Path:
    """Something of a model on the disk, as an unfinished download leaves it."""
    folder = bench.settings.models_dir / ".work" / spec.id
    folder.mkdir(parents=True)
    (folder / "weights").write_bytes(b"x" * 1000)
    return folder


def test_deleted_files_are_gone_and_the_model_stays(bench: Workbench) -> None:
    bench.catalogue.add(HUB)
    folder = stored(bench, HUB)
    assert bench.model_desk.size_on_disk(HUB.id) == 1000
    bench.model_desk.delete_files(HUB.id)
    assert not folder.exists()
    assert bench.model_desk.size_on_disk(HUB.id) == 0
    assert bench.catalogue.get(HUB.id) == HUB


def test_a_removed_model_leaves_neither_files_nor_key_nor_price(
    bench: Workbench, endpoint: Endpoint
) -> None:
    bench.catalogue.add(HUB)
    folder = stored(bench, HUB)
    model = remote(bench, endpoint, key=KEY)
    bench.model_desk.set_price(
        model, TokenPrice(input_usd_per_mtok=Decimal(2), output_usd_per_mtok=Decimal(6))
    )
    for one in (HUB.id, model):
        bench.model_desk.remove(one)
        with pytest.raises(NotFound):
            bench.catalogue.get(one)
    assert not folder.exists()
    assert bench.secrets.names() == ()
    assert not bench.prices().overrides
    with pytest.raises(InvalidInput, match="comes with the studio"):
        bench.model_desk.remove(SMOLLM2.id)


def test_files_of_the_users_own_are_left_alone(bench: Workbench, tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(b"GGUF")
    spec = replace(HUB, id="mine", source="gguf", location=str(file))
    bench.catalogue.add(spec)
    bench.model_desk.remove("mine")
    assert file.exists()
