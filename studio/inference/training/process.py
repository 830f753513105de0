"""A training watched from outside: started, followed, ended, tried again with smaller batches.

Knows the folder of a training and its process; imports no model library.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from studio.errors import Cancelled, StudioError
from studio.inference.training import plan as files
from studio.inference.training.plan import CurvePoint, TrainingResult
from studio.records import Notice

logger = logging.getLogger(__name__)

POLL_S = 0.3
LOOK_S = 0.1
KILL_AFTER_S = 5.0
MODULE = "studio.inference.training.child"
KILLED = {-signal.SIGKILL, 128 + signal.SIGKILL} if hasattr(signal, "SIGKILL") else set()


def run_training(
    folder: Path,
    *,
    report: Callable[[CurvePoint], object] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> TrainingResult:
    """Train in a process of its own until it is over; goes on where an earlier process was ended.

    A process that the system ended for its memory is started again with half the batch.

    Args:
        folder: of the training, with plan and pairs.
        report: told the latest point of the curve.
        cancelled: asked several times a second; the process is ended when it says yes.

    Raises:
        Cancelled: `cancelled` said yes; the last checkpoint stays.
        StudioError: the training cannot be done.
    """
    while True:
        if (folder / files.RESULT).is_file():
            return files.read_result(folder)
        code, output = _run(folder, report, cancelled)
        if code == 0:
            return files.read_result(folder)
        if code not in KILLED:
            raise failure_of(folder, output)
        _halve(folder)


def _run(
    folder: Path, report: Callable[[CurvePoint], object], cancelled: Callable[[], bool]
) -> tuple[int, str]:
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            [sys.executable, "-m", MODULE, str(folder)],
            stdin=subprocess.PIPE,  # closes when this process ends, and the child ends with it
            stdout=output,
            stderr=subprocess.STDOUT,
            env=module_environment(),
        )
        try:
            code = _followed(child, folder, report, cancelled)
        finally:
            _end(child)
        output.seek(0)
        return code, output.read().decode(errors="replace")


def run_module(module: str, folder: Path, cancelled: Callable[[], bool]) -> None:
    """Do one piece of work of ours in a process of its own, and wait for it.

    Args:
        module: run with the folder as its only argument; what it refuses it writes to `failure.json`.
        folder: where its request lies and its result will.
        cancelled: asked several times a second; the process is ended when it says yes.

    Raises:
        Cancelled: `cancelled` said yes.
        StudioError: it cannot be done.
    """
    with (folder / "output.txt").open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", module, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=module_environment(),
        )
        try:
            while True:
                try:
                    code = child.wait(LOOK_S)
                    break
                except subprocess.TimeoutExpired as wait:
                    if cancelled():
                        raise Cancelled("The work was stopped.") from wait
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    if code in KILLED:
        raise StudioError(
            "There was not enough memory for this work. Take a smaller model or a shorter text, or "
            "unload other models."
        )
    if code:
        reason = _reason_of(folder, (folder / "output.txt").read_text(errors="replace"))
        if isinstance(reason, Notice):
            raise StudioError("{reason}", reason=reason)
        raise StudioError(
            "The work ended unexpectedly: {reason} The log has the details.", reason=reason
        )


def module_environment() -> dict[str, str]:
    """The environment of a process that runs a module of ours and asks nobody for a model."""
    # The package may be on our path only, as in a checkout that is not installed.
    paths = [str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "TOKENIZERS_PARALLELISM": "false",
        # Threads that wait for work in a loop take the cores from the pages and from the models at work.
        "OMP_WAIT_POLICY": "PASSIVE",
        "HF_HUB_OFFLINE": "1",
    }


def _followed(
    child: subprocess.Popen[bytes],
    folder: Path,
    report: Callable[[CurvePoint], object],
    cancelled: Callable[[], bool],
) -> int:
    seen: CurvePoint | None = None
    while True:
        try:
            code: int | None = child.wait(POLL_S)
        except subprocess.TimeoutExpired:
            code = None
        curve = files.read_curve(folder)
        if curve and curve[-1] != seen:
            seen = curve[-1]
            report(seen)
        if code is not None:
            return code
        if cancelled():
            raise Cancelled("The training was stopped.")


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(KILL_AFTER_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if child.stdin is not None:
        child.stdin.close()


def _halve(folder: Path) -> None:
    """Plan half the batch for the next process, and say so in the curve.

    Raises:
        StudioError: the batch is as small as it can be.
    """
    plan = files.read_plan(folder)
    curve = files.read_curve(folder)
    size = min([plan.settings.batch_size, *(point.batch_size for point in curve[-1:])])
    least = 2 if plan.method == "contrastive" else 1
    if size // 2 < least:
        raise StudioError(
            "There is not enough memory to train this model, even with {n} examples at a time. "
            "Cut texts shorter, choose a smaller model, or unload other models.",
            n=size,
        )
    logger.warning("a training was ended by the system; it goes on with batches of %s", size // 2)
    files.write_plan(replace(plan, settings=replace(plan.settings, batch_size=size // 2)), folder)
    last = curve[-1] if curve else None
    files.add_to_curve(
        CurvePoint(
            part="smaller",
            step=last.step if last else 0,
            done=last.done if last else 0.0,
            loss=0.0,
            seconds=last.seconds if last else 0.0,
            batch_size=size // 2,
        ),
        folder,
    )


def failure_of(folder: Path, output: str) -> StudioError:
    """Why a training ended: what it wrote down, else that the log has the details."""
    reason = _reason_of(folder, output)
    if isinstance(reason, Notice):
        return StudioError("{reason}", reason=reason)
    return StudioError(
        "The training ended unexpectedly: {reason} The log has the details.", reason=reason
    )


def _reason_of(folder: Path, output: str) -> Notice | str:
    """What the process wrote down, else the last line of what it printed; all of that is logged."""
    path = folder / files.FAILURE
    if path.is_file():
        return Notice.from_json(json.loads(path.read_text(encoding="utf-8")))
    logger.error("a process ended:\n%s", output[-4000:])
    lines = output.strip().splitlines() or ["no reason given"]
    return lines[-1][:200]
