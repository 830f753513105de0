"""The versions of a prototype: what each changed, when, and the way back to it.

Restoring makes a new version with the old settings, so that nothing is lost and it can be undone the
same way. The module draws; versions are the workspace's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from components import cache, notice, route, session, setting_words
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.prototype_settings import PrototypeSettings
from studio.workbench import AnyPrototype
from studio.workspace.records import VersionRecord

N_SHOWN = 8
N_LINES = 4  # changes named for each version


def show(prototype: AnyPrototype, now: datetime) -> None:
    """Draw the number of the version; a click on it lists all of them."""
    opened = st.popover(
        _("Version {n}", n=prototype.version),
        icon=":material/history:",
        type="tertiary",
        help=_("Every change is kept as a version."),
        key="_header.versions",
        on_change="rerun",  # the list is made only while it is open
    )
    if opened.open:
        with opened:
            _list(prototype, now)


def _list(prototype: AnyPrototype, now: datetime) -> None:
    bench = cache.workbench()
    records = bench.workspace.prototypes.versions(prototype.id)
    names = {spec.id: spec.name for spec in bench.catalogue.list()}
    st.caption(
        _("Restoring makes a new version with the old settings. Documents stay as they are.")
    )
    if len(records) > 1:
        st.page_link(
            route.VERSIONS_PAGE,
            label=_("Compare two versions"),
            icon=":material/compare_arrows:",
            query_params={"prototype": prototype.slug},
        )
    show_all = len(records) > N_SHOWN and st.toggle(
        ngettext("Show all {n} version", "Show all {n} versions", len(records)),
        key=f"_versions.all.{prototype.id}",
    )
    for i, record in enumerate(records if show_all else records[:N_SHOWN]):
        lines = summary(prototype.settings_type, records[i:], names)
        is_usable = record.settings != records[0].settings
        _row(
            prototype,
            record,
            lines,
            _("now") if i == 0 else fmt.ago(record.created_at, now),
            is_usable,
        )


def summary(
    settings_type: type[PrototypeSettings],
    records: Sequence[VersionRecord],
    model_names: Mapping[str, str],
) -> list[str]:
    """What the first of these versions changed; the others are those before it, newest first.

    One line for each change, the first few of many.
    """
    newest, *earlier = records
    if not earlier:
        return [_("As it was made")]
    lines = setting_words.changes(settings_type, earlier[0].settings, newest.settings, model_names)
    if len(lines) > N_LINES + 1:  # the line that says "and more" is not longer than what it hides
        n_more = len(lines) - N_LINES
        lines = [*lines[:N_LINES], ngettext("and {n} more", "and {n} more", n_more)]
    same = next((old for old in earlier[1:] if old.settings == newest.settings), None)
    if same is not None:
        lines.insert(0, _("The settings of version {n} again", n=same.version))
    return lines or [_("Changes that this studio does not know")]


def _row(
    prototype: AnyPrototype, record: VersionRecord, lines: Sequence[str], when: str, is_usable: bool
) -> None:
    with st.container(
        horizontal=True, vertical_alignment="top", key=f"version_{prototype.id}_{record.version}"
    ):
        with st.container(gap=None):
            st.markdown(
                f"**{_('Version {n}', n=record.version)}** · {notice.plain(when)}",
                help=fmt.exact_time(record.created_at),
            )
            st.caption("  \n".join(notice.plain(line) for line in lines))
        if is_usable:
            st.button(
                _("Restore"),
                key=f"_versions.restore.{prototype.id}.{record.version}",
                help=_("Restore version {n}", n=record.version),
                on_click=_restore,
                args=(prototype, record),
            )


def _restore(prototype: AnyPrototype, record: VersionRecord) -> None:
    """Take the old settings again, unless this studio could not use them."""
    try:
        prototype.settings_type.from_json(record.settings)
        restored = cache.workbench().workspace.prototypes.restore_version(
            prototype.id, record.version
        )
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    session.flash(
        _(
            "The settings of version {old} are in use again, as version {new}.",
            old=record.version,
            new=restored.version,
        )
    )
