"""Text generation at an OpenAI-compatible endpoint, streamed. Knows one model; knows no queue."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from studio.errors import ModelUnavailable, StudioError
from studio.inference.engines.remote_embedding import estimated_tokens
from studio.inference.engines.remote_endpoint import (
    ask_again,
    asked,
    client_of,
    device_of,
    plain_failure,
)
from studio.inference.model_spec import ModelSpec
from studio.inference.protocol import EngineInfo, Prepared, StepEvent
from studio.records import FinishReason, Message, Sampling, Task

if TYPE_CHECKING:
    import openai

DEFAULT_CONTEXT = 128_000
TOKENS_PER_TURN = 4
# How long a step waits for a word; new requests are let in that often.
STEP_S = 0.02
# Settings that an endpoint may not know, and how it says that it does not. That a value is too large
# is another matter.
_MAY_BE_UNKNOWN = frozenset({"max_tokens", "temperature", "top_p", "seed"})
_UNKNOWN = re.compile(
    r"unsupported|not support|unknown|unrecogni[sz]ed|unexpected|extra|not permitted|not allowed",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Running:
    """One request; its thread looks whether anybody still wants the answer, and notes that it began."""

    is_wanted: bool = True
    has_begun: bool = False


class _BrokenOff(Exception):
    """The connection ended before the answer did."""


class RemoteGenerationEngine:
    """A chat model that runs elsewhere. Each request has a thread that reads its answer.

    An endpoint that goes away before it said anything is asked once more; an answer that has begun is
    not, as another would go on differently: its error says that it broke off.

    The prompt's tokens are an estimate until the endpoint tells them. Nothing is asked of the endpoint
    before the first request.

    Args:
        spec: the catalogue entry, with `base_url` and the model's name there as `location`.
        api_key: the key, or None if the endpoint wants none.
        max_concurrent: requests that are open at the endpoint at once.
        n_reserved: more of them, where people ask beside background work.

    Raises:
        ModelUnavailable: the entry names a stored key and there is none.
    """

    def __init__(
        self, spec: ModelSpec, api_key: str | None, max_concurrent: int = 12, n_reserved: int = 4
    ) -> None:
        self._spec = spec
        self._client: Any = client_of(spec, api_key)
        self._events: SimpleQueue[StepEvent] = SimpleQueue()
        self._running: dict[int, _Running] = {}
        self._refused: frozenset[str] = frozenset()  # settings without which requests passed
        self.info = EngineInfo(
            model=spec.id,
            task=Task.GENERATION,
            revision=spec.location,
            engine="remote",
            device=device_of(spec),
            precision="",
            max_tokens=spec.max_tokens or DEFAULT_CONTEXT,
            max_concurrent=max_concurrent,
            n_reserved=n_reserved,
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
        try:
            self._ask_as_it_knows(handle, running, turns, sampling)
        except Exception as error:  # noqa: BLE001 - handed to the waiting caller
            if running.is_wanted:
                is_plain = isinstance(error, StudioError)
                failure = error if is_plain else plain_failure(error, self._spec)
                self._events.put(StepEvent(handle=handle, error=failure))

    def _ask_as_it_knows(
        self, handle: int, running: _Running, turns: list[dict[str, str]], sampling: Sampling
    ) -> None:
        """Ask without what the endpoint refuses; what it turns out to refuse is not sent again."""
        import openai

        refused = self._refused
        while True:
            settings = _settings(sampling, refused)
            try:
                self._ask(handle, running, turns, settings)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                more = _refused_by(error, settings)
                if not more:
                    raise
                refused |= more
            else:
                self._refused |= refused
                return

    def _ask(
        self,
        handle: int,
        running: _Running,
        turns: list[dict[str, str]],
        settings: dict[str, Any],
    ) -> None:
        """Ask, and once more where the endpoint dies before the first word."""
        try:
            try:
                self._ask_once(handle, running, turns, settings)
            except _BrokenOff:
                if running.has_begun or not running.is_wanted:
                    raise
                ask_again("it broke off before the first word")
                self._ask_once(handle, running, turns, settings)
        except _BrokenOff as error:
            raise ModelUnavailable(
                "{url} broke off in the middle of an answer of the model {name}. Try again.",
                url=self._spec.base_url,
                name=self._spec.name,
            ) from error

    def _ask_once(
        self,
        handle: int,
        running: _Running,
        turns: list[dict[str, str]],
        settings: dict[str, Any],
    ) -> None:
        with asked(
            lambda: self._client.chat.completions.create(
                model=self._spec.location,
                messages=turns,
                stream=True,
                stream_options={"include_usage": True},
                **settings,
            )
        ) as answer:
            self._forward(handle, running, answer)

    def _forward(self, handle: int, running: _Running, answer: Any) -> None:
        reason: FinishReason | None = None
        n_sent = 0
        prompt_tokens: int | None = None
        cached_tokens = 0
        n_tokens: int | None = None
        for chunk in _chunks(answer):
            if not running.is_wanted:
                return
            if chunk.usage is not None:
                prompt_tokens, n_tokens = chunk.usage.prompt_tokens, chunk.usage.completion_tokens
                details = chunk.usage.prompt_tokens_details
                cached_tokens = (details.cached_tokens or 0) if details is not None else 0
            if not chunk.choices:
                continue
            choice = chunk.choices[0]
            if choice.finish_reason:
                reason = "length" if choice.finish_reason == "length" else "stop"
            if choice.delta.content:
                running.has_begun = True
                n_sent += 1
                self._events.put(StepEvent(handle=handle, text=choice.delta.content, n_tokens=1))
            elif not choice.finish_reason:  # it thinks
                self._events.put(StepEvent(handle=handle))
        if reason is None:  # a connection that was cut looks like an end
            raise _BrokenOff
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


def _refused_by(error: openai.APIStatusError, settings: dict[str, Any]) -> frozenset[str]:
    """The settings without which to ask again; none where the refusal is about something else.

    OpenAI's reasoning models know neither `max_tokens` nor a temperature, other servers no seed, and
    they say which. Not every server knows schemas, and those that do not say it in words of their own;
    the caller checks what comes in any case.
    """
    text = f"{error.message} {error.body}"
    if _UNKNOWN.search(text):
        named = frozenset(
            name for name in _MAY_BE_UNKNOWN & settings.keys() if re.search(rf"\b{name}\b", text)
        )
        if named:
            return named
    return frozenset({"response_format"} & settings.keys())


def _chunks(answer: Any) -> Iterator[Any]:
    """The pieces of a stream. Raises `_BrokenOff` where the connection is lost."""
    import openai

    try:
        yield from answer
    except openai.APITimeoutError:
        raise
    except openai.APIConnectionError as error:
        raise _BrokenOff from error


def _settings(
    sampling: Sampling, refused: frozenset[str]
) -> dict[str, Any]:  # Any: keyword arguments of the client
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
    if "max_tokens" in refused:
        settings["max_completion_tokens"] = sampling.max_new_tokens
    return {name: value for name, value in settings.items() if name not in refused}
