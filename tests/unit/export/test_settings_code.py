"""Settings as code: the same values come back, laid out as ruff lays them out."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.export.code_files import TEMPLATES
from studio.export.kinds.registry import EXPORTS
from studio.export.settings_code import literal, settings_module
from studio.sample_company import sample_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)  # fmt: skip


def run(text: str) -> dict:
    names: dict = {}
    exec(compile(text, "settings.py", "exec"), names)  # the module was just made here
    return names


@given(VALUES)
def test_literal_says_the_value(value):
    assert run(f"value = {literal(value)}")["value"] == value


@pytest.mark.parametrize("kind", list(EXPORTS))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_module_gives_the_settings_back_and_is_laid_out_as_ruff_does(tmp_path, kind, language):
    settings = sample_of(kind, language).settings
    stored = json.loads(json.dumps(settings.to_json()))
    text = settings_module(
        "Settings.",
        stored,
        type(settings),
        {"NAME": ("The name", 'He said "it\'s" \u2028 so')},
        str,
    )
    names = run(text)
    assert type(settings).from_json(names["SETTINGS"]) == settings
    assert names["NAME"] == 'He said "it\'s" \u2028 so'
    path = tmp_path / "settings.py"
    path.write_text(text, encoding="utf-8")
    for command in (["format", "--diff"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--config", TEMPLATES / "ruff.toml", path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_an_engineer_reads_what_a_constant_holds():
    settings = sample_of("chatbot", "en").settings
    stored = json.loads(json.dumps(settings.to_json()))
    lines = settings_module("Settings.", stored, type(settings), {}, str).splitlines()
    assert "STARTER_QUESTIONS: Final[list[str]] = [" in lines
    at = next(n for n, line in enumerate(lines) if line.startswith("GENERATION_MODEL"))
    assert lines[at - 1] == '# Model that writes: the id of a model; "" for the default'


def test_name_cannot_leave_the_docstring():
    kind = EXPORTS["search"]
    text = settings_module('x"""\nimport os\n"""', {}, kind.settings_type, {}, str)
    assert "os" not in run(text)


def test_something_that_is_no_json_is_a_fault():
    with pytest.raises(ValueError, match="no JSON"):
        literal({1, 2})
