"""Scenarios: what is assumed now, kept under a name; opened again, copied, renamed, compared.

The module draws and asks the workbench; a deleted scenario can be brought back.
"""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from components import business_draft, cache, figure_text, notice, session, who
from components import format as fmt
from components.i18n import _, ngettext, translate
from components.shown_currency import ShownCurrency
from studio.acting import Role
from studio.business import Business, SavedScenario
from studio.economics.figure import Figure
from studio.economics.models.registry import MODELS
from studio.economics.scenario import Change
from studio.errors import StudioError
from studio.workbench import AnyPrototype

MAX_NAME = 80
N_SHOWN = 8
MANY, HEIGHT = 10, 440
"""A table of more changes scrolls in so many pixels."""


def show(prototype: AnyPrototype, shown: ShownCurrency, now: datetime) -> None:
    """Draw the way to keep what is assumed now, and what was kept; `now` dates the last changes."""
    accounts = business_draft.load(prototype.id).accounts  # the requests that the table counts
    business = cache.workbench().business(prototype.id, account_prefix=accounts)
    if who.may(Role.EDITOR):
        _save_form(prototype)
        _undo(business)
    else:
        st.caption(_("An editor or an owner of this studio keeps scenarios."))
    saved = business.scenarios()
    if not saved:
        st.caption(
            _("Nothing kept yet. A scenario is a copy of what is assumed now, under a name.")
        )
        return
    is_long = len(saved) > N_SHOWN
    show_all = is_long and st.toggle(
        ngettext("Show all {n} scenario", "Show all {n} scenarios", len(saved)),
        key="_scenarios.all",
    )
    for one in saved if show_all else saved[:N_SHOWN]:
        _row(prototype, one, now)
    if len(saved) > 1:
        _compare(business, saved, shown)


def _save_form(prototype: AnyPrototype) -> None:
    models = {model.key: translate(model.name) for model in MODELS}
    with st.container(horizontal=True, vertical_alignment="bottom", key="scenario_form"):
        st.selectbox(
            _("Business model"),
            list(models),
            format_func=models.__getitem__,
            key="_scenarios.model",
            width=240,
        )
        st.text_input(
            _("Name of the scenario"), max_chars=MAX_NAME, key="_scenarios.name", width=260
        )
        st.button(
            _("Keep it"),
            key="_scenarios.save",
            icon=":material/bookmark_add:",
            on_click=_save,
            args=(prototype.id,),
        )


def _save(prototype_id: str) -> None:
    model = next(m for m in MODELS if m.key == session.widget_value("_scenarios.model"))
    name = str(session.widget_value("_scenarios.name") or "").strip()
    draft = business_draft.load(prototype_id)
    try:
        cache.workbench().business(prototype_id).save(name, draft.scenario(model))
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    session.set_widget_value("_scenarios.name", "")
    session.flash(_("{name} was kept.", name=name))


def _row(prototype: AnyPrototype, one: SavedScenario, now: datetime) -> None:
    record = one.record
    models = {model.key: translate(model.name) for model in MODELS}
    n_own = ngettext("{n} own number", "{n} own numbers", len(one.scenario.values))
    facts = (
        models.get(record.model, record.model),
        n_own,
        _("changed {when}", when=fmt.ago(record.updated_at, now)),
    )
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key=f"scenario_{record.id}",
    ):
        with st.container(gap=None, width="content"):
            st.markdown(f"**{notice.plain(record.name)}**")
            st.caption(notice.plain(" · ".join(facts)), help=fmt.exact_time(record.updated_at))
        with st.container(horizontal=True, width="content"):
            _buttons(prototype, one)


def _buttons(prototype: AnyPrototype, one: SavedScenario) -> None:
    record = one.record
    st.button(
        _("Open"),
        key=f"_scenarios.open.{record.id}",
        help=_("Assume its numbers and its way of serving now."),
        on_click=_open,
        args=(prototype.id, one),
    )
    if not who.may(Role.EDITOR):
        return
    with st.popover(_("Rename"), type="tertiary", key=f"_scenarios.rename.{record.id}"):
        field = f"_scenarios.name.{record.id}"
        session.fill_widget(field, record.name, is_typed=True)
        st.text_input(
            _("Name"),
            max_chars=MAX_NAME,
            key=field,
            on_change=_rename,
            args=(prototype.id, record.id, field),
        )
    st.button(
        _("Duplicate"),
        key=f"_scenarios.copy.{record.id}",
        type="tertiary",
        on_click=_duplicate,
        args=(prototype.id, record.id, _("{name} (copy)", name=record.name)[:MAX_NAME]),
    )
    st.button(
        _("Delete"),
        key=f"_scenarios.delete.{record.id}",
        type="tertiary",
        on_click=_delete,
        args=(prototype.id, one),
    )


def _open(prototype_id: str, one: SavedScenario) -> None:
    draft = business_draft.load(prototype_id)
    business_draft.keep(prototype_id, draft.with_scenario(one.scenario))
    session.set_widget_value("_models.chosen", one.scenario.model_key)
    session.flash(_("{name} is what is assumed now.", name=one.record.name))


def _rename(prototype_id: str, scenario_id: str, field: str) -> None:
    try:
        cache.workbench().business(prototype_id).rename(
            scenario_id, str(session.widget_value(field) or "").strip()
        )
    except StudioError as error:
        session.flash(translate(error.notice))


def _duplicate(prototype_id: str, scenario_id: str, name: str) -> None:
    try:
        cache.workbench().business(prototype_id).duplicate(scenario_id, name)
    except StudioError as error:
        session.flash(translate(error.notice))


def _delete(prototype_id: str, one: SavedScenario) -> None:
    cache.workbench().business(prototype_id).delete(one.record.id)
    session.set_deleted_scenario(
        session.DeletedScenario(scenario_id=one.record.id, name=one.record.name)
    )


def _undo(business: Business) -> None:
    """The way back for what was deleted last."""
    deleted = session.deleted_scenario()
    if deleted is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(_("{name} was deleted.", name=f"**{notice.plain(deleted.name)}**"))
        if st.button(_("Undo"), key="_scenarios.undo"):
            business.restore(deleted.scenario_id)
            session.set_deleted_scenario(None)
            st.rerun(scope="fragment")


def _compare(business: Business, saved: tuple[SavedScenario, ...], shown: ShownCurrency) -> None:
    """What two of them assume and come to otherwise."""
    st.markdown(f"**{_('What differs between two')}**")
    by_id = {one.record.id: one for one in saved}
    left, right = st.columns(2, gap="small")
    labels = {key: one.record.name for key, one in by_id.items()}
    before = left.selectbox(
        _("Compared from"),
        list(by_id),
        index=1,
        format_func=labels.__getitem__,
        key="_scenarios.before",
    )
    after = right.selectbox(
        _("Compared to"),
        list(by_id),
        index=0,
        format_func=labels.__getitem__,
        key="_scenarios.after",
    )
    if before == after:
        st.caption(_("Choose two different ones."))
        return
    try:
        found = business.difference(by_id[before].scenario, by_id[after].scenario)
    except StudioError as error:
        notice.show(error.notice, "warning")
        return
    for title, changes in (
        (_("Assumed otherwise"), found.assumed),
        (_("Comes out otherwise"), found.results),
    ):
        st.caption(title)
        _changes(changes, (labels[before], labels[after]), shown)


def _changes(changes: tuple[Change, ...], names: tuple[str, str], shown: ShownCurrency) -> None:
    if not changes:
        st.caption(_("Nothing."))
        return
    columns = {
        _("Figure"): [_called(one) for one in changes],
        f"1 {names[0]}": [_cell(one.before, shown) for one in changes],
        f"2 {names[1]}": [_cell(one.after, shown) for one in changes],
    }
    with st.container(height=HEIGHT if len(changes) > MANY else "content", border=False):
        st.table(
            {
                notice.plain(name): [notice.plain(cell) for cell in cells]
                for name, cells in columns.items()
            },
            hide_index=True,
        )


def _cell(figure: Figure | None, shown: ShownCurrency) -> str:
    return "–" if figure is None else figure_text.cell(figure, shown)


def _called(change: Change) -> str:
    """What the figure is called; both names where two models call it otherwise."""
    sides = (change.before, change.after)
    return " / ".join(dict.fromkeys(figure_text.name(one) for one in sides if one is not None))
