"""Other servers of models, to be measured beside the studio: each in an environment of its own.

It is installed once, and run as a process that answers over a pipe (`peer_child`). Their packages do not
agree with the studio's, so neither imports the other. Knows no bound.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from studio.benchmarks import peer_child
from studio.inference.worker import WORKER_NICENESS

INSTALL_S, START_S, ANSWER_S, END_S = 1800.0, 300.0, 600.0, 5.0
"""After so many seconds a peer is given up; the last one is for one that is about to end."""
_INSTALLED = "installed.txt"  # what the environment was made from; written last
_REASON_CHARACTERS = 300


class PeerUnavailable(Exception):
    """A peer could not be installed, started or asked; the text says why. For developers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another server: its name for people, its name in `peer_child`, and its packages, all pinned."""

    name: str
    key: str
    packages: tuple[str, ...]


INFINITY = Peer(
    name="infinity-emb",
    key="infinity",
    packages=(
        "torch==2.13.0",
        "infinity-emb[torch]==0.0.78",
        "transformers==4.57.6",
        "sentence-transformers==3.4.1",
        "numpy==1.26.4",
    ),
)
LLAMA = Peer(name="llama.cpp", key="llama", packages=("xllamacpp==2026.10.11549",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What a server took for texts: `n` texts embedded, or tokens written, in so many seconds.

    `each_s` has the seconds of every caller's wait. `n_decoded` tokens came after the first of their
    text, in `decode_s` seconds of one text alone.
    """

    seconds: float
    n: int
    each_s: Sequence[float] = field(default_factory=tuple)
    n_decoded: int = 0
    decode_s: float = 0.0

    @property
    def per_s(self) -> float:
        """Texts or tokens a second, of all callers."""
        return self.n / self.seconds

    @property
    def decoded_per_s(self) -> float:
        """Tokens a second of one text, once it runs."""
        return self.n_decoded / self.decode_s


class PeerProcess:
    """A running peer. Not thread-safe: the callers are on its side."""

    def __init__(self, peer: Peer, process: subprocess.Popen[str], errors: IO[str]) -> None:
        self._peer = peer
        self._process = process
        self._errors = errors

    def ask(self, inputs: Sequence[str], n_callers: int) -> Took:
        """Give it texts by so many callers; waits for all.

        Raises:
            PeerUnavailable: it ended, or took too long.
        """
        assert self._process.stdin is not None
        try:
            line = json.dumps({"inputs": list(inputs), "n_callers": n_callers})
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._ended() from error
        return Took(**json.loads(self.told(ANSWER_S)))

    def close(self) -> None:
        """Ask no more. Raises OSError where it is gone and has not read all."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def told(self, within_s: float) -> str:
        """Its next line. Raises PeerUnavailable as `ask`."""
        assert self._process.stdout is not None
        timer = threading.Timer(within_s, self._process.kill)
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            raise self._ended()
        return line.strip()

    def _ended(self) -> PeerUnavailable:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)
        self._process.kill()
        self._process.wait()
        self._errors.seek(0)
        return PeerUnavailable(
            f"{self._peer.name} ended with status {self._process.returncode}:"
            f" {_end_of(self._errors.read())}"
        )


@contextmanager
def running(peer: Peer, folder: Path, model: Path, n_threads: int) -> Iterator[PeerProcess]:
    """The peer with a model, ready to be asked; installed if it is not, ended afterwards.

    Args:
        peer: what to run.
        folder: where environments are kept, one below it per peer.
        model: the folder or file that it loads.
        n_threads: that it computes with.

    Raises:
        PeerUnavailable: it cannot be installed or started.
    """
    python = installed(peer, folder)
    numbers = (str(n_threads), str(WORKER_NICENESS))  # as the studio's workers: neighbours hit both
    command = [str(python), "-I", peer_child.__file__, peer.key, str(model), *numbers]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, "HF_HUB_OFFLINE": "1"},  # the model is here
            )
        except OSError as error:
            raise PeerUnavailable(f"{peer.name} cannot be started: {error}") from error
        with process:
            started = PeerProcess(peer, process, errors)
            try:
                started.told(START_S)
                yield started
            finally:
                process.kill()
                with suppress(OSError):  # what it did not read any more
                    started.close()


def installed(peer: Peer, folder: Path) -> Path:
    """The Python of the peer's environment, which is made once; takes minutes and up to 1.5 GB.

    Raises:
        PeerUnavailable: it cannot be made; nothing of it is kept.
    """
    home = folder / peer.key
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    made_from = home / _INSTALLED
    wanted = "\n".join(peer.packages)
    if made_from.is_file() and made_from.read_text(encoding="utf-8") == wanted:
        return python
    shutil.rmtree(home, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _run([sys.executable, "-m", "venv", str(home)])
        _run([str(python), "-m", "pip", "install", "--quiet", *peer.packages])
    except PeerUnavailable as error:
        shutil.rmtree(home, ignore_errors=True)
        raise PeerUnavailable(f"{peer.name} cannot be installed: {error}") from error
    made_from.write_text(wanted, encoding="utf-8")
    return python


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=INSTALL_S, encoding="utf-8"
        )
    except subprocess.CalledProcessError as error:
        raise PeerUnavailable(_end_of(error.stderr)) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerUnavailable(str(error)) from error


def _end_of(text: str) -> str:
    """The last words of a program, in one line."""
    return " ".join(text.split())[-_REASON_CHARACTERS:] or "it said nothing"
