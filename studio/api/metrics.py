"""Figures for Prometheus: requests, their times, tokens, queues, memory of models, errors.

A registry of its own, so that two studios in a process do not meet. What models do is read when
somebody asks; what was used comes from the ledger, so that pages and jobs count, too.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from studio.errors import StudioError
from studio.ledger.store import Ledger
from studio.workbench import Workbench

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_OF_CALLS = ("model", "stage", "surface")

Family = CounterMetricFamily | GaugeMetricFamily


class Metrics:
    """What the interface counts, and the text that Prometheus reads. Every method is thread-safe."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "studio_http_requests",
            "Requests that were answered",
            ("method", "route", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "studio_http_request_seconds",
            "Time from the arrival of a request to the end of its answer",
            ("route",),
            buckets=SECONDS,
            registry=registry,
        )
        self._first_text = Histogram(
            "studio_http_first_text_seconds",
            "Time from the arrival of a request to the first text of its stream",
            ("route",),
            buckets=SECONDS,
            registry=registry,
        )
        self._running = Gauge(
            "studio_http_requests_running", "Requests without an answer", registry=registry
        )
        self._errors = Counter(
            "studio_http_errors", "Answers that say what went wrong", ("code",), registry=registry
        )

    def watch(self, workbench: Workbench) -> None:
        """Count what a studio's models do and use from now on."""
        self._registry.register(_OfModels(workbench))
        self._registry.register(_OfLedger(workbench.ledger))

    def began(self) -> None:
        """A request came in."""
        self._running.inc()

    def ended(self, method: str, route: str, status: int, took_s: float) -> None:
        """A request was answered, or its client has gone."""
        self._running.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(took_s)

    def first_text(self, route: str, took_s: float) -> None:
        """The first text of a stream was sent."""
        self._first_text.labels(route).observe(took_s)

    def failed(self, code: str) -> None:
        """An answer said what went wrong."""
        self._errors.labels(code).inc()

    def text(self) -> bytes:
        """All figures in Prometheus' text form."""
        return generate_latest(self._registry)


class _OfModels(Collector):
    """What the loaded models do at the moment of asking."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def describe(self) -> Iterable[Family]:
        """Nothing: reading it before somebody asks would be for nothing."""
        return ()

    def collect(self) -> Iterable[Family]:
        """Requests that wait, memory and speed of each model that is loaded."""
        waiting = GaugeMetricFamily(
            "studio_model_waiting", "Requests without a complete answer", labels=("model",)
        )
        memory = GaugeMetricFamily(
            "studio_model_memory_bytes", "What loading the model took", labels=("model",)
        )
        speed = GaugeMetricFamily(
            "studio_model_tokens_per_second", "Mean over the last minute", labels=("model",)
        )
        for status in self._workbench.models.status():
            if status.state != "loaded":
                continue
            waiting.add_metric((status.id,), status.n_waiting)
            memory.add_metric((status.id,), status.memory_bytes)
            if status.tokens_per_s is not None:
                speed.add_metric((status.id,), status.tokens_per_s)
        return waiting, memory, speed


class _OfLedger(Collector):
    """What all calls since the start of the process used, in whichever process they were made."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._position = ledger.position()
        self._sums: dict[str, defaultdict[tuple[str, ...], float]] = {
            name: defaultdict(float)
            for name in ("calls", "failed", "tokens_in", "tokens_out", "busy_ms")
        }

    def describe(self) -> Iterable[Family]:
        """Nothing: reading it before somebody asks would be for nothing."""
        return ()

    def collect(self) -> Iterable[Family]:
        """Calls, failures, tokens and busy time by model, stage and surface."""
        with self._lock:
            self._read()
            return tuple(
                self._family(name, documentation, key, scale)
                for name, documentation, key, scale in (
                    ("studio_model_calls", "Calls of models", "calls", 1.0),
                    ("studio_model_failures", "Calls of models that failed", "failed", 1.0),
                    ("studio_tokens_read", "Tokens that models read", "tokens_in", 1.0),
                    ("studio_tokens_written", "Tokens that models wrote", "tokens_out", 1.0),
                    ("studio_model_busy_seconds", "Time models worked", "busy_ms", 1e-3),
                )
            )

    def _read(self) -> None:
        try:
            page = self._ledger.after(self._position)
        except StudioError:
            return  # the next look finds them
        self._position = page.position
        calls = page.calls.assign(calls=1, failed=page.calls["error"].notna().astype("int64"))
        for labels, own in calls.groupby(list(_OF_CALLS)):
            for name, sums in self._sums.items():
                sums[tuple(map(str, labels))] += float(own[name].sum())

    def _family(self, name: str, documentation: str, key: str, scale: float) -> CounterMetricFamily:
        family = CounterMetricFamily(name, documentation, labels=_OF_CALLS)
        for labels, value in sorted(self._sums[key].items()):
            family.add_metric(labels, value * scale)
        return family
