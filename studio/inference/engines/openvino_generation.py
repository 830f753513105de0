"""Text generation on the CPU with OpenVINO GenAI: continuous batching over a GGUF model.

Requests share every forward pass and the cache of common prompt beginnings. Knows one model; knows
no queue and no stop string.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import ModelUnavailable
from studio.inference.detokenizer import IncrementalDetokenizer
from studio.inference.engines.openvino_chat_tokenizer import UNREADABLE, ChatTokenizer, unreadable
from studio.inference.hardware import resident_bytes
from studio.inference.protocol import EngineInfo, Prepared, StepEvent
from studio.records import FinishReason, Message, Sampling, Task

# Prompts are read in slices of so many tokens, between which others get their next token and a
# cancelled request can leave.
SLICE_TOKENS = 256
CACHE_GB = 1
"""Most memory for the attention cache of all requests; taken as it is needed."""


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
        max_concurrent: requests that advance together. A dozen at once are written 1.2 to 1.35 times
            as fast as eight (SmolLM2 135M, 2 cores of an EPYC), 24 only 1.1 times as fast as a dozen.
        n_reserved: more of them, where people ask beside background work.

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
        max_concurrent: int = 12,
        n_reserved: int = 2,
    ) -> None:
        import openvino_genai

        before = resident_bytes()
        schedule = openvino_genai.SchedulerConfig()
        schedule.cache_size = CACHE_GB
        schedule.enable_prefix_caching = True
        schedule.dynamic_split_fuse = True
        schedule.max_num_batched_tokens = SLICE_TOKENS
        schedule.max_num_seqs = max_concurrent + n_reserved
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
        self._tokenizer = ChatTokenizer(model=model, gguf=gguf, max_tokens=max_tokens)
        try:
            self._pipeline: Any = openvino_genai.ContinuousBatchingPipeline(
                str(graph or gguf), self._tokenizer.native, schedule, "CPU", **properties
            )
        except UNREADABLE as error:
            raise unreadable(error) from error
        self._running: dict[int, _Running] = {}
        self.info = EngineInfo(
            model=model,
            task=Task.GENERATION,
            revision=revision,
            engine="openvino-genai",
            device="cpu",
            precision="fp32",
            max_tokens=self._tokenizer.max_tokens,
            memory_bytes=max(_weight_bytes(graph, gguf), resident_bytes() - before),
            max_concurrent=max_concurrent,
            n_reserved=n_reserved,
            cache_bytes=CACHE_GB << 30,
            follows_schema=True,
        )

    def prepare(self, messages: Sequence[Message]) -> Prepared:
        """Token ids of the prompt, `(1, n)` int64."""
        return self._tokenizer.prepare(messages)

    def add(self, handle: int, prompt: Prepared, sampling: Sampling) -> None:
        """Queue the request in the pipeline."""
        import openvino

        stream = self._pipeline.add_request(
            handle, openvino.Tensor(prompt.payload), self._config(sampling)
        )
        self._running[handle] = _Running(stream, IncrementalDetokenizer(self._tokenizer.decode))

    def step(self) -> list[StepEvent]:
        """One pass: a slice of waiting prompts, a token of every other request.

        Requests whose prompt is not read yet are told of as being worked at.
        """
        if self._running:
            self._pipeline.step()
        events = [self._event(handle, running) for handle, running in self._running.items()]
        for event in events:
            if event.finish_reason is not None or event.error is not None:
                del self._running[event.handle]
        return events

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
        del self._tokenizer, self._pipeline

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
        config.stop_token_ids = defaults.stop_token_ids | {
            self._tokenizer.native.get_eos_token_id()
        }
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


def _weight_bytes(graph: Path | None, gguf: Path) -> int:
    return (gguf if graph is None else graph / "openvino_model.bin").stat().st_size


def _no_room(name: str) -> ModelUnavailable:
    return ModelUnavailable(
        "The model {name} has no memory left for a text of this length. Shorten the text or the "
        "answer, or try again when fewer requests run.",
        name=name,
    )
