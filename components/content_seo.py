"""SEO: what a page is about, what people search for, and the report on both.

Joins where the queries come from, the work, and the reports, which the workspace keeps; one is drawn by
`content_seo_report`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components import (
    cache,
    content_drafts,
    content_file,
    content_following,
    content_seo_report,
    content_typed,
    session,
)
from components.i18n import _, ngettext, translate
from studio.errors import StudioError
from studio.prototypes.content.content import Content
from studio.prototypes.content.seo import MAX_PAGE, MAX_QUERIES
from studio.sample_company import sample_queries

SEO = "seo"  # what the work is kept under
MAX_TOPIC = 200

Asked = tuple[tuple[str, int], ...]


def show(content: Content) -> None:
    """Draw the form, and below it the report that was made last or is chosen."""
    before = content_typed.values(content, SEO) or _of_latest(content)
    st.caption(
        _(
            "Give a topic or a page and the queries people search with. You get what each is after, what"
            " the page does not answer, an outline, and titles and descriptions with a score."
        )
    )
    now = {**_page(content, before), **_queries(content, before)}
    content_typed.note(content, SEO, now)
    queries = read(now["queries"])
    if st.button(
        _("Look into it"),
        key=f"_content.seo.go.{content.id}",
        type="primary",
        icon=":material/travel_explore:",
        disabled=not now["topic"].strip() or not queries,
    ):
        _start(content, now["topic"], queries, now["page"])
        st.rerun()
    if content_following.watch(content, SEO):
        return
    content_following.result(content, SEO)  # says why where it failed
    chosen = content_drafts.choose(content, SEO, content.seo.reports)
    if chosen is not None:
        content_seo_report.show(content, content.seo.reports.get(chosen).value)


def _of_latest(content: Content) -> Mapping[str, str]:
    """What the latest report was made from: what stands in a form in which nothing was typed."""
    found = content.seo.reports.latest()
    if found is None:
        return {}
    asked = [(query.query, query.n_asked) for query in found.value.queries]
    return {"topic": found.value.topic, "page": found.value.page, "queries": written(asked)}


def _key(content: Content, name: str) -> str:
    return f"_content.seo.{name}.{content.id}"


def _field(content: Content, name: str, before: Mapping[str, str]) -> str:
    """The widget key of a field, which begins with what was typed before."""
    key = _key(content, name)
    session.default_widget_value(key, before.get(name, ""))
    return key


def _page(content: Content, before: Mapping[str, str]) -> Mapping[str, str]:
    """Draw topic and page; gives both."""
    topic = st.text_input(
        _("Topic, in a few words"),
        key=_field(content, "topic", before),
        max_chars=MAX_TOPIC,
        placeholder=_("Light tents for two"),
    )
    page_key = _field(content, "page", before)
    page = st.text_area(
        _("Text of the page, if there is one"),
        key=page_key,
        height=140,
        max_chars=MAX_PAGE,
        placeholder=_("Leave empty for a page that is still to be written"),
    )
    content_file.show(content, page_key, MAX_PAGE, lambda text: _put(content, "page", text))
    return {"topic": str(topic or ""), "page": str(page or "")}


def _queries(content: Content, before: Mapping[str, str]) -> Mapping[str, str]:
    """Draw the queries and the ways to bring some; gives them as they were typed."""
    typed = str(
        st.text_area(
            _("What people search for, one query per line"),
            key=_field(content, "queries", before),
            height=140,
            help=_("How often each is asked may follow after a tab."),
            placeholder=_("tent for two persons\nlightest two man tent"),
        )
        or ""
    )
    rounds = f"seo.{content.id}"
    with st.container(horizontal=True):
        with st.popover(
            _("Upload a list"),
            icon=":material/upload_file:",
            key=f"_content.seo.upload.{content.id}.{session.upload_round(rounds)}",
        ):
            file = st.file_uploader(
                _("Queries as CSV, Excel or text, also from Search Console or Baidu"),
                max_upload_size=cache.workbench().settings.max_upload_bytes >> 20,
                key=f"_content.seo.file.{content.id}.{session.upload_round(rounds)}",
            )
        st.button(
            _("Use the sample list"),
            key=f"_content.seo.sample.{content.id}",
            icon=":material/auto_stories:",
            on_click=_take,
            args=(content, "queries.csv", None),
        )
    if file is not None:
        _take(content, file.name, file.getvalue())
        session.end_upload_round(rounds)
        st.rerun()
    n = len(read(typed))
    if n:
        st.caption(ngettext("{n} query", "{n} queries", n))
    return {"queries": typed}


def read(lines: str) -> Asked:
    """The queries of lines, each with how often it is asked: the number after a tab, else once."""
    found: dict[str, int] = {}
    for line in lines.splitlines():
        query, _tab, number = line.strip().partition("\t")
        if query.strip():
            n = int(number) if number.strip().isdigit() else 1
            found[query.strip()] = found.get(query.strip(), 0) + n
    return tuple(found.items())


def written(queries: Sequence[tuple[str, int]]) -> str:
    """The queries as lines that `read` takes."""
    return "\n".join(query if n == 1 else f"{query}\t{n}" for query, n in queries)


def _take(content: Content, name: str, data: bytes | None) -> None:
    """Put the queries of a file (None: of the sample) into the field."""
    try:
        data = sample_queries(content.settings.language) if data is None else data
        queries = content.seo.queries_in(name, data)
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    _put(content, "queries", written(queries[:MAX_QUERIES]))
    if len(queries) > MAX_QUERIES:
        session.flash(
            _(
                "The {limit} queries that are asked most were taken, of {n}.",
                limit=MAX_QUERIES,
                n=len(queries),
            )
        )


def _put(content: Content, name: str, text: str) -> None:
    """Put a text into a field, from the next run on."""
    content_typed.note(content, SEO, {**content_typed.values(content, SEO), name: text})
    session.forget(_key(content, name))


def _start(content: Content, topic: str, queries: Asked, page: str) -> None:
    try:
        content_following.begin(content, SEO, lambda: content.seo.start(topic, queries, page=page))
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        content_drafts.show_newest(content, SEO)
