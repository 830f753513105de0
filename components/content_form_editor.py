"""The form that a customer fills in, as a table: one row for each field; changed in place."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import streamlit as st

from components import content_words, session
from components import setting_words as words
from components.i18n import _, translate
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.template import Variable, VariableType

if TYPE_CHECKING:
    import pandas as pd

FIELDS = ("label", "name", "type", "required", "is_source", "help", "example", "choices")


def show(content: Content, settings: ContentSettings) -> None:
    """Draw the fields of the form; a change is kept at once."""
    # The label never changes: under another one it would be another fold, and closed.
    label = words.label("variables", ContentSettings)
    fold = st.expander(label, type="compact", key=_fold(content), on_change="rerun")
    if fold.open:
        with fold:
            _table(content, settings)


def unfold(content: Content) -> None:
    """Let the fields be seen from the next run on."""
    session.set_widget_value(_fold(content), True)


def _fold(content: Content) -> str:
    return f"content_form_editor_{content.id}"


def _table(content: Content, settings: ContentSettings) -> None:
    types = {str(one): name for one, name in content_words.variable_types().items()}
    st.caption(_("One row for each field. Add a row at the end, or mark rows and delete them."))
    key = f"_content.variables.{content.id}.{content.version}"
    edited = st.data_editor(
        frame(settings),
        num_rows="dynamic",
        hide_index=True,
        key=key,
        column_config={
            "label": st.column_config.TextColumn(_("Label"), required=True),
            "name": st.column_config.TextColumn(
                _("Name in the instruction"), help=_("Letters, digits and underscores.")
            ),
            "type": st.column_config.SelectboxColumn(
                _("Type"),
                options=list(types),
                format_func=lambda one: types.get(str(one), ""),
            ),
            "required": st.column_config.CheckboxColumn(_("Required"), default=False),
            "is_source": st.column_config.CheckboxColumn(
                _("Facts"),
                default=False,
                help=_("Texts are held against what stands in this field."),
            ),
            "help": st.column_config.TextColumn(_("Help")),
            "example": st.column_config.TextColumn(_("Example")),
            "choices": st.column_config.TextColumn(
                _("Choices"), help=_("Of the type Choice, separated by semicolons.")
            ),
        },
    )
    made = variables(edited)
    if made != settings.variables:
        _keep(content, settings, made, key)


def frame(settings: ContentSettings) -> pd.DataFrame:
    """The fields of the form as a table."""
    import pandas as pd

    rows = [
        tuple(
            "; ".join(variable.choices) if name == "choices" else getattr(variable, name)
            for name in FIELDS
        )
        for variable in settings.variables
    ]
    texts = {name: "str" for name in FIELDS if name not in ("required", "is_source")}
    return pd.DataFrame(rows, columns=list(FIELDS)).astype(
        {**texts, "required": "bool", "is_source": "bool"}
    )


def variables(edited: pd.DataFrame) -> tuple[Variable, ...]:
    """The fields of the table as it was edited, in order; rows without label and name are left out.

    A row without a name gets one from its label, else from its number.
    """
    made: list[Variable] = []
    for record in edited.to_dict("records"):
        cells: dict[str, Any] = {str(name): cell for name, cell in record.items()}  # as a table has
        label, name = _text(cells["label"]), _text(cells["name"])
        if not label and not name:
            continue
        taken = {one.name for one in made}
        choices = (part.strip() for part in _text(cells["choices"]).replace("；", ";").split(";"))
        made.append(
            Variable(
                name=name or _named(label, taken, len(made) + 1),
                label=label or name,
                type=next((t for t in get_args(VariableType) if t == cells["type"]), "text"),
                required=cells["required"] is True or str(cells["required"]) == "True",
                is_source=cells["is_source"] is True or str(cells["is_source"]) == "True",
                help=_text(cells["help"]),
                example=_text(cells["example"]),
                choices=tuple(part for part in choices if part),
            )
        )
    return tuple(made)


def _text(cell: object) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _named(label: str, taken: set[str], number: int) -> str:
    """A name for the instruction, made of the label where it has Latin letters."""
    words_ = re.findall(r"[a-z0-9]+", label.lower())
    name = "_".join(words_)[:30]
    if not name or not name[0].isalpha():
        name = f"field_{number}"
    return name if name not in taken else f"{name}_{number}"


def _keep(
    content: Content, settings: ContentSettings, made: tuple[Variable, ...], key: str
) -> None:
    """Store the fields and run again; what cannot be used is said, and the stored ones come back."""
    session.forget(key)
    try:
        content.configure(replace(settings, variables=made))
    except StudioError as error:
        session.flash(translate(error.notice))
    st.rerun()
