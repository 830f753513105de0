"""Smaller forms of a model: measured on the user's examples, and only then offered."""

from __future__ import annotations

import streamlit as st

from components import cache, notice, progress, session, shell, tune_form, who
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.evaluation.comparison import signed
from studio.inference.training.plan import Method
from studio.records import Notice
from studio.tuning.compressing import CompressionRun, FormMeasured
from studio.tuning.effect import Effect
from studio.tuning.examples import MIN_EXAMPLES, Example
from studio.tuning.trainable import TASK_OF, compression_problem_of
from studio.workbench import AnyPrototype

POLL_S = 1.0
LEAST_NATS = 0.0005
"""What is less would be shown as 0.000."""

_WORSE = ":orange[:material/arrow_downward:] "
_BETTER = ":green[:material/arrow_upward:] "
_EVEN = ":material/drag_handle: "


def form(prototype: AnyPrototype, method: Method, examples: tuple[Example, ...]) -> None:
    """Draw the choice of the model and the button that makes and measures its smaller forms."""
    st.caption(
        _(
            "Fewer bits per weight make a model smaller and often faster, and at times worse. Each form"
            " is made and measured on your examples before you choose."
        )
    )
    ready = cache.workbench().ready_models(TASK_OF[method])
    problems = {spec.id: compression_problem_of(spec) for spec in ready}
    models = [spec for spec in ready if problems[spec.id] is None]
    unable = [problem for problem in problems.values() if problem is not None]
    if unable:
        with st.expander(
            ngettext("{n} model cannot", "{n} models cannot", len(unable)), type="compact"
        ):
            for problem in unable:
                st.caption(notice.plain(translate(problem)))
    if not models:
        notice.show(_("No model on this computer can be compressed. Load one on Models first."))
        return
    own = tune_form.own_model(prototype, method)
    names = {spec.id: spec.name for spec in sorted(models, key=lambda spec: spec.id != own)}
    chosen = st.selectbox(
        _("Model"),
        list(names),
        format_func=names.__getitem__,
        key=f"_tune.compress.{prototype.id}.{method}",
    )
    if len(examples) < MIN_EXAMPLES:
        st.caption(
            ngettext(
                "Choose at least {n} example above, 50 and more make sense.",
                "Choose at least {n} examples above, 50 and more make sense.",
                MIN_EXAMPLES,
            )
        )
    # No callback: it would take what was chosen when the page was last drawn to its end.
    elif who.may(Role.EDITOR) and st.button(
        _("Make and measure smaller forms"),
        key=f"_tune.compress_start.{prototype.id}",
        type="primary",
        icon=":material/compress:",
    ):
        _start(chosen, examples, prototype.id)
        st.rerun()


def _start(model_id: str, examples: tuple[Example, ...], prototype_id: str) -> None:
    try:
        cache.workbench().tuning.compressing.start(model_id, examples, prototype_id)
    except StudioError as error:
        session.flash(translate(error.notice))


def runs(prototype: AnyPrototype) -> None:
    """Draw the measured forms, the newest run first."""
    found = cache.workbench().tuning.compressing.runs(prototype.id)
    if not found:
        notice.show(
            _(
                "Size, memory, speed and quality of each form will be here, side by side. Choose"
                " examples and a model and start."
            )
        )
    for run in found:
        _show(run)


def _show(run: CompressionRun) -> None:
    compressing = cache.workbench().tuning.compressing
    was_active = progress.is_active(compressing.job(run.id))

    @st.fragment(run_every=POLL_S if was_active else None)
    @shell.guarded()
    def panel() -> None:
        shell.say_flash()
        job = compressing.job(run.id)
        is_active = progress.is_active(job)
        if was_active and not is_active:
            st.rerun()
        _draw(compressing.run(run.id))
        if job is not None and is_active:
            progress.show(job.progress)
            progress.cancel_button(job, f"compress.{run.id}")

    with st.container(border=True, key=f"compression_{run.id}"):
        panel()


def _draw(run: CompressionRun) -> None:
    st.markdown(f"**{notice.plain(run.base_name)}**")
    st.caption(
        ngettext("measured on {n} example", "measured on {n} examples", run.n_examples)
        + " · "
        + _("data {id}", id=run.fingerprint)
    )
    if run.measured:
        for one in run.measured:
            _form(run, one)
    elif not progress.is_active(cache.workbench().tuning.compressing.job(run.id)):
        if run.problem is not None:
            notice.show(Notice.from_json(run.problem), "error")
        else:
            notice.show(_("This was stopped."))
        st.button(
            _("Go on"),
            key=f"_tune.compress_on.{run.id}",
            on_click=_go_on,
            args=(run.id,),
        )


def _go_on(run_id: str) -> None:
    try:
        cache.workbench().tuning.compressing.go_on(run_id)
    except StudioError as error:
        session.flash(translate(error.notice))


def name_of(form: str) -> str:
    """A form as people call it, with the name that files bear."""
    names = {
        "": _("as it is"),
        "Q8_0": _("8 bits (Q8_0)"),
        "Q4_1": _("4 bits with offset (Q4_1)"),
        "Q4_0": _("4 bits (Q4_0)"),
        "int8": _("8-bit integers (int8)"),
        "bf16": _("16 bits (bf16)"),
    }
    return names.get(form, form)


def _form(run: CompressionRun, one: FormMeasured) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{name_of(one.form)}**", width="stretch")
            if one.model_id:
                st.markdown(":material/check: " + _("In the catalogue"))
            elif one.form and who.may(Role.EDITOR):
                st.button(
                    _("Keep it"),
                    key=f"_tune.keep.{run.id}.{one.form}",
                    help=_("Puts it into the catalogue, for every prototype to choose."),
                    on_click=_keep,
                    args=(run.id, one.form),
                )
        parts = [
            _("file {size}", size=fmt.size(one.size_bytes)),
            _("memory {size}", size=fmt.size(one.memory_bytes)),
            fmt.per_second(one.tokens_per_s, _("tokens")),
        ]
        if one.query_ms:
            time = fmt.duration(one.query_ms / 1000)
            is_labelled = one.accuracy is not None
            parts.append(
                _("a text {time}", time=time) if is_labelled else _("a query {time}", time=time)
            )
        if one.loss is not None:
            parts.append(_("loss per token {loss}", loss=f"{one.loss:.3f}"))
        if one.ndcg is not None:
            parts.append(f"nDCG@10 {one.ndcg:.3f}")
        if one.accuracy is not None:
            parts.append(_("accuracy {share}", share=fmt.share(one.accuracy)))
        if one.macro_f1 is not None:
            parts.append(_("macro F1 {value}", value=f"{one.macro_f1:.2f}"))
        st.caption(notice.plain(" · ".join(parts)))
        if one.effect is not None:
            st.caption(_quality(one))


def _quality(one: FormMeasured) -> str:
    effect = one.effect
    assert effect is not None  # the caller has looked
    if effect.measure == "nDCG@10":
        return _ranking(effect)
    if effect.measure == "accuracy":
        return _labels(effect)
    low, high = -effect.gain.high, -effect.gain.low
    facts = {"low": signed(low, ".3f"), "high": signed(high, ".3f")}
    if effect.outcome == "worse":
        return _WORSE + _("Loses more on your examples: {low} to {high} nats per token.", **facts)
    if effect.outcome == "better":
        return _BETTER + _("Loses less on your examples: {low} to {high} nats per token.", **facts)
    if max(abs(low), abs(high)) < LEAST_NATS:
        return _EVEN + _("Finds every token as likely as the model as it is.")
    return _EVEN + _(
        "No difference in quality can be shown: {low} to {high} nats per token.", **facts
    )


def _ranking(effect: Effect) -> str:
    facts = {"low": signed(effect.gain.low, ".3f"), "high": signed(effect.gain.high, ".3f")}
    if effect.outcome == "worse":
        return _WORSE + _("Finds less on your queries: {low} to {high} nDCG@10.", **facts)
    if effect.outcome == "better":
        return _BETTER + _("Finds more on your queries: {low} to {high} nDCG@10.", **facts)
    return _EVEN + _(
        "No difference in what is found can be shown: {low} to {high} nDCG@10.", **facts
    )


def _labels(effect: Effect) -> str:
    facts = {
        "low": signed(100 * effect.gain.low, ".1f"),
        "high": signed(100 * effect.gain.high, ".1f"),
    }
    if effect.outcome == "worse":
        return _WORSE + _(
            "Gives fewer texts their label: {low} to {high} points of accuracy.", **facts
        )
    if effect.outcome == "better":
        return _BETTER + _(
            "Gives more texts their label: {low} to {high} points of accuracy.", **facts
        )
    if not effect.n_better and not effect.n_worse:
        return _EVEN + _("Gets every text right or wrong as the model as it is.")
    return _EVEN + _(
        "No difference in the labels can be shown: {low} to {high} points of accuracy.", **facts
    )


def _keep(run_id: str, form: str) -> None:
    try:
        cache.workbench().tuning.compressing.keep(run_id, form)
    except StudioError as error:
        session.flash(translate(error.notice))
