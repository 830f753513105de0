"""The command line: runs, serves, exports, backs up, measures and checks the studio.

Thin: each command is a call on the workbench or on a tool. Messages for the user go to standard
output, errors to standard error with exit status 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from studio import bench_command, users_command
from studio.errors import InvalidInput, StudioError
from studio.records import Progress

ROOT = Path(__file__).resolve().parent.parent

# Folders rather than marks: to collect all tests takes half a minute, in each of the workers.
REAL = ("tests/integration", "tests/e2e")
FAULTS = "tests/faults"
QUICK = tuple(f"--ignore={folder}" for folder in (*REAL, FAULTS))
CHECKS: tuple[tuple[str, ...], ...] = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("lint-imports", "--no-cache"),
    # Quick tests wait half of their time, for a job or a page.
    (*("pytest", "-n", str(2 * (os.cpu_count() or 1)), "--durations=15"), *QUICK),
    ("pytest", "--durations=5", FAULTS),
    # One server at a time for each core; a file's tests share theirs.
    (
        *("pytest", "-n", "logical", "--dist", "loadfile", "-m", "not alone", "--durations=25"),
        *REAL,
    ),
    ("pytest", "-m", "alone", "--durations=5", "tests/e2e"),
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
    serve.add_argument(
        "--ray",
        nargs="?",
        const="local",
        metavar="ADDRESS",
        help="the models alone, on Ray Serve: on this machine, or on the cluster at ADDRESS",
    )
    serve.add_argument("--replicas", type=int, metavar="N", help="copies of each model (1)")
    serve.add_argument(
        "--autoscale", default="", metavar="MIN:MAX", help="copies as they are needed"
    )
    serve.add_argument(
        "--gpus", type=float, default=0, metavar="SHARE", help="of a graphics card per copy (0)"
    )
    serve.set_defaults(command=_serve)
    models = commands.add_parser("models", help="list the models, or fetch one")
    models.add_argument("--fetch", metavar="ID", help="fetch the weights of a model")
    models.set_defaults(command=_models)
    bench_command.add_parser(commands)
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
    from studio.config import Settings

    if options.ray is not None:
        from studio.cluster.ray_service import serve_on_ray
        from studio.cluster.scale import Scale

        serve_on_ray(
            Settings.from_env(),
            Scale.of(options.replicas, options.autoscale, options.gpus),
            address=options.ray,
            host=options.host,
            port=options.port,
            progress=_show,
            ready=lambda url: print(f"Start the studio with STUDIO_SERVICE_URL={url}", flush=True),
        )
        return 0
    if options.replicas is not None or options.autoscale or options.gpus:
        raise InvalidInput("--replicas, --autoscale and --gpus need --ray.")
    from studio.api.serve import serve

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


def _check(options: argparse.Namespace) -> int:
    for check in CHECKS:
        is_measured = options.coverage and QUICK[0] in check
        command = check + COVERAGE if is_measured else check
        print(f"\n$ {' '.join(command)}", flush=True)
        status = subprocess.call(command, cwd=ROOT)
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
