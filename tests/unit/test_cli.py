"""The command line: what it prints, and what it returns when something goes wrong."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from studio import bench_command, cli


def test_models_lists_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models"]) == 0
    printed = capsys.readouterr().out
    assert "smollm2-135m-instruct" in printed
    assert "all-minilm-l6-v2" in printed


def test_an_unknown_model_is_an_error_that_names_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["models", "--fetch", "no-such-model"]) == 1
    assert "smollm2-135m-instruct" in capsys.readouterr().err


def test_fetching_what_is_installed_says_how_large_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["models", "--fetch", "all-minilm-l6-v2"]) == 0
    assert re.search(r"\b9\d MB, revision 53aa51172d14", capsys.readouterr().out)


def test_check_stops_at_the_first_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[str, ...]] = []

    def call(command: tuple[str, ...], **_: object) -> int:
        called.append(command)
        return 3 if command[0] == "mypy" else 0

    monkeypatch.setattr(subprocess, "call", call)
    assert cli.main(["check"]) == 3
    assert [command[0] for command in called] == ["ruff", "ruff", "mypy"]


@pytest.mark.parametrize("options", [[], ["--coverage"]])
def test_check_measures_coverage_of_the_quick_tests_when_asked(
    monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    called: list[tuple[str, ...]] = []
    monkeypatch.setattr(subprocess, "call", lambda command, **_: called.append(command) or 0)
    assert cli.main(["check", *options]) == 0
    quick, *slow = (command for command in called if command[0] == "pytest")
    assert ("--cov" in quick) == bool(options)
    left_out = {part.removeprefix("--ignore=") for part in quick if part.startswith("--ignore=")}
    folders = {part for command in slow for part in command if part.startswith("tests/")}
    assert left_out == folders == {"tests/faults", "tests/integration", "tests/e2e"}
    marks = [command[command.index("-m") + 1] for command in slow if "-m" in command]
    assert marks == ["not alone", "alone"]
    assert not any("--cov" in command for command in slow)


def test_run_starts_the_roof(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(subprocess, "call", lambda command, **_: called.append(command) or 0)
    assert cli.main(["run", "--", "--server.port", "9"]) == 0
    assert called[0][1:4] == ["-m", "streamlit", "run"]
    assert called[0][4].endswith("studio/app.py")
    assert called[0][5:] == ["--server.port", "9"]


def test_serve_starts_the_interface_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    import uvicorn

    started: list[dict[str, object]] = []

    def run(app: object, **settings: object) -> None:
        assert [route.path for route in app.routes] == ["/health", "/v1", "/metrics", "/ready"]  # type: ignore[attr-defined]
        started.append(settings)

    monkeypatch.setenv("STUDIO_DEMO", "1")
    monkeypatch.setattr(uvicorn, "run", run)
    assert cli.main(["serve", "--port", "9"]) == 0
    assert started == [{"host": "127.0.0.1", "port": 9, "access_log": False}]


def test_without_a_command_it_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main([])
    assert "command" in capsys.readouterr().err


def test_bench_retrieval_says_what_it_skips_and_fails_when_it_measured_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from studio.benchmarks import retrieval_benchmark

    monkeypatch.setattr(retrieval_benchmark, "_embedders", lambda *_: [])
    monkeypatch.setenv("STUDIO_DATA", str(tmp_path / "nowhere"))
    file = tmp_path / "figures.json"
    assert cli.main(["bench", "retrieval", "--quick", "--json", str(file)]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("$ studio bench retrieval --quick\n")
    assert f"torch {version('torch')}" in printed.out
    assert f"skipped: cranfield: {tmp_path / 'nowhere'}" in printed.out
    assert "Searching cranfield" in printed.err
    assert json.loads(file.read_text(encoding="utf-8"))["searches"] == []


def test_bench_all_runs_each_in_a_process_of_its_own_and_tells_which_missed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands: list[list[str]] = []

    def call(command: list[str], cwd: Path) -> int:
        commands.append(command)
        name = command[command.index("bench") + 1]
        if name != "soak":  # which ends before it has figures
            Path(command[-1]).write_text(json.dumps({"of": name}), encoding="utf-8")
        return 1 if name in ("load", "soak") else 0

    monkeypatch.setattr(bench_command.subprocess, "call", call)
    file = tmp_path / "figures.json"
    assert cli.main(["bench", "all", "--quick", "--json", str(file)]) == 1
    printed = capsys.readouterr().out
    assert [command[4] for command in commands] == list(bench_command.BENCHMARKS)
    assert all("--quick" in command for command in commands)
    assert printed.count("all bounds hold") == len(bench_command.BENCHMARKS) - 2
    assert re.search(r"^load +MISSED", printed, re.MULTILINE)
    assert re.search(r"^soak +FAILED", printed, re.MULTILINE)
    figures = json.loads(file.read_text(encoding="utf-8"))
    assert figures["service"] == {"of": "service"}
    assert "soak" not in figures


def test_a_report_is_written_in_either_language(tmp_path: Path, monkeypatch) -> None:
    from studio.config import Settings
    from studio.workbench import Workbench

    home = tmp_path / "home"
    monkeypatch.setenv("STUDIO_DEMO", "1")
    monkeypatch.setenv("STUDIO_HOME", str(home))
    with Workbench.open(settings=Settings(home=home, is_demo=True)) as workbench:
        slug = workbench.create_chatbot("Help desk").slug
    pages = {}
    for language in ("en", "zh"):
        file = tmp_path / f"{language}.html"
        assert cli.main(["report", slug, str(file), "--language", language]) == 0
        pages[language] = file.read_text(encoding="utf-8")
    assert 'lang="en"' in pages["en"]
    assert "Help desk" in pages["zh"]
    assert 'lang="zh-Hans"' in pages["zh"]
    assert not re.search("[\u4e00-\u9fff]", pages["en"])
    assert len(re.findall("[\u4e00-\u9fff]", pages["zh"])) > 100
