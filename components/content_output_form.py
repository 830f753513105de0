"""What comes out: language, shape, fields, model, number of variants, length, variety."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import streamlit as st

from components import content_words, model_choice, session
from components import setting_words as words
from components.i18n import LANGUAGES, _, translate
from components.setting_field import bind
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import RANGES, ContentSettings
from studio.prototypes.content.template import FieldType, OutputField
from studio.records import Task

if TYPE_CHECKING:
    import pandas as pd

LENGTHS = (40, 80, 120, 200, 300, 400, 600, 800, 1200, 2048)

COLUMNS = ["name", "type", "help", "required", "max_length"]


def show(content: Content, settings: ContentSettings) -> None:
    """Draw the settings of the output."""
    st.markdown("**" + _("Output") + "**")
    st.segmented_control(
        words.label("language", ContentSettings),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        required=True,
        **bind(content, settings, "language"),
    )
    _shape(content, settings)
    if settings.shape == "fields":
        _fields(content, settings)
    model_choice.show(content, settings, Task.GENERATION)
    low, high = RANGES["n_variants"]
    st.slider(
        words.label("n_variants", ContentSettings),
        int(low),
        int(high),
        help=_("How many texts are written for one form, side by side."),
        **bind(content, settings, "n_variants"),
    )
    st.select_slider(
        words.label("max_new_tokens", ContentSettings),
        sorted({*LENGTHS, settings.max_new_tokens}),
        help=_("A token is about three quarters of an English word, or one Chinese character."),
        **bind(content, settings, "max_new_tokens"),
    )
    if st.toggle(_("More"), key=f"_content.{content.id}.more"):
        _more(content, settings)


def _shape(content: Content, settings: ContentSettings) -> None:
    shapes = content_words.shapes()
    key = f"_content.{content.id}.shape"
    session.fill_widget(key, settings.shape)
    st.selectbox(
        words.label("shape", ContentSettings),
        list(shapes),
        format_func=shapes.__getitem__,
        key=key,
        on_change=_keep_shape,
        args=(content, key),
    )


def _keep_shape(content: Content, key: str) -> None:
    """Keep the shape; a text of fields begins with one field, which can be changed then."""
    settings, shape = content.settings, session.widget_value(key)
    fields_ = settings.fields
    if shape == "fields" and not fields_:
        fields_ = (OutputField(name="text"),)
    try:
        content.configure(replace(settings, shape=shape, fields=fields_))
    except StudioError as error:
        session.flash(translate(error.notice))


def _more(content: Content, settings: ContentSettings) -> None:
    low, high = RANGES["temperature"]
    st.slider(
        words.label("temperature", ContentSettings),
        low,
        high,
        step=0.1,
        help=_("0 gives the likeliest words, and then all variants are the same."),
        **bind(content, settings, "temperature"),
    )
    low, high = RANGES["seed"]
    st.number_input(
        words.label("seed", ContentSettings),
        min_value=int(low),
        max_value=int(high),
        step=1,
        help=_("The same seed, form and model give the same texts."),
        **bind(content, settings, "seed"),
    )


def _fields(content: Content, settings: ContentSettings) -> None:
    """Draw the fields of the text as a table; a change is kept at once."""
    types = {str(one): name for one, name in content_words.field_types().items()}
    key = f"_content.fields.{content.id}.{content.version}"
    edited = st.data_editor(
        frame(settings),
        num_rows="dynamic",
        hide_index=True,
        key=key,
        column_config={
            "name": st.column_config.TextColumn(_("Field"), required=True),
            "type": st.column_config.SelectboxColumn(
                _("Type"),
                options=list(types),
                format_func=lambda one: types.get(str(one), ""),
            ),
            "help": st.column_config.TextColumn(_("What goes into it")),
            "required": st.column_config.CheckboxColumn(_("Required"), default=True),
            "max_length": st.column_config.NumberColumn(
                _("Most characters"),
                min_value=0,
                step=1,
                help=_("Of a text; empty or 0 for no limit."),
            ),
        },
    )
    made = fields(edited)
    if made == settings.fields:
        return
    session.forget(key)
    try:
        content.configure(replace(settings, fields=made))
    except StudioError as error:
        session.flash(translate(error.notice))
    st.rerun()


def frame(settings: ContentSettings) -> pd.DataFrame:
    """The fields of the text as a table."""
    import pandas as pd

    rows = [
        (one.name, one.type, one.help, one.required, one.max_length or None)
        for one in settings.fields
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(
        {"name": "str", "type": "str", "help": "str", "required": "bool", "max_length": "Int64"}
    )


def fields(edited: pd.DataFrame) -> tuple[OutputField, ...]:
    """The fields of the table as it was edited; rows without a name are left out."""
    import pandas as pd

    made = []
    for name, type_, help_, required, most in edited[COLUMNS].itertuples(index=False, name=None):
        if not isinstance(name, str) or not name.strip():
            continue
        made.append(
            OutputField(
                name=name.strip(),
                type=next((known for known in get_args(FieldType) if known == type_), "text"),
                help=help_.strip() if isinstance(help_, str) else "",
                required=str(required) != "False",
                max_length=0 if pd.isna(most) else max(0, int(most)),
            )
        )
    return tuple(made)
