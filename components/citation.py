"""An answer with numbered chips after its sentences, and the passage that a chip opens.

`show` draws the answer and gives the number that was clicked; `open_passage` shows that passage in its
surroundings. Texts enter the browser as text nodes or escaped, never as markup. The module does not
know how an answer came about.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from components import notice, shell
from components.i18n import _
from studio.errors import NotFound
from studio.prototypes.chatbot.answer import Answer, Citation
from studio.records import Document

FOLDER = Path(__file__).parent
MAX_HEADING = 40  # characters of a heading in the name of a source
SURROUNDINGS = 700  # characters shown before and after a passage


@cache
def _source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def show(answer: Answer, *, key: str) -> int | None:
    """Draw the answer with its chips and sources.

    Returns:
        The number of the citation clicked just now, or None.
    """
    # Declared at each run, which costs a comparison: a test's runtime starts without components.
    mount = st.components.v2.component(
        "cited_answer",
        html='<div class="answer"></div>',
        css=_source("citation.css"),
        js=_source("citation.js"),
    )
    # Streamlit refuses two underscores in a row in a component's id, and a conversation's may hold them.
    result = mount(data=_data(answer), key=key.replace("_", "-"), on_opened_change=_nothing)
    opened: Any = result.opened  # the component's own value: a number or None
    return int(opened) if opened else None


def _nothing() -> None:
    """A trigger exists only with a callback; what it opens is drawn by the run that follows."""


def has_unsourced(answer: Answer) -> bool:
    """Whether some of the written sentences have no source while others have."""
    return (
        answer.kind == "written"
        and bool(answer.citations)
        and any(not sentence.citations for sentence in answer.sentences)
    )


def _data(answer: Answer) -> dict[str, Any]:
    """What the component draws; a sentence counts as unsourced only where others have a source."""
    marks_missing = has_unsourced(answer)
    return {
        "sentences": [
            {
                "text": sentence.text,
                "citations": list(sentence.citations),
                "unsourced": marks_missing and not sentence.citations,
            }
            for sentence in answer.sentences
        ],
        "quotes": [{"text": q.text, "citations": list(q.citations)} for q in answer.quotes],
        "quotes_label": _("From the documents:"),
        "sources": [{"number": c.number, "label": label(c)} for c in answer.citations],
        "unsourced_label": _("No passage of the documents says this."),
    }


def label(citation: Citation) -> str:
    """Where a citation is from, in a few words: "warranty.pdf, page 2" or "fees.md, Prices"."""
    if citation.page is not None:
        return _("{name}, page {page}", name=citation.document_name, page=citation.page)
    heading = citation.heading.rpartition(" > ")[2].strip()
    if heading:
        short = heading if len(heading) <= MAX_HEADING else heading[: MAX_HEADING - 1] + "…"
        return _("{name}, {heading}", name=citation.document_name, heading=short)
    return citation.document_name


def open_passage(citation: Citation, read_document: Callable[[str], Document]) -> None:
    """Open a dialog with the passage, highlighted where it stands in its document."""

    @st.dialog(_("Source {number}", number=citation.number), width="medium")
    @shell.guarded()
    def dialog() -> None:
        st.markdown(f"**{notice.plain(citation.document_name)}**")
        place = [_("page {page}", page=citation.page)] if citation.page is not None else []
        if citation.heading:
            place.append(citation.heading)
        if place:
            st.caption(notice.plain(" · ".join(place)))
        try:
            before, after = surroundings(citation, read_document(citation.document_id))
        except NotFound:
            st.info(_("This document was removed. The passage was kept with the answer."))
            before = after = ""
        st.html(
            "<div style='white-space:pre-wrap;line-height:1.6;overflow-wrap:anywhere'>"
            f"<span style='opacity:.65'>{html.escape(before)}</span>"
            f"<mark class='passage'>{html.escape(citation.text)}</mark>"
            f"<span style='opacity:.65'>{html.escape(after)}</span></div>"
        )

    dialog()


def surroundings(citation: Citation, document: Document) -> tuple[str, str]:
    """The text before and after the passage on its page, cut at whole lines or words with an ellipsis.

    Two empty strings when the page no longer holds the passage at that place.
    """
    for page in document.pages:
        text = page.text
        if page.number == citation.page and text[citation.start : citation.end] == citation.text:
            first = max(0, citation.start - SURROUNDINGS)
            last = min(len(text), citation.end + SURROUNDINGS)
            before, after = text[first : citation.start], text[citation.end : last]
            return ("…" if first else "") + before, after + ("…" if last < len(text) else "")
    return "", ""
