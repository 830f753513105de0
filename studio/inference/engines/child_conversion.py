"""Models made into another format once, in a child process, and kept on disk.

A child, because making needs libraries and memory that would else stay with the studio for good.
What is made appears whole or not at all. Knows no format.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from studio.errors import ModelUnavailable
from studio.inference.engines import child_program

TIMEOUT_S = 1800

_AT_WORK: set[int] = set()
"""Threads that wait for a child now."""


def is_at_work() -> bool:
    """Whether a child makes something at this moment; it does not for longer than `TIMEOUT_S`."""
    return bool(_AT_WORK)


def made_once(
    cache: Path, facts: object, result: str, module: str, arguments: Sequence[Path]
) -> Path:
    """The folder that `python -m module *arguments folder` makes, made when it is missing.

    Args:
        cache: folder of all that was made; one below it per `facts`.
        facts: whatever the result depends on; its `repr` names the folder.
        result: the file that is written last; without it the folder does not count.
        module: the program; it gets the folder to make, which does not exist yet, as last argument.
        arguments: what it needs before that.

    Raises:
        ModelUnavailable: the program failed or took too long.
        OSError: the disk is full.
    """
    target = cache / hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
    if not (target / result).is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="unfinished-") as unfinished:
            new = Path(unfinished) / "new"
            _AT_WORK.add(threading.get_ident())
            try:
                _run(module, [*arguments, new])
            finally:
                _AT_WORK.discard(threading.get_ident())
            _move(new, target, result)
    return target


def _move(new: Path, target: Path, result: str) -> None:
    if target.exists() and not (target / result).is_file():
        shutil.rmtree(target)
    try:
        os.replace(new, target)
    except OSError:
        # Another process was faster; its files are as good.
        if not (target / result).is_file():
            raise


def _run(module: str, arguments: Sequence[Path]) -> None:
    try:
        child = subprocess.run(
            child_program.command(module, *map(str, arguments)),
            env=child_program.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelUnavailable("Its conversion took longer than {s} s.", s=TIMEOUT_S) from error
    if child.returncode:
        lines = child.stderr.strip().splitlines() or ["no reason given"]
        raise ModelUnavailable("OpenVINO cannot read it: {reason}", reason=lines[-1][:200])
