"""What can be wrong with a model that a user adds, said per field of the form.

Looks at the values and, for local models, at the disk; asks no network.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from urllib.parse import urlsplit

from studio.inference.local_weights import folder_problem, gguf_problem
from studio.inference.model_spec import ModelSpec
from studio.records import Task

MODEL_ID = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?")
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(/[\w./-]+\.gguf)?", re.ASCII)
PACKAGE_LOCATION = re.compile(r"[A-Za-z0-9][\w.-]*==[\w.+!]+#[\w./-]+(\.gguf|/)", re.ASCII)
SECRET_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def problems(spec: ModelSpec) -> dict[str, str]:
    """What is wrong with an entry: field -> a plain sentence. Empty when nothing is."""
    found: dict[str, str] = {}
    if not MODEL_ID.fullmatch(spec.id):
        found["id"] = (
            "Use 1 to 64 small letters, digits, dots, dashes or underscores, such as my-model-1."
        )
    if not spec.name.strip():
        found["name"] = "Give the model a name."
    if spec.sha256 and not re.fullmatch(r"[0-9a-f]{64}", spec.sha256):
        found["sha256"] = "A SHA-256 checksum has 64 digits from 0-9 and a-f."
    if spec.size_bytes is not None and spec.size_bytes < 0:
        found["size_bytes"] = "A size cannot be negative."
    if spec.max_tokens is not None and spec.max_tokens < 1:
        found["max_tokens"] = "Enter 1 or more, or leave it empty to ask the model."
    if spec.source == "remote":
        found |= _remote_problems(spec)
    elif sentence := _location_problem(spec):
        found["location"] = sentence
    return found


def _location_problem(spec: ModelSpec) -> str:
    location = spec.location.strip()
    match spec.source:
        case "hub" if "://" in location:
            return "Enter only the name, such as Qwen/Qwen2.5-0.5B-Instruct, not the web address."
        case "hub" if not HUB_ID.fullmatch(location) or ".." in location:
            return "Enter the name as the hub shows it: owner/name."
        case "folder":
            return folder_problem(Path(location).expanduser()) if location else "Choose a folder."
        case "gguf" if spec.task is not Task.GENERATION:
            return "GGUF files are supported for models that write text only."
        case "gguf":
            return gguf_problem(Path(location).expanduser()) if location else "Choose a file."
        case "package" if not PACKAGE_LOCATION.fullmatch(location):
            return "Enter name==version#path/in/the/package.gguf."
        case "bundled" if not _is_bundled(location):
            return "No installed Python package has this folder. Enter package/folder."
        case _:
            return ""


def _is_bundled(location: str) -> bool:
    package = location.partition("/")[0]
    return package.isidentifier() and importlib.util.find_spec(package) is not None


def _remote_problems(spec: ModelSpec) -> dict[str, str]:
    found: dict[str, str] = {}
    if spec.task is Task.RERANKING:
        found["location"] = (
            "Reranking models run on this computer only. Choose the hub or a folder."
        )
    elif not spec.location.strip():
        found["location"] = "Enter the model's name at the endpoint, such as gpt-4o-mini."
    try:
        address = urlsplit(spec.base_url)
        _ = address.port  # raises on a port that is no number
    except ValueError:
        found["base_url"] = "This is no web address. It looks like https://api.example.com/v1."
        return found
    if address.scheme not in ("http", "https") or not address.hostname:
        found["base_url"] = "Enter the whole address, such as https://api.example.com/v1."
    elif address.username or address.password or address.query:
        found["base_url"] = "Leave keys and passwords out of the address; store the key instead."
    if spec.secret_name.startswith("sk-") or (
        spec.secret_name and not SECRET_NAME.fullmatch(spec.secret_name)
    ):
        found["secret_name"] = (
            "Enter the name under which the key is stored (letters, digits, - and _), "
            "not the key itself."
        )
    return found
