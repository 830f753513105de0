"""Text generation at an OpenAI-compatible endpoint, streamed. Knows one model; knows no queue."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Any

from studio.inference.engines.remote_embedding import estimated_tokens
from studio.inference.engines.remote_endpoint import client_of, device_of, plain_failure
from studio.inference.model_spec import ModelSpec
from studio.inference.protocol import EngineInfo, Prepared, StepEvent
from studio.records import FinishReason, Message, Sampling, Task

DEFAULT_CONTEXT = 128_000
TOKENS_PER_TURN = 4
# How long a step waits for a word; new requests are let in that often.
STEP_S = 0.02


@dataclass(slots=True)
class _Running:
    """One request; its thread looks whether anybody still wants the answer."""

    is_wanted: bool = True


class RemoteGenerationEngine:
    """A chat model that runs elsewhere. Each request has a thread that reads its answer.

    The prompt's tokens are an estimate until the endpoint tells them. Nothing is asked of the endpoint
    before the first request.

    Args:
        spec: the catalogue entry, with `base_url` and the model's name there as `location`.
        api_key: the key, or None if the endpoint wants none.
        max_concurrent: requests that are open at the endpoint at once.

    Raises:
        ModelUnavailable: the entry names a stored key and there is none.
    """

    def __init__(self, spec: ModelSpec, api_key: str | None, max_concurrent: int = 16) -> None:
        self._spec = spec
        self._client: Any = client_of(spec, api_key)
        self._events: SimpleQueue[StepEvent] = SimpleQueue()
        self._running: dict[int, _Running] = {}
        self._knows_schemas = True  # until a request passes only without one
        self.info = EngineInfo(
            model=spec.id,
            task=Task.GENERATION,
            revision=spec.location,
            engine="remote",
            device=device_of(spec),
            precision="",
            max_tokens=spec.max_tokens or DEFAULT_CONTEXT,
            max_concurrent=max_concurrent,
            follows_schema=True,
        )

    def prepare(self, messages: Sequence[Message]) -> Prepared:
        """The turns, with an estimate of their tokens."""
        n_tokens = sum(estimated_tokens(turn.content) + TOKENS_PER_TURN for turn in messages)
        turns = [{"role": turn.role, "content": turn.content} for turn in messages]
        return Prepared(payload=turns, n_tokens=n_tokens)

    def add(self, handle: int, prompt: Prepared, sampling: Sampling) -> None:
        """Send the request in a thread of its own."""
        running = self._running[handle] = _Running()
        threading.Thread(
            target=self._read,
            args=(handle, running, prompt.payload, sampling),
            name=f"remote {self._spec.id}",
            daemon=True,
        ).start()

    def step(self) -> list[StepEvent]:
        """What has arrived; waits a moment if nothing has."""
        events: list[StepEvent] = []
        try:
            events.append(self._events.get(timeout=STEP_S))
            while True:
                events.append(self._events.get_nowait())
        except Empty:
            pass
        events = [event for event in events if event.handle in self._running]
        for event in events:
            if event.finish_reason is not None or event.error is not None:
                self._running.pop(event.handle, None)
        return events

    def cancel(self, handle: int) -> None:
        """Have its thread close the connection at the next word; endpoints then stop the model."""
        running = self._running.pop(handle, None)
        if running is not None:
            running.is_wanted = False

    def close(self) -> None:
        """Close all connections."""
        for handle in list(self._running):
            self.cancel(handle)
        self._client.close()

    def _read(
        self, handle: int, running: _Running, turns: list[dict[str, str]], sampling: Sampling
    ) -> None:
        import openai

        if not self._knows_schemas:
            sampling = replace(sampling, json_schema="")
        try:
            try:
                self._ask(handle, running, turns, sampling)
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                if not sampling.json_schema:
                    raise
                # Not every server knows schemas; the caller checks what comes in any case.
                self._ask(handle, running, turns, replace(sampling, json_schema=""))
                self._knows_schemas = False  # and is not asked for one again
        except Exception as error:  # noqa: BLE001 - handed to the waiting caller
            if running.is_wanted:
                failure = plain_failure(error, self._spec)
                self._events.put(StepEvent(handle=handle, error=failure))

    def _ask(
        self, handle: int, running: _Running, turns: list[dict[str, str]], sampling: Sampling
    ) -> None:
        with self._client.chat.completions.create(
            model=self._spec.location,
            messages=turns,
            stream=True,
            stream_options={"include_usage": True},
            **_settings(sampling),
        ) as answer:
            self._forward(handle, running, answer)

    def _forward(self, handle: int, running: _Running, answer: Any) -> None:
        reason: FinishReason = "stop"
        n_sent = 0
        prompt_tokens: int | None = None
        cached_tokens = 0
        n_tokens: int | None = None
        for chunk in answer:
            if not running.is_wanted:
                return
            if chunk.usage is not None:
                prompt_tokens, n_tokens = chunk.usage.prompt_tokens, chunk.usage.completion_tokens
                details = chunk.usage.prompt_tokens_details
                cached_tokens = (details.cached_tokens or 0) if details is not None else 0
            if not chunk.choices:
                continue
            choice = chunk.choices[0]
            if choice.finish_reason == "length":
                reason = "length"
            if choice.delta.content:
                n_sent += 1
                self._events.put(StepEvent(handle=handle, text=choice.delta.content, n_tokens=1))
        # A chunk may hold several tokens; the endpoint's own count corrects it at the end.
        self._events.put(
            StepEvent(
                handle=handle,
                n_tokens=n_tokens - n_sent if n_tokens is not None else 0,
                finish_reason=reason,
                prompt_tokens=prompt_tokens,
                cached_tokens=cached_tokens,
            )
        )


def _settings(sampling: Sampling) -> dict[str, Any]:  # Any: keyword arguments of the client
    settings: dict[str, Any] = {
        "max_tokens": sampling.max_new_tokens,
        "temperature": sampling.temperature,
    }
    if sampling.temperature > 0:
        settings |= {"top_p": sampling.top_p, "seed": sampling.seed}
    if sampling.repetition_penalty != 1.0:
        # Unknown to OpenAI, known to the servers people run themselves; sent only when it was set.
        settings["extra_body"] = {"repetition_penalty": sampling.repetition_penalty}
    if sampling.json_schema:
        settings["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "text", "schema": json.loads(sampling.json_schema)},
        }
    return settings
