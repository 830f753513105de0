"""What Evaluate found of two versions: the latest run of each, and the way to compare them closely."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import cache, notice
from components import evaluation_words as words
from components import format as fmt
from components.i18n import _, ngettext
from studio.prototypes.evaluation.run import EvaluationRun
from studio.workbench import AnyPrototype
from studio.workspace.records import VersionRecord

COMPARE_PAGE, EVALUATE_PAGE = "../pages/measure/compare.py", "../pages/measure/evaluate.py"


def show(prototype: AnyPrototype, first: VersionRecord, second: VersionRecord) -> None:
    """Draw the latest evaluation of each version, or say how one comes about."""
    evaluation = cache.workbench().evaluation(prototype.id)
    if not evaluation.is_possible:
        return
    st.markdown("**" + _("What Evaluate found") + "**")
    read = prototype.settings_type.from_json
    runs = [evaluation.latest(read(one.settings)) for one in (first, second)]
    for record, run in zip((first, second), runs, strict=True):
        st.markdown(notice.plain(_line(record.version, run)))
    query = {"prototype": prototype.slug}
    if all(runs):
        if len({one.record.set_id for one in runs if one is not None}) > 1:
            st.caption(_("They were asked different questions: measure both on the same set."))
        st.page_link(
            COMPARE_PAGE,
            label=_("Compare them question by question"),
            icon=":material/compare_arrows:",
            query_params=query,
        )
    else:
        st.page_link(
            EVALUATE_PAGE,
            label=_("Measure them under Evaluate"),
            icon=":material/straighten:",
            query_params=query,
        )


def _line(version: int, run: EvaluationRun | None) -> str:
    """A version and what was found of it."""
    if run is None or run.headline is None:
        return _("Version {n}: not measured yet.", n=version)
    found = run.interval(run.headline)
    return _(
        "Version {n}: {measure} {value} on {questions} ({run}, {ago}).",
        n=version,
        measure=words.label(run.headline),
        value=words.span(run.headline, found),
        questions=ngettext("{n} question", "{n} questions", found.n),
        run=run.name,
        ago=fmt.ago(run.finished_at or run.record.created_at, datetime.now(UTC)),
    )
