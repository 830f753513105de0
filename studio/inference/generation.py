"""Texts of all callers in the making on one generation engine, a token of each per step.

Knows queues, stop strings, cancelling and what a request took; knows no tokenizer and no model
library. Requests join and leave the running batch between two steps.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue

from studio.errors import DeadlineExceeded, InvalidInput, StudioError
from studio.inference.calls import CallMeter
from studio.inference.detokenizer import StopFilter
from studio.inference.protocol import EngineInfo, GenerationEngine, Prepared, StepEvent
from studio.inference.turns import ANYBODY, FairLine, Patience, Turn
from studio.inference.worker import EngineThread, MovingMean, RateMeter, failure_of
from studio.records import (
    CallRecord,
    FinishReason,
    GenerationRequest,
    GenerationResult,
    Message,
    Sampling,
    Stage,
)

PROMPT_TOKENS_PER_TOKEN = 20
"""About as many tokens of a prompt are read in the time that one is written."""
MOST_PEOPLE_IN_A_ROW = 8
"""So many people begin before background work, where any waits and none runs, has a place."""
PEOPLE_NEAR_S = 10.0
"""For so long after somebody's text background work keeps away, as they may ask on: what is being
written for it cannot be paused, and takes seconds to end."""
BESIDE_PEOPLE = 6
"""Of so many places background work takes one while people are near."""


@dataclass(slots=True, eq=False)
class _Job:
    """A request on its way: what the worker knows of it. The stream and the worker share it."""

    handle: int
    request: GenerationRequest
    prompt: Prepared
    sampling: Sampling
    meter: CallMeter
    on_end: Callable[[CallRecord], None]
    stops: StopFilter
    turn: Turn
    progressed_s: float
    pieces: SimpleQueue[str | None] = field(default_factory=SimpleQueue)  # None: the end
    shown: list[str] = field(default_factory=list)
    outcome: Future[GenerationResult] = field(default_factory=Future)
    is_cancelled: bool = False
    is_late: bool = False
    is_ended: bool = False

    def show(self, piece: str) -> None:
        if piece:
            self.shown.append(piece)
            self.pieces.put(piece)

    @property
    def tokens_in_step(self) -> int:
        """Tokens that a step works on for it: the prompt until the first token, then one."""
        return max(1, self.prompt.n_tokens) if self.meter.first_token_s is None else 1


class TextStream:
    """A text in the making; see `protocol.GenerationStream`.

    Leaving the loop over it early, or letting go of it, cancels the request.
    """

    def __init__(self, job: _Job, look: Callable[[_Job], float]) -> None:
        self._job = job
        self._look = (
            look  # ends the job when it is late, and says how long to wait till the next look
        )

    def __iter__(self) -> Iterator[str]:
        """The pieces as they are drawn; ends early after `cancel`, raises what the engine did."""
        job = self._job
        try:
            while (piece := self._next_piece()) is not None:
                if job.is_cancelled and not job.is_late:
                    return
                yield piece
            job.pieces.put(None)  # a second loop ends at once
            if job.is_late or not job.is_cancelled:
                job.outcome.result()
        finally:
            self.cancel()

    def cancel(self) -> None:
        """Stop the model before its next token. Any thread, any time, any number of times."""
        if not self._job.outcome.done():
            self._job.is_cancelled = True

    def result(self, timeout_s: float | None = None) -> GenerationResult:
        """Wait for the end and give the whole text, or the part drawn until `cancel`.

        Raises:
            StudioError: the generation failed, or nothing of it came in time.
            TimeoutError: it did not end in time.
        """
        outcome = self._job.outcome
        end_s = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            look_s = self._look(self._job)
            left_s = look_s if end_s is None else min(look_s, max(0.0, end_s - time.monotonic()))
            try:
                return outcome.result(left_s)
            except TimeoutError:
                if outcome.done():  # it came this very moment, or failed
                    return outcome.result()
                if end_s is not None and time.monotonic() >= end_s:
                    raise

    def _next_piece(self) -> str | None:
        while True:
            try:
                return self._job.pieces.get(timeout=self._look(self._job))
            except Empty:
                continue

    def __del__(self) -> None:
        self.cancel()


class GenerationWorker(EngineThread[GenerationEngine]):
    """Serves one generation engine to any number of threads.

    Args:
        open_engine: makes the engine, in the worker's thread.
        name: the model's name for messages.
        max_waiting: requests of people, and as many of background work, that may wait for a place
            before "busy"; one user may have half of them.
        deadline_s: how long a step may take before it is given up.
        timer: monotonic seconds.
    """

    def __init__(
        self,
        open_engine: Callable[[], GenerationEngine],
        *,
        name: str,
        max_waiting: int = 256,
        deadline_s: float = 60.0,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(open_engine, name=name, deadline_s=deadline_s, timer=timer)
        self._max_waiting = max_waiting
        self._people: FairLine[_Job] = FairLine()
        self._background: FairLine[_Job] = FairLine()
        self._patience = Patience()
        self._n_people_in_a_row = 0
        self._active: dict[int, _Job] = {}
        self._handles = itertools.count(1)
        self._rate = RateMeter()
        self._s_per_person = MovingMean()  # in a place
        self._person_s = -math.inf  # when a person's text ended last

    @property
    def n_waiting(self) -> int:
        """Requests that have no complete answer yet, the running ones included."""
        return self._n_in_line + len(self._active)

    @property
    def _n_in_line(self) -> int:
        return len(self._people) + len(self._background)

    @property
    def rate_per_s(self) -> float:
        """Tokens per second of all requests over the last minute."""
        return self._rate.per_second(self._timer())

    def prepare(self, messages: Sequence[Message]) -> Prepared:
        """The prompt, tokenised in the calling thread.

        Raises:
            ModelUnavailable: the model was unloaded meanwhile.
        """
        return self._loaded().prepare(messages)

    def submit(
        self,
        request: GenerationRequest,
        prompt: Prepared,
        *,
        meter: CallMeter,
        on_end: Callable[[CallRecord], None],
        turn: Turn = ANYBODY,
    ) -> TextStream:
        """Queue a request and return at once.

        Args:
            request: what was asked.
            prompt: its turns, from `prepare`.
            meter: knows when it arrived and the prompt's tokens; filled while it runs.
            on_end: called once, on any thread, before the result is there.
            turn: whose it is.

        Raises:
            InvalidInput: the prompt leaves no room in the context.
            Overloaded: too many requests wait, or it would wait too long.
            ModelUnavailable: the model was unloaded meanwhile.
        """
        engine = self._loaded()
        job = _Job(
            handle=next(self._handles),
            request=request,
            prompt=prompt,
            sampling=fit_to_context(request.sampling, prompt.n_tokens, engine.info),
            meter=meter,
            on_end=on_end,
            stops=StopFilter(request.sampling.stop),
            turn=turn,
            progressed_s=self._timer(),
        )
        with self._changed:
            self._loaded()
            self._check_room(turn, engine.info)
            (self._background if turn.is_background else self._people).add(turn, job)
            self._changed.notify()
        return TextStream(job, self._look)

    def _look(self, job: _Job) -> float:
        """Seconds until whoever waits for a text looks again; ends one that is late, or hangs."""
        self.give_up_if_stuck()
        left_s = job.progressed_s + job.turn.deadline_s - self._timer()
        if left_s > 0 or job.is_ended:
            return self._look_s(max(left_s, 0.01))
        job.is_late = True
        self._finish(job, self._expired(job.turn.deadline_s))
        job.is_cancelled = True  # not before, or the worker may end it without the error
        return 0.01

    def _check_room(self, turn: Turn, info: EngineInfo) -> None:
        """Refuse what would wait too long; holds the lock. Raises Overloaded."""
        line = self._background if turn.is_background else self._people
        n = len(line)
        n_places = info.max_concurrent
        n_free = self._n_free_for_people(info)
        n_before = self._people.n_before(turn) - n_free + 1
        wait_s = max(0.0, n_before) / n_places * self._s_per_person.value
        own = line.n_of(turn.user)
        is_full = n >= self._max_waiting or (turn.user and 2 * own >= self._max_waiting)
        if not len(self._people):
            self._patience.note_empty(self._timer())
        answer_s = self._s_per_person.value
        if is_full or self._patience.is_too_long(wait_s, turn, answer_s, self._timer()):
            raise self._busy(n, wait_s)

    def _serve(self, engine: GenerationEngine) -> None:
        while True:
            with self._changed:
                while not (self._is_closing() or self._n_in_line or self._active):
                    self._changed.wait()
                if self._is_closing():
                    return
            self._drop_cancelled(engine)
            self._admit(engine)
            if self._active:
                self._step(engine)

    def _drop_cancelled(self, engine: GenerationEngine) -> None:
        with self._changed:
            dropped = [
                job
                for line in (self._people, self._background)
                for job in line.remove(lambda job: job.is_cancelled)
            ]
        for job in dropped:
            self._finish(job, "cancelled")
        for job in [job for job in self._active.values() if job.is_cancelled]:
            self._forget(engine, job)
            self._finish(job, "cancelled")

    def _admit(self, engine: GenerationEngine) -> None:
        while not self._is_closing():
            with self._changed:
                job = self._next(engine.info)
                if job is None:
                    return
                self._active[job.handle] = job
            job.meter.begin(self._timer())
            try:
                with self._watched():
                    engine.add(job.handle, job.prompt, job.sampling)
            except Exception as error:  # noqa: BLE001 - handed to the caller it concerns
                self._note_step(error)
                self._forget(engine, job)
                self._finish(job, failure_of(self._name, error))

    def _next(self, info: EngineInfo) -> _Job | None:
        """Who gets the next free place, if anybody; holds the lock.

        Background work leaves `n_reserved` places free, and more while people are near. People who never
        stop asking leave it one.
        """
        n_active = len(self._active)
        n_background = self._n_in_background()
        is_background_free = (
            len(self._background) > 0
            and n_active < info.max_concurrent
            and n_background < self._most_in_background(info)
        )
        if self._n_free_for_people(info) < 1:
            return None
        is_owed = (
            len(self._background) > 0
            and self._n_people_in_a_row >= MOST_PEOPLE_IN_A_ROW
            and not any(job.turn.is_background for job in self._active.values())
        )
        if len(self._people) and not is_owed:
            self._n_people_in_a_row += 1
            taken = self._people.take(_cost)
            if not len(self._people):
                self._patience.note_empty(self._timer())
        elif is_background_free or is_owed:
            self._n_people_in_a_row = 0
            taken = self._background.take(_cost)
        else:
            return None
        return None if taken is None else taken[1]

    def _n_in_background(self) -> int:
        return sum(job.turn.is_background for job in self._active.values())

    def _n_free_for_people(self, info: EngineInfo) -> int:
        """Places for people: `max_concurrent`, as those that background work holds are reserved anew.

        More at once would make each answer take longer, and hardly any more be written.
        """
        n_reserved = min(info.n_reserved, self._n_in_background())
        return info.max_concurrent + n_reserved - len(self._active)

    def _most_in_background(self, info: EngineInfo) -> int:
        """Rows that may be written at once: each makes every word of somebody's answer take longer."""
        is_near = (
            len(self._people) > 0
            or any(not job.turn.is_background for job in self._active.values())
            or self._timer() - self._person_s < PEOPLE_NEAR_S
        )
        return max(1, info.max_concurrent // BESIDE_PEOPLE) if is_near else info.max_concurrent

    def _step(self, engine: GenerationEngine) -> None:
        began_s = self._timer()
        failure: Exception | None = None
        events: list[StepEvent] = []
        try:
            with self._watched():
                events = engine.step()
        except Exception as error:  # noqa: BLE001 - handed to every active caller
            failure = error
        self._note_step(failure)
        now_s = self._timer()
        self._charge(now_s - began_s)
        if failure is not None:
            for job in list(self._active.values()):
                self._forget(engine, job)
                self._finish(job, failure_of(self._name, failure))
        for event in events:
            active = self._active.get(event.handle)
            if active is not None:
                self._take(engine, active, event, now_s)

    def _charge(self, busy_s: float) -> None:
        """Divide the time of a step between the active requests by tokens."""
        active = list(self._active.values())
        total = sum(job.tokens_in_step for job in active)
        for job in active:
            job.meter.add_pass(busy_s * job.tokens_in_step / total, len(active))

    def _take(self, engine: GenerationEngine, job: _Job, event: StepEvent, now_s: float) -> None:
        if event.error is not None:
            self._forget(engine, job)
            self._finish(job, failure_of(self._name, event.error))
            return
        meter = job.meter
        job.progressed_s = now_s
        if event.n_tokens and meter.first_token_s is None:
            meter.first_token_s = now_s
        meter.tokens_out += event.n_tokens
        meter.cached_tokens = max(meter.cached_tokens, event.cached_tokens)
        if event.prompt_tokens is not None:
            meter.tokens_in = event.prompt_tokens
        self._rate.add(now_s, event.n_tokens)
        text, is_stopped = job.stops.feed(event.text)
        job.show(text)
        reason: FinishReason | None = "stop" if is_stopped else event.finish_reason
        if reason is None and meter.tokens_out >= job.sampling.max_new_tokens:
            reason = "length"  # an engine that forgets the limit
        if reason is None:
            return
        if event.finish_reason is None:
            self._forget(engine, job)
        job.show(job.stops.flush())
        self._finish(job, reason)

    def _forget(self, engine: GenerationEngine, job: _Job) -> None:
        try:
            engine.cancel(job.handle)
        except Exception:  # noqa: BLE001 - its caller gets the first error, the others go on
            return

    def _finish(self, job: _Job, end: FinishReason | Exception) -> None:
        """End a request, once. One that is late keeps its place till the worker let go of it."""
        with self._changed:
            if not (job.is_late and isinstance(end, DeadlineExceeded)):
                self._active.pop(job.handle, None)
            if job.is_ended:
                return
            job.is_ended = True
        now_s = self._timer()
        error = end if isinstance(end, Exception) else None
        if not job.turn.is_background:
            self._person_s = now_s
        if error is None and job.meter.began_s is not None and not job.turn.is_background:
            self._s_per_person.add(now_s - job.meter.began_s)
        call = job.meter.record(
            job.request.context, Stage.GENERATION, self.info, ended_s=now_s, error=error
        )
        job.on_end(call)
        if isinstance(end, Exception):
            job.outcome.set_exception(end)
        else:
            job.outcome.set_result(
                GenerationResult(text="".join(job.shown), finish_reason=end, call=call)
            )
        job.pieces.put(None)

    def _fail_all(self, error: StudioError) -> None:
        with self._changed:
            jobs = [*self._people, *self._background, *self._active.values()]
            self._people, self._background = FairLine(), FairLine()
        for job in jobs:
            self._finish(job, "cancelled" if job.is_cancelled else error)


def _cost(job: _Job) -> float:
    """Work that a text will be at most: its tokens, those of the prompt being read much faster."""
    return job.sampling.max_new_tokens + job.prompt.n_tokens / PROMPT_TOKENS_PER_TOKEN


def fit_to_context(sampling: Sampling, n_prompt_tokens: int, info: EngineInfo) -> Sampling:
    """The sampling with `max_new_tokens` cut to what the context has left after the prompt.

    Raises:
        InvalidInput: no room is left, or a setting is out of range.
    """
    for name, value, lowest, highest in (
        ("max_new_tokens", sampling.max_new_tokens, 1, 1_000_000),
        ("temperature", sampling.temperature, 0, 2),
        ("top_p", sampling.top_p, 0.01, 1),
        ("repetition_penalty", sampling.repetition_penalty, 0.5, 2),
    ):
        if not lowest <= value <= highest:
            raise InvalidInput(
                "{name} is {value}; it must be between {lowest} and {highest}.",
                name=name,
                value=value,
                lowest=lowest,
                highest=highest,
            )
    room = info.max_tokens - n_prompt_tokens
    if room < 1:
        raise InvalidInput(
            "The text for the model is too long: it has {n} tokens and {model} reads at most "
            "{limit}, the answer included. Shorten it, use fewer or shorter passages, or choose "
            "a model that reads more.",
            n=n_prompt_tokens,
            model=info.model,
            limit=info.max_tokens,
        )
    return replace(sampling, max_new_tokens=min(sampling.max_new_tokens, room))
