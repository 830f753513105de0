"""A text model in OpenVINO's own format, with the weights as compressed as its file has them.

OpenVINO GenAI reads a GGUF of 16-bit floats exactly, but computes with 32-bit copies; read straight
from a compressed file it rounds the zero points, and the text is another. So its own graph of the
16-bit file is taken, and every matrix replaced by the integers, scales and zero points that the
compressed file stores: the same weights in a quarter to an eighth of the memory, which is what a
request waits for. Matrices that read the same input become one.

Runs in a child process (`python -m` this module). Knows one model; knows no engine.
"""

from __future__ import annotations

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.inference.engines.child_conversion import made_once
from studio.inference.gguf_blocks import Blocks, take_apart

GRAPH = "openvino_model.xml"
_LAYOUT = 1  # counts up when this module makes other files from the same model
_Place = tuple[int, int]  # tensor, row


def compressed_graph(gguf_f16: Path, original: Path, cache: Path, revision: str) -> Path:
    """The folder with the model's graph, made when it is missing: about 15 s at 135 million weights.

    Args:
        gguf_f16: the model as 16-bit floats.
        original: the compressed file that was made from.
        cache: folder of all converted models.
        revision: identifies the weights.

    Raises:
        ModelUnavailable: OpenVINO cannot read the model, or nothing in it is compressed in a way
            that OpenVINO computes with.
    """
    facts = (revision, original.stat().st_size, version("openvino-genai"), _LAYOUT)
    module = "studio.inference.engines.openvino_graph"
    return made_once(cache, facts, GRAPH, module, [gguf_f16, original])


def convert(gguf_f16: Path, original: Path, folder: Path) -> None:
    """Write `openvino_model.xml` and `.bin` into a new folder.

    Raises:
        ModelUnavailable: no matrix could be replaced.
    """
    import openvino

    folder.mkdir()
    model = openvino.Core().read_model(_graph_of(gguf_f16, folder))
    weights = _CompressedWeights(original)
    n_replaced = 0
    for same_input in _matrices(model):
        by_kind = defaultdict(list)
        for product, matrix in same_input:
            found = weights.of(matrix)
            if found is not None:
                by_kind[found[0]].append((product, found[1]))
        for products in by_kind.values():
            _replace(products)
            n_replaced += len(products)
    if not n_replaced:
        raise ModelUnavailable("Nothing in it is compressed in a way that OpenVINO computes with.")
    openvino.save_model(model, str(folder / "new.xml"), compress_to_fp16=False)
    del model  # its weights are mapped from the file that goes now
    for file in folder.iterdir():
        if file.suffix not in (".xml", ".bin") or file.stem != "new":
            file.unlink()
    (folder / "new.bin").rename(folder / GRAPH.replace(".xml", ".bin"))
    (folder / "new.xml").rename(folder / GRAPH)


def _graph_of(gguf_f16: Path, folder: Path) -> Path:
    """The graph that OpenVINO GenAI makes of a GGUF; it writes it beside the file it is shown."""
    import openvino_genai

    shown = folder / "model.gguf"
    shown.symlink_to(gguf_f16.resolve())
    schedule = openvino_genai.SchedulerConfig()
    schedule.num_kv_blocks = 1
    openvino_genai.ContinuousBatchingPipeline(
        str(shown), schedule, "CPU", {"enable_save_ov_model": True}
    )
    return folder / GRAPH


def _matrices(model: Any) -> Iterator[list[tuple[Any, NDArray[np.float16]]]]:
    """Products with a constant 16-bit matrix `(n, k)`, those of one input together."""
    found = defaultdict(list)
    for product in model.get_ordered_ops():
        if product.get_type_name() != "MatMul":
            continue
        widened = product.input_value(1).get_node()
        constant = widened.input_value(0).get_node() if widened.get_input_size() else widened
        if widened.get_type_name() == "Convert" and constant.get_type_name() == "Constant":
            source = product.input_value(0)
            key = (source.get_node().get_friendly_name(), source.get_index())
            found[key].append((product, constant.get_data()))
    yield from found.values()


class _CompressedWeights:
    """Finds the blocks of a decompressed matrix by its rows, which a reader may have reordered."""

    def __init__(self, original: Path) -> None:
        from gguf import GGUFReader

        self._tensors: list[Any] = []
        self._places: dict[bytes, _Place] = {}
        for tensor in GGUFReader(original).tensors:
            self._add(tensor)

    def of(self, matrix: NDArray[np.float16]) -> tuple[str, Blocks] | None:
        """Kind and blocks of a matrix; None if the file does not have it compressed."""
        places = [self._places.get(_row_key(row)) for row in matrix]
        if None in places:
            return None
        which, rows = np.array(places).T
        if (which != which[0]).any():
            return None
        tensor = self._tensors[which[0]]
        blocks = take_apart(tensor.data, tensor.tensor_type.name)
        return None if blocks is None else (tensor.tensor_type.name, blocks.rows(rows))

    def _add(self, tensor: Any) -> None:  # Any: gguf's tensors are untyped
        from gguf.quants import dequantize

        if take_apart(tensor.data[:1], tensor.tensor_type.name) is None:
            return
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float16)
        for row, content in enumerate(values):
            self._places.setdefault(_row_key(content), (len(self._tensors), row))
        self._tensors.append(tensor)


def _row_key(row: NDArray[np.float16]) -> bytes:
    return hashlib.blake2b(row.tobytes(), digest_size=16).digest()


def _replace(products: list[tuple[Any, Blocks]]) -> None:
    """One product with the compressed matrices in place of several with the decompressed ones."""
    from openvino import opset13

    matrix = _constant([blocks for _, blocks in products])
    if len(products) == 1:
        products[0][0].input(1).replace_source_output(matrix.output(0))
        return
    whole = opset13.matmul(products[0][0].input_value(0), matrix, False, True)
    sizes = np.array([len(blocks.integers) for _, blocks in products], np.int64)
    parts = opset13.variadic_split(whole, opset13.constant(np.int64(-1)), opset13.constant(sizes))
    for i, (product, _) in enumerate(products):
        product.output(0).replace(parts.output(i))


def _constant(parts: list[Blocks]) -> Any:
    """`(integers - zero) * scale` as a matrix `(n, k)`: OpenVINO keeps it compressed."""
    import openvino
    from openvino import opset13

    integers = np.concatenate([part.integers for part in parts])
    n, n_groups, size = integers.shape
    if integers.dtype == np.int8:
        kind = openvino.Type.i8
    else:
        kind = openvino.Type.u4 if parts[0].n_bits == 4 else openvino.Type.u8
    values = opset13.convert(opset13.constant(integers, dtype=kind), openvino.Type.f32)
    if parts[0].zero is not None:
        zeros = np.concatenate([part.zero for part in parts if part.zero is not None])
        values = opset13.subtract(values, opset13.constant(zeros))
    scaled = opset13.multiply(
        values, opset13.constant(np.concatenate([part.scale for part in parts]))
    )
    shape = np.array([n, n_groups * size], np.int64)
    return opset13.reshape(scaled, opset13.constant(shape), False)


if __name__ == "__main__":
    convert(*map(Path, sys.argv[1:4]))
