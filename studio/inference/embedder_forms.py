"""Smaller forms of a sentence model for the CPU: a folder with the model's files and a note of the form.

    int8   weights as 8-bit integers with a scale for each row, computed with as OpenVINO likes
    bf16   computed with 16 bits, on processors that do so themselves

The engine reads the note (see `engines.openvino_embedding`); the files are those of the model, so that
the form can be exported and read elsewhere as the model itself. Knows neither engines nor whether the
result is any good.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Literal, get_args

EmbedderForm = Literal["int8", "bf16"]
FORMS: tuple[EmbedderForm, ...] = get_args(EmbedderForm)
NOTE = "precision.json"


def form_of(folder: Path) -> EmbedderForm | None:
    """The form that a model's folder asks for; None for its weights as they are.

    What cannot be read, or is of a later version, counts as none.
    """
    try:
        stored = json.loads((folder / NOTE).read_text(encoding="utf-8"))["precision"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return next((one for one in FORMS if one == stored), None)


def write_form(base: Path, target: Path, form: EmbedderForm) -> None:
    """Make the folder of a form, by hard links where the disk allows it; one that is there is replaced.

    Args:
        base: config, tokenizer and safetensors of a sentence model.
        target: the folder to be made.
        form: how it is to be computed with.

    Raises:
        OSError: the disk is full.
    """
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(base, partial, copy_function=_link_or_copy)
    (partial / NOTE).unlink(missing_ok=True)
    note = json.dumps({"precision": form})
    (partial / NOTE).write_text(note, encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)


def _link_or_copy(source: str, target: str) -> None:
    if Path(source).suffix == ".safetensors":
        try:
            os.link(source, target)
        except OSError:  # another disk
            shutil.copyfile(source, target)
        return
    shutil.copyfile(source, target)
