"""The client of an OpenAI-compatible endpoint, and its failures in plain words.

The key goes into the client and nowhere else: no message and no log carries it. Knows no task.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from studio.errors import ModelUnavailable, Overloaded, StudioError
from studio.inference.model_spec import ModelSpec
from studio.records import REMOTE_DEVICE

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 120.0
N_RETRIES = 1


def client_of(spec: ModelSpec, api_key: str | None) -> Any:  # openai.OpenAI, imported lazily
    """A client for the entry's endpoint.

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
        timeout=openai.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
        max_retries=N_RETRIES,
    )


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
                "{url} does not accept the stored key for the model {name}. Enter it again.",
                url=url,
                name=name,
            )
        case openai.NotFoundError():
            return ModelUnavailable(
                "{url} has no model {model}. Check its name, and that the address ends in /v1.",
                url=url,
                model=spec.location,
            )
        case openai.APIStatusError():
            return _refusal(error.status_code, spec)
    return ModelUnavailable(
        "{url} gave an answer for the model {name} that cannot be read. Check the address.",
        url=url,
        name=name,
    )


def _refusal(code: int, spec: ModelSpec) -> StudioError:
    if code == 429:
        return Overloaded(
            "The provider of {name} takes no more requests for now: too many at once, or the budget "
            "is used up. Try again in a moment, or look at your account there.",
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
