"""The vocabulary in a SentencePiece file, read without the SentencePiece library.

The file is a protocol buffer: pieces with their log probabilities, how the tokenizer was trained and
how texts are normalised. Only what a unigram tokenizer needs is read. Knows no model.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import ModelUnavailable

# Field numbers of sentencepiece_model.proto.
_PIECES, _TRAINER, _NORMALIZER = 1, 2, 3
_PIECE_TEXT, _PIECE_SCORE = 1, 2
_MODEL_TYPE, _UNIGRAM = 3, 1
_CHARACTER_MAP = 2
_UNKNOWN_ID, _BEGIN_ID, _END_ID = 40, 41, 42
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WORD_MARK = "▁"  # stands for the space before a word


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencePieceFile:
    """A unigram vocabulary.

    `pieces` are texts with log probabilities; a piece's id is its place. `character_map` is the
    compiled table of replacements that normalises a text, empty for none.
    """

    pieces: tuple[tuple[str, float], ...]
    character_map: bytes
    unknown_id: int
    begin_id: int
    end_id: int


def read_sentencepiece(file: Path) -> SentencePieceFile:
    """Read a unigram vocabulary; about half a second for 128,000 pieces.

    Raises:
        ModelUnavailable: the file is damaged, or is no unigram vocabulary.
    """
    pieces: list[tuple[str, float]] = []
    trainer: dict[int, int | bytes] = {}
    normalizer: dict[int, int | bytes] = {}
    try:
        for number, value in _fields(file.read_bytes()):
            if number == _PIECES:
                pieces.append(_piece(_bytes(value)))
            elif number == _TRAINER:
                trainer = dict(_fields(_bytes(value)))
            elif number == _NORMALIZER:
                normalizer = dict(_fields(_bytes(value)))
    except (ValueError, TypeError, IndexError, KeyError, struct.error) as error:
        raise ModelUnavailable("{file} is damaged.", file=file.name) from error
    if not pieces or trainer.get(_MODEL_TYPE, _UNIGRAM) != _UNIGRAM:
        raise ModelUnavailable("{file} is no unigram vocabulary.", file=file.name)
    return SentencePieceFile(
        pieces=tuple(pieces),
        character_map=_bytes(normalizer.get(_CHARACTER_MAP, b"")),
        unknown_id=_id(trainer, _UNKNOWN_ID, 0),
        begin_id=_id(trainer, _BEGIN_ID, 1),
        end_id=_id(trainer, _END_ID, 2),
    )


def unigram_tokenizer(vocabulary: SentencePieceFile, max_tokens: int) -> Any:  # Any: has no types
    """A fast tokenizer that cuts texts as SentencePiece does, begin and end included.

    Repeated and outer spaces do not count. A run of unknown characters is one token, as it is for
    SentencePiece itself. Any thread may use it.

    Args:
        vocabulary: from `read_sentencepiece`.
        max_tokens: where longer texts are cut.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(
        models.Unigram(list(vocabulary.pieces), unk_id=vocabulary.unknown_id, byte_fallback=False)
    )
    steps: list[Any] = []
    if vocabulary.character_map:
        steps.append(normalizers.Precompiled(vocabulary.character_map))
    steps += [normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()]
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
        replacement=_WORD_MARK, prepend_scheme="always", split=True
    )
    begin, end = (vocabulary.pieces[i][0] for i in (vocabulary.begin_id, vocabulary.end_id))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        special_tokens=[(begin, vocabulary.begin_id), (end, vocabulary.end_id)],
    )
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _piece(message: bytes) -> tuple[str, float]:
    fields = dict(_fields(message))
    score = fields.get(_PIECE_SCORE)
    (number,) = struct.unpack("<f", score) if isinstance(score, bytes) else (0.0,)
    return _bytes(fields[_PIECE_TEXT]).decode(), float(number)


def _id(trainer: dict[int, int | bytes], field: int, default: int) -> int:
    value = trainer.get(field, default)
    return value if isinstance(value, int) else default


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise TypeError(value)
    return value


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and values of a message's fields: whole numbers as they are, all else as bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            n_bytes, at = _varint(message, at)
        else:
            n_bytes = {_FIXED64: 8, _FIXED32: 4}[kind]
        if at + n_bytes > len(message):
            raise ValueError(n_bytes)
        yield key >> 3, message[at : at + n_bytes]
        at += n_bytes


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number in steps of seven bits, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
