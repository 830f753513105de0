"""The settings of a chatbot: how it behaves and how well it searches.

Each function draws one step; every change is kept at once by `setting_field`. The module knows which
settings there are and how to explain them, not what they do.
"""

from __future__ import annotations

import streamlit as st

from components import model_choice, notice, ranking_form, route, team_answers_panel
from components import setting_words as words
from components.i18n import LANGUAGES, _, ngettext
from components.setting_field import bind
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import RANGES, ChatbotSettings
from studio.records import Task

LENGTHS = (40, 80, 120, 200, 400, 800, 1024)


def behaviour(bot: Chatbot, settings: ChatbotSettings) -> None:
    """Draw step 2: who answers, in which language, with which model."""
    st.segmented_control(
        words.label("language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        required=True,
        **bind(bot, settings, "language"),
    )
    st.text_area(
        words.label("persona"),
        placeholder=_("You are the help desk of Tidewater, a shop for outdoor gear."),
        height=80,
        max_chars=600,
        help=_(
            "Nothing that must stay secret: a model tells what it was told, if somebody asks long"
            " enough."
        ),
        **bind(bot, settings, "persona", is_typed=True),
    )
    tones = words.tones()
    st.selectbox(
        words.label("tone"),
        list(tones),
        format_func=tones.__getitem__,
        **bind(bot, settings, "tone"),
    )
    st.text_area(
        words.label("greeting"),
        placeholder=_("Leave empty for a plain greeting"),
        height=80,
        max_chars=600,
        **bind(bot, settings, "greeting", is_typed=True),
    )
    st.text_area(
        _("Starter questions, one per line"),
        height=110,
        help=_("Offered as buttons before the first question. Eight at most."),
        **bind(bot, settings, "starter_questions", shown="\n".join, kept=_lines, is_typed=True),
    )
    model_choice.show(bot, settings, Task.GENERATION)
    if settings.answer_style != "quote":
        _language_limit(bot, settings)
    st.select_slider(
        words.label("max_new_tokens"),
        sorted({*LENGTHS, settings.max_new_tokens}),
        help=_("A token is about three quarters of an English word, or one Chinese character."),
        **bind(bot, settings, "max_new_tokens"),
    )
    st.toggle(
        words.label("only_from_documents"),
        help=_(
            "When nothing relevant is found, it says so. Off: the model then answers from what it knows,"
            " and may be wrong."
        ),
        **bind(bot, settings, "only_from_documents"),
    )
    if not settings.only_from_documents and not bot.writes_language():
        _warn(
            _(
                "This does nothing yet: {model} does not write {language}, so nothing is answered"
                " freely. Choose another model that writes.",
                model=bot.model.name,
                language=LANGUAGES[settings.language],
            )
        )
    if st.toggle(_("More"), key=f"_chatbot.{bot.id}.more"):
        _more(bot, settings)


def quality(bot: Chatbot, settings: ChatbotSettings, best_relevance: float | None) -> None:
    """Draw step 3: which model searches, how many passages are read, how relevant they must be.

    Args:
        bot: whose settings they are.
        settings: the settings now.
        best_relevance: that of the last question's best passage; None before the first question.
    """
    model_choice.show(bot, settings, Task.EMBEDDING)
    low, high = RANGES["n_passages"]
    st.slider(
        words.label("n_passages"),
        int(low),
        int(high),
        help=_(
            "More passages find more, but take longer to read and cost more. 3 is a good start for a"
            " small model."
        ),
        **bind(bot, settings, "n_passages"),
    )
    ranking_form.threshold(bot, settings)
    if best_relevance is None:
        st.caption(_("Ask a question, and its best relevance is shown here."))
    elif best_relevance < settings.min_relevance:
        st.caption(
            _(
                "The last question's best passage had {best}: below the threshold, so it was not used.",
                best=f"**{best_relevance:.2f}**",
            )
        )
    else:
        st.caption(
            _(
                "The last question's best passage had {best}: above the threshold.",
                best=f"**{best_relevance:.2f}**",
            )
        )


def _more(bot: Chatbot, settings: ChatbotSettings) -> None:
    styles = words.answer_styles()
    st.selectbox(
        words.label("answer_style"),
        list(styles),
        format_func=styles.__getitem__,
        help=_(
            "Automatic: the model writes where it knows the language of the answers; where it does not,"
            " the sentences of your documents are quoted."
        ),
        **bind(bot, settings, "answer_style"),
    )
    low, high = RANGES["temperature"]
    st.slider(
        words.label("temperature"),
        low,
        high,
        step=0.1,
        help=_("0 gives the likeliest words and the same answer every time."),
        **bind(bot, settings, "temperature"),
    )
    low, high = RANGES["memory_tokens"]
    st.slider(
        words.label("memory_tokens"),
        int(low),
        int(high),
        step=100,
        help=_("How much of what was said before is read again with each question."),
        **bind(bot, settings, "memory_tokens"),
    )


def _language_limit(bot: Chatbot, settings: ChatbotSettings) -> None:
    """Say what comes of a model that does not write the language of the answers."""
    if bot.writes_language():
        return
    named = {"model": bot.model.name, "language": LANGUAGES[settings.language]}
    if settings.answer_style == "write":
        _warn(
            _("{model} does not write {language}: what it writes will be of little use.", **named)
        )
    else:
        _warn(
            _(
                "{model} does not write {language}: the sentences of your documents are quoted"
                " instead.",
                **named,
            )
        )


def _warn(text: str) -> None:
    st.caption(":material/warning: " + notice.plain(text))


def team(bot: Chatbot, settings: ChatbotSettings) -> None:
    """Draw whether answers of the team are given, how near a question must be, and the way to them."""
    n = sum(one.is_on for one in bot.team_answers.list())
    if not n:
        return
    team_answers_panel.switch(bot, settings)
    st.page_link(
        route.FEEDBACK_PAGE,
        label=ngettext("{n} answer of the team", "{n} answers of the team", n),
        icon=":material/rate_review:",
        query_params={"prototype": bot.slug},
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
