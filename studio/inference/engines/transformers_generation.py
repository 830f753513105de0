"""Text generation with Transformers: any causal model it can load, on any device.

An own loop instead of `generate`, so that every request can be stopped between two tokens and new ones
join in between. Knows one model; knows no queue and no stop string.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import ModelUnavailable
from studio.inference.detokenizer import IncrementalDetokenizer
from studio.inference.engines.torch_device import end_of, prepared_torch, taken_bytes
from studio.inference.hardware import Device
from studio.inference.protocol import EngineInfo, Prepared, StepEvent
from studio.records import FinishReason, Message, Sampling, Task

DEFAULT_CONTEXT = 2048
SLICE_TOKENS = 256
"""Prompts are read in slices of so many tokens, between which others get their next token."""


@dataclass(slots=True)
class _Running:
    """One request: all its tokens `(1, n)`, those the model has not read, its cache and dice."""

    ids: Any  # torch.Tensor, int64
    n_unread: int
    cache: Any  # transformers.DynamicCache
    processors: Any  # transformers.LogitsProcessorList
    dice: Any  # torch.Generator, or None for greedy decoding
    n_left: int
    text: IncrementalDetokenizer


class TransformersGenerationEngine:
    """A causal language model with a chat template, 16 bits on an accelerator and 32 on a CPU.

    Args:
        model: id shown in the records.
        folder: config, tokenizer and safetensors.
        revision: identifies the weights.
        device: what it runs on.
        n_threads: compute threads on a CPU.
        max_tokens: the context; None asks the model.
        max_concurrent: requests that advance in turn.
        n_reserved: more of them, where people ask beside background work.

    Raises:
        ModelUnavailable: Transformers cannot load it, or the model knows no conversation.
    """

    def __init__(
        self,
        *,
        model: str,
        folder: Path,
        revision: str,
        device: Device,
        n_threads: int,
        max_tokens: int | None = None,
        max_concurrent: int = 4,
        n_reserved: int = 1,
    ) -> None:
        self._torch, dtype, precision = prepared_torch(device, n_threads)
        from transformers import AutoModelForCausalLM, AutoTokenizer

        before = taken_bytes(device)
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
            self._model: Any = AutoModelForCausalLM.from_pretrained(
                str(folder), local_files_only=True, dtype=dtype, attn_implementation="sdpa"
            )
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ModelUnavailable(
                "The model {name} cannot be loaded: {reason}", name=model, reason=end_of(error)
            ) from error
        if not self._tokenizer.chat_template:
            raise ModelUnavailable(
                "The model {name} was not made for conversations: it has no chat template. Choose "
                "an instruct or chat version of it.",
                name=model,
            )
        self._model.to(device).eval()
        self._device = device
        self._tokenizer_lock = threading.Lock()
        self._end_ids = _end_ids(self._model.generation_config, self._tokenizer)
        self._running: dict[int, _Running] = {}
        own_limit = int(getattr(self._model.config, "max_position_embeddings", DEFAULT_CONTEXT))
        self.info = EngineInfo(
            model=model,
            task=Task.GENERATION,
            revision=revision,
            engine="transformers",
            device=device,
            precision=precision,
            max_tokens=min(max_tokens or own_limit, own_limit),
            memory_bytes=max(self._model.get_memory_footprint(), taken_bytes(device) - before),
            max_concurrent=max_concurrent,
            n_reserved=n_reserved,
        )

    def prepare(self, messages: Sequence[Message]) -> Prepared:
        """Token ids of the prompt, a list."""
        turns = [{"role": message.role, "content": message.content} for message in messages]
        with self._tokenizer_lock:
            # Sanitised: a document must not be able to end its turn and speak as somebody else.
            ids = self._tokenizer.apply_chat_template(
                turns,
                add_generation_prompt=True,
                tokenize=True,
                return_dict=False,
                sanitize_control_tokens=True,
            )
        return Prepared(payload=ids, n_tokens=len(ids))

    def add(self, handle: int, prompt: Prepared, sampling: Sampling) -> None:
        """Make room for the request; its prompt is read in the next step."""
        from transformers import DynamicCache

        dice = None
        if sampling.temperature > 0:
            dice = self._torch.Generator(device=self._device).manual_seed(sampling.seed)
        self._running[handle] = _Running(
            ids=self._torch.tensor([prompt.payload], dtype=self._torch.int64, device=self._device),
            n_unread=prompt.n_tokens,
            cache=DynamicCache(config=self._model.config),
            processors=_processors(sampling),
            dice=dice,
            n_left=sampling.max_new_tokens,
            text=IncrementalDetokenizer(self._decode),
        )

    def step(self) -> list[StepEvent]:
        """One token of every request, one pass each; the next slice of one long prompt.

        Requests whose prompt is not read yet are told of as being worked at.
        """
        events: list[StepEvent] = []
        is_slice_read = False  # several would make the others wait for their next token
        with self._torch.inference_mode():
            for handle, running in list(self._running.items()):
                if running.n_unread > SLICE_TOKENS:
                    if not is_slice_read:
                        self._read_slice(running)
                        is_slice_read = True
                    events.append(StepEvent(handle=handle))
                    continue
                event = self._advance(handle, running)
                if event.finish_reason is not None:
                    del self._running[handle]
                events.append(event)
        return events

    def cancel(self, handle: int) -> None:
        """Forget the request and its cache."""
        self._running.pop(handle, None)

    def close(self) -> None:
        """Free the model."""
        self._running.clear()
        self._model = None
        self._tokenizer = None

    def _read_slice(self, running: _Running) -> None:
        start = running.ids.shape[1] - running.n_unread
        self._model(
            input_ids=running.ids[:, start : start + SLICE_TOKENS],
            past_key_values=running.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        running.n_unread -= SLICE_TOKENS

    def _advance(self, handle: int, running: _Running) -> StepEvent:
        output = self._model(
            input_ids=running.ids[:, -running.n_unread :],
            past_key_values=running.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        scores = running.processors(running.ids, output.logits[:, -1, :].float())  # (1, vocabulary)
        if running.dice is None:
            drawn = scores.argmax(-1, keepdim=True)  # (1, 1)
        else:
            drawn = self._torch.multinomial(scores.softmax(-1), 1, generator=running.dice)
        running.ids = self._torch.cat([running.ids, drawn], dim=1)
        running.n_unread = 1
        running.n_left -= 1
        token = int(drawn)
        reason: FinishReason | None = None
        if token in self._end_ids:
            reason = "stop"
        elif running.n_left == 0:
            reason = "length"
        return StepEvent(
            handle=handle, text=running.text.add([token]), n_tokens=1, finish_reason=reason
        )

    def _decode(self, ids: Sequence[int]) -> str:
        return str(
            self._tokenizer.decode(
                ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        )


def _processors(sampling: Sampling) -> Any:
    from transformers.generation import (
        LogitsProcessorList,
        RepetitionPenaltyLogitsProcessor,
        TemperatureLogitsWarper,
        TopPLogitsWarper,
    )

    processors = LogitsProcessorList()
    if sampling.repetition_penalty != 1.0:
        processors.append(RepetitionPenaltyLogitsProcessor(sampling.repetition_penalty))
    if sampling.temperature > 0:
        processors.append(TemperatureLogitsWarper(float(sampling.temperature)))
        if sampling.top_p < 1:
            processors.append(TopPLogitsWarper(sampling.top_p))
    return processors


def _end_ids(generation_config: Any, tokenizer: Any) -> frozenset[int]:
    configured = generation_config.eos_token_id
    listed = configured if isinstance(configured, list) else [configured]
    return frozenset(int(i) for i in [*listed, tokenizer.eos_token_id] if i is not None)
