"""`studio bench`: the measurements of the service, of quality and of the estimates, on this machine.

Each benchmark tells its figures with the command, the versions and the machine, and whether it held its
bounds: exit status 1 where it did not. `all` runs one after the other, each in a process of its own, so
that none finds what another left in memory.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from studio.config import Settings

if TYPE_CHECKING:
    from studio.workbench import Workbench

ROOT = Path(__file__).resolve().parent.parent
NAMED_PACKAGES = ("torch", "openvino", "openvino-genai", "transformers", "faiss-cpu", "streamlit")


class Report(Protocol):
    """What a benchmark gives."""

    @property
    def is_passed(self) -> bool:
        """Whether all its bounds hold."""

    def as_text(self) -> str:
        """Figures for the terminal."""

    def as_json(self) -> str:
        """The same for programs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a benchmark is run: on which data, how thoroughly, and who is told how far it is."""

    settings: Settings
    data: Path
    quick: bool
    large: bool

    def say(self, text: object) -> None:
        """Tell how far it is, on standard error."""
        print(text, file=sys.stderr, flush=True)

    @contextmanager
    def workbench(self) -> Iterator[Workbench]:
        """The studio of the settings, whose jobs are left alone."""
        from studio.workbench import Workbench  # takes a second, for one command of many

        with Workbench.open(settings=self.settings, resume=False) as opened:
            yield opened


def _service(run: Run) -> Report:
    from studio.inference.benchmark import run_benchmark

    with run.workbench() as bench:
        report = run_benchmark(bench.catalogue, bench.provisioner, run.settings, quick=run.quick)
    print(f"first page drawn in a new process: {_first_paint()}")
    return report


def _peers(run: Run) -> Report:
    from studio.benchmarks.peers_benchmark import run_peers_benchmark

    with run.workbench() as bench:
        return run_peers_benchmark(
            bench.catalogue, bench.provisioner, run.settings, quick=run.quick, say=run.say
        )


def _answers(run: Run) -> Report:
    from studio.benchmarks.answers_benchmark import run_answers_benchmark

    return run_answers_benchmark(run.settings, quick=run.quick, say=run.say)


def _retrieval(run: Run) -> Report:
    from studio.benchmarks.retrieval_benchmark import run_retrieval_benchmark

    with run.workbench() as bench:
        return run_retrieval_benchmark(
            bench.catalogue,
            bench.provisioner,
            run.settings,
            run.data,
            quick=run.quick,
            large=run.large,
            progress=run.say,
        )


def _recommendation(run: Run) -> Report:
    from studio.benchmarks.recommendation_benchmark import run_recommendation_benchmark

    return run_recommendation_benchmark(run.data, quick=run.quick, progress=run.say)


def _content(run: Run) -> Report:
    from studio.benchmarks.content_benchmark import run_content_benchmark

    return run_content_benchmark(run.settings, quick=run.quick, progress=run.say)


def _classification(run: Run) -> Report:
    from studio.benchmarks.classification_benchmark import run_classification_benchmark

    with run.workbench() as bench:
        return run_classification_benchmark(
            bench.catalogue,
            bench.provisioner,
            run.settings,
            run.data,
            quick=run.quick,
            progress=run.say,
        )


def _estimates(run: Run) -> Report:
    from studio.benchmarks.estimates_benchmark import run_estimates_benchmark

    return run_estimates_benchmark(run.settings, run.data, quick=run.quick, say=run.say)


def _evaluation(run: Run) -> Report:
    from studio.benchmarks.evaluation_benchmark import run_evaluation_benchmark

    return run_evaluation_benchmark(run.settings, run.data, quick=run.quick, progress=run.say)


def _tuning(run: Run) -> Report:
    from studio.benchmarks.tuning_benchmark import run_tuning_benchmark

    return run_tuning_benchmark(run.settings, quick=run.quick, say=run.say)


def _load(run: Run) -> Report:
    from studio.benchmarks.load_benchmark import run_load_benchmark

    with run.workbench() as bench:
        return run_load_benchmark(
            bench.catalogue, bench.provisioner, run.settings, quick=run.quick, say=run.say
        )


def _pages(run: Run) -> Report:
    from studio.benchmarks.pages_benchmark import run_pages_benchmark

    return run_pages_benchmark(run.settings, seconds=20.0 if run.quick else 60.0, say=run.say)


def _soak(run: Run) -> Report:
    from studio.benchmarks.soak import run_soak

    return run_soak(run.settings, quick=run.quick, say=run.say)


BENCHMARKS: dict[str, tuple[str, Callable[[Run], Report]]] = {
    "service": ("against the bare libraries", _service),
    "peers": ("against other servers of models, installed for it", _peers),
    "answers": ("an answer against what it is made of", _answers),
    "retrieval": ("search on public collections", _retrieval),
    "recommendation": ("recommenders on a public collection", _recommendation),
    "content": ("batches of texts", _content),
    "classification": ("texts of 77 labels with none, ten and all examples", _classification),
    "estimates": ("predicted cost and latency under load against what then happens", _estimates),
    "evaluation": ("answers over public paragraphs", _evaluation),
    "tuning": ("what fine-tuning gains", _tuning),
    "load": ("people beside jobs, and three times the capacity", _load),
    "pages": ("a hundred visitors, also beside a model at its limit", _pages),
    "soak": ("kills and mixed requests, for long", _soak),
}
ALL = "all"


def add_parser(commands: Any) -> None:  # Any: argparse keeps the type to itself
    """Add the command to a parser's commands."""
    bench = commands.add_parser("bench", help="measure the model service, search, and the rest")
    told = "; ".join(f"{name}: {text}" for name, (text, _) in BENCHMARKS.items())
    bench.add_argument(
        "what",
        nargs="?",
        choices=(*BENCHMARKS, ALL),
        default="service",
        help=f"{told}; {ALL}: one after the other",
    )
    bench.add_argument("--quick", action="store_true", help="fewer repetitions and queries")
    bench.add_argument(
        "--large", action="store_true", help="retrieval: with a million vectors, too (8 GB)"
    )
    bench.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to a file")
    bench.add_argument(
        "--data", type=Path, metavar="FOLDER", help="the collections (STUDIO_DATA by default)"
    )
    bench.set_defaults(command=_bench)


def _bench(options: argparse.Namespace) -> int:
    if options.what == ALL:
        return _all(options)
    settings = Settings.from_env()
    run = Run(
        settings=settings,
        data=options.data or settings.public_data or ROOT.parent / "shared" / "data",
        quick=options.quick,
        large=options.large,
    )
    print(_header(options))
    report = BENCHMARKS[options.what][1](run)
    print(report.as_text())
    if options.json:
        options.json.write_text(report.as_json(), encoding="utf-8")
    return 0 if report.is_passed else 1


def _all(options: argparse.Namespace) -> int:
    """Run every benchmark in a process of its own; 1 where one of them missed a bound or failed."""
    passed: dict[str, bool] = {}
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in BENCHMARKS:
            file = Path(folder) / f"{name}.json"
            print(f"\n== {name}", flush=True)
            command = [sys.executable, "-m", "studio.cli", *_arguments(options, name)]
            status = subprocess.call([*command, "--json", str(file)], cwd=ROOT)
            passed[name] = status == 0
            if file.exists():
                figures[name] = json.loads(file.read_text(encoding="utf-8"))
    print()
    for name, is_passed in passed.items():
        ending = "all bounds hold" if is_passed else "MISSED a bound, see above"
        print(f"{name:15} {ending if name in figures else 'FAILED, see above'}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    return 0 if all(passed.values()) else 1


def _arguments(options: argparse.Namespace, name: str) -> list[str]:
    """What stands after `studio` for one benchmark, without the file for its figures."""
    words = ["bench", name]
    words += ["--quick"] if options.quick else []
    words += ["--large"] if options.large else []
    words += ["--data", str(options.data.resolve())] if options.data else []
    return words


def _header(options: argparse.Namespace) -> str:
    """With which command, when and with which versions it is measured; reports name the machine."""
    versions = [f"Python {sys.version.split()[0]}"]
    for package in ("prototype-studio", *NAMED_PACKAGES):
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    command = shlex.join(["studio", *_arguments(options, options.what)])
    return f"$ {command}\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {', '.join(versions)}"


def _first_paint() -> str:
    """Seconds to the first drawn Home in a process of its own, and the model libraries in it."""
    code = (
        "import sys, time; began = time.perf_counter();"
        "from streamlit.testing.v1 import AppTest;"
        "AppTest.from_file('studio/ui.py', default_timeout=60).run();"
        "heavy = ('torch', 'transformers', 'sentence_transformers', 'openvino', 'faiss');"
        "print(f'{time.perf_counter() - began:.1f} s, model libraries imported:',"
        " ', '.join(m for m in heavy if m in sys.modules) or 'none')"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    return result.stdout.strip().splitlines()[-1] if result.stdout else result.stderr[-300:]
