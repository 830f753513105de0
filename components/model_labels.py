"""Words for what the catalogue knows of a model: task, source, languages, state.

Draws nothing.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from babel import Locale

from components import format as fmt
from components.i18n import _, ngettext
from studio.inference.catalogue import ModelSpec
from studio.records import Task

N_LANGUAGES = 5


def task(value: Task) -> str:
    """What a model of this task does."""
    labels = {
        Task.GENERATION: _("Writes text (generation)"),
        Task.EMBEDDING: _("Searches (embedding)"),
        Task.RERANKING: _("Orders results (reranking)"),
    }
    return labels[value]


def source(spec: ModelSpec) -> str:
    """Where a model comes from."""
    labels = {
        "bundled": _("comes with the studio"),
        "package": _("from the package index"),
        "hub": _("from the model hub"),
        "folder": _("a folder on this computer"),
        "gguf": _("a GGUF file on this computer"),
        "remote": _("runs at {host}", host=urlsplit(spec.base_url).hostname or spec.base_url),
        "fake": _("demo engine"),
    }
    return labels[spec.source]


def languages(codes: tuple[str, ...]) -> str:
    """Names of languages in the user's language, the first few of many; or that they are unknown."""
    if not codes:
        return _("languages unknown")
    names = Locale.parse(fmt.locale()).languages
    shown = codes if len(codes) <= N_LANGUAGES + 1 else codes[:N_LANGUAGES]
    listed = _(", ").join(str(names.get(code, code)) for code in shown)
    n_more = len(codes) - len(shown)
    return listed + (" " + ngettext("and {n} more", "and {n} more", n_more) if n_more else "")


def facts(spec: ModelSpec) -> str:
    """One line with what is known before loading: task, size, licence, languages, source."""
    parts = [
        task(spec.task),
        fmt.size(spec.size_bytes) if spec.size_bytes else "",
        spec.licence or ("" if spec.source == "remote" else _("licence unknown")),
        languages(spec.languages),
        source(spec),
    ]
    return " · ".join(part for part in parts if part)


def state_badge(state: str) -> tuple[str, str]:
    """The label of a model's state and the colour it is shown in."""
    badges = {
        "absent": (_("Not on this computer"), "gray"),
        "on_disk": (_("On disk"), "blue"),
        "loading": (_("Loading"), "orange"),
        "loaded": (_("Loaded"), "green"),
        "connected": (_("Ready to be asked"), "blue"),  # nothing was asked of it so far
        "failed": (_("Failed"), "red"),
        "elsewhere": (_("Not connected yet"), "gray"),
    }
    return badges.get(state, (state, "gray"))
