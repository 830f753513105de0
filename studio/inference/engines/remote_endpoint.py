"""The client of an OpenAI-compatible endpoint, and its failures in plain words.

The key goes into the client and nowhere else: no message and no log carries it. Knows no task.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from studio.errors import ModelUnavailable, Overloaded, StudioError
from studio.inference.model_spec import ModelSpec
from studio.records import REMOTE_DEVICE

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 120.0
PAUSE_S = 0.5
LONGEST_PAUSE_S = 2.0
"""An endpoint that asks for more time than that is not asked again, and whoever asked is told."""
LONGEST_RETRY_S = 3600

T = TypeVar("T")

logger = logging.getLogger(__name__)


def client_of(  # gives openai.OpenAI, imported lazily
    spec: ModelSpec, api_key: str | None, read_timeout_s: float = READ_TIMEOUT_S
) -> Any:
    """A client for the entry's endpoint, which waits that long for each piece of an answer.

    Raises:
        ModelUnavailable: the entry names a stored key and there is none.
    """
    import openai

    if spec.secret_name and not api_key:
        raise ModelUnavailable(
            "No key is stored under {secret} for the model {name}. Enter it on the models page.",
            secret=spec.secret_name,
            name=spec.name,
        )
    return openai.OpenAI(
        base_url=spec.base_url,
        api_key=api_key or "none",  # servers on one's own computer want none, the client wants one
        timeout=openai.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S),
        max_retries=0,  # it would sleep for two minutes where the endpoint says so; see `asked`
    )


def asked(ask: Callable[[], T]) -> T:
    """What the endpoint answers; asked once more where it was away, busy or failed for a moment.

    Raises:
        openai.OpenAIError: it did not answer either time, or asks for more time.
    """
    import openai

    try:
        return ask()
    except (openai.APIConnectionError, openai.APIStatusError) as error:
        reason, pause_s = type(error).__name__, PAUSE_S
        if isinstance(error, openai.APIStatusError):
            pause_s = _retry_after_s(error) or PAUSE_S
            if error.status_code not in (408, 409, 429) and error.status_code < 500:
                raise
        if pause_s > LONGEST_PAUSE_S:
            raise
    ask_again(reason, pause_s)
    return ask()


def ask_again(reason: str, pause_s: float = PAUSE_S) -> None:
    """Wait a moment before a request is sent once more, and say so in the log."""
    logger.warning("A request to an endpoint is sent again: %s", reason)
    time.sleep(pause_s)


def device_of(spec: ModelSpec) -> str:
    """Where the entry's calls run, as the ledger names it: host, port and path of the endpoint."""
    address = urlsplit(spec.base_url)
    return REMOTE_DEVICE + (address.netloc.rpartition("@")[2] + address.path).rstrip("/")


def plain_failure(error: Exception, spec: ModelSpec) -> StudioError:
    """What went wrong, for the user. The endpoint's own words are left out: they may quote the key."""
    import openai

    name, url = spec.name, spec.base_url
    match error:
        case openai.APITimeoutError():
            return ModelUnavailable(
                "{url} did not answer in time for the model {name}. Try again in a moment.",
                url=url,
                name=name,
            )
        case openai.APIConnectionError():
            return ModelUnavailable(
                "{url} cannot be reached for the model {name}. Check the address and the network.",
                url=url,
                name=name,
            )
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return ModelUnavailable(
                "{url} does not accept the stored key for the model {name}. Enter it again on the"
                " Models page.",
                url=url,
                name=name,
            )
        case openai.NotFoundError():
            return ModelUnavailable(
                "{url} has no model {model}. Check its name, and that the address ends in /v1.",
                url=url,
                model=spec.location,
            )
        case openai.APIStatusError(code="overloaded"):  # as `studio serve` says it
            retry_after_s = _retry_after_s(error)
            return Overloaded(
                "{url} is busy with other requests to the model {name}. Try again in a moment.",
                retry_after_s=None if retry_after_s is None else math.ceil(retry_after_s),
                url=url,
                name=name,
            )
        case openai.APIStatusError():
            return _refusal(error.status_code, spec, _retry_after_s(error))
    return ModelUnavailable(
        "{url} gave an answer for the model {name} that cannot be read. Check the address.",
        url=url,
        name=name,
    )


def _retry_after_s(error: Any) -> float | None:  # Any: openai.APIStatusError, imported lazily
    """Seconds after which the endpoint wants to be asked again; None where it does not say."""
    try:
        seconds = float(error.response.headers.get("retry-after", ""))
    except ValueError:  # nothing, or a date
        return None
    return seconds if 0 < seconds <= LONGEST_RETRY_S else None


def _refusal(code: int, spec: ModelSpec, retry_after_s: float | None) -> StudioError:
    if code == 429:
        return Overloaded(
            "The provider of {name} takes no more requests for now: too many at once, or the budget "
            "is used up. Try again in a moment, or look at your account there.",
            retry_after_s=None if retry_after_s is None else math.ceil(retry_after_s),
            name=spec.name,
        )
    if code >= 500:
        return ModelUnavailable(
            "{url} has a problem of its own (code {code}) with the model {name}. Try again later.",
            url=spec.base_url,
            code=code,
            name=spec.name,
        )
    return ModelUnavailable(
        "{url} refused the request to the model {name} (code {code}). The text may be too long for "
        "it, or a setting not allowed there.",
        url=spec.base_url,
        name=spec.name,
        code=code,
    )
