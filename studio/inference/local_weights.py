"""What lies on this computer already: is it a model's folder, is it a GGUF file, which one is it.

Reads; changes nothing and asks no network.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

GGUF_MAGIC = b"GGUF"
SAMPLE_BYTES = 1 << 20
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer.model",
    "vocab.txt",
    "vocab.json",
    "spiece.model",
    "sentencepiece.bpe.model",
)
UNIVERSAL_SENTENCE_FILES = ("weights.npz", "sp.model")


def folder_problem(folder: Path) -> str:
    """Why a folder is not a model that can be loaded, as a sentence; empty if it is one."""
    if not folder.is_dir():
        return "There is no such folder on the computer the studio runs on."
    if not (folder / "config.json").is_file():
        return "The folder has no config.json. Choose the folder that holds the model's files."
    if not any(folder.glob("*.safetensors")):
        return (
            "The folder has no .safetensors file. Weights in other formats are not opened, as they "
            "can run code; ask for the model in the safetensors format."
        )
    if not any((folder / name).is_file() for name in TOKENIZER_FILES):
        return "The folder has no tokenizer. Copy the tokenizer files of the model into it."
    return ""


def is_universal_sentence(folder: Path) -> bool:
    """Whether a folder holds a universal sentence encoder as its package has it."""
    return all((folder / name).is_file() for name in UNIVERSAL_SENTENCE_FILES)


def gguf_problem(file: Path) -> str:
    """Why a file is no GGUF, as a sentence; empty if it begins like one."""
    if not file.is_file():
        return "There is no such file on the computer the studio runs on."
    with file.open("rb") as stream:
        is_gguf = stream.read(len(GGUF_MAGIC)) == GGUF_MAGIC
    return "" if is_gguf else "The file is not a GGUF file (it does not begin with GGUF)."


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder, 0 if it is not there. Files may come and go meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                total += path.stat().st_size
        except FileNotFoundError:  # a download renames its files
            continue
    return total


def folder_fingerprint(folder: Path) -> str:
    """12 hexadecimal digits that change when the model in the folder does.

    Covers name and size of every safetensors and JSON file at the top, and the first and last MiB
    of each: a new training run changes these, and weights of many gigabytes are not read in full.
    """
    digest = hashlib.sha256()
    for file in sorted([*folder.glob("*.safetensors"), *folder.glob("*.json")]):
        size = file.stat().st_size
        digest.update(f"{file.name}\0{size}\0".encode())
        with file.open("rb") as stream:
            digest.update(stream.read(SAMPLE_BYTES))
            stream.seek(max(0, size - SAMPLE_BYTES))
            digest.update(stream.read(SAMPLE_BYTES))
    return digest.hexdigest()[:12]
