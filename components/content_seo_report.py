"""The SEO report: what queries are after, gaps, outline, titles and descriptions with their scores.

The score of a title that is typed follows at once. The module draws; scoring is the prototype's.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

import streamlit as st

from components import format as fmt
from components import notice, query_words, shell
from components.i18n import _, ngettext, translate
from studio.prototypes.content.content import Content
from studio.prototypes.content.seo import SeoQuery, SeoReport, SeoVariant

N_VARIANTS = 4
N_KEYWORDS = 20
MAX_TYPED = 400
PAUSE = "400ms"

Score = Callable[[str, Sequence[tuple[str, int]]], SeoVariant]


def show(content: Content, report: SeoReport) -> None:
    """Draw the report."""
    for told in report.notices:
        st.caption(notice.plain(translate(told)))
    n = len(report.queries)
    st.markdown(
        ngettext(
            "{about} of {n} query is about this topic; the page does not answer **{gaps}** of them.",
            "{about} of {n} queries are about this topic; the page does not answer **{gaps}** of them.",
            n,
            about=report.n_about,
            gaps=report.n_gaps,
        )
    )
    parts = {
        "titles": _("Titles and descriptions"),
        "queries": _("Queries and gaps"),
        "outline": _("Outline"),
    }
    part = st.segmented_control(
        _("Part of the report"),
        list(parts),
        default="titles",
        required=True,
        format_func=parts.__getitem__,
        label_visibility="collapsed",
        key=f"_content.seo.part.{content.id}",
    )
    match part:
        case "queries":
            _queries(report)
        case "outline":
            _outline(report)
        case _:
            _variants(content, report)


def _queries(report: SeoReport) -> None:
    import pandas as pd

    only_gaps = st.toggle(_("Only what the page does not answer"), key="_content.seo.gaps")
    ordered = sorted(report.queries, key=lambda query: not query.is_about)
    shown = [query for query in ordered if query.is_gap or not only_gaps]
    columns = (_("Query"), _("Asked"), _("Wants"), _("Answered"), _("Best sentence of the page"))
    st.dataframe(
        pd.DataFrame([_record(query) for query in shown], columns=list(columns)),
        hide_index=True,
        column_config={
            columns[1]: st.column_config.NumberColumn(help=_("How often it was asked")),
            columns[2]: st.column_config.TextColumn(help=query_words.intents_help()),
            columns[3]: st.column_config.ProgressColumn(
                min_value=0,
                max_value=100,
                format="%d%%",
                help=_("How well the best sentence answers it, in words and meaning"),
            ),
        },
    )
    if report.n_about < len(report.queries):
        st.caption(_("✗ not answered; · about something else, for another page"))
    if report.keywords:
        st.caption(
            _("Keywords: {words}", words=notice.plain(", ".join(report.keywords[:N_KEYWORDS])))
        )


def _record(query: SeoQuery) -> tuple[object, ...]:
    mark = "✗ " if query.is_gap else "" if query.is_about else "· "
    return (
        mark + query.query,
        query.n_asked,
        query_words.intent_name(query.intent),
        round(100 * query.coverage),
        query.best,
    )


def _outline(report: SeoReport) -> None:
    for item in report.outline:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{notice.plain(item.heading)}**", width="content")
            if item.is_missing:
                st.badge(_("missing"), color="orange")
        st.caption(notice.plain(" · ".join(item.queries)))


def _variants(content: Content, report: SeoReport) -> None:
    """Draw a search result as it would look, the variants, and a field for one's own."""
    queries = [(query.query, query.n_asked) for query in report.queries if query.is_about]
    if report.titles and report.descriptions:
        _preview(report.titles[0].text, report.descriptions[0].text)
    lists = (
        ("title", _("Titles"), report.titles, content.seo.score_title),
        ("description", _("Descriptions"), report.descriptions, content.seo.score_description),
    )
    for name, heading, variants, score in lists:
        st.markdown(f"**{heading}**")
        for at, variant in enumerate(variants[:N_VARIANTS]):
            _variant(variant, key=f"{name}_{at}_{content.id}")
        _own(name, content, score, queries)


def _preview(title: str, description: str) -> None:
    """Draw the best title and description as a search engine shows them."""
    st.caption(_("As it would look in a search result"))
    with st.container(border=True, gap="xxsmall", key="content_seo_preview"):
        st.html(
            "<div style='line-height:1.5;overflow-wrap:anywhere'>"
            "<div style='font-size:1.15rem;color:light-dark(#0b5c5c,#6fd0ce)'>"
            f"{html.escape(title)}</div>"
            f"<div>{html.escape(description)}</div></div>"
        )


def _variant(variant: SeoVariant, *, key: str, is_own: bool = False) -> None:
    """Draw a variant with its score; the parts of the score are folded."""
    with st.container(border=True, gap="xxsmall", key=f"content_seo_{key}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(
                _("{n} of 100", n=variant.score),
                color="green"
                if variant.score >= 70
                else "orange"
                if variant.score >= 40
                else "red",
            )
            st.markdown(notice.plain(variant.text))
        _score(variant, is_own=is_own)


def _score(variant: SeoVariant, *, is_own: bool) -> None:
    facts = [
        ngettext(
            "{shown} character",
            "{shown} characters",
            variant.n_characters,
            shown=fmt.count(variant.n_characters),
        ),
        _("{n} px wide", n=fmt.count(variant.width)),
        _("typed by you")
        if is_own
        else _("written by the model")
        if variant.is_written
        else _("put together from page and queries"),
    ]
    lines = [
        f"{':material/check:' if points == most else ':material/close:'} "
        + notice.plain(
            _("{what}: {points} of {most}", what=translate(what), points=points, most=most)
        )
        for what, points, most in variant.reasons
    ]
    st.caption(notice.plain(" · ".join(facts)), help="  \n".join(lines) or None)


def _own(name: str, content: Content, score: Score, queries: Sequence[tuple[str, int]]) -> None:
    """Draw a field for one's own text; its score follows while somebody types."""
    labels = {"title": _("Your own title"), "description": _("Your own description")}

    @st.fragment
    @shell.guarded()
    def typed() -> None:
        text = str(
            st.text_input(
                labels[name],
                key=f"_content.seo.own.{name}.{content.id}",
                max_chars=MAX_TYPED,
                live=PAUSE,
            )
            or ""
        )
        if text.strip():
            _variant(score(text, queries), key=f"own_{name}_{content.id}", is_own=True)

    typed()
