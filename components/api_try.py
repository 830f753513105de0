"""How a published prototype is called: code to copy, filled with its address and a body that works."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import api_snippets, cache, kind_texts, notice, session
from components.i18n import _, translate
from studio.errors import NotFound
from studio.workbench import AnyPrototype
from studio.workspace.publication_record import PublicationRecord

CHOICE = "_api.example"


def show(publications: Sequence[PublicationRecord], base_url: str) -> None:
    """Draw the choice of a publication and its code, one tab for each language."""
    found = [one for one in map(_with_prototype, publications) if one is not None]
    if not found:
        st.caption(_("Nothing is published yet, so there is nothing to call."))
        return
    by_id = {publication.id: (publication, prototype) for publication, prototype in found}
    if session.widget_value(CHOICE) not in by_id:
        session.set_widget_value(CHOICE, next(iter(by_id)))
    chosen = st.selectbox(
        _("Publication"),
        list(by_id),
        format_func=lambda one: _name(*by_id[one]),
        key=CHOICE,
    )
    publication, prototype = by_id[chosen]
    st.caption(
        _(
            "Put the key into the variable {variable} first. Each of these runs as it stands.",
            variable=f"`{api_snippets.KEY_VARIABLE}`",
        )
    )
    snippets = _snippets(publication, prototype, base_url)
    for tab, snippet in zip(st.tabs([one.name for one in snippets]), snippets, strict=True):
        tab.code(snippet.code, language=snippet.language, wrap_lines=True)


def _with_prototype(
    publication: PublicationRecord,
) -> tuple[PublicationRecord, AnyPrototype] | None:
    """The publication with its prototype as it is published; None where that was deleted."""
    try:
        prototype = cache.workbench().prototype(publication.prototype_id)
    except NotFound:
        return None
    return publication, prototype.served(version=publication.version)


def _name(publication: PublicationRecord, prototype: AnyPrototype) -> str:
    kind = kind_texts.texts().get(prototype.kind)
    return f"{publication.headline} · {kind.name if kind else prototype.kind}"


def _snippets(
    publication: PublicationRecord, prototype: AnyPrototype, base_url: str
) -> tuple[api_snippets.Snippet, ...]:
    # Imported here: the kinds' endpoints bring FastAPI along, which no other page needs.
    from studio.api.kinds.registry import endpoints_of

    endpoints = endpoints_of(prototype.kind)
    if not endpoints:
        notice.show(_("This kind cannot be called yet."))
        return ()
    endpoint = endpoints[0]
    if len(endpoints) > 1:
        by_action = {one.action: one for one in endpoints}
        chosen = st.segmented_control(
            _("What for"),
            list(by_action),
            default=endpoint.action,
            required=True,
            format_func=lambda action: translate(by_action[action].summary),
            key=f"_api.action.{prototype.kind}",
        )
        endpoint = by_action.get(chosen or "", endpoint)
    body = endpoint.example(prototype)
    if "question" in body:
        return api_snippets.of_chatbot(base_url, publication.slug, str(body["question"]))
    return api_snippets.of_endpoint(base_url, publication.slug, endpoint.action, body)
