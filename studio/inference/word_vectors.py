"""A sentence model looked into: the vector of each word of a text, as the model reads it there.

The usual vector of a text is the mean of these; side by side they show which words of a query and of a
passage the model brings together (late interaction; Khattab and Zaharia, 2020, "ColBERT", though on a
model that was not trained for it). Read by transformers in a process of its own (`python -m`).
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.inference.training.plan import write_json
from studio.inference.training.process import run_module

MAX_TOKENS = 512
_REQUEST, _SPANS, _VECTORS = "request.json", "spans.json", "vectors.npz"


@dataclass(frozen=True, kw_only=True)  # no slots: arrays
class WordVectors:
    """The words of a text: where each begins and ends, and `(n, dim)` float32 of unit length."""

    spans: tuple[tuple[int, int], ...]
    vectors: NDArray[np.float32]


def word_vectors(
    folder: Path,
    texts: Sequence[str],
    *,
    prefixes: Sequence[str],
    n_threads: int,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[WordVectors, ...]:
    """The words of each text with their vectors; one pass per text, after loading the model.

    Parts of a word are put together; signs that are neither letter nor number are left out. Chinese is
    read by the character. A text is cut at 512 tokens.

    Args:
        folder: config, tokenizer and safetensors of a sentence model.
        texts: to be read.
        prefixes: what the model wants before each of them; no words of the text.
        n_threads: compute threads.
        cancelled: asked several times a second.

    Raises:
        Cancelled: `cancelled` said yes.
        StudioError: the model cannot be loaded.
    """
    with tempfile.TemporaryDirectory(prefix="words-") as name:
        work = Path(name)
        request = {
            "folder": str(folder),
            "texts": list(texts),
            "prefixes": list(prefixes),
            "n_threads": n_threads,
        }
        write_json(work / _REQUEST, request)
        run_module("studio.inference.word_vectors", work, cancelled)
        spans = json.loads((work / _SPANS).read_text(encoding="utf-8"))
        with np.load(work / _VECTORS) as arrays:
            return tuple(
                WordVectors(
                    spans=tuple((int(start), int(end)) for start, end in own),
                    vectors=np.asarray(arrays[f"text{number}"], np.float32),
                )
                for number, own in enumerate(spans)
            )


def _read(work: Path) -> None:
    """Do what `request.json` says; in the process of its own."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    request = json.loads((work / _REQUEST).read_text(encoding="utf-8"))
    torch.set_num_threads(int(request["n_threads"]))
    tokenizer: Any = AutoTokenizer.from_pretrained(request["folder"], local_files_only=True)
    model: Any = AutoModel.from_pretrained(
        request["folder"], local_files_only=True, dtype=torch.float32
    ).eval()
    limit = min(MAX_TOKENS, int(getattr(model.config, "max_position_embeddings", MAX_TOKENS)))
    spans: list[list[tuple[int, int]]] = []
    arrays: dict[str, NDArray[np.float32]] = {}
    for number, (text, prefix) in enumerate(
        zip(request["texts"], request["prefixes"], strict=True)
    ):
        read = tokenizer(
            prefix + text,
            truncation=True,
            max_length=limit,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = read.pop("offset_mapping")[0].tolist()
        with torch.inference_mode():
            states = model(**read).last_hidden_state[0].float().numpy()  # (tokens, dim)
        own, vectors = words_of(text, len(prefix), offsets, read.word_ids(0), states)
        spans.append(own)
        arrays[f"text{number}"] = vectors
    write_json(work / _SPANS, spans)
    np.savez(work / _VECTORS, **arrays)  # type: ignore[arg-type] # numpy's stubs take no mapping


def words_of(
    text: str,
    n_prefix: int,
    offsets: Sequence[Sequence[int]],
    word_ids: Sequence[int | None],
    states: NDArray[np.float32],
) -> tuple[list[tuple[int, int]], NDArray[np.float32]]:
    """Words out of tokens: where they stand in the text, and the mean of their tokens' vectors.

    Args:
        text: without its prefix.
        n_prefix: characters before it.
        offsets: where each token begins and ends.
        word_ids: which word each token is of; None for none.
        states: `(tokens, dim)`.
    """
    rows: dict[int, list[int]] = {}
    for row, word in enumerate(word_ids):
        start, end = offsets[row]
        if word is not None and start >= n_prefix and end > start:
            rows.setdefault(word, []).append(row)
    spans, vectors = [], []
    for members in rows.values():
        start = min(offsets[row][0] for row in members) - n_prefix
        end = max(offsets[row][1] for row in members) - n_prefix
        if any(sign.isalnum() for sign in text[start:end]):
            mean = states[members].mean(axis=0)
            spans.append((start, end))
            vectors.append(mean / max(float(np.linalg.norm(mean)), 1e-12))
    dim = states.shape[1]
    return spans, np.asarray(vectors, np.float32).reshape(len(spans), dim)


if __name__ == "__main__":
    _read(Path(sys.argv[1]))
