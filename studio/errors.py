"""The error tree: every failure a user can meet, said in words a founder understands.

    StudioError
    ├── InvalidInput        a value that cannot be used; `fields` maps field -> what is wrong
    ├── NotFound            an id that names nothing (any more)
    ├── AccessDenied        a wrong password, or something that is not for this visitor
    ├── LimitReached        as many requests or as much money as was allowed; later there is more
    ├── DataError           a file or table that cannot be read
    ├── IndexMismatch       an index built with another model, or damaged
    ├── ModelUnavailable    weights missing, endpoint unreachable, wrong key, load failed
    │   ├── DeadlineExceeded    it did not answer in time
    │   └── EngineLost          its process ended while it worked
    ├── Overloaded          the queue is full; try again
    ├── Cancelled           the user stopped it
    ├── StorageFull         no room on the disk
    └── PriceUnknown        no price is known for a model

A message states what happened, the actual value, what is allowed and what to do next. It is kept as
a template plus values, so that the page can show it in the user's language; `str(error)` is English.
"""

from __future__ import annotations

from collections.abc import Mapping

from studio.records import Notice


class StudioError(Exception):
    """A failure with a message for the user.

    Args:
        template: the message in English with `{name}` placeholders; the key of its translation.
        one: the message where its first count is 1, see `Notice`.
        fields: for forms, field name -> what is wrong with it: a sentence with values, or a fixed one
            as plain text (where translations find it, see `Notice`).
        **values: what fills the placeholders.
    """

    def __init__(
        self,
        template: str,
        one: str = "",
        /,
        *,
        fields: Mapping[str, Notice] | Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        self.notice = Notice(template, one, **values)
        self.fields: Mapping[str, Notice] = {
            name: problem if isinstance(problem, Notice) else Notice(problem)
            for name, problem in (fields or {}).items()
        }
        super().__init__(str(self.notice))


class InvalidInput(StudioError):
    """A value that cannot be used."""


class NotFound(StudioError):
    """Something that was asked for by an id and is not there."""


class AccessDenied(StudioError):
    """A wrong password, or something that is not for whoever asks."""


class LimitReached(StudioError):
    """As much as somebody was allowed; the message says when there is more."""


class DataError(StudioError):
    """A file or a table that cannot be read, or only in part."""


class IndexMismatch(StudioError):
    """An index that does not belong to the model or the documents it is used with, or is damaged."""


class ModelUnavailable(StudioError):
    """A model that cannot answer: no weights, no network, a wrong key, a failed load."""


class DeadlineExceeded(ModelUnavailable):
    """A model that did not answer in time; the message says which time."""


class EngineLost(ModelUnavailable):
    """A model whose process has ended; the next call loads it anew."""


class Overloaded(StudioError):
    """The queue is full; the same request may succeed a moment later.

    Args:
        template: as that of `StudioError`.
        retry_after_s: when that will be, in whole seconds; None where it is not known.
        **values: what fills the placeholders.
    """

    def __init__(
        self, template: str, /, *, retry_after_s: int | None = None, **values: object
    ) -> None:
        super().__init__(template, fields=None, **values)
        self.retry_after_s = retry_after_s


class Cancelled(StudioError):
    """The user stopped the work."""


class StorageFull(StudioError):
    """There is no room left on the disk."""


class PriceUnknown(StudioError):
    """No price is known for a model; shown as unknown, never as 0."""
