"""What `studio serve --ray` checks and asks for, without Ray; Ray itself is in tests/integration."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from studio import cli
from studio.cluster.ray_service import copy_settings, deployment_options, serve_on_ray
from studio.cluster.scale import Scale
from studio.config import Settings
from studio.errors import InvalidInput
from studio.records import Task


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if Ray were installed; nothing of it is called."""
    module = ModuleType("ray")
    module.serve = ModuleType("ray.serve")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ray", module)


def test_without_ray_it_says_how_to_install_it(monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setenv("STUDIO_DEMO", "1")
    assert cli.main(["serve", "--ray"]) == 1
    assert "pip install 'prototype-studio[ray]'" in capsys.readouterr().err


def test_others_are_served_with_a_key_only(ray, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Set STUDIO_SERVICE_KEY"):
        serve_on_ray(
            Settings(home=tmp_path, is_demo=True), Scale(), address="local", host="0.0.0.0", port=1
        )


def test_its_options_mean_nothing_without_it(capsys) -> None:
    assert cli.main(["serve", "--replicas", "2"]) == 1
    assert "need --ray" in capsys.readouterr().err


def test_options_that_cannot_be_are_refused_before_anything_starts(monkeypatch, capsys) -> None:
    monkeypatch.setenv("STUDIO_DEMO", "1")
    assert cli.main(["serve", "--ray", "--autoscale", "4:1"]) == 1
    assert "smaller number first" in capsys.readouterr().err


def test_a_fixed_number_of_copies() -> None:
    options = deployment_options(Task.EMBEDDING, Scale(least=2, most=2, gpus=0.25), Settings())
    assert (options["name"], options["num_replicas"]) == ("embedding", 2)
    assert options["ray_actor_options"] == {"num_cpus": 1, "num_gpus": 0.25}
    assert "autoscaling_config" not in options


def test_copies_as_they_are_needed() -> None:
    options = deployment_options(Task.GENERATION, Scale(least=1, most=4), Settings())
    scaling = options["autoscaling_config"]
    assert (scaling["min_replicas"], scaling["max_replicas"]) == (1, 4)
    assert "num_replicas" not in options


def test_a_copy_learns_no_database_and_nobodys_keys() -> None:
    told = copy_settings(
        Settings(
            database_url="postgresql://u:secret@host/db",
            milvus_token="secret",
            remote_keys=(("STUDIO_KEY_A", "secret"),),
            metrics_token="secret",
            service_url="http://here/v1",
            service_key="its own",
        )
    )
    assert "secret" not in str([getattr(told, name) for name in Settings.__slots__])
    assert (told.service_key, told.service_url) == ("its own", "")
