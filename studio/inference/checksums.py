"""SHA-256 of files, and what to say when one is not what it should be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from studio.errors import ModelUnavailable

BLOCK_BYTES = 1 << 20


class WeightsDiffer(ModelUnavailable):
    """Weights that are not the pinned ones: damaged on the way, or replaced at the source.

    Never answered by asking another source: somebody should look at it.
    """

    def __init__(self, *, name: str, expected: str, found: str) -> None:
        super().__init__(
            "The files of {name} are not the expected ones: their checksum begins with {found}, it "
            "should begin with {expected}. They were damaged on the way or changed at the source. "
            "Fetch or install the model again; if this returns, use another mirror.",
            name=name,
            expected=expected[:12],
            found=found[:12],
        )


def sha256_of(file: Path, advanced: Callable[[int], None] | None = None) -> str:
    """SHA-256 of a file as 64 hexadecimal digits; about half a second per 100 MB.

    Args:
        file: what is read, block by block.
        advanced: called with the bytes read so far after every block; may raise to stop.
    """
    digest = hashlib.sha256()
    n_bytes = 0
    with file.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
            n_bytes += len(block)
            if advanced is not None:
                advanced(n_bytes)
    return digest.hexdigest()


def require_sha256(name: str, expected: str, found: str) -> None:
    """Do nothing if a checksum is the pinned one, or nothing is pinned (`expected` is empty).

    Raises:
        WeightsDiffer: it is another.
    """
    if expected and expected != found:
        raise WeightsDiffer(name=name, expected=expected, found=found)
