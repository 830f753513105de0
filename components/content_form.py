"""The form of a content prototype as its customers fill it in: one field for each variable.

What is typed is kept as it changes, so that every view and the next session have it. The module writes
no text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from components import content_following, content_typed, notice, session
from components.i18n import _, translate, translated
from components.safe_markdown import escape
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.template import Variable
from studio.prototypes.content.writing import Writing

FIELD_PX = 230
WHOLE = ""  # stands for the form as a whole among what is wrong with its fields
MAX_SHORT = 500
MAX_LONG = 20_000


def show(
    content: Content, settings: ContentSettings, *, submit: str, is_kept: bool = True
) -> Mapping[str, str] | None:
    """Draw the form with its button.

    Args:
        content: whose form it is.
        settings: its settings now.
        submit: what the button says.
        is_kept: whether what is typed outlives the session; not for the visitors of a demo.

    Returns:
        Variable -> what was typed, in the run that follows a click on the button; else None.
    """
    before = content_typed.values(content, content_typed.BRIEF, is_kept=is_kept)
    problems = session.brief_problems(content.id)
    now: dict[str, str] = {}
    with st.container(border=True, key=f"content_brief_{content.id}"):
        with st.grid(min_column_width=FIELD_PX):
            for variable in settings.variables:
                name = variable.name
                with st.container(gap="xxsmall"):
                    now[name] = _field(content, variable, before.get(name, ""))
                    if name in problems and now[name] == before.get(name, ""):
                        is_empty = not now[name].strip()
                        told = _("This is needed.") if is_empty else problems[name]
                        st.markdown(f":small[:red[{escape(told)}]]")
        if WHOLE in problems and now == before:
            notice.show(problems[WHOLE], "warning")
        is_sent = _buttons(content, settings, submit)
    if now != before:  # what was wrong with what stood there is wrong no more, or another thing
        kept = {name: told for name, told in problems.items() if now.get(name) == before.get(name)}
        session.set_brief_problems(content.id, {n: told for n, told in kept.items() if n != WHOLE})
    content_typed.note(content, content_typed.BRIEF, now, is_kept=is_kept)
    return now if is_sent else None


def _buttons(content: Content, settings: ContentSettings, submit: str) -> bool:
    """Draw what can be done with the form; gives whether it was sent."""
    with st.container(horizontal=True, vertical_alignment="center"):
        is_sent = st.button(
            submit,
            key=f"_content.send.{content.id}",
            type="primary",
            icon=":material/edit_note:",
        )
        if any(variable.example for variable in settings.variables):
            st.button(
                _("Fill in the example"),
                key=f"_content.fill.{content.id}",
                type="tertiary",
                on_click=_fill_in,
                args=(content, settings),
            )
    return is_sent


def begin(content: Content, purpose: str, start: Callable[[], Writing[Any]]) -> None:
    """Start what the form was sent for; says what is wrong with it, beside its fields where it can."""
    try:
        content_following.begin(content, purpose, start)
    except StudioError as error:
        session.set_brief_problems(
            content.id, {**translated(error.fields), WHOLE: translate(error.notice)}
        )
        st.rerun()
    _accept(content)


def _accept(content: Content) -> None:
    """Forget what was wrong with the form."""
    session.set_brief_problems(content.id, {})


def _key(content: Content, variable: Variable) -> str:
    return f"_content.form.{content.id}.{variable.name}.{variable.type}"


def _field(content: Content, variable: Variable, typed: str) -> str:
    key = _key(content, variable)
    session.default_widget_value(key, _shown(variable, typed))
    label = notice.plain(variable.label or variable.name)
    if not variable.required:
        label = _("{label} (optional)", label=label)
    help_ = notice.plain(variable.help) or None
    match variable.type:
        case "choice":
            value: object = st.selectbox(label, variable.choices, index=None, help=help_, key=key)
        case "number":
            value = st.number_input(
                label,
                value=None,
                format="%g",
                help=help_,
                key=key,
                placeholder=variable.example or None,
            )
        case "text":
            value = st.text_input(
                label, help=help_, key=key, max_chars=MAX_SHORT, placeholder=variable.example
            )
        case _:
            value = st.text_area(
                label,
                help=help_ or (_("One per line.") if variable.type == "list" else None),
                key=key,
                height=100,
                max_chars=MAX_LONG,
                placeholder=_listed(variable, variable.example),
            )
    return _typed(value)


def _typed(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return str(value or "")


def _shown(variable: Variable, value: str) -> object:
    """What a widget of the variable's type takes for a value."""
    if variable.type == "choice":
        return value if value in variable.choices else None
    if variable.type == "number":
        try:
            return float(value)
        except ValueError:
            return None
    return _listed(variable, value)


def _listed(variable: Variable, value: str) -> str:
    """The values of a list on lines of their own."""
    if variable.type != "list" or "\n" in value:
        return value
    parts = value.replace("；", ";").split(";")
    return "\n".join(part.strip() for part in parts)


def _fill_in(content: Content, settings: ContentSettings) -> None:
    """Put the examples of the form into it, where nothing was typed."""
    for variable in settings.variables:
        key = _key(content, variable)
        if not session.widget_value(key):
            session.set_widget_value(key, _shown(variable, variable.example))
    _accept(content)
