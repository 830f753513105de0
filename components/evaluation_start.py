"""Start an evaluation: which part, which version or model; what it takes is shown before it starts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from components import cache, model_names, notice, progress, session, setting_words, who
from components import evaluation_words as words
from components import format as fmt
from components.i18n import _, ngettext, sentences, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.evaluation.case import Part
from studio.jobs.runner import Job, JobState
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import CHOICES
from studio.prototypes.evaluation.evaluations import Evaluations
from studio.prototypes.evaluation.reckoning import RunEstimate
from studio.prototypes.evaluation.sets import MANY_LOOKS
from studio.prototypes.prototype_settings import PrototypeSettings
from studio.records import Task
from studio.workbench import AnyPrototype
from studio.workspace.evaluation_record import EvaluationSetRecord

NOW = 0  # the version that stands for the settings as they are


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What is to be measured: `version` None for the settings as they are now."""

    part: Part
    version: int | None
    settings: PrototypeSettings
    judge_model: str


class _Kept:
    """The choices of a prototype's form, which last while a run is drawn instead of it.

    Args:
        key: the beginning of the widgets' keys.
    """

    fields = ("part", "version", "more", "model", "style", "judge")

    def __init__(self, key: str) -> None:
        self._key = key

    def default(self, field: str, value: object, options: Collection[object] = ()) -> None:
        """Give a widget what was chosen last, else its first value; what is not there any more goes."""
        kept: Mapping[str, object] = session.kept_value(f"{self._key}.kept", {})
        chosen, key = kept.get(field, value), f"{self._key}.{field}"
        if session.kept_value(f"{self._key}.is_away"):
            # The server may still know what was chosen while the browser draws the first value.
            session.forget(key)
        if options and session.widget_value(key, value) not in options:
            session.forget(key)
        is_there = not options or chosen in options
        session.default_widget_value(key, chosen if is_there else value)

    def set_away(self, is_away: bool) -> None:
        """Note that a run is drawn instead of the form, or that the form was drawn again."""
        session.keep_value(f"{self._key}.is_away", is_away or None)

    def keep(self) -> None:
        """Keep what is chosen now."""
        chosen = {name: session.widget_value(f"{self._key}.{name}") for name in self.fields}
        known = {name: value for name, value in chosen.items() if value is not None}
        session.keep_value(f"{self._key}.kept", known)


def show(prototype: AnyPrototype, evaluation: Evaluations, chosen: EvaluationSetRecord) -> None:
    """Draw the choices, what it will take, and the button; or how far a run is."""
    active = next(
        (run for run in evaluation.runs() if progress.is_active(evaluation.job(run.id))), None
    )
    kept = _Kept(f"_evaluation.{prototype.id}")
    if active is not None:
        kept.set_away(True)
        progress.watch(lambda: evaluation.job(active.id), key=f"evaluation.{active.id}")
        return
    if not chosen.n_cases:
        st.caption(_("No questions yet. Add some under Add questions."))
        return
    if not who.may(Role.EDITOR):
        st.caption(_("An editor or an owner of this studio adds questions and measures."))
        return
    with st.container(border=True):
        wish = _wish(prototype)
        kept.set_away(False)
        n = len(evaluation.sets.cases(chosen.id, wish.part))
        estimate = _estimate(evaluation, chosen, wish)
        _say(estimate)

        def trial() -> Job[RunEstimate] | None:
            return evaluation.trial(chosen.id, wish.part, wish.settings, wish.judge_model)

        progress.watch(trial, key=f"evaluation.trial.{prototype.id}")
        _say_of_team(prototype)
        with st.container(horizontal=True, vertical_alignment="center"):
            # No callbacks: those would take what was chosen when the page was last drawn to its end,
            # which a quick hand has changed since.
            if st.button(
                ngettext("Measure {n} question", "Measure {n} questions", n),
                key=f"_evaluation.{prototype.id}.start",
                type="primary",
                icon=":material/straighten:",
                disabled=n == 0,
            ):
                _start(prototype, evaluation, chosen.id, wish)
                st.rerun()
            if (
                (estimate.seconds is None or estimate.judging == "unknown")
                and n
                and not progress.is_active(trial())
                and st.button(
                    _("Try 3 questions first"),
                    key=f"_evaluation.{prototype.id}.try",
                    help=_(
                        "Answers three of them and reckons time and cost of all. Keeps nothing."
                    ),
                )
            ):
                _try(evaluation, chosen.id, wish)
                st.rerun()
    if wish.part != "tune":
        _looks(evaluation, chosen)


def _wish(prototype: AnyPrototype) -> _Wish:
    key = f"_evaluation.{prototype.id}"
    left, right = st.columns(2)
    parts = words.parts()
    kept = _Kept(key)
    kept.default("part", "all")
    part: Part = left.selectbox(
        _("Part of the set"),
        list(parts),
        format_func=parts.__getitem__,
        key=f"{key}.part",
        help=_(
            "Choose settings by the tune part and report on the test part: a figure on questions that"
            " were chosen by is too good. Which question is in which part is fixed."
        ),
    )
    records = cache.workbench().workspace.prototypes.versions(prototype.id)
    names = {NOW: _("As it is set now (version {n})", n=prototype.version)} | {
        one.version: _("Version {n}", n=one.version) + (f" · {one.note}" if one.note else "")
        for one in records
        if one.version != prototype.version
    }
    kept.default("version", NOW, names)
    number = right.selectbox(
        _("What is measured"), list(names), format_func=names.__getitem__, key=f"{key}.version"
    )
    version = None if number == NOW else int(number)
    by_number = {one.version: one.settings for one in records}
    stored = prototype.settings.to_json() if version is None else by_number[version]
    settings = prototype.settings_type.from_json(stored)
    judge = ""
    kept.default("more", False)
    if hasattr(settings, "generation_model") and st.toggle(_("More"), key=f"{key}.more"):
        settings, judge = _more(settings, key)
    return _Wish(part=part, version=version, settings=settings, judge_model=judge)


def _more(
    settings: Any, key: str
) -> tuple[PrototypeSettings, str]:  # Any: of a kind that has a model that writes
    """Another model or manner than the version's, and a model that judges."""
    models = model_names.of(Task.GENERATION)
    columns = st.columns(3)
    options = ["=", *models]
    kept = _Kept(key)
    kept.default("model", "=", options)
    model = columns[0].selectbox(
        setting_words.label("generation_model"),
        options,
        format_func=lambda one: _("as the version has it") if one == "=" else models[one],
        key=f"{key}.model",
    )
    if model != "=":
        settings = replace(settings, generation_model=model)
    if hasattr(settings, "answer_style"):
        styles = ["=", *CHOICES["answer_style"]]
        kept.default("style", "=")
        style = columns[1].selectbox(
            setting_words.label("answer_style"),
            styles,
            format_func=lambda one: (
                _("as the version has it")
                if one == "="
                else setting_words.value("answer_style", one, models)
            ),
            key=f"{key}.style",
        )
        if style != "=":
            settings = replace(settings, answer_style=style)
    kept.default("judge", "", ["", *models])
    judge = columns[2].selectbox(
        _("Model that judges the answers"),
        ["", *models],
        format_func=lambda one: models[one] if one else _("none"),
        help=_(
            "Says of each answer whether it tells what was expected. A small model judges badly: say"
            " right or wrong yourself for 20 answers, and see how far it agrees with you."
        ),
        key=f"{key}.judge",
    )
    return settings, str(judge)


def _estimate(evaluation: Evaluations, chosen: EvaluationSetRecord, wish: _Wish) -> RunEstimate:
    """From an earlier run, else from a few questions that were tried."""
    found = evaluation.estimate(chosen.id, wish.part, wish.settings, judge_model=wish.judge_model)
    if found.seconds is not None and found.judging != "unknown":
        return found
    job = evaluation.trial(chosen.id, wish.part, wish.settings, wish.judge_model)
    is_done = job is not None and job.state is JobState.DONE
    return job.result() if job is not None and is_done else found


def _say(found: RunEstimate) -> None:
    """What a run will take, and where that is from."""
    said = []
    if found.seconds is not None:
        said = [
            _(
                "Takes about {time} ({low} to {high}).",
                time=fmt.duration(found.seconds),
                low=fmt.duration(found.low_s or 0.0),
                high=fmt.duration(found.high_s or 0.0),
            ),
            _("What it costs is not known.")
            if found.cost_usd is None
            else _("Costs {cost}.", cost=fmt.money(found.cost_usd)),
        ]
    said.append(translate(found.source))
    if found.judging == "unknown":
        said.append(_("The judging model is asked once for each answer, which comes on top."))
    elif found.judging == "counted" and found.seconds is not None:
        said.append(_("With the judging model."))
    st.caption(notice.plain(sentences(*said)))


def _say_of_team(prototype: AnyPrototype) -> None:
    """That answers of the team are not measured, where the chatbot gives some."""
    if not isinstance(prototype, Chatbot) or not prototype.settings.uses_team_answers:
        return
    if any(one.is_on for one in prototype.team_answers.list()):
        st.caption(
            _(
                "Answers of the team are left out here: they are right by definition, and say nothing of"
                " what the chatbot does on its own."
            )
        )


def _looks(evaluation: Evaluations, chosen: EvaluationSetRecord) -> None:
    """How often the test part was looked at; what is said of many looks stands with the problems."""
    n = evaluation.sets.n_looks(chosen.id)
    if 0 < n < MANY_LOOKS:
        st.caption(
            ngettext(
                "The test part was looked at with {n} setting so far.",
                "The test part was looked at with {n} different settings or states of the data so far.",
                n,
            )
        )


def _start(prototype: AnyPrototype, evaluation: Evaluations, set_id: str, wish: _Wish) -> None:
    _Kept(f"_evaluation.{prototype.id}").keep()
    try:
        run = evaluation.start(
            set_id,
            wish.part,
            settings=wish.settings,
            version=wish.version,
            judge_model=wish.judge_model,
        )
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        session.set_widget_value(f"_evaluation.{prototype.id}.run.{set_id}", run.id)


def _try(evaluation: Evaluations, set_id: str, wish: _Wish) -> None:
    try:
        evaluation.start_trial(set_id, wish.part, wish.settings, wish.judge_model)
    except StudioError as error:
        session.flash(translate(error.notice))
