"""What a folder in the sentence-transformers layout says of its model, read without loading it.

Knows the JSON files of the layout; knows no model library. Only the plain pipeline (a transformer,
mean or first-token pooling, perhaps normalisation) is described; everything else is left to
sentence-transformers itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from studio.errors import ModelUnavailable

Pooling = Literal["mean", "cls"]
_LEGACY_POOLING = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceFolder:
    """A plain sentence model: how its tokens become one vector, and where texts are cut."""

    folder: Path
    pooling: Pooling
    max_tokens: int
    is_lower_case: bool
    pad_token_id: int


def read_sentence_folder(folder: Path) -> SentenceFolder:
    """Read the description.

    Raises:
        ModelUnavailable: the folder holds no plain pipeline, or no fast tokenizer.
    """
    if not (folder / "tokenizer.json").is_file():
        raise ModelUnavailable("{folder} has no tokenizer.json.", folder=folder.name)
    transformer, pooling = _module_folders(folder)
    config = _read(folder / "config.json")
    sentence = _read(transformer / "sentence_bert_config.json")
    limits = [
        sentence.get("max_seq_length"),
        _read(folder / "tokenizer_config.json").get("model_max_length"),
        config.get("max_position_embeddings"),
    ]
    # The first that is set rules, but no text may be longer than the model has positions for.
    known = [int(limit) for limit in limits if isinstance(limit, int | float) and limit < 1e6]
    return SentenceFolder(
        folder=folder,
        pooling=_pooling(pooling),
        max_tokens=min(known[0], known[-1]) if known else 512,
        is_lower_case=bool(sentence.get("do_lower_case")),
        pad_token_id=int(config.get("pad_token_id") or 0),
    )


def _module_folders(folder: Path) -> tuple[Path, Path | None]:
    """Folders of the transformer and of the pooling (None: the default)."""
    listing = folder / "modules.json"
    if not listing.is_file():
        return folder, None
    modules = json.loads(listing.read_text(encoding="utf-8"))
    kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise ModelUnavailable("Its parts are {kinds}.", kinds=", ".join(kinds))
    if modules[0]["path"]:
        raise ModelUnavailable("Its transformer lies in a folder of its own.")
    return folder, folder / str(modules[1]["path"])


def _pooling(folder: Path | None) -> Pooling:
    if folder is None:
        return "mean"
    config = _read(folder / "config.json")
    mode = config.get("pooling_mode")
    if mode is None:
        active = [key for key, value in config.items() if key.startswith("pooling_mode_") and value]
        mode = _LEGACY_POOLING.get(active[0]) if len(active) == 1 else None
    if mode == "mean" and config.get("include_prompt", True):
        return "mean"
    if mode == "cls":
        return "cls"
    raise ModelUnavailable("Its pooling is neither the mean nor the first token.")


def _read(path: Path) -> dict[str, Any]:  # Any: the values of a JSON file
    if not path.is_file():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}
