"""Which set, and which of its runs, a page is about."""

from __future__ import annotations

import streamlit as st

from components import session
from components.i18n import _, ngettext
from studio.prototypes.evaluation.evaluations import Evaluations
from studio.workspace.evaluation_record import EvaluationRunRecord, EvaluationSetRecord


def choose_set(
    evaluation: Evaluations, prototype_id: str, *, default: str | None = None
) -> EvaluationSetRecord | None:
    """Draw the choice of a set; None where there is none.

    Args:
        evaluation: of the prototype.
        prototype_id: its id.
        default: id of the set to begin with; the newest without one.
    """
    sets = evaluation.sets.list()
    if not sets:
        return None
    by_id = {one.id: one for one in sets}
    key = set_key(prototype_id)
    if session.widget_value(key) not in by_id:
        session.forget(key)
    session.default_widget_value(key, default or sets[0].id)
    chosen = st.selectbox(
        _("Evaluation set"),
        list(by_id),
        format_func=lambda one: (
            f"{by_id[one].name} · " + ngettext("{n} question", "{n} questions", by_id[one].n_cases)
        ),
        key=key,
    )
    return by_id[chosen]


def set_key(prototype_id: str) -> str:
    """The key of the widget that chooses the set."""
    return f"_evaluation.{prototype_id}.set"


def choose_run(
    runs: tuple[EvaluationRunRecord, ...], label: str, key: str, *, default: int = 0
) -> EvaluationRunRecord | None:
    """Draw the choice of a run; None where there is none.

    Args:
        runs: the newest first.
        label: above the choice.
        key: of the widget.
        default: position of the one that is chosen at first.
    """
    if not runs:
        return None
    by_id = {one.id: one for one in runs}
    if session.widget_value(key) not in by_id:
        session.forget(key)
    session.default_widget_value(key, runs[min(default, len(runs) - 1)].id)
    names = run_names(runs)
    has_other = any("*" in name for name in names.values())
    chosen = st.selectbox(
        label,
        list(by_id),
        format_func=names.__getitem__,
        help=_("*: with another model or manner than this version has.") if has_other else None,
        key=key,
    )
    return by_id[chosen]


def run_names(runs: tuple[EvaluationRunRecord, ...]) -> dict[str, str]:
    """Id -> name, with the part, and a number where several are called the same."""
    parts = {"all": _("all"), "tune": _("tune"), "test": _("test")}
    names: dict[str, str] = {}
    for run in reversed(runs):
        name = f"{run.name} · {parts[run.part]}"
        n_same = sum(other.split(" #")[0] == name for other in names.values())
        names[run.id] = f"{name} #{n_same + 1}" if n_same else name
    return names
