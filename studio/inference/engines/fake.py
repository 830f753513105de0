"""Deterministic engines without a model: for tests, and for the demo mode that says so.

They count words, so similar texts have similar vectors, and answer with a sentence they were given.
They know no language and judge nothing.
"""

from __future__ import annotations

import random
import re
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.inference.protocol import EngineInfo, Prepared, StepEvent
from studio.records import FinishReason, Message, Sampling, Task
from studio.writing_systems import HAN

DIM = 64
_TOKENS = re.compile(rf"[{HAN}]|[^\W{HAN}]+|[^\w\s]")
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_SENTENCES = re.compile(r"[^.!?。！？\n]+[.!?。！？]?")
_WORDS = re.compile(rf"[{HAN}]{{1,2}}|\s*[^\s{HAN}]+|\s+")


def _tokens(text: str) -> list[str]:
    return _TOKENS.findall(text.lower())


def _features(tokens: Sequence[str]) -> list[str]:
    """Words, and pairs of neighbouring Chinese characters: a single one says too little."""
    pairs = [
        left + right
        for left, right in zip(tokens, tokens[1:], strict=False)
        if _HAN_CHARACTER.match(left) and _HAN_CHARACTER.match(right)
    ]
    return [*tokens, *pairs] or ["\u2205"]  # an empty text has a direction of its own


class FakeEmbeddingEngine:
    """Bag-of-words vectors of length 64, by a fixed hash: the same text always gives the same one.

    Args:
        model: id shown in the records.
        engine: name shown in the records ("demo" in demo mode).
        max_tokens: where texts are cut.
        fail_on_text: a batch with a text that contains this raises.
        step_s: how long a forward pass takes.
    """

    def __init__(
        self,
        *,
        model: str = "fake-embedding",
        engine: str = "fake",
        max_tokens: int = 256,
        fail_on_text: str | None = None,
        step_s: float = 0.0,
    ) -> None:
        self.info = EngineInfo(
            model=model,
            task=Task.EMBEDDING,
            revision="1",
            engine=engine,
            device="cpu",
            precision="fp32",
            max_tokens=max_tokens,
            dim=DIM,
        )
        self._fail_on_text = fail_on_text
        self._step_s = step_s

    def prepare(self, texts: Sequence[str], purpose: str) -> list[Prepared]:  # noqa: ARG002
        """Words of each text, cut at `info.max_tokens`."""
        cut = [_tokens(text)[: self.info.max_tokens] for text in texts]
        return [Prepared(payload=tokens, n_tokens=max(1, len(tokens))) for tokens in cut]

    def forward(self, batch: Sequence[Prepared]) -> NDArray[np.float32]:
        """Signed counts of words and character pairs, `(n, 64)` float32."""
        if self._step_s:
            time.sleep(self._step_s)
        counts = np.zeros((len(batch), DIM), np.float32)
        for row, prepared in enumerate(batch):
            if self._fail_on_text is not None and self._fail_on_text in prepared.payload:
                raise RuntimeError("the text was asked to fail")
            for feature in _features(prepared.payload):
                code = zlib.crc32(feature.encode())
                counts[row, code % DIM] += 1.0 if code & 0x80000000 else -1.0
        return counts

    def finish(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows of unit length; words that cancel out leave the first axis."""
        lengths = np.linalg.norm(raw, axis=1, keepdims=True)
        first_axis = np.eye(1, DIM, dtype=np.float32)
        return np.where(lengths > 0, raw / np.maximum(lengths, 1e-12), first_axis).astype(
            np.float32
        )

    def close(self) -> None:
        """Nothing to free."""


class FakeRerankingEngine:
    """Judges a text by the share of the query's words that are in it; of equals the shorter is better.

    Args:
        model: id shown in the records.
        engine: name shown in the records ("demo" in demo mode).
        max_tokens: where pairs are cut: the text first.
        fail_on_text: a batch with a pair that contains this raises.
    """

    def __init__(
        self,
        *,
        model: str = "fake-reranking",
        engine: str = "fake",
        max_tokens: int = 512,
        fail_on_text: str | None = None,
    ) -> None:
        self.info = EngineInfo(
            model=model,
            task=Task.RERANKING,
            revision="1",
            engine=engine,
            device="cpu",
            precision="fp32",
            max_tokens=max_tokens,
        )
        self._fail_on_text = fail_on_text

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """Words of the query and of each text."""
        asked = _tokens(query)[: self.info.max_tokens - 1]
        cut = [_tokens(text)[: self.info.max_tokens - len(asked)] for text in texts]
        return [
            Prepared(payload=(asked, tokens), n_tokens=max(1, len(asked) + len(tokens)))
            for tokens in cut
        ]

    def forward(self, batch: Sequence[Prepared]) -> NDArray[np.float32]:
        """Shares of words and character pairs, `(n, 1)` float32."""
        scores = np.zeros((len(batch), 1), np.float32)
        for row, prepared in enumerate(batch):
            asked, tokens = prepared.payload
            if self._fail_on_text is not None and self._fail_on_text in (*asked, *tokens):
                raise RuntimeError("the text was asked to fail")
            wanted = set(_features(asked))
            share = len(wanted & set(_features(tokens))) / len(wanted)
            scores[row] = share - 1e-4 * len(tokens)
        return scores

    def finish(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """The scores as they are."""
        return raw

    def close(self) -> None:
        """Nothing to free."""


@dataclass(slots=True)
class _Answer:
    pieces: list[str]
    max_new_tokens: int
    n_drawn: int = 0


class FakeGenerationEngine:
    """Answers with a sentence of the last user turn, a word per step.

    Greedy decoding takes the first sentence, drawing takes one by the seed.

    Args:
        model: id shown in the records.
        engine: name shown in the records ("demo" in demo mode).
        max_tokens: the context.
        max_concurrent: requests that advance in one step.
        n_reserved: more of them, where people ask beside background work.
        fail_on_text: an answer whose prompt contains this fails at its first step, alone.
        fail_on_step: the step of this number (from 1) raises.
        step_s: how long a step takes.
    """

    def __init__(
        self,
        *,
        model: str = "fake-generation",
        engine: str = "fake",
        max_tokens: int = 2048,
        max_concurrent: int = 8,
        n_reserved: int = 0,
        fail_on_text: str | None = None,
        fail_on_step: int | None = None,
        step_s: float = 0.0,
    ) -> None:
        self.info = EngineInfo(
            model=model,
            task=Task.GENERATION,
            revision="1",
            engine=engine,
            device="cpu",
            precision="fp32",
            max_tokens=max_tokens,
            max_concurrent=max_concurrent,
            n_reserved=n_reserved,
        )
        self._fail_on_text = fail_on_text
        self._fail_on_step = fail_on_step
        self._step_s = step_s
        self._n_steps = 0
        self._answers: dict[int, _Answer] = {}
        self._failing: set[int] = set()

    def prepare(self, messages: Sequence[Message]) -> Prepared:
        """The turns themselves; their words, and one token per turn for its role."""
        n_tokens = sum(1 + len(_tokens(message.content)) for message in messages)
        return Prepared(payload=tuple(messages), n_tokens=n_tokens)

    def add(self, handle: int, prompt: Prepared, sampling: Sampling) -> None:
        """Choose the sentence to answer with."""
        turns = [message.content for message in prompt.payload if message.role == "user"]
        text = turns[-1] if turns else ""
        sentences = [found.strip() for found in _SENTENCES.findall(text) if found.strip()]
        draw = random.Random(sampling.seed)
        number = draw.randrange(len(sentences)) if sampling.temperature > 0 and sentences else 0
        answer = sentences[number] if sentences else "…"
        self._answers[handle] = _Answer(_WORDS.findall(answer), sampling.max_new_tokens)
        if self._fail_on_text is not None and self._fail_on_text in text:
            self._failing.add(handle)

    def step(self) -> list[StepEvent]:
        """The next word of every answer."""
        if self._step_s:
            time.sleep(self._step_s)
        self._n_steps += 1
        if self._n_steps == self._fail_on_step:
            raise RuntimeError("the step was asked to fail")
        return [self._advance(handle) for handle in list(self._answers)]

    def cancel(self, handle: int) -> None:
        """Forget the answer."""
        self._answers.pop(handle, None)
        self._failing.discard(handle)

    def close(self) -> None:
        """Forget all answers."""
        self._answers.clear()

    def _advance(self, handle: int) -> StepEvent:
        if handle in self._failing:
            self.cancel(handle)
            return StepEvent(handle=handle, error=ModelUnavailable("The text was asked to fail."))
        answer = self._answers[handle]
        piece = answer.pieces[answer.n_drawn]
        answer.n_drawn += 1
        reason: FinishReason | None = None
        if answer.n_drawn == len(answer.pieces):
            reason = "stop"
        elif answer.n_drawn == answer.max_new_tokens:
            reason = "length"
        if reason is not None:
            del self._answers[handle]
        return StepEvent(handle=handle, text=piece, n_tokens=1, finish_reason=reason)
