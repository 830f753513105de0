"""GGUF files turned into what the engines load.

OpenVINO reads a GGUF of 16-bit floats; transformers reads a folder with safetensors and tokenizer.
Both conversions undo the compression exactly once and never compress again. Knows no model's id, no
folder layout and no network; the caller makes the results appear at once or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.inference.fetching import Watch
from studio.inference.local_weights import gguf_problem
from studio.records import Notice

if TYPE_CHECKING:
    from gguf import GGUFReader

FILE_TYPE_F16 = 1  # general.file_type of a file whose matrices are 16-bit floats


def open_gguf(file: Path) -> GGUFReader:
    """A reader of a GGUF file, mapped into memory; nothing but the headers is read.

    Raises:
        ModelUnavailable: it is no GGUF file, or cut short.
    """
    from gguf import GGUFReader

    problem = gguf_problem(file)
    if not problem:
        try:
            reader = GGUFReader(file)
            if "general.architecture" in reader.fields and reader.tensors:
                return reader
            problem = "The file holds no model."
        except (ValueError, IndexError, KeyError, OverflowError) as error:
            problem = f"The file is damaged or incomplete ({error})."
    raise ModelUnavailable(
        "{file} cannot be used as a model. {problem} Choose another file.",
        file=file.name,
        problem=problem,
    )


def f16_bytes(reader: GGUFReader) -> int:
    """Bytes the file will have as 16-bit floats, with room for its headers."""
    headers = int(reader.data_offset) + 64 * len(reader.tensors)
    return headers + sum(int(t.n_elements) * _dtype(t).itemsize for t in reader.tensors)


def is_f16(reader: GGUFReader) -> bool:
    """Whether nothing would change: all matrices are 16-bit, all vectors 32-bit floats."""
    return all(t.tensor_type.name == ("F16" if _is_matrix(t) else "F32") for t in reader.tensors)


def write_f16(
    reader: GGUFReader,
    target: Path,
    name: str,
    watch: Watch,
    changed: Mapping[str, NDArray[np.float32]] = MappingProxyType({}),
) -> None:
    """Write a GGUF with matrices as 16-bit floats, vectors as 32-bit ones, and the same metadata.

    One tensor is in memory at a time. About 3 seconds for 135 million weights.

    Args:
        reader: the source, from `open_gguf` (which takes as long again for its vocabulary).
        target: the file that is written.
        name: what the user calls the model.
        watch: told after every tensor.
        changed: matrices that are written instead of the source's, by their name in it.

    Raises:
        ModelUnavailable: the source is compressed in a way that cannot be undone.
        Cancelled: the user wants to stop; `target` is incomplete then.
        OSError: the disk is full.
    """
    from gguf import GGUFWriter

    watch.begin(Notice("Preparing {name}", name=name), len(reader.tensors), "tensors")
    writer = GGUFWriter(target, str(reader.fields["general.architecture"].contents()))
    try:
        copy_metadata(reader, writer)
        for tensor in reader.tensors:
            shape = tuple(int(n) for n in reversed(tensor.shape))
            dtype = _dtype(tensor)
            n_bytes = int(tensor.n_elements) * dtype.itemsize
            writer.add_tensor_info(tensor.name, shape, dtype, n_bytes)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for i, tensor in enumerate(reader.tensors, 1):
            new = changed.get(tensor.name)
            writer.write_tensor_data(
                decompressed(name, tensor) if new is None else new.astype(_dtype(tensor))
            )
            watch.advance(i)
    finally:
        writer.close()


def write_transformers_folder(source: Path, folder: Path, name: str, watch: Watch) -> None:
    """Write config, tokenizer (with its chat template) and 32-bit safetensors of a GGUF file.

    About 15 to 30 seconds and 10 bytes of memory per weight at 135 million weights.

    Raises:
        ModelUnavailable: transformers cannot read this architecture or compression.
        OSError: the disk is full.
    """
    open_gguf(source)
    watch.begin(Notice("Preparing {name}", name=name))
    from transformers import AutoConfig, AutoTokenizer

    place = {"pretrained_model_name_or_path": source.parent, "gguf_file": source.name}
    try:
        tokenizer = AutoTokenizer.from_pretrained(**place)
        watch.advance(0)
        model = _load_float32(source, AutoConfig.from_pretrained(**place))
    except (ValueError, NotImplementedError, KeyError, RuntimeError) as error:
        raise ModelUnavailable(
            "{file} cannot be prepared: its kind of model is not supported ({detail}). Use the "
            "model's safetensors version instead.",
            file=source.name,
            detail=str(error).partition("\n")[0],
        ) from error
    watch.advance(0)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _load_float32(source: Path, config: Any) -> Any:  # Any: transformers is imported lazily
    """The model with the weights of a GGUF file.

    Assembled here, as `from_pretrained(gguf_file=...)` wants one more package and marks the model as
    compressed, which it is not any more.
    """
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    tensors = load_gguf_checkpoint(str(source), return_tensors=True, model_to_load=model)["tensors"]
    missing, unexpected = model.load_state_dict(tensors, strict=False)
    tied = set(model.all_tied_weights_keys) if config.tie_word_embeddings else set()
    if unexpected or set(missing) - tied:
        names = ", ".join([*unexpected, *sorted(set(missing) - tied)][:3])
        raise ValueError(f"weights do not match the architecture: {names}")
    model.tie_weights()
    return model.eval()


def copy_metadata(
    reader: GGUFReader, writer: Any, *, file_type: int = FILE_TYPE_F16
) -> None:  # Any: gguf's writer is untyped
    """Give a new file all that another says of its model, but for how its weights are stored."""
    from gguf import GGUFValueType

    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key == "general.architecture":
            continue  # the writer makes these itself
        value = file_type if key == "general.file_type" else field.contents()
        kind = field.types[0]
        item = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(key, value, kind, item)


def _is_matrix(tensor: Any) -> bool:  # Any: gguf's tensors are untyped
    return len(tensor.shape) > 1


def _dtype(tensor: Any) -> np.dtype[Any]:
    return np.dtype(np.float16 if _is_matrix(tensor) else np.float32)


def decompressed(name: str, tensor: Any) -> np.ndarray[Any, Any]:
    """A tensor as floats: matrices with 16 bits, vectors with 32.

    Raises:
        ModelUnavailable: it is compressed in a way that cannot be undone.
    """
    from gguf.quants import dequantize

    try:
        return np.asarray(dequantize(tensor.data, tensor.tensor_type), dtype=_dtype(tensor))
    except NotImplementedError as error:
        raise ModelUnavailable(
            "{name} is compressed as {kind}, which cannot be read. Use a version compressed as "
            "Q4_0, Q4_1, Q4_K, Q5_K, Q6_K or Q8_0.",
            name=name,
            kind=tensor.tensor_type.name,
        ) from error
