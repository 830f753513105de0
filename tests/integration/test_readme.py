"""README's code runs as it stands, its commands exist, and its pictures are there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from studio import cli
from studio.config import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_blocks_run_on_the_real_models(code: str, real_home: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=280,
        env={**os.environ, "STUDIO_HOME": str(real_home)},
    )
    assert result.returncode == 0, result.stderr
    assert "45 days" in result.stdout
    assert "[1]" in result.stdout
    assert "\nKettle for a camp fire " in result.stdout


def test_the_first_command_installs_and_starts_what_is_here() -> None:
    first, second = blocks("bash")
    assert first.strip() == "pip install -r requirements.txt && streamlit run studio/app.py"
    assert (ROOT / "studio" / "app.py").is_file()
    assert second.strip().endswith("&& studio check")


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`studio (\w+)", README))))
def test_named_commands_exist(command: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "studio.cli", command, "--help"], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("line", re.findall(r"^studio .+$", "".join(blocks("sh")), re.MULTILINE))
def test_commands_of_larger_installations_are_understood(line: str) -> None:
    assert cli._parser().parse_args(shlex.split(line)[1:]).command


def test_variables_of_larger_installations_are_read() -> None:
    told = Settings.from_env(dict(re.findall(r"(STUDIO_\w+)=(\S+)", "".join(blocks("sh")))))
    for name in ("database_url", "milvus_uri", "milvus_token", "service_url", "service_key"):
        assert getattr(told, name), name


@pytest.mark.parametrize("target", re.findall(r"\]\(((?!http)[^)#]+)\)", README))
def test_linked_files_exist(target: str) -> None:
    assert (ROOT / target).exists()


def test_every_required_package_is_explained() -> None:
    required = re.findall(
        r"^([A-Za-z0-9-]+)[=<>]", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )
    table = README.split("## What it stands on")[1].lower()
    assert [name for name in required if name.lower() not in table] == []
