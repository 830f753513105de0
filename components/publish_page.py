"""What is published of a prototype: one publication at a time, its form, its visitors, its history.

The module arranges and acts through the workbench; the pieces draw themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import streamlit as st

from components import (
    cache,
    demo_look,
    notice,
    publish_address,
    publish_form,
    publish_history,
    publish_live,
    publish_preview,
    publish_problems,
    session,
    split_panel,
    who,
)
from components.demos import registry
from components.i18n import _, translate, translated
from studio.acting import Role
from studio.errors import StudioError
from studio.sharing.choices import MAX_GREETING, MAX_HEADLINE, MAX_STARTERS
from studio.workbench import AnyPrototype
from studio.workspace.publication_record import PublicationChoices, PublicationRecord

NEW = "new"
STYLE = Path(__file__).parent / "publish.css"


def show(prototype: AnyPrototype, now: datetime) -> None:
    """Draw the publications of a prototype; `now` is the aware time."""
    st.html(STYLE)
    if not registry.has_demo(prototype.kind):
        st.info(_("This kind of prototype cannot be shown to visitors yet."))
        return
    may_publish = who.may(Role.OWNER)
    if not may_publish:
        notice.show(_("Only an owner of this studio publishes. You can look at what is published."))
    _undo(prototype)
    publications = cache.workbench().publications(prototype.id)
    chosen = _choose(prototype, publications)
    if chosen is not None:
        _published(prototype, chosen, now)
    elif may_publish:
        _new(prototype, now)
    if may_publish:
        publish_history.ended(prototype.id)


def _choose(
    prototype: AnyPrototype, publications: Sequence[PublicationRecord]
) -> PublicationRecord | None:
    """The publication to look at; None for a new one."""
    if not publications:
        return None
    names = {one.slug: one.headline for one in publications}
    if who.may(Role.OWNER):
        names[NEW] = _("Another address")
    chosen = st.pills(
        _("Address"),
        list(names),
        default=publications[0].slug,
        required=True,
        format_func=lambda slug: notice.plain(names[slug] if slug == NEW else f"/d/{slug}"),
        key=f"_publish.chosen.{prototype.id}",
        label_visibility="collapsed",
    )
    return next((one for one in publications if one.slug == chosen), None)


def _new(prototype: AnyPrototype, now: datetime) -> None:
    form, preview = st.columns([7, 5], gap="large")
    first = _first_choices(prototype)
    with form, st.container(key="publish_form"):
        _limits(prototype)
        draft = publish_form.show(prototype, first, f"{NEW}.{prototype.id}", now)
        st.caption(
            _(
                "Visitors keep the settings of this version until you publish a newer one. Your data is"
                " always the current one: documents, tables and answers of the team that you add,"
                " change or remove count in the demo at once."
            )
        )
        note = st.text_input(
            _("Note for the history (optional)"),
            key=f"_publish.note.{NEW}.{prototype.id}",
            max_chars=200,
        )
        if st.button(_("Publish"), type="primary", icon=":material/share:", key="_publish.do"):
            _publish(prototype, draft, str(note or ""))
    with preview:
        _preview(prototype, draft.shown)


def _limits(prototype: AnyPrototype) -> None:
    """Say what visitors cannot expect of the model."""
    for told in registry.demo_of(prototype).first_texts(prototype).limits:
        notice.show(told, "warning")


def _first_choices(prototype: AnyPrototype) -> PublicationChoices:
    texts = registry.demo_of(prototype).first_texts(prototype)
    price = cache.workbench().sharing.price(prototype.id)
    return PublicationChoices(
        headline=prototype.name[:MAX_HEADLINE],
        greeting=texts.greeting[:MAX_GREETING],
        starter_questions=(texts.starters or ())[:MAX_STARTERS],
        language=prototype.settings.language,
        requests_per_visitor_per_day=publish_form.FIRST_REQUESTS,
        money_per_day_usd=None if price.is_unknown else publish_form.FIRST_MONEY_USD,
    )


def _publish(prototype: AnyPrototype, draft: publish_form.Draft, note: str) -> None:
    key = f"{NEW}.{prototype.id}"
    try:
        made = cache.workbench().publish(prototype.id, draft.finished(), slug=draft.slug, note=note)
    except StudioError as error:
        _refuse(key, error)
        return
    session.forget(f"_publish.chosen.{prototype.id}")
    publish_form.forget(key)
    session.flash(_("Published at /d/{slug}.", slug=made.slug))
    st.rerun()


def _refuse(key: str, error: StudioError) -> None:
    """Say what is wrong beside its field in the next run."""
    publish_problems.keep(key, translated(error.fields))
    session.flash(translate(error.notice))
    st.rerun()


def _published(prototype: AnyPrototype, publication: PublicationRecord, now: datetime) -> None:
    publish_address.show(publication, now)
    publish_history.warn_of_index(prototype, publication)
    publish_history.offer_newer(prototype, publication)
    views = {
        "live": _("Live"),
        "form": _("Look and access"),
        "split": _("Two versions"),
        "history": _("History"),
    }
    if not who.may(Role.OWNER):
        del views["form"]
    view = st.segmented_control(
        _("View"),
        list(views),
        default="live",
        required=True,
        format_func=views.__getitem__,
        key=f"_publish.view.{publication.id}",
        label_visibility="collapsed",
    )
    match view:
        case "form":
            _change(prototype, publication, now)
        case "split":
            split_panel.of(publication)
        case "history":
            publish_history.show(prototype, publication, now)
        case _:
            publish_live.show(publication)


def _change(prototype: AnyPrototype, publication: PublicationRecord, now: datetime) -> None:
    form, preview = st.columns([7, 5], gap="large")
    with form, st.container(key="publish_form"):
        _limits(prototype)
        draft = publish_form.show(prototype, publication, publication.id, now)
        with st.container(horizontal=True):
            if st.button(_("Save the changes"), type="primary", key="_publish.save"):
                _save(publication, draft)
            st.space("stretch")
            st.button(
                _("End this demo"),
                key="_publish.end",
                icon=":material/link_off:",
                help=_("Nobody can open it any more. You can open it again."),
                on_click=_end,
                args=(publication,),
            )
    with preview:
        _preview(prototype, draft.shown)


def _save(publication: PublicationRecord, draft: publish_form.Draft) -> None:
    try:
        cache.workbench().sharing.change(publication.id, draft.finished())
    except StudioError as error:
        _refuse(publication.id, error)
        return
    publish_form.forget(publication.id)
    session.flash(_("Saved. Visitors see it from their next click on."))
    st.rerun()


def _end(publication: PublicationRecord) -> None:
    cache.workbench().workspace.publications.end(publication.id)
    session.forget(f"_publish.chosen.{publication.prototype_id}")
    session.keep_value(f"publish.ended.{publication.prototype_id}", publication)


def _undo(prototype: AnyPrototype) -> None:
    """Offer to open again what was ended just now."""
    ended: PublicationRecord | None = session.kept_value(f"publish.ended.{prototype.id}")
    if ended is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="publish_undo"):
        st.markdown(_("The demo at /d/{slug} has ended.", slug=ended.slug), width="content")
        st.button(_("Undo"), key="_publish.undo", on_click=_resume, args=(ended,))


def _resume(publication: PublicationRecord) -> None:
    cache.workbench().workspace.publications.resume(publication.id)
    session.keep_value(f"publish.ended.{publication.prototype_id}", None)


def _preview(prototype: AnyPrototype, choices: PublicationChoices) -> None:
    demo_look.show(choices.accent)
    st.caption(_("Preview"))
    has_box = registry.demo_of(prototype).first_texts(prototype).starters is not None
    publish_preview.show(choices, has_box=has_box)
