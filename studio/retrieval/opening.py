"""A version of an index read from disk, every file checked; what can be made again is mended.

Passages and vectors are what an index is made of: where they are damaged it must be built again. The
word index can be made from the passages, and the arrangement of vectors from the vectors.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from studio.records import Chunk
from studio.retrieval.arranging import ARRANGEMENT_FILES, Arranged, arrange_again, read_arranged
from studio.retrieval.lexical import LEXICAL_FILES, LexicalIndex
from studio.retrieval.manifest import Manifest, damaged, read_manifest
from studio.retrieval.milvus import MilvusPlace
from studio.retrieval.passages import read_passages, searchable_text
from studio.retrieval.reference import REFERENCE_TEXTS
from studio.retrieval.storage import begin_version, checksum, current_version, discard
from studio.retrieval.vectors import Vectors

_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything an open index is made of."""

    manifest: Manifest
    chunks: tuple[Chunk, ...]
    vectors: Vectors
    arranged: Arranged
    lexical: LexicalIndex


def read_parts(version: Path, milvus: MilvusPlace | None = None) -> Parts:
    """An index from one version's folder; `milvus` is the server that one in Milvus is searched in.

    Raises:
        IndexMismatch: the manifest, the passages or the vectors are damaged.
        FileNotFoundError: one of them is not there.
    """
    manifest = read_manifest(version)
    broken = _broken_files(version, manifest)
    try:
        parts = _read_beside_threads(version, manifest, broken, milvus)
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(version.name) from error
    sizes = {len(parts.chunks), parts.vectors.n_passages, parts.lexical.n_passages}
    is_measured = set(manifest.backgrounds) == set(REFERENCE_TEXTS) or not parts.chunks
    if sizes != {manifest.n_passages} or parts.vectors.dim != manifest.dim or not is_measured:
        raise damaged(version.name)
    if broken:
        with contextlib.suppress(OSError):  # it works from memory; the next opening tries again
            _mend(version, parts)
    return parts


def _broken_files(version: Path, manifest: Manifest) -> set[str]:
    """Files that are missing or changed and can be made again. Raises for any other."""
    broken: set[str] = set()
    for name, expected in manifest.files.items():
        if Path(name).name != name:
            raise damaged(name)
        can_be_made = name in LEXICAL_FILES or name in ARRANGEMENT_FILES
        try:
            is_whole = checksum(version / name) == expected
        except FileNotFoundError:
            if not can_be_made:
                raise
            is_whole = False
        if not is_whole:
            if not can_be_made:
                raise damaged(name)
            broken.add(name)
    return broken


def _read_beside_threads(
    version: Path, manifest: Manifest, broken: set[str], milvus: MilvusPlace | None
) -> Parts:
    """What `_read` gives, tried again where another thread disturbed it.

    NumPy parses the head of an array's file as Python, and threads of Python 3.11 up to 3.11.7 count the
    depth of what they parse together, so that one may find the count changed by another and raise
    (CPython's issue 106905). The file is as it was.
    """
    for _ in range(_TRIES - 1):
        with contextlib.suppress(SystemError):
            return _read(version, manifest, broken, milvus)
    return _read(version, manifest, broken, milvus)


def _read(version: Path, manifest: Manifest, broken: set[str], milvus: MilvusPlace | None) -> Parts:
    """The parts, those of `broken` files made again; adds to them what is out of date."""
    chunks = read_passages(version)
    vectors = Vectors.load(version)
    lexical = LexicalIndex.load(version) if broken.isdisjoint(LEXICAL_FILES) else None
    if lexical is None:
        broken.update(LEXICAL_FILES)
        lexical = LexicalIndex.build(searchable_text(chunk) for chunk in chunks)
    if manifest.index.kind == "milvus" and milvus is None:
        broken.update(ARRANGEMENT_FILES)  # FAISS takes over
    if broken.isdisjoint(ARRANGEMENT_FILES):
        arranged = read_arranged(version, vectors, manifest.index, milvus)
    else:
        arranged = arrange_again(vectors, manifest.index, milvus, version.parent)
    return Parts(
        manifest=manifest, chunks=chunks, vectors=vectors, arranged=arranged, lexical=lexical
    )


def _mend(version: Path, parts: Parts) -> None:
    """Put what was made again in the place of the damaged files, the manifest last.

    A crash between two files leaves checksums that do not fit, and the next opening mends again.
    """
    if current_version(version.parent) != version:
        return  # about to be cleared away
    folder = begin_version(version.parent)
    try:
        parts.lexical.save(folder)
        parts.arranged.save(folder)
        made = {path.name: checksum(path) for path in folder.iterdir()}
        for name in made:
            (folder / name).replace(version / name)
        parts.manifest.model_copy(
            update={"files": {**parts.manifest.files, **made}, "index": parts.arranged.facts}
        ).write(version)
    finally:
        discard(folder)
