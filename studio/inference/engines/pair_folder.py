"""What a folder says of its cross-encoder, read without loading it.

Knows the JSON files of the layout; knows no model library. A cross-encoder reads two texts together and
gives one number; what gives several, or vectors, is none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import ModelUnavailable

USUAL_MAX_TOKENS = 512
_HEAD = "ForSequenceClassification"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFolder:
    """A cross-encoder: where pairs are cut, and which token fills the shorter ones of a batch."""

    folder: Path
    max_tokens: int
    pad_token_id: int


def read_pair_folder(folder: Path, name: str) -> PairFolder:
    """Read the description; `name` is the model's for messages.

    Raises:
        ModelUnavailable: the model in the folder is no cross-encoder with one score per pair.
    """
    config = _read(folder / "config.json")
    names = [str(name) for name in config.get("architectures") or ()]
    if not any(name.endswith(_HEAD) for name in names):
        raise ModelUnavailable(
            "The model {name} cannot order passages: its architecture is {architecture}. Choose a "
            "reranking model (a cross-encoder).",
            name=name,
            architecture=", ".join(names) or "?",
        )
    n_scores = len(config.get("id2label") or ()) or int(config.get("num_labels") or 2)
    if n_scores != 1:
        raise ModelUnavailable(
            "The model {name} cannot order passages: it gives {n} numbers per passage instead of one. "
            "Choose a reranking model (a cross-encoder).",
            name=name,
            n=n_scores,
        )
    return PairFolder(
        folder=folder,
        max_tokens=_max_tokens(config, _read(folder / "tokenizer_config.json")),
        pad_token_id=int(config.get("pad_token_id") or 0),
    )


def _max_tokens(config: dict[str, Any], tokenizer: dict[str, Any]) -> int:
    """The smaller of what the tokenizer says and what the model has positions for."""
    positions = config.get("max_position_embeddings")
    if isinstance(positions, int) and "roberta" in str(config.get("model_type")):
        # RoBERTa counts positions from behind its padding token.
        positions -= int(config.get("pad_token_id") or 0) + 1
    limits = (tokenizer.get("model_max_length"), positions)
    known = [int(limit) for limit in limits if isinstance(limit, int | float) and 0 < limit < 1e6]
    return min(known, default=USUAL_MAX_TOKENS)


def _read(path: Path) -> dict[str, Any]:  # Any: the values of a JSON file
    if not path.is_file():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}
