"""Weights of the Universal Sentence Encoder (multilingual, version 3), as its package keeps them.

A folder of two files: `weights.npz` with the arrays and `sp.model` with the vocabulary. Arrays only:
nothing in it can run. Knows neither what is computed with them nor where they come from.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable

# Words that each branch looks at, and how many of them stand before the word itself.
BRANCHES = ((2, 0), (3, 1), (5, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class UniversalSentenceWeights:
    """What the encoder computes with.

    Attributes:
        table: one row of whole numbers per token, `(n_tokens, width)` uint8; a row stands for
            `row * scale + offset` of its chunk, and a token's chunk is its id modulo their number.
        scale: by chunk, `(n_chunks, 1)` float32.
        offset: by chunk, `(n_chunks, 1)` float32.
        arrays: all other arrays by name, float32.
        epsilon: keeps divisions from zero.
    """

    table: NDArray[np.uint8]
    scale: NDArray[np.float32]
    offset: NDArray[np.float32]
    arrays: Mapping[str, NDArray[np.float32]]
    epsilon: float


def read_weights(file: Path) -> UniversalSentenceWeights:
    """Read `weights.npz`.

    Raises:
        ModelUnavailable: the file is damaged, or is of another model.
    """
    try:
        # Opened here, as numpy leaves a file open that it cannot read.
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            n_chunks = len(stored["lo"])
            n_rows, width = stored["q1"].shape
            table = np.empty((n_chunks * n_rows, width), np.uint8)
            for chunk in range(n_chunks):  # one at a time: all unpacked twice would double the room
                table[chunk::n_chunks] = stored[f"q{chunk + 1}"]
            arrays = {name: stored[name].astype(np.float32) for name in _names()}
            _check_widths(arrays, width)
            return UniversalSentenceWeights(
                table=table,
                scale=stored["scale"].astype(np.float32).reshape(n_chunks, 1),
                offset=stored["lo"].astype(np.float32).reshape(n_chunks, 1),
                arrays=arrays,
                epsilon=float(stored["eps"]),
            )
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelUnavailable(
            "{file} does not hold the weights of a universal sentence encoder.", file=file.name
        ) from error


def _names() -> tuple[str, ...]:
    of_branches = ("proj{}", "proj_b{}", "ln_g{}", "ln_b{}", "w1_{}", "b1_{}", "w2_{}", "b2_{}")
    branches = [name.format(n) for n, _ in BRANCHES for name in of_branches]
    return (*branches, "ln_g", "ln_b", "cnn_W", "cnn_b", "d0", "d1", "p1", "d2", "p3", "d3")


def _check_widths(arrays: Mapping[str, NDArray[np.float32]], width: int) -> None:
    """Refuse branches whose arrays do not fit each other: they would fail while computing.

    Raises:
        ValueError: a width differs.
    """
    branch_width = arrays["proj2"].shape[1]
    for n, _ in BRANCHES:
        shapes = [arrays[name].shape for name in (f"proj{n}", f"w1_{n}", f"w2_{n}")]
        if shapes != [(width, branch_width), *2 * [(n * branch_width, branch_width)]]:
            raise ValueError(shapes)
