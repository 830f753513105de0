"""Text generation with OpenVINO GenAI in a process of its own. Knows one model; knows no queue.

`ContinuousBatchingPipeline.step` holds Python's interpreter lock from its beginning to its end. In the
studio's process nothing else could run meanwhile: beside twelve texts a thread that sleeps for a
millisecond awoke 21 ms late, and a page, which changes threads often, took a multiple of that.
"""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from studio.errors import EngineLost
from studio.inference.engines import child_program
from studio.inference.engines.generation_messages import (
    Addition,
    additions_line,
    cancel_line,
    read_events,
    read_info,
)
from studio.inference.engines.openvino_chat_tokenizer import ChatTokenizer
from studio.inference.protocol import Prepared, StepEvent
from studio.records import Message, Sampling

END_S = 5.0
"""How long the process may take to end by itself."""


class ProcessGenerationEngine:
    """An `OpenVinoGenerationEngine` elsewhere; tokenises here.

    The process writes on without being asked for every step, so that a busy studio does not hold it
    up. It ends with the studio, however that ends.

    Args:
        model: id shown in the records.
        gguf: the file with 16-bit floats; has the tokenizer, too.
        graph: folder of the compressed model; None computes with the 16-bit file.
        revision: identifies the weights.
        n_threads: compute threads.
        max_tokens: the context; None asks the file.

    Raises:
        ModelUnavailable: OpenVINO cannot read the file, or the model knows no conversation.
        EngineLost: the process ended before it was ready.
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
    ) -> None:
        arguments = {
            "model": model,
            "gguf": str(gguf),
            "graph": graph and str(graph),
            "revision": revision,
            "n_threads": n_threads,
            "max_tokens": max_tokens,
        }
        self._process = subprocess.Popen(
            child_program.command(
                "studio.inference.engines.generation_child", json.dumps(arguments)
            ),
            env=child_program.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._model = model
        self._serials = itertools.count(1)
        self._new: list[Addition] = []  # told with the next step, all at once
        self._running: dict[int, int] = {}  # handle -> serial
        try:
            self._tokenizer = ChatTokenizer(model=model, gguf=gguf, max_tokens=max_tokens)
            self.info = read_info(self._heard())
        except BaseException:
            self.close()
            raise

    def prepare(self, messages: Sequence[Message]) -> Prepared:
        """Token ids of the prompt, `(1, n)` int64."""
        return self._tokenizer.prepare(messages)

    def add(self, handle: int, prompt: Prepared, sampling: Sampling) -> None:
        """Admit the request with the next step."""
        serial = next(self._serials)
        self._running[handle] = serial
        self._new.append(Addition(serial=serial, ids=prompt.payload, sampling=sampling))

    def step(self) -> list[StepEvent]:
        """What the next step gave; waits for it, unless it is there already.

        Raises:
            EngineLost: the process has ended.
            RuntimeError: the step failed.
        """
        if not self._running:
            return []
        if self._new:
            new, self._new = self._new, []
            self._tell(additions_line(new))
        handles = {serial: handle for handle, serial in self._running.items()}
        events = []
        for event in read_events(self._heard()):
            handle = handles.get(event.handle)
            if handle is None:  # it was cancelled when this was on its way
                continue
            events.append(replace(event, handle=handle))
            if event.finish_reason is not None or event.error is not None:
                del self._running[handle]
        return events

    def cancel(self, handle: int) -> None:
        """Have the process drop the request before its next step."""
        serial = self._running.pop(handle, None)
        if serial is None:
            return
        if any(one.serial == serial for one in self._new):
            self._new = [one for one in self._new if one.serial != serial]
        else:
            self._tell(cancel_line([serial]))

    def kill(self) -> None:
        """End the process at once, whatever it does. Any thread may call it, and again."""
        self._process.kill()

    def close(self) -> None:
        """End the process, which frees its memory."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # it has ended already
                    pipe.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tell(self, line: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError as error:
            raise self._lost() from error

    def _heard(self) -> bytes:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._lost()
        return line

    def _lost(self) -> EngineLost:
        try:
            code = self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            return _lost(self._model, "it closed its output")
        return _lost(self._model, f"signal {-code}" if code < 0 else f"exit code {code}")


def _lost(name: str, reason: str) -> EngineLost:
    return EngineLost(
        "The model {name} ended while it worked ({reason}), perhaps because the computer had no "
        "memory left. Ask again: it is loaded anew.",
        name=name,
        reason=reason,
    )
