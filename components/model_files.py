"""What a model takes up on the disk, and the ways to free it: its files alone, or the whole entry."""

from __future__ import annotations

import streamlit as st

from components import cache, notice, session, who
from components import format as fmt
from components.i18n import _, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.inference.builtin_models import BUILTIN_MODELS
from studio.inference.catalogue import ModelSpec

FETCHED = ("package", "hub")
"""Sources from which deleted files can be fetched again."""


def size(spec: ModelSpec) -> int:
    """Bytes that the studio fetched or made of a model; 0 for one whose files are the user's own."""
    return cache.workbench().model_desk.size_on_disk(spec.id) if spec.source in FETCHED else 0


def delete_button(spec: ModelSpec, n_bytes: int) -> None:
    """Draw the way to delete a model's files, where there are any that can be fetched again."""
    if not n_bytes or not who.may(Role.EDITOR):
        return
    with st.popover(
        _("Delete its files ({size})", size=fmt.size(n_bytes)),
        type="tertiary",
        key=f"_models.{spec.id}.files",
    ):
        st.markdown(
            _("The model stays in the catalogue; it is fetched again when it is used next.")
        )
        if st.button(_("Delete the files"), key=f"_models.{spec.id}.delete_files", type="primary"):
            _delete(spec)
            st.rerun()  # the whole page, which says what was done


def remove_button(spec: ModelSpec, n_bytes: int) -> None:
    """Draw the way to take an added model out of the catalogue; none for one of the studio's."""
    if spec.id in {builtin.id for builtin in BUILTIN_MODELS}:
        return
    with st.popover(_("Remove"), type="tertiary", key=f"_models.{spec.id}.removing"):
        if n_bytes:
            told = _("Its files on this computer ({size}) are deleted too.", size=fmt.size(n_bytes))
        elif spec.source == "remote":
            told = _("Its stored key and the price that you entered go with it.")
        else:
            told = _("The files that you named stay where they are.")
        st.markdown(notice.plain(told))
        if st.button(
            _("Remove from the catalogue"), key=f"_models.{spec.id}.remove", type="primary"
        ):
            _remove(spec)
            st.rerun()


def _delete(spec: ModelSpec) -> None:
    try:
        cache.workbench().model_desk.delete_files(spec.id)
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        session.flash(_("The files of {name} were deleted.", name=spec.name))


def _remove(spec: ModelSpec) -> None:
    try:
        cache.workbench().model_desk.remove(spec.id)
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        session.flash(_("{name} was removed from the catalogue.", name=spec.name))
