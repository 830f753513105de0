"""The built-in models that run at a model service elsewhere, as entries of the catalogue.

`STUDIO_SERVICE_URL` names one: `studio serve --ray`, or any cluster that speaks OpenAI's protocol and
has models of these ids. They keep id, languages, prefixes and size, so prototypes and prompts stay as
they are; only where they run is another. The demo runs no models, here or there. Knows no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studio.config import SERVICE_SECRET, Settings
from studio.errors import InvalidInput
from studio.inference.builtin_models import BUILTIN_MODELS
from studio.inference.model_spec import ModelSpec
from studio.inference.spec_checks import problems
from studio.records import Notice, Task

SERVED = (Task.EMBEDDING, Task.GENERATION)
"""What OpenAI's protocol knows; models that rerank run here."""


def builtin_models(
    settings: Settings, builtins: Sequence[ModelSpec] = BUILTIN_MODELS
) -> tuple[ModelSpec, ...]:
    """The built-in models, those of the model service with its address; in their order.

    Raises:
        InvalidInput: the address is none, or a model that is named cannot run there.
    """
    if not settings.service_url or settings.is_demo:
        return tuple(builtins)
    wanted = {spec.id for spec in served_models(settings, builtins)}
    return tuple(_elsewhere(spec, settings) if spec.id in wanted else spec for spec in builtins)


def served_models(
    settings: Settings, builtins: Sequence[ModelSpec] = BUILTIN_MODELS
) -> tuple[ModelSpec, ...]:
    """Those that the settings name for a model service, the default ones where they name none.

    Raises:
        InvalidInput: one that is named is no built-in model that can run at a service.
    """
    possible = {spec.id: spec for spec in builtins if spec.task in SERVED}
    unknown = [name for name in settings.service_models if name not in possible]
    if unknown:
        raise InvalidInput(
            "STUDIO_SERVICE_MODELS names {name}, which is no built-in model that a model service can"
            " run. There are: {known}.",
            name=unknown[0],
            known=", ".join(possible),
        )
    if settings.service_models:
        return tuple(possible[name] for name in dict.fromkeys(settings.service_models))
    return tuple(spec for spec in possible.values() if spec.is_default)


def is_served(spec: ModelSpec, settings: Settings) -> bool:
    """Whether a model is a built-in one that runs at the model service of the settings."""
    is_built_in = any(spec.id == builtin.id for builtin in BUILTIN_MODELS)
    return bool(settings.service_url) and is_built_in and spec.source == "remote"


def _elsewhere(spec: ModelSpec, settings: Settings) -> ModelSpec:
    url = settings.service_url
    if "/" not in url.partition("://")[2]:
        url += "/v1"
    moved = replace(
        spec,
        source="remote",
        location=spec.id,
        base_url=url,
        secret_name=SERVICE_SECRET if settings.service_key else "",
        size_bytes=None,  # nothing is fetched
        sha256="",
        package_sha256="",
        hub_alternative="",
    )
    problem = problems(moved).get("base_url")
    if problem:
        raise InvalidInput(
            "STUDIO_SERVICE_URL is {url!r}. {problem}",
            url=settings.service_url,
            problem=Notice(problem),
        )
    return moved
