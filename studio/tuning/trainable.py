"""Which models of the catalogue can be trained or made smaller here, and why others cannot."""

from __future__ import annotations

from studio.inference.model_spec import ModelSpec
from studio.inference.training.plan import Method
from studio.records import Notice, Task

TASK_OF: dict[Method, Task] = {"contrastive": Task.EMBEDDING, "lora": Task.GENERATION}


def problem_of(spec: ModelSpec, method: Method) -> Notice | None:
    """Why a model cannot be trained by a method, as the catalogue tells; None if it can."""
    if spec.task is not TASK_OF[method]:
        return Notice("{name} is a model for something else.", name=spec.name)
    if spec.source in ("remote", "fake"):
        return Notice(
            "{name} does not run on this computer, so it cannot be trained here.", name=spec.name
        )
    if method == "contrastive" and spec.source == "package":
        return Notice(
            "{name} comes in a form that can only be used, not trained. Choose all-MiniLM-L6-v2 or a"
            " model from the hub.",
            name=spec.name,
        )
    return None


def compression_problem_of(spec: ModelSpec) -> Notice | None:
    """Why a model cannot be made smaller, as the catalogue tells; None if it can."""
    if spec.source in ("remote", "fake"):
        return Notice(
            "{name} does not run on this computer, so it cannot be made smaller here.",
            name=spec.name,
        )
    if spec.task is Task.GENERATION and spec.source not in ("gguf", "package"):
        return Notice(
            "{name} did not come as GGUF, the only form in which text models are made smaller here. "
            "Add it as a GGUF file on the Models page.",
            name=spec.name,
        )
    if spec.task is Task.EMBEDDING and spec.source not in ("bundled", "hub", "folder"):
        return Notice(
            "{name} does not come as safetensors, the only form in which search models are made smaller "
            "here.",
            name=spec.name,
        )
    return None
