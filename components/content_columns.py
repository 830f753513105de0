"""Which column of a sheet fills which field of the form: guessed, shown, corrected by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components import notice, session
from components.i18n import _, translate
from components.safe_markdown import escape
from studio.errors import InvalidInput
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.sheet import ColumnMapping, Sheet
from studio.records import Notice

NO_COLUMN = ""
FIELD_PX = 200


def checked(
    content: Content, settings: ContentSettings, sheet: Sheet
) -> tuple[ColumnMapping, Sequence[Notice], InvalidInput | None]:
    """The mapping, what should be known of it, and why it cannot be used (None when it can)."""
    mapping = _as_mapping(settings, _chosen(content, sheet))
    try:
        return mapping, content.batches.check(sheet, mapping), None
    except InvalidInput as error:
        return mapping, (), error


def show(
    content: Content, settings: ContentSettings, sheet: Sheet, problem: InvalidInput | None
) -> None:
    """Draw the choice of a column for each field."""
    chosen = _chosen(content, sheet)
    problems = problem.fields if problem is not None else {}
    st.markdown("**" + _("Which column fills which field") + "**")
    names = {NO_COLUMN: _("– none –")} | {column: column for column in sheet.columns}
    with st.grid(min_column_width=FIELD_PX):
        for variable in settings.variables:
            key = f"_content.map.{content.id}.{variable.name}"
            value = chosen.get(variable.name, NO_COLUMN)
            value = value if value in sheet.columns else NO_COLUMN
            session.fill_widget(key, value)
            with st.container(gap="xxsmall"):
                st.selectbox(
                    notice.plain(variable.label or variable.name),
                    list(names),
                    format_func=names.__getitem__,
                    help=notice.plain(variable.help) or None,
                    key=key,
                    on_change=_choose_column,
                    args=(content, chosen, variable.name, key),
                )
                if variable.name in problems:
                    told = translate(problems[variable.name]) if value else _("Choose a column.")
                    st.markdown(f":small[:red[{escape(told)}]]")


def forget(content: Content) -> None:
    """Guess anew: for another sheet."""
    session.keep_value(_kept(content), None)


def _chosen(content: Content, sheet: Sheet) -> Mapping[str, str]:
    """Which column fills which field: as chosen, else as it was tried, else as guessed."""
    chosen: Mapping[str, str] | None = session.kept_value(_kept(content))
    if chosen is not None:
        return chosen
    trial = content.batches.trials.latest()
    return dict((content.batches.guess(sheet) if trial is None else trial.mapping).columns)


def _as_mapping(settings: ContentSettings, chosen: Mapping[str, str]) -> ColumnMapping:
    return ColumnMapping(
        columns=tuple(
            (variable.name, chosen[variable.name])
            for variable in settings.variables
            if chosen.get(variable.name)
        )
    )


def _choose_column(content: Content, chosen: Mapping[str, str], name: str, key: str) -> None:
    column = str(session.widget_value(key) or NO_COLUMN)
    session.keep_value(_kept(content), {**chosen, name: column})


def _kept(content: Content) -> str:
    return f"content.mapping.{content.id}"
