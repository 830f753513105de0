"""An export runs where nothing of the studio is: unpacked, started, asked, it gives the same answers.

The environment is a fresh virtual environment with the packages of the current one beside it (a path,
so that the studio that is installed there for development is not seen), into which the library that
came with the export is installed. Downloading two gigabytes of packages again would test the index.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.config import Settings
from studio.export.kinds.registry import EXPORTS
from studio.export.packing import ExportChoices
from studio.prototypes.registry import kind_named
from studio.workbench import Workbench
from tests.e2e.conftest import _free_port

ROOT = Path(__file__).parents[2]
ASK = {
    "chatbot": "answer = product.ask(EXAMPLE); found = [answer.kind, answer.marked_text(),"
    " [[c.document_name, c.text] for c in answer.citations]]",
    "search": "found = [[r.title, r.reason, round(r.hit.relevance, 6)]"
    " for r in product.search(EXAMPLE).results]",
    "content": "found = [text.content for text in product.write(EXAMPLE).texts]",
    "recommendation": "found = [[p.item.item_id, round(p.score, 5)]"
    " for p in product.recommend(EXAMPLE).items]",
    "classifier": "found = [[one.label, round(one.confidence, 3)]"
    " for one in product.classify(EXAMPLE).ranked]",
}
NOTEBOOK = """
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read("notebook.ipynb", 4)
NotebookClient(notebook, timeout=120).execute()
print(sum(len(cell.outputs) for cell in notebook.cells if cell.cell_type == "code"))
"""
PAGE = """
import json, sys
from streamlit.testing.v1 import AppTest
from settings import EXAMPLE, NAME
kind = sys.argv[1]
app = AppTest.from_file("app.py", default_timeout=60).run()
assert app.title[0].value and not app.exception, app.exception
if kind == "chatbot":
    app.chat_input[0].set_value(EXAMPLE).run()
elif kind == "search":
    app.text_input[0].set_value(EXAMPLE).run()
elif kind == "classifier":
    app.text_area[0].set_value(EXAMPLE)
    app.button[0].click().run()
elif kind == "content":
    app.button[0].click().run()  # nothing is filled in: each field that must be is named once
    assert not app.exception and len(app.error) == 1
    fields = [field.label for field in (*app.text_input, *app.text_area)]
    missing = [label.removesuffix(" *") for label in fields if label.endswith(" *")]
    said = [one.value for one in (*app.error, *app.caption)]
    assert len(missing) > 1 and [sum(name in one for one in said) for name in missing] == [
        1 for _ in missing], (missing, said)
    for field in (*app.text_input, *app.text_area):
        field.set_value(EXAMPLE.get(field.key.removeprefix("field_"), ""))
    app.button[0].click().run()
assert not app.exception and not app.error, (app.exception, app.error)
print(json.dumps([one.value for one in app.text]))
"""
MODULES = """
import sys
from importlib import metadata
from pathlib import Path
import product
from settings import EXAMPLE
exec(sys.argv[1])
pinned = {line.split("==")[0] for line in Path("constraints.txt").read_text().splitlines()}
owners = metadata.packages_distributions()
used = {name.lower().replace("_", "-").replace(".", "-")
        for module in {m.split(".")[0] for m in sys.modules} for name in owners.get(module, ())}
optional = {"orjson"}  # libraries take it where it happens to be installed, and do without
print(sorted(used - pinned - optional - {"prototype-studio"}))
"""


class Elsewhere:
    """A place without the studio, where exports are unpacked and run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder / "venv", with_pip=False, symlinks=True)
        bin_name = "Scripts" if os.name == "nt" else "bin"
        self.python = folder / "venv" / bin_name / Path(sys.executable).name
        site = self.run(folder, "import sysconfig; print(sysconfig.get_path('purelib'))")
        # Behind the environment's own packages; unlike those of a site folder, its .pth files (the
        # studio installed for development) are not read.
        (Path(site) / "packages.pth").write_text(sysconfig.get_path("purelib"))
        self._has_library = False

    def unpack(self, archive: Path) -> Path:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(self.folder)
            top = self.folder / opened.namelist()[0].split("/")[0]
        if not self._has_library:
            subprocess.run(
                [
                    *(self.python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
                    *("--no-build-isolation", "--disable-pip-version-check", "./library"),
                ],
                cwd=top,
                env=self.environment(),
                check=True,
            )
            self._has_library = True
            where = self.run(top, "import studio; print(studio.__file__)")
            assert where.startswith(str(self.folder)), where
        return top

    def environment(self) -> dict[str, str]:
        """What every process has, and nothing of the studio's."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return kept | {"HOME": str(self.folder), "HF_HUB_OFFLINE": "1", "STUDIO_OFFLINE": "1"}

    def run(self, folder: Path, code: str, *arguments: str) -> str:
        """The last line that a program printed there."""
        done = subprocess.run(
            [self.python, "-c", code, *arguments],
            cwd=folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> Elsewhere:
    return Elsewhere(tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="module")
def demo_bench(tmp_path_factory):
    home = tmp_path_factory.mktemp("demo-home")
    with Workbench.open(settings=Settings(home=home, is_demo=True)) as bench:
        yield bench


def ready(bench: Workbench, kind: str, language: str) -> Any:  # a prototype of any kind
    prototype = bench.sample(kind_named(kind), language)
    for job in bench.jobs.jobs():
        job.wait(300)
    return prototype


def would_install(elsewhere: Elsewhere, folder: Path) -> list[str]:
    """What pip finds missing of the requirements, asked where all packages are; fetches nothing."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--no-index"),
            *("--no-build-isolation", "--disable-pip-version-check", "--report", "-"),
            *("-r", "requirements.txt"),
        ],
        cwd=folder,
        env=elsewhere.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [one["metadata"]["name"] for one in json.loads(done.stdout)["install"]]


def answer_here(kind: str, prototype: Any) -> Any:
    """What the studio itself says to the example, as the program elsewhere prints it."""

    class Product:
        ask = staticmethod(lambda text: prototype.ask(text))
        search = staticmethod(lambda text: prototype.search(text))
        write = staticmethod(lambda values: prototype.write(values))
        recommend = staticmethod(lambda user: prototype.recommend(user))
        classify = staticmethod(lambda text: prototype.classify(text))

    names = {"product": Product, "EXAMPLE": EXPORTS[kind].example(prototype)}
    exec(ASK[kind], names)
    return json.loads(json.dumps(names["found"]))


def answer_elsewhere(kind: str, elsewhere: Elsewhere, folder: Path) -> Any:
    code = f"import json, product; from settings import EXAMPLE; {ASK[kind]}"
    return json.loads(elsewhere.run(folder, f"{code}; print(json.dumps(found))"))


@pytest.fixture(scope="module")
def unpacked(demo_bench, elsewhere, tmp_path_factory) -> Callable[[str, str], tuple[Any, Path]]:
    """The sample of a kind and the folder its export was unpacked into; each made once."""
    made: dict[tuple[str, str], tuple[Any, Path]] = {}

    def unpack(kind: str, language: str) -> tuple[Any, Path]:
        if (kind, language) not in made:
            prototype = ready(demo_bench, kind, language)
            archive = tmp_path_factory.mktemp("archive") / "export.zip"
            demo_bench.export(prototype.id, archive)
            made[kind, language] = (prototype, elsewhere.unpack(archive))
        return made[kind, language]

    return unpack


@pytest.mark.parametrize("kind", list(EXPORTS))
def test_unpacked_export_answers_shows_its_page_and_runs_its_notebook(unpacked, elsewhere, kind):
    prototype, folder = unpacked(kind, "en")
    expected = answer_here(kind, prototype)
    assert expected
    assert answer_elsewhere(kind, elsewhere, folder) == expected
    shown = json.loads(elsewhere.run(folder, PAGE, kind))
    assert shown
    assert int(elsewhere.run(folder, NOTEBOOK)) >= 4
    assert elsewhere.run(folder, MODULES, ASK[kind]) == "[]"  # all that it imports is pinned
    assert would_install(elsewhere, folder) == ["prototype-studio"]  # all else is as it is pinned


@pytest.fixture(scope="module")
def mypy_cache(tmp_path_factory) -> str:
    """Shared, as the library is most of the work."""
    return str(tmp_path_factory.mktemp("mypy"))


@pytest.mark.parametrize("kind", list(EXPORTS))
def test_code_of_an_export_is_formatted_linted_and_typed(unpacked, kind, mypy_cache):
    _, folder = unpacked(kind, "zh")
    commands = (
        ["ruff", "format", "--check", "--no-cache", "."],
        ["ruff", "check", "--no-cache", "."],
        [
            *("mypy", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", mypy_cache),
            *("app.py", "opening.py", "product.py", "settings.py", "words.py"),
        ],
    )
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder,
            # A type checker does not see what is installed for development through an import hook.
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_chinese_export_speaks_chinese(unpacked, elsewhere):
    _, folder = unpacked("recommendation", "zh")
    assert "怎么" in (folder / "README.md").read_text(encoding="utf-8") or "启动" in (
        folder / "README.md"
    ).read_text(encoding="utf-8")
    reason = elsewhere.run(
        folder,
        "import product; from settings import EXAMPLE; from words import say;"
        "print(say(product.recommend(EXAMPLE).items[0].reason.notice))",
    )
    assert any("\u4e00" <= one <= "\u9fff" for one in reason), reason


def test_page_is_served_by_the_command_of_the_dockerfile(unpacked, elsewhere):
    _, folder = unpacked("search", "en")
    port = _free_port()
    lines = (folder / "Dockerfile").read_text(encoding="utf-8").splitlines()
    (command,) = [json.loads(line[4:]) for line in lines if line.startswith("CMD ")]
    assert "--server.address=0.0.0.0" in command  # or nothing outside the container reaches it
    command[command.index("--server.port=8501")] = f"--server.port={port}"
    process = subprocess.Popen(
        [elsewhere.python, "-m", *command],
        cwd=folder,
        env=elsewhere.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(
                    f"http://localhost:{port}/_stcore/health", timeout=2
                ) as answer:
                    assert answer.status == 200
                    break
            except OSError:
                assert time.monotonic() < deadline, "the page did not start"
                assert process.poll() is None
                time.sleep(0.2)
    finally:
        process.terminate()
        process.wait(15)


def test_changed_setting_counts_at_the_next_start(unpacked, elsewhere):
    _, folder = unpacked("search", "en")
    settings = folder / "settings.py"
    old = settings.read_text(encoding="utf-8")
    settings.write_text(old.replace("N_RESULTS: Final = 10", "N_RESULTS: Final = 2"))
    try:
        assert len(answer_elsewhere("search", elsewhere, folder)) == 2
    finally:
        settings.write_text(old)


@pytest.mark.parametrize("kind", ["chatbot", "search"])
def test_real_models_answer_alike(real_workbench: Workbench, elsewhere, tmp_path, kind):
    prototype = ready(real_workbench, kind, "en")
    real_workbench.export(prototype.id, tmp_path / "real.zip", ExportChoices())
    with zipfile.ZipFile(tmp_path / "real.zip") as archive:
        archive.extractall(tmp_path)
        folder = tmp_path / archive.namelist()[0].split("/")[0]
    (folder / "state").mkdir()
    # The weights, as an export with weights has them; they need not be copied.
    (folder / "state" / "models").symlink_to(real_workbench.settings.models_dir.resolve())
    expected = answer_here(kind, prototype)
    if not elsewhere._has_library:
        elsewhere.unpack(tmp_path / "real.zip")
    assert answer_elsewhere(kind, elsewhere, folder) == expected
