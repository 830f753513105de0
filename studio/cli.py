"""The command line: runs, serves, exports, backs up, measures and checks the studio.

Thin: each command is a call on the workbench or on a tool. Messages for the user go to standard
output, errors to standard error with exit status 1.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from studio import users_command
from studio.errors import StudioError
from studio.records import Progress

ROOT = Path(__file__).resolve().parent.parent

CHECKS: tuple[tuple[str, ...], ...] = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("lint-imports", "--no-cache"),
    # What needs no model and no browser runs on every core; the rest would disturb itself.
    ("pytest", "-n", "logical", "-m", "not integration and not e2e", "--durations=15"),
    ("pytest", "-m", "integration or e2e", "--durations=25"),
)
# Asked for only, as it nearly doubles the time; and of the quick tests only, as it measures their
# process, and the pages of a browser test run in another.
COVERAGE = ("--cov", "--cov-report=term:skip-covered")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: what stands after `studio`; the process's own by default.

    Returns:
        The exit status, 0 when all went well.
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except StudioError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="studio", description="Prototype Studio")
    commands = parser.add_subparsers(required=True, metavar="command")
    run = commands.add_parser("run", help="start the studio in the browser")
    run.add_argument("streamlit", nargs="*", help="options for streamlit, after --")
    run.set_defaults(command=_run)
    serve = commands.add_parser("serve", help="start the HTTP interface alone, without pages")
    serve.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")
    serve.add_argument("--port", type=int, default=8600, help="at which port (8600)")
    serve.set_defaults(command=_serve)
    models = commands.add_parser("models", help="list the models, or fetch one")
    models.add_argument("--fetch", metavar="ID", help="fetch the weights of a model")
    models.set_defaults(command=_models)
    bench = commands.add_parser("bench", help="measure the model service, search, and the rest")
    bench.add_argument(
        "what",
        nargs="?",
        choices=(
            *("service", "retrieval", "recommendation", "content", "classification", "estimates"),
            *("evaluation", "tuning"),
        ),
        default="service",
        help="service: against the bare libraries; retrieval: search on public collections;"
        " recommendation: recommenders on a public one; content: batches of texts; classification: texts"
        " of 77 labels with none, ten and all examples; estimates: predicted"
        " cost and latency under load against what then happens; evaluation: answers over public"
        " paragraphs; tuning: what fine-tuning gains",
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
    export = commands.add_parser("export", help="write a prototype as a zip that runs on its own")
    export.add_argument("prototype", metavar="PROTOTYPE", help="its address, such as support-bot")
    export.add_argument("file", type=Path, metavar="FILE")
    export.add_argument("--weights", action="store_true", help="with the weights of its models")
    export.add_argument(
        "--no-index", action="store_true", help="build the index at its first start"
    )
    export.set_defaults(command=_export)
    taken = commands.add_parser("import", help="take in a prototype that was exported")
    taken.add_argument("file", type=Path, metavar="FILE")
    taken.set_defaults(command=_import)
    report = commands.add_parser("report", help="write an investor's page on a prototype")
    report.add_argument("prototype", metavar="PROTOTYPE", help="its address, such as support-bot")
    report.add_argument("file", type=Path, metavar="FILE")
    report.add_argument("--scenario", default="", metavar="NAME", help="a saved business scenario")
    report.add_argument(
        "--language", choices=("en", "zh"), default="en", help="of the page (English by default)"
    )
    report.set_defaults(command=_report)
    backup = commands.add_parser("backup", help="write everything into one file; may run meanwhile")
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.add_argument("--secrets", action="store_true", help="with the API keys")
    backup.set_defaults(command=_backup)
    restore = commands.add_parser(
        "restore", help="bring a backup back; what was here is kept beside"
    )
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.set_defaults(command=_restore)
    users_command.add_parser(commands)
    check = commands.add_parser("check", help="lint, types, layers and tests")
    check.add_argument(
        "--coverage", action="store_true", help="also tell which lines the quick tests do not reach"
    )
    check.set_defaults(command=_check)
    return parser


def _run(options: argparse.Namespace) -> int:
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "studio" / "app.py")]
    return subprocess.call([*command, *options.streamlit], cwd=ROOT)


def _serve(options: argparse.Namespace) -> int:
    from studio.api.serve import serve
    from studio.config import Settings

    serve(Settings.from_env(), host=options.host, port=options.port)
    return 0


def _models(options: argparse.Namespace) -> int:
    from studio.workbench import Workbench

    with Workbench.open(resume=False) as workbench:
        if options.fetch:
            spec = workbench.catalogue.get(options.fetch)
            weights = workbench.provisioner.ensure(spec, _show)
            print(f"\n{spec.name}: {weights.size_bytes / 1e6:,.0f} MB, revision {weights.revision}")
            return 0
        for spec in workbench.catalogue.list():
            state = "on disk" if workbench.provisioner.is_ready(spec) else spec.source
            print(f"{spec.id:28} {spec.task:12} {state:10} {spec.licence:12} {spec.name}")
    return 0


def _show(progress: Progress) -> None:
    share = progress.fraction
    text = f"{progress.notice}" + (f" {share:4.0%}" if share is not None else "")
    print(f"\r{text:78}", end="", flush=True)


def _export(options: argparse.Namespace) -> int:
    from studio.export.packing import ExportChoices
    from studio.workbench import Workbench

    choices = ExportChoices(with_index=not options.no_index, with_weights=options.weights)
    with Workbench.open(resume=False) as workbench:
        package = workbench.export(options.prototype, options.file, choices)
    size = options.file.stat().st_size / 1e6
    print(f"{options.file}: {len(package.entries) + 1} files, {size:,.1f} MB")
    return 0


def _import(options: argparse.Namespace) -> int:
    from studio.workbench import Workbench

    with Workbench.open(resume=False) as workbench:
        imported = workbench.import_prototype(options.file)
        for job in workbench.jobs.jobs():  # an index that is built anew
            job.wait()
    print(f"{imported.record.name}: {imported.record.slug}")
    for notice in imported.notices:
        print(notice)
    return 0


def _report(options: argparse.Namespace) -> int:
    from components import report_words
    from components.shown_currency import ShownCurrency
    from studio.economics.currency import Currency
    from studio.errors import NotFound
    from studio.export.report.facts import ReportChoices
    from studio.workbench import Workbench

    with Workbench.open(resume=False) as workbench:
        saved = workbench.business(options.prototype).scenarios()
        chosen = next((one for one in saved if one.record.name == options.scenario), None)
        if options.scenario and chosen is None:
            raise NotFound(
                "There is no scenario {name}. There are: {known}.",
                name=options.scenario,
                known=", ".join(one.record.name for one in saved) or "none",
            )
        scenario_id = "" if chosen is None else chosen.record.id
        shown = ShownCurrency(currency=Currency.USD, rates=workbench.exchange_rates)
        page = workbench.report(
            options.prototype,
            ReportChoices(scenario_id=scenario_id),
            report_words.words(options.language, shown),
        )
    options.file.write_text(page, encoding="utf-8")
    print(f"{options.file}: {options.file.stat().st_size / 1e3:,.0f} kB")
    return 0


def _backup(options: argparse.Namespace) -> int:
    from studio.workbench import Workbench

    with Workbench.open(resume=False) as workbench:
        manifest = workbench.backup(options.file, with_secrets=options.secrets)
    size = options.file.stat().st_size / 1e6
    print(f"{options.file}: {manifest.n_prototypes} prototypes, {size:,.1f} MB")
    return 0


def _restore(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from studio.config import Settings
    from studio.export.restoring import restore_backup

    settings = Settings.from_env()
    restored = restore_backup(options.file, settings, now=datetime.now(UTC))
    print(f"{settings.home}: {restored.manifest.n_prototypes} prototypes")
    if restored.old_home is not None:
        print(f"What was there before: {restored.old_home}")
    return 0


def _bench(options: argparse.Namespace) -> int:
    if options.what == "retrieval":
        return _bench_retrieval(options)
    if options.what == "estimates":
        return _bench_estimates(options)
    if options.what == "recommendation":
        return _bench_recommendation(options)
    if options.what == "classification":
        return _bench_classification(options)
    if options.what == "content":
        return _bench_content(options)
    if options.what == "evaluation":
        return _bench_evaluation(options)
    if options.what == "tuning":
        return _bench_tuning(options)
    from studio.inference.benchmark import run_benchmark
    from studio.workbench import Workbench

    with Workbench.open(resume=False) as workbench:
        report = run_benchmark(
            workbench.catalogue, workbench.provisioner, workbench.settings, quick=options.quick
        )
    status = _told(report, options)
    print(f"first page drawn in a new process: {_first_paint()}")
    return status


def _bench_retrieval(options: argparse.Namespace) -> int:
    from studio.benchmarks.retrieval_benchmark import run_retrieval_benchmark
    from studio.workbench import Workbench

    with Workbench.open(resume=False) as workbench:
        report = run_retrieval_benchmark(
            workbench.catalogue,
            workbench.provisioner,
            workbench.settings,
            options.data or workbench.settings.public_data or ROOT.parent / "shared" / "data",
            quick=options.quick,
            large=options.large,
            progress=lambda notice: print(notice, file=sys.stderr, flush=True),
        )
    return _told(report, options)


def _bench_estimates(options: argparse.Namespace) -> int:
    from studio.benchmarks.estimates_benchmark import run_estimates_benchmark
    from studio.config import Settings

    settings = Settings.from_env()
    report = run_estimates_benchmark(
        settings,
        options.data or settings.public_data or ROOT.parent / "shared" / "data",
        quick=options.quick,
        say=lambda text: print(text, file=sys.stderr, flush=True),
    )
    return _told(report, options)


def _bench_recommendation(options: argparse.Namespace) -> int:
    from studio.benchmarks.recommendation_benchmark import run_recommendation_benchmark
    from studio.config import Settings

    report = run_recommendation_benchmark(
        options.data or Settings.from_env().public_data or ROOT.parent / "shared" / "data",
        quick=options.quick,
        progress=lambda text: print(text, file=sys.stderr, flush=True),
    )
    return _told(report, options)


def _bench_classification(options: argparse.Namespace) -> int:
    from studio.benchmarks.classification_benchmark import run_classification_benchmark
    from studio.workbench import Workbench

    with Workbench.open(resume=False) as workbench:
        report = run_classification_benchmark(
            workbench.catalogue,
            workbench.provisioner,
            workbench.settings,
            options.data or workbench.settings.public_data or ROOT.parent / "shared" / "data",
            quick=options.quick,
            progress=lambda text: print(text, file=sys.stderr, flush=True),
        )
    return _told(report, options)


def _bench_content(options: argparse.Namespace) -> int:
    from studio.benchmarks.content_benchmark import run_content_benchmark
    from studio.config import Settings

    report = run_content_benchmark(
        Settings.from_env(),
        quick=options.quick,
        progress=lambda notice: print(notice, file=sys.stderr, flush=True),
    )
    return _told(report, options)


def _bench_evaluation(options: argparse.Namespace) -> int:
    from studio.benchmarks.evaluation_benchmark import run_evaluation_benchmark
    from studio.config import Settings

    settings = Settings.from_env()
    report = run_evaluation_benchmark(
        settings,
        options.data or settings.public_data or ROOT.parent / "shared" / "data",
        quick=options.quick,
        progress=lambda notice: print(notice, file=sys.stderr, flush=True),
    )
    return _told(report, options)


def _bench_tuning(options: argparse.Namespace) -> int:
    from studio.benchmarks.tuning_benchmark import run_tuning_benchmark
    from studio.config import Settings

    report = run_tuning_benchmark(
        Settings.from_env(),
        quick=options.quick,
        say=lambda text: print(text, file=sys.stderr, flush=True),
    )
    return _told(report, options)


class _Report(Protocol):
    """What a benchmark gives."""

    @property
    def is_passed(self) -> bool: ...

    def as_text(self) -> str: ...

    def as_json(self) -> str: ...


def _told(report: _Report, options: argparse.Namespace) -> int:
    """Print a report, keep its figures where that was asked for, and give the exit status."""
    print(report.as_text())
    if options.json:
        options.json.write_text(report.as_json(), encoding="utf-8")
    return 0 if report.is_passed else 1


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


def _check(options: argparse.Namespace) -> int:
    for check in CHECKS:
        is_measured = options.coverage and "-n" in check
        command = check + COVERAGE if is_measured else check
        print(f"\n$ {' '.join(command)}", flush=True)
        status = subprocess.call(command, cwd=ROOT)
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
