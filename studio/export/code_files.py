"""The code at the top of an exported prototype, and the library below it.

**What exported code stands on.** An export has to give the studio's own answers, and an engineer has to
be able to take it over. What decides an answer (cutting, two indexes, fusion, relevance, prompts,
holding every sentence against its passages, rules and reasons of recommenders) is some thousands of
lines; a second, shorter version of it would be other code with other answers, and would drift from the
first. So the export carries the library itself, as sources with types and docstrings, installed from the
folder `library`; and a thin top that is meant to be read and changed: `settings.py` with every setting
as a constant, `product.py` with the product as a few functions, `app.py` with the page, a notebook that
goes through it step by step, and a table in the README that says which file of the library does what.

Templates are files below `templates`, linted and typed like other code; only `settings.py`, the README
and the lists of packages are written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from studio.config import VERSION, key_variable
from studio.export import requirements
from studio.export.kinds.contract import KindExport
from studio.export.needed_models import is_own, own_path
from studio.export.notebook_file import notebook
from studio.export.sentences import say
from studio.export.settings_code import settings_module
from studio.inference.model_spec import ModelSpec
from studio.records import Notice

TEMPLATES = Path(__file__).parent / "templates"
LIBRARY = Path(__file__).resolve().parents[1]
_LEFT_OUT = ("app.py", "ui.py", "cli.py", "benchmarks")
"""Of the library: what stands above the workbench, and needs the studio's pages or its test data."""

WHAT: Mapping[str, Notice] = {
    "chatbot": Notice("A chatbot that answers from documents and cites them."),
    "search": Notice("A search by words and by meaning."),
    "content": Notice("A generator of texts with checks."),
    "recommendation": Notice("A recommender with a reason for each item."),
    "classifier": Notice("A classifier of texts that says when it is not sure."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFacts:
    """What the code of an export depends on.

    `settings` are the prototype's as JSON, `example` what is asked first, `models` all that it needs,
    `derived` the names of the folders with what was made of the data.
    """

    export: KindExport
    name: str
    slug: str
    language: str
    version: int
    settings: Mapping[str, Any]
    example: str | dict[str, str]
    models: tuple[ModelSpec, ...]
    n_documents: int
    derived: tuple[str, ...]
    has_weights: bool
    is_demo: bool
    at: datetime


def code_files(facts: CodeFacts) -> Iterator[tuple[str, bytes]]:
    """The files at the top with their names below the folder of the export, and the library's."""
    for folder in (TEMPLATES / "shared", TEMPLATES / facts.export.kind):
        for path in sorted(folder.glob("*.py")):
            if path.name != "notebook.py":
                yield path.name, path.read_bytes()
    cells = (TEMPLATES / facts.export.kind / "notebook.py").read_text(encoding="utf-8")
    yield "notebook.ipynb", notebook(cells, _plain(facts.name)).encode()
    yield "settings.py", _settings(facts).encode()
    yield "README.md", _readme(facts).encode()
    yield "requirements.txt", requirements.requirements(facts.export.packages).encode()
    yield "constraints.txt", requirements.constraints(facts.export.packages).encode()
    yield "Dockerfile", _render("Dockerfile.j2", python=_python(), torch=_torch(facts)).encode()
    for template, name in _AS_THEY_ARE.items():
        yield name, (TEMPLATES / template).read_bytes()
    yield from _library()


_AS_THEY_ARE = {
    "ruff.toml": "ruff.toml",
    "dockerignore.txt": ".dockerignore",
    "streamlit.toml": ".streamlit/config.toml",
    "library.toml": "library/pyproject.toml",
}


def _library() -> Iterator[tuple[str, bytes]]:
    licence = LIBRARY.parent / "LICENSE"
    if licence.is_file():
        yield "library/LICENSE", licence.read_bytes()
    for path in sorted(LIBRARY.rglob("*")):
        below = path.relative_to(LIBRARY)
        is_wanted = below.parts[0] not in _LEFT_OUT and "__pycache__" not in below.parts
        if path.is_file() and is_wanted and path.suffix != ".pyc":
            yield f"library/studio/{below.as_posix()}", path.read_bytes()


def _settings(facts: CodeFacts) -> str:
    title = Notice(
        "Settings of {name}, version {version}, as of {date}.",
        name=_plain(facts.name),
        version=facts.version,
        date=str(facts.at.date()),
    )
    hint = Notice("Change a value and start again: what has to be built anew is built anew.")
    demo = Notice(
        "The labelled demo engine instead of models; False to use models (see the README)"
    )
    return settings_module(
        f"{say(title, facts.language)}\n\n{say(hint, facts.language)}\n",
        facts.settings,
        facts.export.settings_type,
        {
            "NAME": (say(Notice("The name on the page"), facts.language), facts.name),
            "DEMO": (say(demo, facts.language), facts.is_demo),
            "EXAMPLE": (say(Notice("What the notebook asks"), facts.language), facts.example),
        },
        lambda notice: say(notice, facts.language),
    )


def _readme(facts: CodeFacts) -> str:
    export = facts.export
    own = [model for model in facts.models if is_own(model)]
    keys = {model.secret_name: model for model in facts.models if model.secret_name}
    return _render(
        f"README.{'zh' if facts.language == 'zh' else 'en'}.md.j2",
        name=_plain(facts.name),
        slug=facts.slug,
        what=say(WHAT[export.kind], facts.language) if export.kind in WHAT else "",
        date=facts.at.date(),
        version=facts.version,
        is_demo=facts.is_demo,
        python=_python(),
        torch=_torch(facts),
        has_weights=facts.has_weights,
        n_documents=facts.n_documents,
        derived=facts.derived,
        guide=[(say(what, facts.language), where) for what, where in export.guide],
        models=[
            {"name": _plain(one.name), "licence": one.licence, "origin": _origin(one)}
            for one in facts.models
        ],
        keys=[(key_variable(name), _plain(model.base_url)) for name, model in keys.items()],
        own_models=[
            {"name": _plain(one.name), "path": own_path(one)}
            for one in own
            if not facts.has_weights
        ],
        studio=VERSION,
    )


def _origin(model: ModelSpec) -> str:
    """Where a model comes from, without a path on anybody's computer."""
    if is_own(model):
        return "`state/own-models`"
    return f"`{model.base_url or model.location.split('#')[0]}`"


def _render(template: str, **values: object) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # Markdown and a Dockerfile: what goes in was made plain before, and HTML escapes would be seen.
    found = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    return found.get_template(template).render(**values)


def _torch(facts: CodeFacts) -> str:
    """The version of PyTorch that the export needs; empty for none."""
    return requirements.version("torch") if "texts" in facts.export.packages else ""


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _plain(text: str) -> str:
    """A text that means nothing in Markdown or HTML: on one line, without marks."""
    return " ".join("".join(one for one in text if one not in "<>`*_[]|#\\").split())
