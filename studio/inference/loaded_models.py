"""Which models are in memory: loaded once whoever asks, unloaded when room is needed.

Knows loads, leases and memory; knows nothing of requests and records. Every method may be called by
any thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from studio.config import Settings
from studio.errors import Cancelled, DeadlineExceeded, ModelUnavailable, Overloaded
from studio.inference.batching import MicroBatcher, PairBatcher
from studio.inference.engines import child_conversion
from studio.inference.generation import GenerationWorker
from studio.inference.hardware import release_memory
from studio.inference.loading import EngineLoader, WeightSource
from studio.inference.model_spec import ModelSpec, Weights
from studio.inference.model_status import Load, ModelState, ModelStatus
from studio.inference.protocol import EngineInfo
from studio.inference.worker import failure_of
from studio.records import Notice, Progress, Task, joined

LOAD_PATIENCE = 5
"""Loading may be silent for so many times as long as a request waits for its answer."""

Worker = MicroBatcher | PairBatcher | GenerationWorker


@dataclass(slots=True, eq=False)
class _Slot:
    """What is known of one model; guarded by the lock of `LoadedModels`."""

    spec: ModelSpec
    worker: Worker | None = None
    load: Load | None = None
    error: Notice | None = None
    remark: Notice | None = None
    reserved_bytes: int = 0
    n_leases: int = 0
    used_s: float = 0.0
    used_at: datetime | None = None
    hung: list[Worker] = field(default_factory=list)  # given up, and not ended yet

    @property
    def memory_bytes(self) -> int:
        own = self.reserved_bytes if self.worker is None else self.worker.info.memory_bytes
        return own + self.hung_bytes

    @property
    def hung_bytes(self) -> int:
        self.hung = [worker for worker in self.hung if worker.is_running]
        return sum(worker.info.memory_bytes for worker in self.hung)


@dataclass(slots=True, eq=False)
class Lease:
    """A loaded model that is not unloaded for room until `release` was called."""

    worker: Worker
    _release: Callable[[], None]
    _is_released: bool = False

    def release(self) -> None:
        """Let go of the model; further calls do nothing."""
        if not self._is_released:
            self._is_released = True
            self._release()


class LoadedModels:
    """The models in memory.

    Args:
        weights: where weights come from.
        settings: how much memory, how many threads.
        secrets: name of a stored key -> the key, or None.
        clock: aware UTC.
    """

    def __init__(
        self,
        weights: WeightSource,
        settings: Settings,
        secrets: Callable[[str], str | None],
        clock: Callable[[], datetime],
    ) -> None:
        self._weights = weights
        self._settings = settings
        self._secrets = secrets
        self._clock = clock
        self._lock = threading.RLock()  # leases may end in a thread that holds it
        self._slots: dict[str, _Slot] = {}
        self._is_closed = False

    def load(
        self, spec: ModelSpec, progress: Callable[[Progress], None] | None = None
    ) -> EngineInfo:
        """Load the model if it is not loaded, together with whoever else asks for it.

        Raises:
            ModelUnavailable: it cannot be loaded; the next call tries again.
            Overloaded: there is no room, and all models that are loaded are at work.
            Cancelled: it was unloaded while it loaded.
            DeadlineExceeded: nothing was heard of the loading for long; it goes on.
        """
        with self._lock:
            slot = self._slot(spec)
            if slot.worker is not None:
                return slot.worker.info
            load = slot.load
            if load is None:
                slot.error = None
                load = slot.load = Load()
                threading.Thread(
                    target=self._run_load, args=(slot, load), name=f"load {spec.id}", daemon=True
                ).start()
        stall_s = LOAD_PATIENCE * self._settings.deadline_s
        while True:
            try:
                return load.wait(progress, stall_s)
            except TimeoutError as error:
                if load.outcome.done():  # it ended this very moment
                    return load.outcome.result()
                if child_conversion.is_at_work():  # which says nothing, and ends in time
                    continue
                raise DeadlineExceeded(
                    "The model {name} is still not loaded, and nothing was heard of it for"
                    " {seconds:g} s. It goes on loading; ask again later, or choose another model.",
                    name=spec.name,
                    seconds=stall_s,
                ) from error

    def lease(self, spec: ModelSpec) -> Lease:
        """The loaded model, held until released. Raises as `load`."""
        while True:
            with self._lock:
                slot = self._slot(spec)
                if slot.worker is not None:
                    slot.n_leases += 1
                    self._touch(slot)
                    return Lease(slot.worker, partial(self._release, slot))
            self.load(spec)

    @contextmanager
    def leased(self, spec: ModelSpec) -> Iterator[Worker]:
        """`lease` for a `with` statement."""
        lease = self.lease(spec)
        try:
            yield lease.worker
        finally:
            lease.release()

    def use_threads(self, n_threads: int) -> None:
        """Let models compute with so many threads.

        Those that are loaded and idle are unloaded, to be loaded so when they are wanted; one at work
        keeps its threads until it is loaded again.
        """
        with self._lock:
            if n_threads == self._settings.n_threads:
                return
            self._settings = replace(self._settings, n_threads=n_threads)
            idle = [slot for slot in self._slots.values() if slot.worker and not slot.n_leases]
            workers = [_taken_from(slot) for slot in idle]
        _close(workers)

    def unload(self, model_id: str) -> None:
        """Free the model's memory, or stop its loading. Requests it works on fail with an error."""
        with self._lock:
            slot = self._slots.get(model_id)
            worker = None if slot is None else _taken_from(slot)
        _close([worker])
        with self._lock:
            if slot is not None and worker is not None and worker.is_running:
                slot.hung.append(worker)  # a long step; its memory is taken until it ends

    def status(self, spec: ModelSpec) -> ModelStatus:
        """What the model does now. Asks the disk whether its weights are there."""
        is_on_disk = not _is_local(spec, self._settings) or self._weights.is_ready(spec)
        with self._lock:
            slot = self._slots.get(spec.id) or _Slot(spec)
            self._drop_dead(slot)
            worker = slot.worker
            rate = None if worker is None else worker.rate_per_s
            is_text = spec.task is Task.GENERATION
            return ModelStatus(
                id=spec.id,
                name=spec.name,
                task=spec.task,
                state=_state(slot, is_on_disk),
                error=slot.error,
                remark=_remark(slot),
                progress=None if slot.load is None else slot.load.progress,
                info=None if worker is None else worker.info,
                memory_bytes=slot.hung_bytes + (worker.info.memory_bytes if worker else 0),
                tokens_per_s=rate if is_text else None,
                texts_per_s=None if is_text else rate,
                n_waiting=0 if worker is None else worker.n_waiting,
                last_used_at=slot.used_at,
            )

    def close(self) -> None:
        """Unload everything and load nothing more."""
        with self._lock:
            self._is_closed = True
            workers = [_taken_from(slot) for slot in self._slots.values()]
        _close(workers)

    def _slot(self, spec: ModelSpec) -> _Slot:
        if self._is_closed:
            raise ModelUnavailable("The studio is shutting down. Start it again to use models.")
        slot = self._slots.setdefault(spec.id, _Slot(spec))
        if slot.worker is None and slot.load is None:
            slot.spec = spec  # the entry may have been changed since
        self._drop_dead(slot)
        return slot

    def _drop_dead(self, slot: _Slot) -> None:
        worker = slot.worker
        if worker is None:
            return
        worker.give_up_if_stuck()
        if not worker.is_alive:
            slot.worker = None
            if worker.is_running:
                slot.hung.append(worker)

    def _touch(self, slot: _Slot) -> None:
        slot.used_s = time.monotonic()
        slot.used_at = self._clock()

    def _release(self, slot: _Slot) -> None:
        with self._lock:
            slot.n_leases -= 1
            self._touch(slot)

    def _run_load(self, slot: _Slot, load: Load) -> None:
        worker: Worker | None = None
        try:
            worker = self._make(slot, load)
            self._settle(slot, load, worker)
        except Exception as error:  # noqa: BLE001 - handed to every waiting caller
            _close([worker])
            failure = failure_of(slot.spec.name, error)
            with self._lock:
                slot.load, slot.reserved_bytes = None, 0
                slot.error = None if isinstance(failure, Cancelled) else failure.notice
            load.outcome.set_exception(failure)
            return
        load.outcome.set_result(worker.info)
        self._trim()

    def _settle(self, slot: _Slot, load: Load, worker: Worker) -> None:
        with self._lock:
            if load.is_cancelled or self._is_closed:
                raise Cancelled("The loading of {name} was stopped.", name=slot.spec.name)
            slot.load, slot.reserved_bytes, slot.worker = None, 0, worker
            self._touch(slot)

    def _make(self, slot: _Slot, load: Load) -> Worker:
        spec = slot.spec
        weights: Weights | None = None

        def is_cancelled() -> bool:
            return load.is_cancelled or self._is_closed

        if _is_local(spec, self._settings):
            weights = self._weights.ensure(spec, load.report, is_cancelled)
            self._make_room(slot, _bytes_to_load(weights))
        load.report(Progress(notice=Notice("Loading {name}", name=spec.name)))
        loader = EngineLoader(
            spec,
            weights,
            self._settings,
            self._secrets,
            lambda: self._weights.transformers_folder(spec, load.report, is_cancelled),
        )
        worker = _worker(spec, loader, self._settings)
        worker.start()
        slot.remark = loader.remark
        return worker

    def _make_room(self, slot: _Slot, n_bytes: int) -> None:
        """Unload the models that were idle longest until there is room; reserve it."""
        limit = self._settings.model_memory_bytes
        if n_bytes > limit:
            raise ModelUnavailable(
                "The model {name} needs {needed} MB of memory and models may use {limit} MB. "
                "Choose a smaller model, or raise STUDIO_MODEL_MEMORY_MB and start again.",
                name=slot.spec.name,
                needed=n_bytes >> 20,
                limit=limit >> 20,
            )
        with self._lock:
            unloaded = self._pick_idle(limit - n_bytes, keep=slot)
            if self._memory_bytes() > limit - n_bytes:
                for other, worker in unloaded:
                    other.worker = worker  # nothing is gained by unloading them
                hung_bytes = sum(other.hung_bytes for other in self._slots.values())
                if hung_bytes > limit - n_bytes:
                    raise ModelUnavailable(
                        "There is no memory for the model {name}: {megabytes} MB are held by a step"
                        " that hung. Try again later, or start the studio again.",
                        name=slot.spec.name,
                        megabytes=hung_bytes >> 20,
                    )
                raise Overloaded(
                    "There is no memory for the model {name} while the other models work. Try "
                    "again when they are done, or unload one.",
                    name=slot.spec.name,
                )
            slot.reserved_bytes = n_bytes
        _close([worker for _, worker in unloaded])

    def _trim(self) -> None:
        """Loading may have taken more than its files promised: unload what is idle."""
        with self._lock:
            newest = max(self._slots.values(), key=lambda slot: slot.used_s)
            unloaded = self._pick_idle(self._settings.model_memory_bytes, keep=newest)
        _close([worker for _, worker in unloaded])

    def _pick_idle(self, limit: int, keep: _Slot) -> list[tuple[_Slot, Worker]]:
        """Take idle workers out of their slots until the rest fits; holds the lock."""
        taken: list[tuple[_Slot, Worker]] = []
        for slot in sorted(self._slots.values(), key=lambda slot: slot.used_s):
            if self._memory_bytes() <= limit:
                break
            if slot is not keep and slot.worker is not None and not slot.n_leases:
                taken.append((slot, slot.worker))
                slot.worker = None
        return taken

    def _memory_bytes(self) -> int:
        return sum(slot.memory_bytes for slot in self._slots.values())


def _worker(spec: ModelSpec, loader: EngineLoader, settings: Settings) -> Worker:
    """The thread for a model's task, not started yet."""
    n_most, deadline_s = settings.max_queue, settings.step_s
    match spec.task:
        case Task.EMBEDDING:
            return MicroBatcher(
                loader.embedding, name=spec.name, max_waiting=n_most, deadline_s=deadline_s
            )
        case Task.RERANKING:
            return PairBatcher(
                loader.reranking, name=spec.name, max_waiting=n_most, deadline_s=deadline_s
            )
        case Task.GENERATION:
            return GenerationWorker(
                loader.generation, name=spec.name, max_waiting=n_most, deadline_s=deadline_s
            )


def _remark(slot: _Slot) -> Notice | None:
    """What is special about the way a model runs, and what an earlier copy of it left behind."""
    remarks = [slot.remark] if slot.remark is not None and slot.worker is not None else []
    if slot.hung_bytes:
        remarks.append(
            Notice(
                "A step of it hung and was given up; {megabytes} MB of memory stay taken until it"
                " ends, or until you start the studio again.",
                megabytes=slot.hung_bytes >> 20,
            )
        )
    return joined(remarks) if remarks else None


def _is_local(spec: ModelSpec, settings: Settings) -> bool:
    return not settings.is_demo and spec.source not in ("remote", "fake")


def _state(slot: _Slot, is_on_disk: bool) -> ModelState:
    if slot.worker is not None:
        return "loaded"
    if slot.load is not None:
        return "loading"
    if slot.error is not None:
        return "failed"
    return "on_disk" if is_on_disk else "absent"


def _bytes_to_load(weights: Weights) -> int:
    if weights.gguf_f16 is not None:
        return weights.gguf_f16.stat().st_size
    if weights.folder is None:
        return weights.size_bytes
    return sum(path.stat().st_size for path in weights.folder.glob("*.safetensors"))


def _taken_from(slot: _Slot) -> Worker | None:
    """The slot's worker, which it has no more; what is loading stops."""
    if slot.load is not None:
        slot.load.is_cancelled = True
    worker, slot.worker, slot.error = slot.worker, None, None
    return worker


def _close(workers: Sequence[Worker | None]) -> None:
    held_bytes = 0
    for worker in workers:
        if worker is not None:
            held_bytes += worker.info.memory_bytes
            worker.close()
    if held_bytes:  # it takes a second in a big process, for nothing where a remote model answers
        release_memory()
