"""What the studio and the process of a generation engine tell each other: one line of JSON each.

    studio -> engine    {"add": [{"serial", "ids", "sampling"}, ...]} or {"cancel": [serial, ...]}
    engine -> studio    {"info": ...} once, or {"failure": ...}; then {"events": [...]} for each step,
                        or {"failure": ...} for a step that failed, which ends all that was running

A serial names a request as long as the process lives. Knows neither process nor model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable, StudioError
from studio.inference.protocol import EngineInfo, StepEvent
from studio.records import Notice, Sampling, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A request to be written: its prompt's token ids `(1, n)` int64, and how."""

    serial: int
    ids: NDArray[np.int64]
    sampling: Sampling


def additions_line(additions: Iterable[Addition]) -> bytes:
    """The message that admits requests."""
    added = [
        {"serial": one.serial, "ids": one.ids[0].tolist(), "sampling": asdict(one.sampling)}
        for one in additions
    ]
    return _line({"add": added})


def cancel_line(serials: Sequence[int]) -> bytes:
    """The message that ends requests."""
    return _line({"cancel": list(serials)})


def read_command(line: bytes) -> tuple[list[Addition], list[int]]:
    """The requests that a message admits, and the serials of those that it ends."""
    told = json.loads(line)
    additions = [
        Addition(
            serial=one["serial"],
            ids=np.array([one["ids"]], np.int64),
            sampling=Sampling(**{**one["sampling"], "stop": tuple(one["sampling"]["stop"])}),
        )
        for one in told.get("add", ())
    ]
    return additions, told.get("cancel", [])


def info_line(info: EngineInfo) -> bytes:
    """The message that says what runs."""
    return _line({"info": asdict(info)})


def events_line(events: Iterable[StepEvent]) -> bytes:
    """The message of one step; handles are serials."""
    return _line({"events": [_told(event) for event in events]})


def failure_line(error: Exception) -> bytes:
    """The message that making the engine, or a step of it, failed."""
    return _line({"failure": _told_error(error)})


def read_info(line: bytes) -> EngineInfo:
    """What runs. Raises what making the engine raised."""
    told = _checked(line)
    return EngineInfo(**{**told["info"], "task": Task(told["info"]["task"])})


def read_events(line: bytes) -> list[StepEvent]:
    """What a step gave; handles are serials. Raises what the step raised."""
    return [
        StepEvent(**{**one, "error": _error(one["error"])} if "error" in one else one)
        for one in _checked(line)["events"]
    ]


def _line(message: dict[str, Any]) -> bytes:  # Any: JSON
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def _checked(line: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(line)
    if "failure" in told:
        raise _error(told["failure"])
    return told


def _told(event: StepEvent) -> dict[str, Any]:
    told = {
        "handle": event.handle,
        "text": event.text,
        "n_tokens": event.n_tokens,
        "finish_reason": event.finish_reason,
        "cached_tokens": event.cached_tokens,
        "prompt_tokens": event.prompt_tokens,
        "error": event.error and _told_error(event.error),
    }
    return {name: value for name, value in told.items() if value}


def _told_error(error: Exception) -> dict[str, Any]:
    if isinstance(error, StudioError):
        return {"notice": error.notice.to_json()}
    return {"type": type(error).__name__, "text": str(error)}


def _error(told: dict[str, Any]) -> Exception:
    if "notice" in told:
        notice = Notice.from_json(told["notice"])
        values: dict[str, Any] = dict(notice.values)
        return ModelUnavailable(notice.template, **values)
    match told["type"]:
        case "MemoryError":
            return MemoryError(told["text"])
        case "RuntimeError":
            return RuntimeError(told["text"])
        case other:
            return RuntimeError(f"{other}: {told['text']}")
