"""What an OpenAI-compatible endpoint offers, asked before a model of it is added to the catalogue.

Knows no catalogue and keeps nothing; the key is used for the one request and never written anywhere.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from studio.errors import InvalidInput, ModelUnavailable

TIMEOUT_S = 10.0


def list_models(base_url: str, api_key: str = "") -> tuple[str, ...]:
    """The names of the models at an endpoint, sorted.

    Args:
        base_url: its address, up to and including `/v1`.
        api_key: its key; empty where none is needed.

    Raises:
        InvalidInput: the address is none.
        ModelUnavailable: it does not answer, refuses the key or lists nothing.
    """
    host = _host(base_url)
    import openai

    client = openai.OpenAI(
        base_url=base_url, api_key=api_key or "none", timeout=TIMEOUT_S, max_retries=0
    )
    try:
        with client:
            names = tuple(sorted(m.id for m in client.models.list() if m.id))
    except (openai.OpenAIError, TypeError, AttributeError, ValueError) as error:
        raise _failure(host, error) from error
    if not names:
        raise ModelUnavailable("{host} lists no models. Type the model's name in.", host=host)
    return names


def _failure(host: str, error: Exception) -> ModelUnavailable:
    import openai

    match error:
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return ModelUnavailable(
                "{host} refused the key. Check that it was copied whole and is still valid.",
                host=host,
            )
        case openai.APITimeoutError():
            return ModelUnavailable(
                "{host} did not answer within {seconds} seconds. Check the address and your"
                " network.",
                host=host,
                seconds=f"{TIMEOUT_S:g}",
            )
        case openai.APIConnectionError():
            return ModelUnavailable(
                "{host} cannot be reached. Check the address and your network.", host=host
            )
        case openai.APIStatusError(status_code=code):
            return ModelUnavailable(
                "{host} answered with the error {code} instead of a list of models. The address"
                " should end in /v1; the model's name can also be typed in.",
                host=host,
                code=code,
            )
    return ModelUnavailable(
        "{host} answered, but not with a list of models. The address should end in /v1; the model's"
        " name can also be typed in.",
        host=host,
    )


def _host(base_url: str) -> str:
    try:
        address = urlsplit(base_url)
        host = address.hostname or ""
    except ValueError:
        host = ""
    if not host or address.scheme not in ("http", "https"):
        raise InvalidInput(
            "{address} is no web address. It looks like https://api.example.com/v1.",
            address=base_url or "–",
        )
    return host
