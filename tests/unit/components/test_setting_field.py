"""What a widget says is kept as a setting only where a person can have chosen it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from components import cache, session, setting_field
from studio.config import Settings
from studio.records import Task
from studio.workbench import Workbench


@pytest.fixture
def search(tmp_path, monkeypatch):
    with Workbench(Settings(home=tmp_path / "home", is_demo=True)) as bench:
        monkeypatch.setattr(cache, "workbench", lambda: bench)
        yield bench.create_search("Shop")


def say(monkeypatch, search, field: str, value: object) -> None:
    """A widget of a setting tells a value."""
    monkeypatch.setattr(session, "widget_value", lambda key: value)
    setting_field._keep(search, field, "", "key", None)


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("embedding_model", "Automatic: all-MiniLM-L6-v2"),
        ("rerank_model", "无"),
        ("passage_method", "By structure"),
        ("mode", None),
    ],
)
def test_a_label_of_an_earlier_run_is_no_choice(search, monkeypatch, field, label) -> None:
    say(monkeypatch, search, field, label)

    assert search.version == 1
    assert getattr(search.settings, field) != label


def test_models_and_fixed_values_are_kept(search, monkeypatch) -> None:
    model = cache.workbench().catalogue.list(Task.EMBEDDING)[0].id
    for field, value in {"embedding_model": model, "mode": "keyword", "n_results": 7}.items():
        say(monkeypatch, search, field, value)

    kept = search.settings
    assert (kept.embedding_model, kept.mode, kept.n_results) == (model, "keyword", 7)


def test_a_model_that_left_the_catalogue_can_stay_chosen(search, monkeypatch) -> None:
    settings = SimpleNamespace(embedding_model="gone", choices={})

    assert setting_field.offers(settings, "embedding_model", "gone")
    assert not setting_field.offers(settings, "embedding_model", "other")
