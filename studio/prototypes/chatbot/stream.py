"""An answer in the making: runs on its own thread, so that a dropped page does not stop it.

Several readers may follow it, each from the start; stopping it stops the model. Knows nothing of how
an answer comes about.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Literal

from studio.errors import StudioError
from studio.inference.protocol import GenerationStream
from studio.prototypes.chatbot.answer import Answer

logger = logging.getLogger(__name__)

AnswerStage = Literal["searching", "waiting", "writing", "done"]

HEARTBEAT_S = 0.2
"""A reader gets an empty piece at least this often, so that a page can notice a click on stop."""


class AnswerStream:
    """The answer to one question while it is being found and written.

    Args:
        question: what was asked.
        work: makes the answer; is given this stream to report to. Called once, on a new thread.
        keep: called once with the answer or the error, before anybody else is told of it.
        request_id: joins its calls; a new one by default.
    """

    def __init__(
        self,
        question: str,
        work: Callable[[AnswerStream], Answer],
        keep: Callable[[Answer | StudioError], None] = lambda _: None,
        request_id: str = "",
    ) -> None:
        self.question = question
        self.request_id = request_id or uuid.uuid4().hex
        self._work = work
        self._keep = keep
        self._changed = threading.Condition()
        self._pieces: list[str] = []
        self._stage: AnswerStage = "searching"
        self._n_passages: int | None = None
        self._model_stream: GenerationStream | None = None
        self._is_cancelled = False
        self._answer: Answer | None = None
        self._error: StudioError | None = None
        self._thread = threading.Thread(target=self._run, name="studio-answer", daemon=True)

    def start(self) -> AnswerStream:
        """Begin; gives itself."""
        self._thread.start()
        return self

    @property
    def stage(self) -> AnswerStage:
        """What is going on."""
        return self._stage

    @property
    def n_passages(self) -> int | None:
        """How many passages are being read; None before the search is over."""
        return self._n_passages

    @property
    def is_cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._is_cancelled

    def __iter__(self) -> Iterator[str]:
        """The text so far and as it comes, in pieces; an empty piece at least every 0.2 s.

        Errors are not raised here but by `answer()`.
        """
        position = 0
        while True:
            with self._changed:
                if position == len(self._pieces) and self._stage != "done":
                    self._changed.wait(HEARTBEAT_S)
                fresh = self._pieces[position:]
                is_over = self._stage == "done"
            position += len(fresh)
            if fresh or not is_over:
                yield "".join(fresh)
            if is_over:
                return

    def cancel(self) -> None:
        """Stop searching or writing; what was written so far becomes the answer."""
        with self._changed:
            self._is_cancelled = True
            model_stream = self._model_stream
        if model_stream is not None:
            model_stream.cancel()

    def answer(self, timeout_s: float | None = None) -> Answer:
        """Wait for the end and give the answer.

        Raises:
            StudioError: it failed.
            TimeoutError: it did not end in time.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._stage == "done", timeout_s):
                raise TimeoutError(f"no answer after {timeout_s} s")
            if self._error is not None:
                raise self._error
            assert self._answer is not None
            return self._answer

    def enter(self, stage: AnswerStage, n_passages: int | None = None) -> None:
        """Say what is going on; for the work."""
        with self._changed:
            self._stage = stage
            if n_passages is not None:
                self._n_passages = n_passages
            self._changed.notify_all()

    def write(self, piece: str) -> None:
        """Add text for the readers; for the work."""
        with self._changed:
            self._pieces.append(piece)
            self._changed.notify_all()

    def follow(self, model_stream: GenerationStream) -> None:
        """Name the model's stream, so that stopping the answer stops the model; for the work."""
        with self._changed:
            self._model_stream = model_stream
            is_cancelled = self._is_cancelled
        if is_cancelled:
            model_stream.cancel()

    def _run(self) -> None:
        outcome = self._outcome(lambda: self._work(self))
        kept = self._outcome(lambda: self._kept(outcome))
        with self._changed:
            if isinstance(kept, StudioError):
                self._error = kept
            else:
                self._answer = kept
            self._stage = "done"
            self._model_stream = None
            self._changed.notify_all()

    def _kept(self, outcome: Answer | StudioError) -> Answer:
        self._keep(outcome)
        if isinstance(outcome, StudioError):
            raise outcome
        return outcome

    def _outcome(self, work: Callable[[], Answer]) -> Answer | StudioError:
        try:
            return work()
        except StudioError as problem:
            return problem
        except Exception as problem:
            incident = uuid.uuid4().hex[:8]
            logger.exception("answer failed, incident %s", incident)
            error = StudioError(
                "Something unexpected happened while answering (id {id}). Ask again; if it happens "
                "again, the log has the details under this id.",
                id=incident,
            )
            error.__cause__ = problem
            return error
