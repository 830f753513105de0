"""Words for the settings of prototypes: what each is called, its value, and what a version changed.

Draws nothing and reads nothing; settings come as they were stored, also by an older studio.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components import classifier_words, content_words, recommendation_setting_words
from components import format as fmt
from components.i18n import LANGUAGES, _, ngettext, translate
from studio.prototypes.content.templates.names import NAMES as TEMPLATE_NAMES
from studio.prototypes.prototype_settings import PrototypeSettings
from studio.prototypes.registry import KINDS

N_CHARACTERS = 40  # of a text that is quoted in a list of changes


def label(field: str, of: type[PrototypeSettings] | None = None) -> str:
    """What a setting is called: of those settings, else by the first kind that has it."""
    if of is not None:
        return translate(of.labels[field])
    for kind in KINDS.values():
        if field in kind.settings_type.labels:
            return translate(kind.settings_type.labels[field])
    raise KeyError(field)


def tones() -> dict[str, str]:
    """The tones there are, in the order they are offered."""
    return {
        "friendly": _("Friendly"),
        "neutral": _("Neutral"),
        "formal": _("Formal"),
        "brief": _("Brief"),
    }


def answer_styles() -> dict[str, str]:
    """The answer styles there are, in the order they are offered."""
    return {
        "auto": _("Automatic"),
        "write": _("Let the model write"),
        "quote": _("Quote the documents"),
    }


def search_modes() -> dict[str, str]:
    """The ways of searching, in plain words with the term of the field."""
    return {
        "hybrid": _("Both (hybrid)"),
        "semantic": _("Meaning (semantic)"),
        "keyword": _("Words (keyword)"),
    }


def fusions() -> dict[str, str]:
    """The ways of joining two searches."""
    return {"score": _("By their scores"), "rank": _("By their ranks")}


def cutting_methods() -> dict[str, str]:
    """The ways of cutting documents into passages."""
    return {
        "auto": _("Automatic"),
        "structure": _("By headings and paragraphs (structure)"),
        "tokens": _("By length (tokens)"),
        "rows": _("One per table row"),
        "questions": _("One per question"),
    }


def index_kinds() -> dict[str, str]:
    """The kinds of vector index."""
    return {
        "auto": _("Automatic"),
        "exact": _("Exact"),
        "hnsw": _("Graph (HNSW)"),
        "ivf": _("Lists (IVF)"),
        "ivf_compact": _("Compressed lists (IVF, quantised)"),
    }


def roles() -> dict[str, str]:
    """What a column of a table can be for."""
    return {
        "title": _("Title"),
        "text": _("Text to search"),
        "filter": _("Filter"),
        "link": _("Link"),
        "ignore": _("Leave out"),
    }


def value(field: str, stored: Any, model_names: Mapping[str, str]) -> str:  # Any: what JSON can say
    """A setting's value in words.

    Args:
        field: name of the setting.
        stored: its value.
        model_names: catalogue id -> what the model is called.
    """
    choices = {
        "language": LANGUAGES,
        "tone": tones(),
        "answer_style": answer_styles(),
        "mode": search_modes(),
        "fusion": fusions(),
        "passage_method": cutting_methods(),
        "index_kind": index_kinds(),
        "template": {"": _("My own")}
        | {id_: translate(name) for id_, (name, _told) in TEMPLATE_NAMES.items()},
        "shape": {str(shape): name for shape, name in content_words.shapes().items()},
    }
    if field in choices:
        return choices[field].get(str(stored), str(stored))
    if field == "must_pass":
        return ", ".join(str(content_words.checks().get(name, name)) for name in stored) or "–"
    if field == "roles":
        named = roles()
        return ", ".join(f"{column}: {named.get(role, role)}" for column, role in stored) or "–"
    if field == "rerank_model":
        return model_names.get(str(stored), str(stored)) if stored else _("none")
    of_classifier = classifier_words.setting_value(field, stored)
    if of_classifier is not None:
        return of_classifier
    of_recommender = recommendation_setting_words.value(field, stored)
    if of_recommender is not None:
        return of_recommender
    if field in ("generation_model", "embedding_model"):
        return model_names.get(str(stored), str(stored)) if stored else _("the default")
    return _plain(field, stored)


def _plain(field: str, stored: Any) -> str:  # as above
    """A value whose type says how it reads."""
    if isinstance(stored, bool):
        return _("on") if stored else _("off")
    if isinstance(stored, list | tuple):
        return _number_of(field, len(stored))
    if isinstance(stored, float):
        return f"{stored:.2f}"
    if isinstance(stored, int):
        return fmt.count(stored)
    return _quoted(str(stored))


def _number_of(field: str, n: int) -> str:
    """How many things a setting lists."""
    match field:
        case "variables" | "fields":
            return ngettext("{n} field", "{n} fields", n)
        case "examples":
            return ngettext("{n} example", "{n} examples", n)
        case "starter_questions" | "suggestions":
            return ngettext("{n} question", "{n} questions", n)
    return ngettext("{n} entry", "{n} entries", n)


def _quoted(text: str) -> str:
    shown = " ".join(text.split())
    if not shown:
        return _("empty")
    if len(shown) > N_CHARACTERS:
        shown = shown[:N_CHARACTERS].rstrip() + "…"
    return _("“{text}”", text=shown)


def changes(
    settings_type: type[PrototypeSettings],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    model_names: Mapping[str, str],
) -> list[str]:
    """What a change of the settings did, one line for each, in the order of the settings.

    A setting that is missing in either had its default. Empty when nothing that is known changed.

    Args:
        settings_type: the settings of the kind.
        before: the settings as they were stored.
        after: the settings after the change.
        model_names: catalogue id -> what the model is called.
    """
    defaults = settings_type().to_json()
    lines = []
    for field, notice in settings_type.labels.items():
        old = before.get(field, defaults[field])
        new = after.get(field, defaults[field])
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            lines += _parts(translate(notice), old, new)
        elif old != new:
            words = value(field, old, model_names), value(field, new, model_names)
            lines.append(_change(translate(notice), *words))
    return lines


def _change(setting: str, before: str, after: str) -> str:
    if before == after:  # a long text that differs behind what is quoted of it
        return _("{setting}: reworded", setting=setting)
    return _("{setting}: {before} → {after}", setting=setting, before=before, after=after)


def _parts(setting: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What changed in a setting that has parts of its own (checks, a voice)."""
    names = {**content_words.rules(), **content_words.voice_parts()}
    lines = []
    for part, name in names.items():
        old, new = before.get(part), after.get(part)
        if old == new or old is None or new is None:
            continue
        # Hints on how to type something ("one per line") belong to forms alone.
        label = _("{setting}, {part}", setting=setting, part=name.split(",")[0].split("，")[0])
        lines.append(_change(label, value(part, old, {}), value(part, new, {})))
    return lines
