"""What parsers raise on damaged files, besides their own errors.

Files from the wild break a parser in every possible way: a value is not of the type or in the range
that it took for granted. Catching these, and no more, turns them into a reason for the user.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from typing import Final
from xml.parsers.expat import ExpatError

MALFORMED: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ExpatError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,  # RecursionError and NotImplementedError among them
    StopIteration,
    SyntaxError,  # what XML parsers raise
    TypeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
