"""What a kind of prototype says of its endpoint. A fifth kind adds one module beside this one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, JsonValue

from studio.api.following import Line
from studio.api.replies import RequestBody
from studio.records import Notice
from studio.workbench import AnyPrototype

Facts = dict[str, JsonValue]


def _nothing(_prototype: Any) -> Facts:  # Any: of whichever kind
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class KindEndpoint:
    """`POST /v1/prototypes/{slug}/{action}`. Each module of the folder has one, called `ENDPOINT`.

    Attributes:
        kind: the class of the prototypes that answer.
        action: last part of the address, a verb.
        summary: what it does, for the documentation and for whoever chooses an example.
        body: what is asked.
        reply: what is answered.
        run: answers; on a thread of its own, which may wait. What takes long names what stops it
            (`Line.on_stop`).
        example: a body that this prototype answers, for whoever calls it the first time.
        describe: what a caller must know beforehand, such as the fields of a form.
        is_main: whether it is what the kind is for; each kind has one such, and may have others.
    """

    kind: type[AnyPrototype]
    action: str
    summary: Notice
    body: type[RequestBody]
    reply: type[BaseModel]
    run: Callable[[Any, Any, Line], BaseModel]  # Any: this kind's prototype and body
    example: Callable[[Any], Facts]
    describe: Callable[[Any], Facts] = _nothing
    is_main: bool = True
