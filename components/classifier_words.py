"""Words for classifiers: what tables are for, how it decides, values of settings. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components import care_words
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.prototypes.classifier.method import METHOD_LABELS
from studio.prototypes.classifier.results import Classification
from studio.prototypes.classifier.tables import TableUse


def uses() -> dict[TableUse, str]:
    """What a table can be for, in the order it is offered."""
    return {
        "learn": _("Learn from it (a fifth tests)"),
        "test": _("Only test with it"),
        "unlabelled": _("Texts without labels, to label"),
        "synthetic": _("Texts that a model made: learnt from, never tested with"),
        "ignore": _("Leave out"),
    }


def short_uses() -> dict[TableUse, str]:
    """The same in a word or two, for a line."""
    return {
        "learn": _("to learn from"),
        "test": _("to test with"),
        "unlabelled": _("without labels"),
        "synthetic": _("made by a model"),
        "ignore": _("left out"),
    }


def methods() -> dict[str, str]:
    """The ways of deciding; the first leaves it to the number of examples."""
    return {"": _("Automatic")} | {
        str(method): translate(name)[:1].upper() + translate(name)[1:]
        for method, name in METHOD_LABELS.items()
    }


def answer(found: Classification) -> str:
    """The label, or that a person decides."""
    return found.label if found.is_sure else _("Not sure: a person decides")


def whole_percent(share: float) -> str:
    """A share without decimals, for a list of many: what is small matters to nobody."""
    return "<1%" if 0 < share < 0.01 else f"{share:.0%}"


def setting_value(field: str, stored: Any) -> str | None:  # Any: what JSON can say
    """The value of a setting in words; None for one that other kinds have, too."""
    names: Mapping[Any, str] = short_uses()
    match field:
        case "label_meanings":
            return ngettext("{n} label", "{n} labels", len(stored))
        case "merged":
            return ", ".join(f"{label} → {into}" for label, into in stored) or _("none")
        case "threshold":
            return fmt.share(float(stored)) if stored else _("answers always")
        case "method" if stored in METHOD_LABELS:
            return translate(METHOD_LABELS[stored])
        case "cleaning":
            return ", ".join(care_words.names()[one] for one in stored) or _("nothing")
        case "table_uses":
            return ", ".join(f"{one}: {names.get(use, use)}" for one, use in stored) or _(
                "as found"
            )
        case "text_columns" | "label_columns":
            listed = (f"{table}: {column or _('none')}" for table, column in stored)
            return ", ".join(listed) or _("as found")
    return None
