"""The process in which a generation engine computes, as `process_generation` starts it.

    python -m studio.inference.engines.generation_child '{"model": ..., "gguf": ..., ...}'

Steps as long as anything is to be written, whether or not the studio has read the last step, and ends
with the studio: when its input does.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

from studio.inference.engines import generation_messages as messages
from studio.inference.hardware import resident_bytes
from studio.inference.protocol import GenerationEngine, Prepared, StepEvent

_PATHS = ("gguf", "graph")


def main() -> None:
    """Make the engine of the first argument; serve it from standard input to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the studio, which ends us
    tell = _own_output()
    arguments = json.loads(sys.argv[1])
    for name in _PATHS:
        arguments[name] = arguments[name] and Path(arguments[name])
    try:
        from studio.inference.engines.openvino_generation import OpenVinoGenerationEngine

        engine = OpenVinoGenerationEngine(**arguments)
    except Exception as error:  # noqa: BLE001 - raised again over there
        tell(messages.failure_line(error))
        return
    memory_bytes = max(engine.info.memory_bytes, resident_bytes())
    tell(messages.info_line(replace(engine.info, memory_bytes=memory_bytes)))
    commands: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, commands), daemon=True).start()
    serve(engine, commands, tell)


def serve(
    engine: GenerationEngine, commands: SimpleQueue[bytes], tell: Callable[[bytes], object]
) -> None:
    """Obey commands, and step while anything is to be written; an empty command ends it.

    Args:
        engine: made in this thread.
        commands: lines as they come in.
        tell: takes a line for the studio.
    """
    running: set[int] = set()
    while True:
        refusals: list[StepEvent] = []
        while not running or not commands.empty():
            line = commands.get()
            if not line:
                return
            refusals += _obey(engine, line, running)
            if refusals:
                break
        try:
            events = engine.step() if running else []
        except Exception as error:  # noqa: BLE001 - raised again over there
            for serial in running:
                engine.cancel(serial)
            running.clear()
            tell(messages.failure_line(error))
            continue
        for event in events:
            if event.finish_reason is not None or event.error is not None:
                running.discard(event.handle)
        tell(messages.events_line([*refusals, *events]))


def _obey(engine: GenerationEngine, line: bytes, running: set[int]) -> list[StepEvent]:
    """Admit and end requests; gives those that the engine refused."""
    refusals = []
    additions, cancelled = messages.read_command(line)
    for serial in cancelled:
        running.discard(serial)
        engine.cancel(serial)
    for one in additions:
        try:
            prompt = Prepared(payload=one.ids, n_tokens=one.ids.shape[1])
            engine.add(one.serial, prompt, one.sampling)
        except Exception as error:  # noqa: BLE001 - raised again over there
            engine.cancel(one.serial)
            refusals.append(StepEvent(handle=one.serial, error=error))
        else:
            running.add(one.serial)
    return refusals


def _own_output() -> Callable[[bytes], object]:
    """Standard output for messages alone: what libraries print goes where errors go."""
    fd = os.dup(1)
    os.dup2(2, 1)

    def tell(line: bytes) -> None:
        try:
            while line:
                line = line[os.write(fd, line) :]
        except OSError:  # nobody is there any more
            os._exit(0)

    return tell


def _listen(lines: BinaryIO, commands: SimpleQueue[bytes]) -> None:
    for line in lines:
        commands.put(line)
    os._exit(0)  # the studio has gone or wants no more; a step that runs is of no use to anybody


if __name__ == "__main__":
    main()
