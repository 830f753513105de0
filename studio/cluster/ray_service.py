"""`studio serve --ray`: the model service as Ray Serve deployments, one that embeds and one that writes.

Each copy has a `LocalModelService` of its own, whose batching is as it is on one machine; Ray Serve
spreads requests over the copies, adds and removes them, and replaces those that die.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp

from studio.access.rules import is_this_machine
from studio.cluster.scale import Scale
from studio.config import Settings, default_threads
from studio.errors import InvalidInput, ModelUnavailable
from studio.inference.model_spec import ModelSpec
from studio.inference.provisioning import Provisioner
from studio.inference.service_models import served_models
from studio.records import Progress, Task

HERE = "local"
"""Where `--ray` runs without an address: on this machine, in a cluster of its own."""
PREFIXES = {Task.EMBEDDING: "/v1/embeddings", Task.GENERATION: "/v1"}
"""What each deployment answers; the longer address goes first, so the second one lists the models."""
REQUESTS_PER_COPY = 8
"""Open requests of a copy that autoscaling aims at: about what a model works at together."""


def serve_on_ray(
    settings: Settings,
    scale: Scale,
    *,
    address: str,
    host: str,
    port: int,
    progress: Callable[[Progress], None] = lambda _: None,
    ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Answer requests until the process is told to end (SIGINT or SIGTERM).

    Args:
        settings: of the copies; their weights lie in its home on every machine.
        scale: how many copies of each model.
        address: `HERE`, "auto" or that of a Ray cluster that runs, `host:6379`.
        host: where to listen; 127.0.0.1 for this machine alone.
        port: at which port.
        progress: told how far fetching the weights is.
        ready: told the address to set as `STUDIO_SERVICE_URL`, once requests are answered.

    Raises:
        InvalidInput: Ray is not installed, others could use the service without a key, or this machine
            has not as many graphics cards.
        ModelUnavailable: the weights cannot be had, or no copy can be started.
    """
    _check_installed()
    if not settings.service_key and not is_this_machine(host):
        raise InvalidInput(
            "Everybody who reaches {host} could use the models. Set STUDIO_SERVICE_KEY to a secret of"
            " your choice, here and where the studio runs.",
            host=host,
        )
    models = served_models(settings)
    if not settings.is_demo:
        provisioner = Provisioner(settings)
        for spec in models:
            provisioner.ensure(spec, progress)
    ended = threading.Event()
    with ExitStack() as stack:
        _start_ray(stack, scale, address)
        _start_deployments(stack, settings, models, scale, host=host, port=port)
        for number in (signal.SIGINT, signal.SIGTERM):
            stack.callback(signal.signal, number, signal.getsignal(number))
            signal.signal(number, lambda *_: ended.set())
        ready(f"http://{_reached_at(host)}:{port}/v1")
        ended.wait()


def copy_settings(settings: Settings) -> Settings:
    """What a copy needs to know, which travels to other machines: no database and nobody's keys."""
    return replace(
        settings,
        database_url="",
        milvus_uri="",
        milvus_token="",
        service_url="",
        remote_keys=(),
        metrics_token="",
    )


def _check_installed() -> None:
    try:
        from ray import serve  # noqa: F401
    except ImportError as error:
        raise InvalidInput(
            "Ray Serve is not installed. Install it with {command}.",
            command="pip install 'prototype-studio[ray]'",
        ) from error


def _start_ray(stack: ExitStack, scale: Scale, address: str) -> None:
    """Start Ray here, or join a cluster; it is left when the stack is."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nobody is told what runs here
    import ray

    quiet = {"include_dashboard": False, "logging_level": "WARNING"}
    if address == HERE:
        # Places are only counted; here each copy has one, however few cores they share.
        n_places = max(os.cpu_count() or 1, len(PREFIXES) * scale.most)
        ray.init(address=HERE, num_cpus=n_places, **quiet)
    else:
        try:
            ray.init(address=address, logging_level="WARNING")
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ModelUnavailable(
                "No Ray cluster answers at {address}. Start one with `ray start --head`, or leave the"
                " address out to run on this machine.",
                address=address,
            ) from error
    stack.callback(ray.shutdown)
    n_cards, wanted = (
        ray.cluster_resources().get("GPU", 0),
        len(PREFIXES) * scale.least * scale.gpus,
    )
    if address == HERE and wanted > n_cards:
        raise InvalidInput(
            "The copies want {wanted:g} graphics cards, and this machine has {n:g}. Give fewer copies,"
            " a smaller fraction with --gpus, or the address of a cluster with --ray.",
            wanted=wanted,
            n=n_cards,
        )


def _start_deployments(
    stack: ExitStack,
    settings: Settings,
    models: Sequence[ModelSpec],
    scale: Scale,
    *,
    host: str,
    port: int,
) -> None:
    """Start both deployments and wait until their copies answer; they end with the stack."""
    from ray import serve

    serve.start(http_options={"host": host, "port": port})
    stack.callback(serve.shutdown)
    try:
        for task, prefix in PREFIXES.items():
            loaded = tuple(spec.id for spec in models if spec.task is task)
            deployment = serve.deployment(serve.ingress(_app_of(copy_settings(settings), loaded))())
            options = deployment_options(task, scale, settings)
            serve.run(deployment.options(**options).bind(), name=task.value, route_prefix=prefix)
    except RuntimeError as error:
        raise ModelUnavailable(
            "The copies of the models could not be started; the reason stands above, in the log."
        ) from error


def deployment_options(
    task: Task, scale: Scale, settings: Settings
) -> dict[str, Any]:  # Any: keyword arguments of Ray Serve
    """How Ray Serve runs a deployment: how many copies, on what, and how many requests each takes."""
    copies: dict[str, Any] = {"num_replicas": scale.least}
    if not scale.is_fixed:
        autoscaling = {
            "min_replicas": scale.least,
            "max_replicas": scale.most,
            "target_ongoing_requests": REQUESTS_PER_COPY,
        }
        copies = {"autoscaling_config": autoscaling}
    return copies | {
        "name": task.value,
        "ray_actor_options": {"num_cpus": 1, "num_gpus": scale.gpus},
        # The model's own queue says when it is full, and knows how to batch what waits in it.
        "max_ongoing_requests": settings.max_queue,
        "max_queued_requests": settings.max_queue,
        "graceful_shutdown_timeout_s": settings.deadline_s,
        "logging_config": {"enable_access_log": False},
    }


def _app_of(settings: Settings, models: Sequence[str]) -> Callable[[], ASGIApp]:
    """Makes a copy's application, on the machine where it runs."""

    def app() -> ASGIApp:
        from studio import json_log
        from studio.cluster.model_api import model_app

        json_log.start(settings.log)
        n_threads = settings.n_threads if settings.threads_are_set else default_threads()
        return model_app(replace(settings, n_threads=n_threads), models)

    return app


def _reached_at(host: str) -> str:
    """A name to reach the service by; listening everywhere is no address."""
    import socket

    return socket.gethostname() if host in ("0.0.0.0", "::") else host
