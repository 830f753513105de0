"""How the stored documents are cut and indexed: changed here, in force once the index is built again.

Draws folds that compute nothing while they are closed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from components import cache, passages_form, passages_preview, session
from components import setting_words as words
from components.i18n import _, translate
from components.passages_form import Cut
from components.setting_field import bind
from studio.errors import StudioError
from studio.retrieval.chunking import Role
from studio.workbench import AnyDocumented


def show(prototype: AnyDocumented) -> None:
    """Draw the folds for cutting and, where there are tables, for their columns."""
    fold = st.expander(
        _("How documents are cut"), key=f"_documents.cut.{prototype.id}", on_change="rerun"
    )
    if fold.open:
        with fold:
            _cutting(prototype)
    uses = prototype.columns()
    if not uses:
        return
    fold = st.expander(
        _("Columns of your tables"), key=f"_documents.columns.{prototype.id}", on_change="rerun"
    )
    if fold.open:
        with fold:

            def keep(name: str, role: Role) -> None:
                roles = {**dict(prototype.settings.roles), name: role}
                _configure(prototype, roles=tuple(roles.items()))

            passages_form.columns(uses, keep, f"_documents.role.{prototype.id}")
            _what_it_takes(prototype)


def _cutting(prototype: AnyDocumented) -> None:
    def keep(cut: Cut) -> None:
        _configure(
            prototype,
            passage_method=cut.method,
            passage_tokens=cut.max_tokens,
            passage_overlap=cut.overlap_tokens,
        )

    settings = prototype.settings
    passages_form.cutting(Cut.of(settings), keep, f"_documents.cutting.{prototype.id}")
    if st.toggle(_("More"), key=f"_documents.more.{prototype.id}"):
        kinds = words.index_kinds()
        st.selectbox(
            words.label("index_kind"),
            list(kinds),
            format_func=kinds.__getitem__,
            help=_("Automatic looks at the number of passages and at the memory there is."),
            **bind(prototype, settings, "index_kind"),
        )
        choice = prototype.index_choice()
        if choice is not None:
            reason = translate(choice.reason)
            st.caption(_("The index now: {kind}. {reason}", kind=kinds[choice.kind], reason=reason))
    _what_it_takes(prototype)


def _what_it_takes(prototype: AnyDocumented) -> None:
    """Draw what building the index again would mean, while that is due."""
    if prototype.index_state().state not in ("stale", "failed", "mismatch"):
        return
    preview = prototype.preview()
    passages_preview.figures(preview)
    model = cache.workbench().catalogue.get(preview.model).name
    passages_preview.cost(preview.cost, model)


def _configure(prototype: AnyDocumented, **changes: Any) -> None:  # Any: of the settings' own types
    try:
        prototype.configure(replace(prototype.settings, **changes))
    except StudioError as error:
        session.flash(translate(error.notice))
