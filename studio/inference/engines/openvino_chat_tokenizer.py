"""Turns of a conversation to token ids and back, with OpenVINO's tokenizer of a GGUF.

Knows no model: a process may hold the tokenizer and leave the model to another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.inference.engines.gguf_header import context_length
from studio.inference.protocol import Prepared
from studio.records import Message

UNREADABLE = (RuntimeError, IndexError, ValueError)
"""What OpenVINO raises where it cannot read a file: out of range where entries are missing."""
_CONTROL_TOKEN = re.compile(r"<[^<>\s]{2,40}>|\[/?[A-Z_]{2,20}\]")
_COUNT_STEP = 4096  # characters, never more tokens than that


class ChatTokenizer:
    """The tokenizer and chat template in a GGUF. Every method may be called by any thread.

    Args:
        model: its id, for messages.
        gguf: the file.
        max_tokens: the context; None asks the file.

    Raises:
        ModelUnavailable: OpenVINO cannot read the file, or the model knows no conversation.
    """

    def __init__(self, *, model: str, gguf: Path, max_tokens: int | None = None) -> None:
        import openvino_genai

        try:
            # Any: it has no types.
            self.native: Any = openvino_genai.Tokenizer(str(gguf))
        except UNREADABLE as error:
            raise unreadable(error) from error
        if not self.native.chat_template:
            raise ModelUnavailable(
                "The model {name} was not made for conversations: it has no chat template. Choose "
                "an instruct or chat version of it.",
                name=model,
            )
        self._control_tokens = _control_tokens(self.native)
        # It silently cuts what is longer than it reads.
        n_tokens = max_tokens or context_length(gguf)
        self.max_tokens = min(n_tokens, int(self._encode("a " * (n_tokens + 1)).shape[1]))

    def prepare(self, messages: Sequence[Message]) -> Prepared:
        """Token ids of the prompt, `(1, n)` int64."""
        turns = [{"role": turn.role, "content": self._disarmed(turn.content)} for turn in messages]
        prompt = self.native.apply_chat_template(turns, add_generation_prompt=True)
        ids = self._encode(prompt)
        n_tokens = ids.shape[1]
        if n_tokens >= self.max_tokens:
            # The tokenizer stops there: count in parts, so that the refusal names the true number.
            parts = (prompt[at : at + _COUNT_STEP] for at in range(0, len(prompt), _COUNT_STEP))
            n_tokens = max(n_tokens, sum(self._encode(part).shape[1] for part in parts))
        return Prepared(payload=ids, n_tokens=n_tokens)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the ids."""
        return str(self.native.decode(list(ids)))

    def _disarmed(self, text: str) -> str:
        """The text with control tokens broken: a document must not end its turn and speak as another."""
        for token in self._control_tokens:
            text = text.replace(token, f"{token[0]} {token[1:]}")
        return text

    def _encode(self, text: str) -> NDArray[np.int64]:
        encoded = self.native.encode(text, add_special_tokens=False)
        return np.array(encoded.input_ids.data, np.int64)  # (1, n)


def unreadable(error: BaseException) -> ModelUnavailable:
    """What is said where OpenVINO refuses a file."""
    lines = str(error).strip().splitlines()
    reason = lines[-1][:200] if lines else type(error).__name__
    return ModelUnavailable("OpenVINO cannot read it: {reason}", reason=reason)


def _control_tokens(tokenizer: Any) -> tuple[str, ...]:
    """Tokens that the chat template writes itself, such as the end of a turn."""
    named = {tokenizer.get_bos_token(), tokenizer.get_eos_token(), tokenizer.get_pad_token()}
    written = set(_CONTROL_TOKEN.findall(tokenizer.chat_template))
    vocabulary = tokenizer.get_vocab()
    # The vocabulary is keyed by bytes.
    return tuple(sorted(t for t in named | written if len(t) > 1 and t.encode() in vocabulary))
