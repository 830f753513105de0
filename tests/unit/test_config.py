"""Settings come from the environment once, checked, with what is allowed in the message."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from studio.config import SHORTEST_STEP_S, Settings
from studio.errors import InvalidInput

ROOT = Path(__file__).resolve().parents[2]


def test_defaults_keep_everything_below_the_users_home() -> None:
    settings = Settings.from_env({})
    assert settings.home == Path.home() / ".prototype-studio"
    assert settings.workspace_url == f"sqlite:///{settings.home / 'workspace.db'}"
    for path in (settings.models_dir, settings.indexes_dir, settings.ledger_path):
        assert path.is_relative_to(settings.home)


def test_every_variable_is_read(tmp_path: Path) -> None:
    settings = Settings.from_env(
        {
            "STUDIO_HOME": str(tmp_path),
            "STUDIO_DATABASE_URL": "postgresql://db/studio",
            "HF_ENDPOINT": "https://mirror.example/",
            "STUDIO_OFFLINE": "1",
            "STUDIO_MODEL_MEMORY_MB": "100",
            "STUDIO_THREADS": "3",
            "STUDIO_MAX_QUEUE": "7",
            "STUDIO_MACHINE_HOUR_USD": "0.25",
            "STUDIO_MAX_UPLOAD_MB": "5",
            "STUDIO_EMBEDDING_CACHE_MB": "0",
            "STUDIO_DEMO": "1",
        }
    )
    assert settings == Settings(
        home=tmp_path,
        database_url="postgresql://db/studio",
        hub_endpoint="https://mirror.example",
        offline=True,
        model_memory_bytes=100 * 2**20,
        n_threads=3,
        threads_are_set=True,
        max_queue=7,
        machine_hour_usd=Decimal("0.25"),
        max_upload_bytes=5 * 2**20,
        embedding_cache_bytes=0,
        is_demo=True,
    )
    assert settings.workspace_url == "postgresql://db/studio"


def test_a_model_service_is_named_with_its_key_and_its_models() -> None:
    settings = Settings.from_env(
        {
            "STUDIO_SERVICE_URL": "http://cluster:8600/v1/ ",
            "STUDIO_SERVICE_KEY": " secret ",
            "STUDIO_SERVICE_MODELS": "all-minilm-l6-v2, qwen2.5-0.5b-instruct,",
        }
    )
    assert settings.service_url == "http://cluster:8600/v1"
    assert settings.service_models == ("all-minilm-l6-v2", "qwen2.5-0.5b-instruct")
    assert settings.remote_key("model-service") == "secret"
    assert "secret" not in repr(settings)


def test_zero_switches_off() -> None:
    settings = Settings.from_env({"STUDIO_OFFLINE": "0", "STUDIO_DEMO": "0"})
    assert not settings.offline
    assert not settings.is_demo


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STUDIO_THREADS", "two"),
        ("STUDIO_THREADS", "0"),
        ("STUDIO_MAX_QUEUE", "-1"),
        ("STUDIO_MODEL_MEMORY_MB", "1.5"),
        ("STUDIO_MACHINE_HOUR_USD", "cheap"),
        ("STUDIO_MACHINE_HOUR_USD", "NaN"),
        ("STUDIO_MACHINE_HOUR_USD", "-0.1"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        Settings.from_env({name: value})


def test_the_pages_take_as_large_files_as_the_library_and_no_foreign_site_opens_them() -> None:
    served = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))[
        "server"
    ]
    assert served["maxUploadSize"] == Settings.from_env({}).max_upload_bytes >> 20
    assert (served["address"], served["enableCORS"], served["enableXsrfProtection"]) == (
        "localhost",
        True,
        True,
    )


def test_how_long_a_step_may_take_has_nothing_to_do_with_deadlines_and_is_never_short():
    assert Settings.from_env({"STUDIO_DEADLINE_S": "5"}).step_s == Settings().step_s
    assert Settings.from_env({"STUDIO_STEP_S": "900"}).step_s == 900
    assert Settings.from_env({"STUDIO_STEP_S": "2"}).step_s == SHORTEST_STEP_S
