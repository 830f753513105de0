"""The context length out of a GGUF file's header, without reading its vocabulary or weights.

The `gguf` package parses the whole vocabulary, which takes seconds; the number wanted here stands
before it. Layout: magic, version, number of tensors, number of pairs, then key, type, value of each
(https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from studio.errors import ModelUnavailable

DEFAULT_CONTEXT = 2048
_STRING, _ARRAY = 8, 9
_FORMATS = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))


def context_length(path: Path) -> int:
    """Tokens the model can read and write together; a careful 2048 where the file does not say.

    Raises:
        ModelUnavailable: it is not a GGUF file.
    """
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ModelUnavailable("{name} is not a GGUF file.", name=path.name)
        try:
            _, _, n_pairs = struct.unpack("<IQQ", file.read(20))
            for _ in range(n_pairs):
                key = file.read(_number(file, "Q")).decode("utf-8", "replace")
                value = _value(file, _number(file, "I"))
                if key.endswith(".context_length") and value is not None:
                    return int(value)
        except (struct.error, KeyError, OverflowError, MemoryError) as error:
            raise ModelUnavailable("The file {name} is damaged.", name=path.name) from error
    return DEFAULT_CONTEXT


def _number(file: BinaryIO, code: str) -> int:
    size = struct.calcsize("<" + code)
    return int(struct.unpack("<" + code, file.read(size))[0])


def _value(file: BinaryIO, kind: int) -> int | None:
    """The value if it is a number; None for a string or an array, which is skipped."""
    if kind == _STRING:
        file.seek(_number(file, "Q"), 1)
        return None
    if kind == _ARRAY:
        element, n = _number(file, "I"), _number(file, "Q")
        if element in _FORMATS:
            file.seek(n * struct.calcsize("<" + _FORMATS[element]), 1)
        else:
            for _ in range(n):
                _value(file, element)
        return None
    return _number(file, _FORMATS[kind])
