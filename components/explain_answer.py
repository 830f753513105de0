"""Why this answer: what each passage contributed, by leaving it out."""

from __future__ import annotations

import streamlit as st

from components import cache, chart_frame, explain_tokens, notice, progress, session
from components.i18n import _
from studio.evaluation.comparison import signed
from studio.explaining.explaining import WHY_JOB, WhyAnswer
from studio.jobs.runner import Job, JobState
from studio.prototypes.chatbot.chatbot import Chatbot

MAX_NAME = 34


def show(bot: Chatbot) -> None:
    """Draw the question, the work, and what came of it last."""
    st.caption(
        _(
            "The model answers once with all passages; then the likelihood of that very answer is"
            " computed without each of them. A passage without which the answer becomes unlikely"
            " carries it."
        )
    )
    with st.form(f"explain_{bot.id}", border=False):
        starters = bot.settings.starter_questions
        question = st.text_input(
            _("Question"), value=starters[0] if starters else "", key=f"_explain.question.{bot.id}"
        )
        asked = st.form_submit_button(_("Explain the answer"), type="primary")
    explaining = cache.workbench().explaining
    shown = f"explain.shown.{bot.id}"
    if asked:
        session.keep_value(shown, question)
        explaining.start_why(bot.id, question)
    wanted: str = session.kept_value(shown, question)

    def latest() -> Job[WhyAnswer] | None:
        return explaining.latest_asked(WHY_JOB, bot.id, wanted)

    progress.watch(latest, key=f"explain.{bot.id}")
    job = latest()
    if job is not None and job.state is JobState.DONE:
        _result(job.result(), bot)
    elif job is None:
        notice.show(_("The answer will be here, with each passage's contribution to it."))


def _result(found: WhyAnswer, bot: Chatbot) -> None:
    st.markdown(f"**{notice.plain(found.question)}**")
    st.markdown(notice.plain(found.answer))
    if found.is_quoted:
        notice.show(
            _(
                "Quoted: these are your documents' own words, which {model} has not written. The bars"
                " say how much likelier each passage makes it that it would say them.",
                model=notice.plain(found.model),
            )
        )
    chart = chart_frame.figure(
        chart_frame.Axis(title=_("lost without it"), unit=_("nats")),  # short: phones
        chart_frame.Axis(title=""),
        height=110 + 44 * len(found.shares),
    )
    names = [f"{i}. {_short(one.name)}" for i, one in enumerate(found.shares, 1)]
    chart.add_bar(
        x=[one.nats for one in found.shares],
        y=names,
        orientation="h",
        marker={
            "color": [
                chart_frame.BLUE if one.nats > 0 else chart_frame.ORANGE for one in found.shares
            ]
        },
        text=[signed(one.nats, ".1f") for one in found.shares],
        hovertemplate=chart_frame.hover("%{y}", "%{x:.3f}"),
    )
    chart_frame.names_on(chart, names)
    chart_frame.show(
        chart,
        key=f"_explain.shares.{bot.id}",
        alt=_("What each passage contributed to the answer, the largest share on top."),
    )
    for name, one in zip(names, found.shares, strict=True):
        with st.expander(notice.plain(name)):
            st.text(one.text)
    st.caption(
        _(
            "Read by {model}. The bars are the log-likelihood that the answer loses without the passage:"
            " above 0 the passage makes it likelier, below 0 less likely.",
            model=notice.plain(found.model),
        )
    )
    explain_tokens.show(found.inspection, f"why.{bot.id}")


def _short(name: str) -> str:
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…"
