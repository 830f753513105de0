"""A sentence model in OpenVINO's own format: made once, pooling included, then kept on disk.

The conversion runs in a child process (`python -m` this module), because it needs torch. Knows one
folder; knows no engine.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.inference.embedder_forms import form_of
from studio.inference.engines.child_conversion import made_once
from studio.inference.engines.sentence_folder import SentenceFolder, read_sentence_folder

_EXAMPLE_TOKENS = 8
_LEAST_ROWS = 1000  # smaller tables (positions, kinds of text) save nothing
_LAYOUT = 1  # counts up when this module makes other integers from the same weights


def converted(description: SentenceFolder, cache: Path, revision: str) -> Path:
    """The converted model (`model.xml` beside `model.bin`), made when it is missing.

    Args:
        description: what the folder says of its model.
        cache: folder of all converted models; one below it per model and OpenVINO version.
        revision: identifies the weights.

    Raises:
        ModelUnavailable: OpenVINO cannot read the model.
    """
    weights = [
        (path.name, path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(description.folder.glob("*.safetensors"))
    ]
    made_of = (revision, str(description.folder), weights, description.pooling, version("openvino"))
    form = form_of(description.folder)
    facts = (*made_of, form, _LAYOUT) if form == "int8" else made_of
    folder = made_once(
        cache,
        facts,
        "model.xml",
        "studio.inference.engines.openvino_conversion",
        [description.folder],
    )
    return folder / "model.xml"


def convert(folder: Path, target: Path) -> None:
    """Write `model.xml` and `model.bin` of the sentence model into a new folder.

    The result takes `input_ids` and `attention_mask`, `(n, tokens)` int64, and gives `(n, dim)`
    float32 of unit length.
    """
    import openvino
    import torch
    from transformers import AutoModel

    pooling = read_sentence_folder(folder).pooling

    class SentenceModel(torch.nn.Module):
        """The transformer with pooling and normalisation, so that only `(n, dim)` leaves it."""

        def __init__(self) -> None:
            super().__init__()
            self.transformer = AutoModel.from_pretrained(
                str(folder), local_files_only=True, dtype=torch.float32
            )

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.transformer(input_ids=input_ids, attention_mask=attention_mask)[0]
            if pooling == "cls":
                pooled = states[:, 0]  # (n, dim)
            else:
                mask = attention_mask.unsqueeze(-1).to(states.dtype)  # (n, tokens, 1)
                pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, dim=1)

    ids = torch.ones((2, _EXAMPLE_TOKENS), dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[1, _EXAMPLE_TOKENS // 2 :] = 0  # with padding, else its handling may be traced away
    with torch.inference_mode():
        model = openvino.convert_model(
            SentenceModel().eval(), example_input={"input_ids": ids, "attention_mask": mask}
        )
    if form_of(folder) == "int8":
        with_integers(model)
    target.mkdir()
    openvino.save_model(model, str(target / "model.xml"), compress_to_fp16=False)


def with_integers(model: Any) -> int:
    """Put 8-bit integers in place of every constant matrix that is multiplied with or looked up in.

    Each row has a scale, its greatest value over 127. Gives how many matrices were replaced.
    """
    n_replaced = 0
    for product in model.get_ordered_ops():
        if product.get_type_name() == "Gather":
            n_replaced += _looked_up_in_integers(product)
        if product.get_type_name() != "MatMul":
            continue
        constant = product.input_value(1).get_node()
        if constant.get_type_name() != "Constant":
            continue
        matrix = np.asarray(constant.get_data(), np.float32)  # (n, k), or (k, n) where not turned
        if matrix.ndim != 2:
            continue
        along = 1 if product.get_attributes()["transpose_b"] else 0
        product.input(1).replace_source_output(_integers(matrix, along).output(0))
        n_replaced += 1
    return n_replaced


def _looked_up_in_integers(gather: Any) -> bool:
    """A lookup in a table of floats as one in integers; False where it is no such table."""
    import openvino
    from openvino import opset13

    table = gather.input_value(0).get_node()
    if table.get_type_name() != "Constant" or table.get_element_type() != openvino.Type.f32:
        return False
    matrix = np.asarray(table.get_data(), np.float32)  # (words, dim)
    if matrix.ndim != 2 or matrix.shape[0] < _LEAST_ROWS:
        return False
    integers, scale = _rounded(matrix, 1)
    places, axis = gather.input_value(1), gather.input_value(2)
    found = opset13.gather(opset13.constant(integers, dtype=openvino.Type.i8), places, axis)
    scales = opset13.gather(opset13.constant(scale), places, axis)
    whole = opset13.multiply(opset13.convert(found, openvino.Type.f32), scales)
    gather.output(0).replace(whole.output(0))
    return True


def _integers(matrix: NDArray[np.float32], along: int) -> Any:
    """`integers * scale` as OpenVINO keeps it compressed; one scale for what lies along an axis."""
    import openvino
    from openvino import opset13

    integers, scale = _rounded(matrix, along)
    values = opset13.convert(opset13.constant(integers, dtype=openvino.Type.i8), openvino.Type.f32)
    return opset13.multiply(values, opset13.constant(scale))


def _rounded(
    matrix: NDArray[np.float32], along: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Integers from -127 to 127, and the scale that gives the matrix back."""
    scale = np.maximum(np.abs(matrix).max(axis=along, keepdims=True), 1e-12) / 127
    integers = np.clip(np.rint(matrix / scale), -127, 127).astype(np.int8)
    return integers, scale.astype(np.float32)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
