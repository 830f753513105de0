"""Model libraries stay out of the first page, and each stays in its own folder."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODEL_LIBRARIES = (
    "torch",
    "transformers",
    "peft",
    "sentence_transformers",
    "openvino",
    "openvino_genai",
    "faiss",
)
HOME_OF = {
    "torch": "studio/inference",
    "transformers": "studio/inference",
    "peft": "studio/inference",
    "sentence_transformers": "studio/inference",
    "openvino": "studio/inference",
    "openvino_genai": "studio/inference",
    "faiss": "studio/retrieval",
}


@pytest.mark.parametrize(
    "statement",
    [
        "import studio",
        "import studio.workbench",
        "import studio.economics.prices",
        "import components.cache, components.session, components.shell",
    ],
)
def test_importing_loads_no_model_library(statement: str) -> None:
    code = f"{statement}; import sys; print([m for m in {MODEL_LIBRARIES!r} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip().splitlines()[-1] == "[]"


def test_home_is_drawn_before_any_model_library_is_imported() -> None:
    code = (
        "from streamlit.testing.v1 import AppTest; import sys;"
        "at = AppTest.from_file('studio/ui.py', default_timeout=60).run();"
        "assert not at.exception, at.exception; print(at.title[0].value);"
        f"print([m for m in {MODEL_LIBRARIES!r} if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip().splitlines()[-2:] == ["What do you want to build?", "[]"]


def test_importing_the_library_takes_under_half_a_second() -> None:
    code = "import time; t = time.perf_counter(); import studio; print(time.perf_counter() - t)"
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(times) < 0.5


def test_each_model_library_is_imported_in_one_folder() -> None:
    strays = []
    for path in (
        *ROOT.glob("studio/**/*.py"),
        *ROOT.glob("components/**/*.py"),
        *ROOT.glob("pages/**/*.py"),
    ):
        text = path.read_text(encoding="utf-8")
        for library, folder in HOME_OF.items():
            imported = re.search(rf"^\s*(?:import|from) {library}\b(?!_)", text, re.MULTILINE)
            if imported and not path.relative_to(ROOT).as_posix().startswith(folder):
                strays.append(f"{path.relative_to(ROOT)} imports {library}")
    assert strays == []


def test_no_module_beside_the_entry_shadows_a_library() -> None:
    names = {
        path.stem for path in (ROOT / "studio").iterdir() if path.suffix == ".py" or path.is_dir()
    }
    from importlib.metadata import packages_distributions

    taken = (sys.stdlib_module_names | set(packages_distributions())) & names
    assert taken - {"studio", "components", "pages", "__init__", "__pycache__"} == set()
