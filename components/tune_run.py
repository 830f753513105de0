"""One tuning: its progress with the losses as they come, what it gained, and what to do with it."""

from __future__ import annotations

import streamlit as st

from components import (
    bench_chart,
    cache,
    chart_frame,
    chart_loss,
    file_download,
    notice,
    progress,
    session,
    shell,
    tune_form,
    tune_words,
    who,
)
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.records import Notice
from studio.tuning.effect import Change, Effect
from studio.tuning.run import TuningRun
from studio.workbench import AnyPrototype

POLL_S = 1.0
N_CHANGES = 8


def show(run: TuningRun, prototype: AnyPrototype) -> None:
    """Draw a run; while it is at work the drawing keeps fresh."""
    was_active = progress.is_active(cache.workbench().tuning.job(run.id))

    @st.fragment(run_every=POLL_S if was_active else None)
    @shell.guarded()
    def panel() -> None:
        shell.say_flash()
        now = cache.workbench().tuning.run(run.id)
        is_active = progress.is_active(cache.workbench().tuning.job(run.id))
        if was_active and not is_active:
            st.rerun()
        _draw(now, prototype, is_active=is_active)

    with st.container(border=True, key=f"tuning_{run.id}"):
        panel()


def _draw(run: TuningRun, prototype: AnyPrototype, *, is_active: bool) -> None:
    st.markdown(f"**{notice.plain(run.name)}**")
    st.caption(notice.plain(tune_words.facts(run)))
    if is_active:
        job = cache.workbench().tuning.job(run.id)
        if job is not None:
            progress.show(job.progress)
            progress.cancel_button(job, f"tune.{run.id}")
    elif run.outcome == "done" and run.effect is not None:
        _done(run, run.effect, prototype)
    elif run.outcome == "no_gain":
        notice.show(_no_gain(run), "warning")
    else:
        _stopped(run)
    curve = cache.workbench().tuning.curve(run.id)
    if sum(point.part != "smaller" for point in curve) > 1:  # a single look is no curve
        chart_frame.show(
            chart_loss.losses(curve),
            key=f"_tune.curve.{run.id}",
            alt=_("The loss of examples learnt and not learnt, update by update."),
        )
    if run.stopped_by:
        st.caption(notice.plain(tune_words.ending(run)))


def _no_gain(run: TuningRun) -> str:
    if run.stopped_by == "diverged":
        return _(
            "The loss became no number before anything was gained, so no model was made. Lower the"
            " learning rate, {rate} now, and start again.",
            rate=f"{run.settings.learning_rate:g}",
        )
    return _(
        "Nothing was gained on the examples held out, so no model was made: the base stays the better"
        " one. Add more or other examples, or lower the learning rate, {rate} now.",
        rate=f"{run.settings.learning_rate:g}",
    )


def _stopped(run: TuningRun) -> None:
    if run.problem is not None:
        notice.show(Notice.from_json(run.problem), "error")
    else:
        notice.show(_("This was stopped. What was learnt until then is kept."))
    if who.may(Role.EDITOR):
        st.button(
            _("Go on") if run.problem is None else _("Try again"),
            key=f"_tune.go_on.{run.id}",
            type="primary",
            on_click=_go_on,
            args=(run.id,),
        )


def _go_on(run_id: str) -> None:
    try:
        cache.workbench().tuning.go_on(run_id)
    except StudioError as error:
        session.flash(translate(error.notice))


def _done(run: TuningRun, effect: Effect, prototype: AnyPrototype) -> None:
    tones = {"better": "success", "worse": "error"}
    notice.show(effect.verdict, tones.get(effect.outcome, "info"))  # type: ignore[arg-type] # tones
    top = 1.0 if effect.measure != "loss" else max(effect.before.high, effect.after.high) * 1.1
    bench_chart.show(
        [(_("before"), effect.before), (_("after"), effect.after)],
        {"loss": _("loss per token, lower is better"), "accuracy": _("accuracy")}.get(
            effect.measure, effect.measure
        ),
        key=f"_tune.effect.{run.id}",
        top=top,
    )
    st.caption(
        " · ".join(
            (
                ngettext("better on {n}", "better on {n}", effect.n_better),
                ngettext("worse on {n}", "worse on {n}", effect.n_worse),
                ngettext("the same on {n}", "the same on {n}", effect.n_same),
            )
        )
    )
    tune_form.say_other_base(prototype, run.method, run.base_model, run.model_id)
    _actions(run, prototype)
    if st.toggle(_("What changed, example by example"), key=f"_tune.changes.{run.id}"):
        _changes(effect)


def _actions(run: TuningRun, prototype: AnyPrototype) -> None:
    field = tune_words.FIELD_OF[run.method]
    in_use = getattr(prototype.settings, field, "") == run.model_id
    with st.container(horizontal=True, vertical_alignment="center"):
        if in_use:
            st.markdown(
                ":material/check: " + _("In use in {name}", name=notice.plain(prototype.name))
            )
        elif who.may(Role.EDITOR):
            st.button(
                _("Use it in {name}", name=notice.plain(prototype.name)),
                key=f"_tune.adopt.{run.id}",
                type="primary",
                on_click=_adopt,
                args=(run.id, prototype.id),
            )
        if st.button(
            _("Take it away (safetensors)"),
            key=f"_tune.export.{run.id}",
            icon=":material/download:",
            help=_(
                "Weights, tokenizer and where it comes from, as a ZIP of {size}.",
                size=fmt.size(run.size_bytes),
            ),  # fmt: skip
        ):
            session.set_widget_value(f"tune.exported.{run.id}", True)
    if session.widget_value(f"tune.exported.{run.id}"):
        with st.spinner(_("Packing")):
            path = cache.workbench().tuning.export(run.id)
        file_download.show(
            path, f"{run.model_id}.zip", "application/zip", key=f"_tune.download.{run.id}"
        )


def _adopt(run_id: str, prototype_id: str) -> None:
    try:
        version = cache.workbench().tuning.adopt(run_id, prototype_id)
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        session.flash(
            _("Version {n} uses the tuned model. The list of versions takes you back.", n=version)
        )


def _changes(effect: Effect) -> None:
    """The largest gains and losses."""
    import pandas as pd

    gains = [one for one in effect.changes if one.gain > 0][:N_CHANGES]
    losses = [one for one in reversed(effect.changes) if one.gain < 0][:N_CHANGES]
    shown: list[Change] = [*gains, *reversed(losses)]
    if not shown:
        st.caption(_("Nothing changed."))
        return
    st.dataframe(
        pd.DataFrame(
            {
                _("Example held out"): [one.prompt for one in shown],
                _("before"): [round(one.before, 3) for one in shown],
                _("after"): [round(one.after, 3) for one in shown],
            }
        ),
        column_config={
            _("Example held out"): st.column_config.TextColumn(width="medium"),
            _("before"): st.column_config.NumberColumn(width="small"),
            _("after"): st.column_config.NumberColumn(width="small"),
        },
        hide_index=True,
    )
