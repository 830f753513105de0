"""Try it: the form as customers see it, and the variants side by side with their checks.

The texts are the workspace's; a reload shows those written last. The module writes none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from components import (
    content_actions,
    content_card,
    content_following,
    content_form,
    content_limits,
    notice,
    session,
)
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import RANGES, ContentSettings
from studio.prototypes.content.text import Text, Variants
from studio.prototypes.content.writing import Glimpse

TRY = "try"  # what the variants are kept under while they are being written
CARD_PX = 255
N_LOOKED_AT = 30  # of the history, for those of this form
MAX_SEED = int(RANGES["seed"][1])


def show(content: Content, settings: ContentSettings) -> None:
    """Draw the form, and below it what is being written or was written last."""
    content_limits.show(content)
    submit = ngettext("Write {n} variant", "Write {n} variants", settings.n_variants)
    values = content_form.show(content, settings, submit=submit)
    if values is not None:
        content_form.begin(content, TRY, lambda: content.start(values, surface="page"))
    if content_following.watch(content, TRY, partial(growing, settings=settings)):
        return
    found: Variants | None = content_following.result(content, TRY)
    if found is not None:
        _variants(content, settings, found)
    else:
        _last(content, settings)


def growing(glimpse: Glimpse, *, settings: ContentSettings) -> None:
    """Draw the texts as far as they are."""
    with st.grid(min_column_width=CARD_PX):
        for at, (written, why) in enumerate(zip(glimpse.texts, glimpse.rejected, strict=True)):
            with st.container(border=True, key=f"content_growing_{at}"):
                if why is not None:
                    rejected = _("Written again. {reason}", reason=translate(why))
                    st.caption(":material/replay: " + notice.plain(rejected))
                if written.strip():
                    content_card.draft(written, settings.shape)
                else:
                    st.caption(":material/hourglass_empty: " + _("Waiting for the model"))


def _variants(content: Content, settings: ContentSettings, found: Variants) -> None:
    if found.error is not None:
        notice.show(found.error, "warning")
    texts = [content.revisions(text.id)[-1] for text in found.texts]
    _cards(content, settings, texts)
    if len(texts) > 1:
        st.caption(notice.plain(_total(found)))
    if settings.temperature > 0 and found.texts:
        st.button(
            _("Write others"),
            key=f"_content.others.{content.id}",
            icon=":material/casino:",
            help=_("The same form with the next seed; the same seed would give the same texts."),
            on_click=_others,
            args=(content, found.texts[0].values),
        )


def _others(content: Content, values: Mapping[str, str]) -> None:
    """Write the same form with the next seed, which is kept as a setting."""
    settings = content.settings
    try:
        content.configure(replace(settings, seed=(settings.seed + 1) % MAX_SEED))
        content_following.begin(content, TRY, lambda: content.start(values, surface="page"))
    except StudioError as error:
        session.flash(translate(error.notice))


def _last(content: Content, settings: ContentSettings) -> None:
    """Draw the texts of the brief that was written last; says what will be here without any."""
    latest = [text for text in content.history(limit=N_LOOKED_AT) if _is_of(text, settings)]
    if not latest:
        st.caption(_("The texts appear here, side by side, each with its checks."))
        return
    request = latest[0].figures.request_id if latest[0].figures else None
    texts = [
        text for text in latest if text.figures is not None and text.figures.request_id == request
    ]
    st.caption(_("Written last"))
    _cards(content, settings, list(reversed(texts)) or [latest[0]])


def _is_of(text: Text, settings: ContentSettings) -> bool:
    """Whether a text was written from this form: a summary or a long text has fields of its own."""
    required = {variable.name for variable in settings.variables if variable.required}
    names = {variable.name for variable in settings.variables}
    return required <= text.values.keys() <= names


def _cards(content: Content, settings: ContentSettings, texts: Sequence[Text]) -> None:
    with st.grid(min_column_width=CARD_PX):
        for text in texts:
            content_card.show(
                text,
                settings.shape,
                key=text.id,
                actions=lambda one: content_actions.show(content, one, settings.shape),
            )


def _total(found: Variants) -> str:
    """What the variants took together."""
    cost = _("cost unknown") if found.cost is None else fmt.money(found.cost, found.currency)
    return " · ".join(
        (
            _("In all: {time}", time=fmt.duration(found.total_ms / 1000)),
            _(
                "{tokens_in} tokens in, {tokens_out} out",
                tokens_in=fmt.count(found.tokens_in),
                tokens_out=fmt.count(found.tokens_out),
            ),
            cost,
        )
    )
