"""Which template it began with, the instruction with its places for the form, and worked examples."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import content_gallery, content_typed, notice, session
from components import setting_words as words
from components.i18n import _, ngettext, translate
from components.setting_field import bind
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import MAX_EXAMPLES, ContentSettings
from studio.prototypes.content.template import Example

MAX_INSTRUCTION = 6_000
MAX_CELL = 1_000


def template(content: Content, settings: ContentSettings) -> None:
    """Draw the template it began with, and the way to another."""
    known = {one.id: translate(one.name) for one in content.templates()}
    key = f"_content.{content.id}.template"
    chosen = settings.template if settings.template in known else ""
    session.fill_widget(key, chosen)
    names = known if chosen else {"": _("My own"), **known}
    st.selectbox(
        words.label("template", ContentSettings),
        list(names),
        format_func=names.__getitem__,
        help=_(
            "Another template replaces form, instruction and checks; the voice stays. What was there is"
            " kept as a version."
        ),
        key=key,
        on_change=_use,
        args=(content, key),
    )


def _use(content: Content, key: str) -> None:
    chosen = str(session.widget_value(key) or "")
    if chosen:
        content_gallery.use(content, chosen)


def show(content: Content, settings: ContentSettings) -> None:
    """Draw the instruction, what is wrong with it, and the examples."""
    st.text_area(
        words.label("instructions", ContentSettings),
        height=220,
        max_chars=MAX_INSTRUCTION,
        help=_(
            "What the model is told. A name in double braces stands for what is typed into that field:"
            " {example}. Conditions and loops of Jinja work too.",
            example="`{{ product }}`",
        ),
        **bind(content, settings, "instructions", is_typed=True),
    )
    names = " ".join(f"`{{{{ {variable.name} }}}}`" for variable in settings.variables)
    if names:
        st.caption(_("Fields you can use: {names}", names=names))
    for problem in content.problems(settings).values():
        notice.show(problem, "warning")
    _missing(content)
    _examples(content, settings)
    _prompt(content)


def _missing(content: Content) -> None:
    """Draw the way to fields that the instruction uses and the form does not have."""
    missing = content.missing_fields()
    if not missing:
        return
    names = ", ".join(variable.name for variable in missing)
    st.button(
        notice.plain(
            ngettext(
                "Add the field {names} to the form",
                "Add the fields {names} to the form",
                len(missing),
                names=names,
            )
        ),
        key=f"_content.add_fields.{content.id}",
        icon=":material/add:",
        on_click=_add_fields,
        args=(content,),
    )


def _add_fields(content: Content) -> None:
    settings = content.settings
    try:
        content.configure(
            replace(settings, variables=(*settings.variables, *content.missing_fields()))
        )
    except StudioError as error:
        session.flash(translate(error.notice))


def _examples(content: Content, settings: ContentSettings) -> None:
    """Draw the worked examples, folded, and a way to add one."""
    n = len(settings.examples)
    # The label never changes: under another one it would be another fold, and closed.
    label = words.label("examples", ContentSettings)
    with st.expander(label, type="compact", key=f"content_examples_{content.id}"):
        st.caption(_("A filled-in form with the text that is right for it. Small models need one."))
        for at, example in enumerate(settings.examples):
            _example(content, at, example)
        if n >= MAX_EXAMPLES:
            st.caption(ngettext("{n} example at most.", "{n} examples at most.", MAX_EXAMPLES))
            return
        _new_example(content, settings)


def _example(content: Content, at: int, example: Example) -> None:
    given = " · ".join(f"{name}: {value}" for name, value in example.values if value)
    with st.container(horizontal=True, vertical_alignment="top"):
        with st.container(gap="xxsmall"):
            st.caption(notice.plain(given))
            st.markdown(notice.plain(example.text))
        st.button(
            ":material/close:",
            key=f"_content.example.remove.{content.id}.{at}",
            type="tertiary",
            help=_("Remove example {n}", n=at + 1),
            on_click=_remove_example,
            args=(content, at),
        )


def _new_example(content: Content, settings: ContentSettings) -> None:
    st.markdown("**" + _("Another example") + "**")
    key = f"_content.example.new.{content.id}"
    names = [variable.name for variable in settings.variables]
    for variable in settings.variables:
        st.text_input(
            notice.plain(variable.label or variable.name),
            key=_of_field(key, variable.name),
            max_chars=MAX_CELL,
        )
    st.text_area(_("The text that is right for it"), key=f"{key}.text", height=100)
    st.button(
        _("Add the example"), key=f"{key}.add", on_click=_add_example, args=(content, names, key)
    )


def _of_field(key: str, name: str) -> str:
    """The widget key of a field, which may be called like anything else here: "text", "add"."""
    return f"{key}.field.{name}"


def _add_example(content: Content, names: list[str], key: str) -> None:
    keys = {name: _of_field(key, name) for name in names}
    text = str(session.widget_value(f"{key}.text") or "").strip()
    if not text:
        return
    example = Example(
        values=tuple((name, str(session.widget_value(k) or "")) for name, k in keys.items()),
        text=text,
    )
    settings = content.settings
    try:
        content.configure(replace(settings, examples=(*settings.examples, example)))
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        for name in (*keys.values(), f"{key}.text"):
            session.set_widget_value(name, "")


def _remove_example(content: Content, at: int) -> None:
    settings = content.settings
    left = tuple(one for i, one in enumerate(settings.examples) if i != at)
    content.configure(replace(settings, examples=left))


def _prompt(content: Content) -> None:
    """Draw what the model is told for the form as it is filled in, while that is open."""
    fold = st.expander(
        _("What the model is told"),
        type="compact",
        key=f"content_prompt_{content.id}",
        on_change="rerun",
    )
    if not fold.open:
        return
    with fold:
        try:
            messages = content.prompt(content_typed.values(content, content_typed.BRIEF))
        except StudioError as error:
            notice.show(error.notice)
            return
        roles = {"system": _("Rules"), "user": _("Request"), "assistant": _("Example of an answer")}
        for message in messages:
            st.caption(roles[message.role])
            st.code(message.content, language=None, wrap_lines=True)
