"""A program that downloads into a folder: watched as the folder grows, ended when it should stop.

Knows neither pip nor the hub.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.inference.fetching import Watch
from studio.inference.local_weights import folder_bytes

POLL_S = 0.2
KILL_AFTER_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A child process that has ended: its exit code and all it printed."""

    code: int
    output: str


def run_watched(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    growing: Path,
    watch: Watch,
) -> Finished:
    """Run a program that downloads into a folder, reporting the folder's size as it grows.

    Programs rather than library calls, as a download that hangs in a socket can then be ended. The
    program and its children are killed when the user stops it or anything goes wrong here.

    Args:
        command: program and arguments; no shell.
        environment: variables set on top of ours.
        growing: folder whose bytes are the progress.
        watch: has begun a step counted in bytes.

    Raises:
        Cancelled: the user wants to stop.
    """
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,  # so that its own children can be ended with it
        )
        try:
            while True:
                try:
                    code = child.wait(POLL_S)
                    break
                except subprocess.TimeoutExpired:
                    watch.advance(folder_bytes(growing))
        finally:
            _end(child)
        output.seek(0)
        return Finished(code=code, output=output.read().decode(errors="replace"))


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    _signal_group(child, signal.SIGTERM)
    try:
        child.wait(KILL_AFTER_S)
    except subprocess.TimeoutExpired:
        child.kill() if sys.platform == "win32" else _signal_group(child, signal.SIGKILL)
        child.wait()


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if sys.platform == "win32":
        child.terminate()
        return
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:  # it ended by itself just now
        return
