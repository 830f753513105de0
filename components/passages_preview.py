"""Passages as they would be made, and what it takes a model to read them: figures, time, price.

Draws what it is given. A time or a price that was not measured is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import format as fmt
from components import notice
from components.document_words import place
from components.i18n import _, ngettext, translate
from studio.prototypes.passage_preview import PassagePreview, PreviewPassage
from studio.prototypes.reading_cost import ReadingCost
from studio.records import Chunk

N_CHARACTERS = 600  # of a passage that are shown
N_STORED = 50  # passages of a stored document that are shown
N_UNSCROLLED = 2
HEIGHT = 360


def figures(preview: PassagePreview) -> None:
    """Draw how many passages there would be, and how long they are."""
    text = ngettext(
        "{shown} passage, about {tokens} tokens in all.",
        "{shown} passages, about {tokens} tokens in all.",
        preview.n_passages,
        shown=fmt.count(preview.n_passages),
        tokens=fmt.number(preview.n_tokens),
    )
    if preview.n_in_all > preview.n_passages:
        text = fmt.sentences(
            text,
            _("With the documents that are here: {n} passages.", n=fmt.count(preview.n_in_all)),
        )
    st.caption(text)


def cost(reading: ReadingCost, model_name: str) -> None:
    """Draw how many passages the model has to read, how long that takes and what it costs."""
    if not reading.n_passages:
        st.caption(
            _("Nothing has to be read by the model: it knows all these passages."),
            help=_("Their vectors were kept when they were read before."),
        )
        return
    to_read = ngettext(
        "{model} has to read {shown} passage",
        "{model} has to read {shown} passages",
        reading.n_passages,
        shown=fmt.count(reading.n_passages),
        model=notice.plain(model_name),
    )
    if reading.seconds is None:
        st.caption(
            _(
                "{to_read}. How long that takes and what it costs is not known before it has read"
                " something.",
                to_read=to_read,
            )
        )
        return
    st.caption(
        _(
            "{to_read}: about {time}, {price}.",
            to_read=to_read,
            time=fmt.duration(reading.seconds),
            price=_price(reading),
        ),
        help=_explained(reading),
    )


def _price(reading: ReadingCost) -> str:
    if reading.price.amount is None:
        return _("price unknown")
    return fmt.money(reading.price.amount, reading.price.currency)


def _explained(reading: ReadingCost) -> str:
    return _(
        "{tokens} tokens, by an estimate. Time and price follow from the last {measured} tokens that"
        " this model read for an index here. Price: {source}.",
        tokens=fmt.count(reading.n_tokens),
        measured=fmt.count(reading.n_measured_tokens),
        source=translate(reading.price.source).rstrip("."),
    )


def measure_button(reading: ReadingCost, measure: Callable[[], None], key: str) -> None:
    """Draw the offer to measure, where nothing was measured; a click does it and runs again.

    Args:
        reading: what is to be read.
        measure: reads some of it.
        key: of the button.
    """
    if not reading.n_passages or reading.seconds is not None:
        return
    if st.button(
        _("Measure it with a few passages"), key=key, icon=":material/timer:", type="tertiary"
    ):
        with st.spinner(_("Reading a few passages")):
            measure()
        st.rerun()


def first(passages: Sequence[PreviewPassage], key: str) -> None:
    """Draw the first passages in a box that scrolls.

    Args:
        passages: with their lengths.
        key: of the box.
    """
    if not passages:
        return
    st.caption(_("The first passages"))
    with _box(len(passages), key):
        for at, passage in enumerate(passages):
            if at:
                st.divider()
            length = ngettext("about {n} token", "about {n} tokens", passage.n_tokens)
            _passage(passage.chunk, [passage.chunk.document_name, length])


def stored(chunks: Sequence[Chunk], media_type: str, key: str) -> None:
    """Draw passages of an indexed document of that type, in a box that scrolls."""
    with _box(len(chunks), key):
        for at, chunk in enumerate(chunks):
            if at:
                st.divider()
            page = [] if chunk.page is None else [place(media_type, chunk.page)]
            _passage(chunk, page)


def _box(n_passages: int, key: str) -> DeltaGenerator:
    """A frame that scrolls where the passages may be long together."""
    if n_passages <= N_UNSCROLLED:
        return st.container(border=True, key=key)
    return st.container(height=HEIGHT, key=key)


def _passage(chunk: Chunk, facts: Sequence[str]) -> None:
    if chunk.heading:
        st.markdown(f"**{notice.plain(chunk.heading)}**")
    text = chunk.text if len(chunk.text) <= N_CHARACTERS else chunk.text[:N_CHARACTERS] + " …"
    lines = (notice.plain(line.strip()) for line in text.splitlines() if line.strip())
    st.caption("  \n".join(lines))
    if facts:
        st.markdown(f":small[:gray[{notice.plain(' · '.join(facts))}]]")
