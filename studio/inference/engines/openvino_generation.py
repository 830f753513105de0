"""Text generation on the CPU with OpenVINO GenAI: continuous batching over a GGUF model.

Requests share every forward pass and the cache of common prompt beginnings. Knows one model; knows
no queue and no stop string.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.inference.detokenizer import IncrementalDetokenizer
from studio.inference.engines.gguf_header import context_length
from studio.inference.hardware import resident_bytes
from studio.inference.protocol import EngineInfo, Prepared, StepEvent
from studio.records import FinishReason, Message, Sampling, Task

# Prompts are read in slices of so many tokens, between which others get their next token and a
# cancelled request can leave.
SLICE_TOKENS = 256
_CONTROL_TOKEN = re.compile(r"<[^<>\s]{2,40}>|\[/?[A-Z_]{2,20}\]")
_COUNT_STEP = 4096  # characters, never more tokens than that


@dataclass(slots=True)
class _Running:
    stream: Any  # openvino_genai.GenerationHandle, which has no types
    text: IncrementalDetokenizer


class OpenVinoGenerationEngine:
    """A chat model from a GGUF, on the CPU.

    Computes in 32 bits, with the attention cache in 8 and the weights as they came: then
    the text is that of Transformers in fp32 (8 of 8 prompts over 96 tokens). Left to itself OpenVINO
    computes in bf16 where the CPU has it, and rounds the inputs of compressed matrices to 8 bits; the
    text parts from the reference in 5 and 7 of those 8.

    Args:
        model: id shown in the records.
        gguf: the file with 16-bit floats; has the tokenizer, too.
        graph: folder of the compressed model, see `compressed_graph`; None computes with the 16-bit
            file, which is slower.
        revision: identifies the weights.
        n_threads: compute threads.
        max_tokens: the context; None asks the file.
        max_concurrent: requests that advance together.
        cache_gb: most memory for the attention cache of all requests; taken as it is needed.

    Raises:
        ModelUnavailable: OpenVINO cannot read the file, or the model knows no conversation.
    """

    def __init__(
        self,
        *,
        model: str,
        gguf: Path,
        revision: str,
        n_threads: int,
        graph: Path | None = None,
        max_tokens: int | None = None,
        max_concurrent: int = 8,
        cache_gb: int = 1,
    ) -> None:
        import openvino_genai

        before = resident_bytes()
        schedule = openvino_genai.SchedulerConfig()
        schedule.cache_size = cache_gb
        schedule.enable_prefix_caching = True
        schedule.dynamic_split_fuse = True
        schedule.max_num_batched_tokens = SLICE_TOKENS
        schedule.max_num_seqs = max_concurrent
        # Pinned threads cannot make way when several models share few cores.
        properties: dict[str, Any] = {
            "INFERENCE_NUM_THREADS": n_threads,
            "ENABLE_CPU_PINNING": False,
            "INFERENCE_PRECISION_HINT": "f32",
            # In 16 bits the cache rounds what differs by the order of sums alone, and one of some 60
            # greedy texts came out otherwise beside others than alone. It costs a tenth of the speed.
            "KV_CACHE_PRECISION": "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,
        }
        try:
            self._pipeline: Any = openvino_genai.ContinuousBatchingPipeline(
                str(graph or gguf),
                openvino_genai.Tokenizer(str(gguf)),
                schedule,
                "CPU",
                **properties,
            )
        except RuntimeError as error:
            raise ModelUnavailable(
                "OpenVINO cannot read it: {reason}", reason=_last_line(error)
            ) from error
        self._tokenizer: Any = self._pipeline.get_tokenizer()
        if not self._tokenizer.chat_template:
            raise ModelUnavailable(
                "The model {name} was not made for conversations: it has no chat template. Choose "
                "an instruct or chat version of it.",
                name=model,
            )
        self._control_tokens = _control_tokens(self._tokenizer)
        self._running: dict[int, _Running] = {}
        self.info = EngineInfo(
            model=model,
            task=Task.GENERATION,
            revision=revision,
            engine="openvino-genai",
            device="cpu",
            precision="fp32",
            max_tokens=self._context(max_tokens or context_length(gguf)),
            memory_bytes=max(_weight_bytes(graph, gguf), resident_bytes() - before),
            max_concurrent=max_concurrent,
            follows_schema=True,
        )

    def prepare(self, messages: Sequence[Message]) -> Prepared:
        """Token ids of the prompt, `(1, n)` int64."""
        turns = [{"role": turn.role, "content": self._disarmed(turn.content)} for turn in messages]
        prompt = self._tokenizer.apply_chat_template(turns, add_generation_prompt=True)
        ids = self._encode(prompt)
        n_tokens = ids.shape[1]
        if n_tokens >= self.info.max_tokens:
            # The tokenizer stops there: count in parts, so that the refusal names the true number.
            parts = (prompt[at : at + _COUNT_STEP] for at in range(0, len(prompt), _COUNT_STEP))
            n_tokens = max(n_tokens, sum(self._encode(part).shape[1] for part in parts))
        return Prepared(payload=ids, n_tokens=n_tokens)

    def add(self, handle: int, prompt: Prepared, sampling: Sampling) -> None:
        """Queue the request in the pipeline."""
        import openvino

        stream = self._pipeline.add_request(
            handle, openvino.Tensor(prompt.payload), self._config(sampling)
        )
        self._running[handle] = _Running(stream, IncrementalDetokenizer(self._decode))

    def step(self) -> list[StepEvent]:
        """One pass: a slice of waiting prompts, a token of every other request."""
        if self._running:
            self._pipeline.step()
        events = [self._event(handle, running) for handle, running in self._running.items()]
        for event in events:
            if event.finish_reason is not None or event.error is not None:
                del self._running[event.handle]
        return [event for event in events if event.n_tokens or event.finish_reason or event.error]

    def cancel(self, handle: int) -> None:
        """Let the pipeline drop the request in its next step."""
        running = self._running.pop(handle, None)
        if running is not None:
            running.stream.cancel()

    def close(self) -> None:
        """Free the model and its cache."""
        for handle in list(self._running):
            self.cancel(handle)
        if self._pipeline.has_non_finished_requests():
            self._pipeline.step()  # drops cancelled requests; else it complains of their memory
        self._tokenizer = None
        self._pipeline = None

    def _event(self, handle: int, running: _Running) -> StepEvent:
        from openvino_genai import GenerationFinishReason, GenerationStatus

        ids: list[int] = []
        reason: FinishReason | None = None
        while running.stream.can_read():
            for output in running.stream.read().values():
                ids.extend(output.generated_ids)
                if output.finish_reason == GenerationFinishReason.STOP:
                    reason = "stop"
                elif output.finish_reason == GenerationFinishReason.LENGTH:
                    reason = "length"
        status = running.stream.get_status()
        if status == GenerationStatus.IGNORED:
            return StepEvent(handle=handle, error=_no_room(self.info.model))
        if reason is None and status != GenerationStatus.RUNNING:
            reason = "stop"
        return StepEvent(
            handle=handle, text=running.text.add(ids), n_tokens=len(ids), finish_reason=reason
        )

    def _config(self, sampling: Sampling) -> Any:
        import openvino_genai

        config = openvino_genai.GenerationConfig()
        defaults = self._pipeline.get_config()
        config.eos_token_id = defaults.eos_token_id
        config.stop_token_ids = defaults.stop_token_ids | {self._tokenizer.get_eos_token_id()}
        config.max_new_tokens = sampling.max_new_tokens
        config.repetition_penalty = sampling.repetition_penalty
        if sampling.json_schema:  # the grammar is made once per schema and kept
            config.structured_output_config = openvino_genai.StructuredOutputConfig(
                json_schema=sampling.json_schema
            )
        config.do_sample = sampling.temperature > 0
        if config.do_sample:
            config.temperature = sampling.temperature
            config.top_p = sampling.top_p
            config.rng_seed = sampling.seed
        return config

    def _disarmed(self, text: str) -> str:
        """The text with control tokens broken: a document must not end its turn and speak as another."""
        for token in self._control_tokens:
            text = text.replace(token, f"{token[0]} {token[1:]}")
        return text

    def _encode(self, text: str) -> NDArray[np.int64]:
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        return np.array(encoded.input_ids.data, np.int64)  # (1, n)

    def _decode(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(ids)))

    def _context(self, n_tokens: int) -> int:
        """The context, but no more than the tokenizer reads: it silently cuts what is longer."""
        return min(n_tokens, int(self._encode("a " * (n_tokens + 1)).shape[1]))


def _weight_bytes(graph: Path | None, gguf: Path) -> int:
    return (gguf if graph is None else graph / "openvino_model.bin").stat().st_size


def _control_tokens(tokenizer: Any) -> tuple[str, ...]:
    """Tokens that the chat template writes itself, such as the end of a turn."""
    named = {tokenizer.get_bos_token(), tokenizer.get_eos_token(), tokenizer.get_pad_token()}
    written = set(_CONTROL_TOKEN.findall(tokenizer.chat_template))
    vocabulary = tokenizer.get_vocab()
    # The vocabulary is keyed by bytes.
    return tuple(sorted(t for t in named | written if len(t) > 1 and t.encode() in vocabulary))


def _no_room(name: str) -> ModelUnavailable:
    return ModelUnavailable(
        "The model {name} has no memory left for a text of this length. Shorten the text or the "
        "answer, or try again when fewer requests run.",
        name=name,
    )


def _last_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1][:200] if lines else type(error).__name__
