"""Figures for Prometheus: requests, their times, tokens, queues, memory of models, errors.

A registry of its own, so that two studios in a process do not meet. What models do is read when
somebody asks; what was used comes from the ledger, so that pages and jobs count, too.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

from studio.errors import StudioError
from studio.inference.hardware import family_bytes
from studio.ledger.store import Ledger
from studio.workbench import Workbench

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_OF_CALLS = ("model", "stage", "surface")
_OF_TIMES = ("stage", "surface")

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


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
        """Requests that wait, memory and speed of each model that is loaded; memory of the process."""
        waiting = GaugeMetricFamily(
            "studio_model_waiting", "Requests without a complete answer", labels=("model",)
        )
        memory = GaugeMetricFamily(
            "studio_model_memory_bytes", "What loading the model took", labels=("model",)
        )
        speed = GaugeMetricFamily(
            "studio_model_tokens_per_second", "Mean over the last minute", labels=("model",)
        )
        texts = GaugeMetricFamily(
            "studio_model_texts_per_second", "Mean over the last minute", labels=("model",)
        )
        cache = GaugeMetricFamily(
            "studio_model_cache_limit_bytes",
            "Most that the attention caches of the texts being written may take",
            labels=("model",),
        )
        for status in self._workbench.models.status():
            if status.state != "loaded":
                continue
            waiting.add_metric((status.id,), status.n_waiting)
            memory.add_metric((status.id,), status.memory_bytes)
            if status.tokens_per_s is not None:
                speed.add_metric((status.id,), status.tokens_per_s)
            if status.texts_per_s is not None:
                texts.add_metric((status.id,), status.texts_per_s)
            if status.info is not None and status.info.cache_bytes:
                cache.add_metric((status.id,), status.info.cache_bytes)
        process = GaugeMetricFamily(
            "studio_resident_memory_bytes",
            "Memory of the process and of those it started",
            value=family_bytes(),
        )
        return waiting, memory, speed, texts, cache, process, *self._of_passages()

    def _of_passages(self) -> Iterable[Family]:
        use = self._workbench.models.cache_use
        if use is None:
            return
        for name, documentation, value in (
            ("studio_passages_asked", "Passages that jobs embedded or found", use.n_asked),
            ("studio_passages_known", "Passages that were embedded before", use.n_found),
        ):
            yield CounterMetricFamily(name, documentation, value=value)


class _OfLedger(Collector):
    """What all calls since the start of the process used, in whichever process they were made."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._position = ledger.position()
        self._sums: dict[str, defaultdict[tuple[str, ...], float]] = {
            name: defaultdict(float)
            for name in (
                *("calls", "failed", "tokens_in", "tokens_out", "cached_tokens"),
                *("busy_ms", "queue_ms", "batches"),
            )
        }
        self._prototypes: defaultdict[str, int] = defaultdict(int)
        self._times: dict[tuple[str, ...], list[int]] = {}  # calls up to each of SECONDS, and above
        self._total_s: defaultdict[tuple[str, ...], float] = defaultdict(float)

    def describe(self) -> Iterable[Family]:
        """Nothing: reading it before somebody asks would be for nothing."""
        return ()

    def collect(self) -> Iterable[Family]:
        """Calls, failures, tokens and times by model, stage and surface; calls by prototype."""
        with self._lock:
            self._read()
            return tuple(
                self._family(name, documentation, key, scale)
                for name, documentation, key, scale in (
                    ("studio_model_calls", "Calls of models", "calls", 1.0),
                    ("studio_model_failures", "Calls of models that failed", "failed", 1.0),
                    ("studio_tokens_read", "Tokens that models read", "tokens_in", 1.0),
                    ("studio_tokens_written", "Tokens that models wrote", "tokens_out", 1.0),
                    ("studio_tokens_spared", "Tokens a prefix cache knew", "cached_tokens", 1.0),
                    ("studio_model_busy_seconds", "Time models worked", "busy_ms", 1e-3),
                    ("studio_model_queue_seconds", "Time calls waited", "queue_ms", 1e-3),
                    ("studio_model_batch_sizes", "Sum of the calls' batch sizes", "batches", 1.0),
                )
            ) + (self._histogram(), self._by_prototype())

    def _read(self) -> None:
        try:
            page = self._ledger.after(self._position)
        except StudioError:
            return  # the next look finds them
        self._position = page.position
        calls = page.calls.assign(calls=1, failed=page.calls["error"].notna().astype("int64"))
        calls["batches"] = calls["batch_size"]
        for prototype, own in calls.groupby(calls["prototype_id"].fillna("")):
            self._prototypes[str(prototype)] += len(own)
        for labels, own in calls[calls["failed"] == 0].groupby(list(_OF_TIMES)):
            self._note_times(tuple(map(str, labels)), own["total_ms"].to_numpy() / 1e3)
        for labels, own in calls.groupby(list(_OF_CALLS)):
            for name, sums in self._sums.items():
                sums[tuple(map(str, labels))] += float(own[name].sum())

    def _note_times(self, labels: tuple[str, ...], seconds: NDArray[np.float64]) -> None:
        counts = self._times.setdefault(labels, [0] * (len(SECONDS) + 1))
        for place in np.searchsorted(SECONDS, seconds):
            counts[int(place)] += 1
        self._total_s[labels] += float(seconds.sum())

    def _histogram(self) -> HistogramMetricFamily:
        family = HistogramMetricFamily(
            "studio_model_call_seconds", "Time of calls that were answered", labels=_OF_TIMES
        )
        for labels, counts in sorted(self._times.items()):
            bounds = [*map(str, SECONDS), "+Inf"]
            buckets = list(zip(bounds, map(float, accumulate(counts)), strict=True))
            family.add_metric(labels, buckets, self._total_s[labels])
        return family

    def _by_prototype(self) -> CounterMetricFamily:
        family = CounterMetricFamily(
            "studio_prototype_calls", "Calls of models by prototype", labels=("prototype",)
        )
        for prototype, n in sorted(self._prototypes.items()):
            family.add_metric((prototype,), n)
        return family

    def _family(self, name: str, documentation: str, key: str, scale: float) -> CounterMetricFamily:
        family = CounterMetricFamily(name, documentation, labels=_OF_CALLS)
        for labels, value in sorted(self._sums[key].items()):
            family.add_metric(labels, value * scale)
        return family
