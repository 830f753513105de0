"""Compare: two evaluations on the same questions, question by question; all of them by cost and time."""

from __future__ import annotations

import streamlit as st

from components import (
    cache,
    chart_evaluations,
    evaluation_cases,
    evaluation_choice,
    evaluation_voting,
    notice,
    session,
    setting_words,
)
from components import evaluation_words as words
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.evaluation.comparing import CasePair, RunsCompared
from studio.prototypes.evaluation.evaluations import Evaluations
from studio.records import Notice
from studio.workbench import AnyPrototype
from studio.workspace.evaluation_record import EvaluationRunRecord

N_EXAMPLES = 3
MAX_RUNS = 12


def show(prototype: AnyPrototype) -> None:
    """Draw the comparison of a prototype's evaluations."""
    evaluation = cache.workbench().evaluation(prototype.id)
    if prototype.kind == "recommendation":
        st.caption(
            _(
                "Its ways of recommending are compared on the page Evaluate, against what is popular;"
                " here are evaluations on questions of your own."
            )
        )
    able = (one.id for one in evaluation.sets.list() if len(_finished(evaluation.runs(one.id))) > 1)
    chosen = evaluation_choice.choose_set(evaluation, prototype.id, default=next(able, None))
    runs = () if chosen is None else _finished(evaluation.runs(chosen.id))
    if len(runs) < 2:
        notice.show(
            _(
                "Two evaluations on the same set are compared here. So far there are {n}. Measure"
                " another version, model or answer style under Evaluate.",
                n=len(runs),
            )
        )
        st.page_link(
            "../pages/measure/evaluate.py",
            label=_("Open Evaluate"),
            icon=":material/straighten:",
            query_params={"prototype": prototype.slug},
        )
        return
    pair = _choose(prototype, runs)
    if pair is None:
        return
    try:
        found = evaluation.compare(pair[0].id, pair[1].id)
    except StudioError as error:
        notice.show(error.notice, "warning")
        return
    _draw(prototype, found)
    st.subheader(_("Blind vote"), anchor=False)
    evaluation_voting.show(evaluation, found.first, found.second)
    _examples(found)
    _all(evaluation, runs, found)


def _finished(runs: tuple[EvaluationRunRecord, ...]) -> tuple[EvaluationRunRecord, ...]:
    return tuple(run for run in runs if run.n_done and run.state in ("done", "cancelled", "failed"))


def _choose(
    prototype: AnyPrototype, runs: tuple[EvaluationRunRecord, ...]
) -> tuple[EvaluationRunRecord, EvaluationRunRecord] | None:
    left, right = st.columns(2)
    key = f"_evaluation.{prototype.id}.compare.{runs[0].set_id}"
    with left:
        first = evaluation_choice.choose_run(runs, _("Before"), f"{key}.first", default=1)
    with right:
        second = evaluation_choice.choose_run(runs, _("After"), f"{key}.second")
    if first is None or second is None:
        return None
    if first.id == second.id:
        st.caption(_("Choose two different evaluations."))
        return None
    return first, second


def _draw(prototype: AnyPrototype, found: RunsCompared) -> None:
    tone = "info"
    if found.headline is not None:
        outcome = found.headline.comparison.outcome
        tone = {"better": "success", "worse": "warning"}.get(outcome, "info")
    text = notice.plain(translate(found.verdict))
    st.success(text) if tone == "success" else (
        st.warning(text) if tone == "warning" else st.info(text)
    )
    if found.n_left_out:
        st.caption(
            ngettext(
                "{n} answer to a question that only one of them was asked is left out.",
                "{n} answers to questions that only one of them was asked are left out.",
                found.n_left_out,
            )
        )
    for name, n in zip(found.names, found.n_failed, strict=True):
        if n:
            st.caption(
                notice.plain(
                    ngettext(
                        "{name} could not do {n} of the questions: it is in no figure.",
                        "{name} could not do {n} of the questions: they are in no figure.",
                        n,
                        name=_said(name),
                    )
                )
            )
    _what_differs(prototype, found)
    _table(found)


def _what_differs(prototype: AnyPrototype, found: RunsCompared) -> None:
    models = {spec.id: spec.name for spec in cache.workbench().catalogue.list()}
    before, after = found.first.setup, found.second.setup
    lines = setting_words.changes(prototype.settings_type, before.settings, after.settings, models)
    if before.data_fingerprint != after.data_fingerprint:
        lines.append(
            _("It learnt anew in between, from its texts and labels as they were then.")
            if prototype.kind == "classifier"  # what it learnt by is among its settings, too
            else _("The documents were changed in between.")
        )
    st.markdown("**" + _("What differs") + "**")
    if not lines:
        st.caption(_("Nothing: both have the same settings."))
    st.markdown("\n".join(f"- {notice.plain(line)}" for line in lines))


def _table(found: RunsCompared) -> None:
    import pandas as pd

    shown = [one for one in found.measures if one.measure in words.MAIN]
    others = [one for one in found.measures if one.measure not in words.MAIN]
    if others and st.toggle(_("More measures"), key=f"_evaluation.compare.{found.first.id}.more"):
        shown = list(found.measures)
    head = (
        _("Metric"),
        _("Before"),
        _("After"),
        _("Difference (95% interval)"),
        _("Better, worse, equal"),
    )
    rows = [
        (
            words.label(one.measure),
            words.value(one.measure, one.before),
            words.value(one.measure, one.after),
            words.difference(one.measure, one.comparison.difference),
            f"{fmt.count(one.n_better)}, {fmt.count(one.n_worse)}, {fmt.count(one.n_same)}",
        )
        for one in shown
    ]
    st.table(pd.DataFrame(rows, columns=list(head)).set_index(head[0]))
    st.caption(
        _(
            "All figures are of the questions that both were asked and have the figure on; the"
            " difference is taken question by question. An interval that leaves out 0 is no chance; of"
            " twenty measures, one looks so by chance all the same."
        )
    )


def _examples(found: RunsCompared) -> None:
    """The questions that gained and lost most; folded below the vote, which stays blind so."""
    if found.headline is None:
        return
    pairs = found.pairs(found.headline.measure)
    gained = [pair for pair in pairs if pair.gain > 0][:N_EXAMPLES]
    lost = [pair for pair in reversed(pairs) if pair.gain < 0][:N_EXAMPLES]
    if not gained and not lost:
        return
    with st.expander(_("Where it is better and where it is worse")):
        st.caption(_("This says whose answers they are: vote first, then look."))
        for title, some in ((_("Where it is better"), gained), (_("Where it is worse"), lost)):
            if some:
                st.markdown(f"**{title}**")
                for pair in some:
                    _example(pair, found)


def _example(pair: CasePair, found: RunsCompared) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{notice.plain(words.short(pair.first.case.question, 200))}**")
        if pair.first.case.answers:
            expected = words.short(" | ".join(pair.first.case.answers), 200)
            st.caption(notice.plain(_("Expected: {answer}", answer=expected)))
        for column, one, name in zip(
            st.columns(2), (pair.first, pair.second), found.names, strict=True
        ):
            said = "" if one.attempt is None else evaluation_cases.said(one.attempt)
            column.caption(notice.plain(_said(name)))
            column.markdown(notice.plain(words.short(said or "–", 400)))


def _said(name: str | Notice) -> str:
    return translate(name) if isinstance(name, Notice) else name


def _all(
    evaluation: Evaluations, records: tuple[EvaluationRunRecord, ...], found: RunsCompared
) -> None:
    """The runs of the set by quality, time and cost, and their Elo points where there are votes.

    Only those on the very questions of the second run are held against it: the test part may be easier
    than the whole set.
    """
    runs = [evaluation.get(one.id) for one in records[:MAX_RUNS]]
    measure = found.headline.measure if found.headline is not None else None
    st.subheader(_("All evaluations of this set"), anchor=False)
    if measure is not None:
        asked = found.second.setup.set_fingerprint
        alike = [run for run in runs if run.setup.set_fingerprint == asked]
        if len(alike) < len(runs):
            st.caption(
                ngettext(
                    "{n} evaluation on other questions (another part, or the set as it was before) is"
                    " not in the chart.",
                    "{n} evaluations on other questions (another part, or the set as it was before) are"
                    " not in the chart.",
                    len(runs) - len(alike),
                )
            )
        points = evaluation.pareto(alike, measure)
        axes = {"time": _("Time of an answer"), "cost": _("Cost of an answer")}
        key = f"_evaluation.{found.first.record.prototype_id}.axis"
        session.default_widget_value(key, "time")
        axis = st.segmented_control(
            _("Against"), list(axes), format_func=axes.__getitem__, required=True, key=key
        )
        names = evaluation_choice.run_names(records)
        chart_evaluations.show(points, measure, names, against="cost" if axis == "cost" else "time")
    evaluation_voting.standings(evaluation, runs, evaluation_choice.run_names(records))
