"""What cannot be made smaller says why."""

from __future__ import annotations

import pytest

from studio.inference.model_spec import ModelSpec
from studio.records import Task
from studio.tuning.trainable import compression_problem_of


@pytest.mark.parametrize(
    ("task", "source", "said"),
    [
        (Task.GENERATION, "gguf", None),
        (Task.GENERATION, "package", None),
        (Task.GENERATION, "hub", "did not come as GGUF"),
        (Task.GENERATION, "remote", "does not run on this computer"),
        (Task.EMBEDDING, "folder", None),
        (Task.EMBEDDING, "package", "does not come as safetensors"),
    ],
)
def test_which_models_can_be_made_smaller(task, source, said):
    spec = ModelSpec(
        id="m", name="M", task=task, source=source, location="x", licence="MIT", languages=("en",)
    )
    problem = compression_problem_of(spec)
    assert (problem is None) if said is None else said in str(problem)
