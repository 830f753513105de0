"""One query by words, by meaning and by both, side by side, and what a trial changes against now.

Draws what was found; searching and judging are the bench's business.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from components import format as fmt
from components import notice, search_result
from components import setting_words as words
from components.i18n import _, ngettext
from studio.prototypes.bench.finding import Found, Move, found_alone, moves
from studio.prototypes.search.results import SearchResult
from studio.retrieval.query import SearchMode
from studio.workbench import AnyDocumented

N_SHOWN = 5
N_MOVES = 12


def show(
    prototype: AnyDocumented,
    found: Mapping[SearchMode, Found],
    grades: Mapping[str, int],
    *,
    now: SearchMode,
    tried: SearchMode,
) -> None:
    """Draw the three ways beside each other; on a phone they stack.

    Args:
        prototype: whose search it is.
        found: what each way found.
        grades: the judgements of the query, by item.
        now: the way that is in use.
        tried: the way on trial.
    """
    alone = found_alone({mode: _top(one) for mode, one in found.items()})
    for column, (mode, one) in zip(st.columns(len(found), gap="small"), found.items(), strict=True):
        with column, st.container(key=f"bench_{mode}", gap="small"):
            _head(mode, is_now=mode == now, is_tried=mode == tried)
            _say_mode(mode, one)
            for rank, result in enumerate(one.results[:N_SHOWN], start=1):
                is_alone = result.hit.chunk.chunk_id in alone[mode]
                _result(prototype, one, mode, rank, result, grades, is_alone)
            st.caption(notice.plain(times(one)))


def changed(before: Found, after: Found) -> None:
    """Draw what came, went and moved from the settings in use to those on trial."""
    st.markdown("**" + _("What changes against the settings in use") + "**")
    found = moves(before.results, after.results)
    if not found:
        st.caption(_("Nothing for this query: the same results in the same order."))
        return
    with st.container(gap=None):
        for move in found[:N_MOVES]:
            st.markdown(_moved(move))
        if len(found) > N_MOVES:
            n_more = len(found) - N_MOVES
            st.caption(ngettext("and {n} more", "and {n} more", n_more))
    st.caption(
        notice.plain(_("Now: {now} On trial: {trial}", now=times(before), trial=times(after)))
    )


def times(found: Found) -> str:
    """How much was found and how long it took, by part."""
    parts = [ngettext("{n} result", "{n} results", len(found.results))]
    if found.model_ms:
        parts.append(_("model {time}", time=fmt.duration(found.model_ms / 1000)))
    label = _("index and reranking {time}") if found.is_reranked else _("index {time}")
    parts.append(label.format(time=fmt.duration(found.index_ms / 1000)))
    return " · ".join(parts) + "."


def _head(mode: SearchMode, *, is_now: bool, is_tried: bool) -> None:
    badges = (f" :gray-badge[{_('in use')}]" if is_now else "") + (
        f" :blue-badge[{_('on trial')}]" if is_tried and not is_now else ""
    )
    st.markdown(f"**{words.search_modes()[mode]}**{badges}")


def _say_mode(mode: SearchMode, found: Found) -> None:
    if mode != found.mode:
        st.caption(_("The model does not read this query, so words were searched."))
    elif not found.results:
        st.caption(_("Nothing relevant was found."))


def _result(
    prototype: AnyDocumented,
    found: Found,
    mode: SearchMode,
    rank: int,
    result: SearchResult,
    grades: Mapping[str, int],
    is_alone: bool,
) -> None:
    # With the query: a thumb that stays on the page would show that of the query before.
    asked = zlib.crc32(found.query.encode())
    key = f"bench.{prototype.id}.{mode}.{asked}.{result.hit.chunk.chunk_id}"
    with st.container(border=True, gap="xsmall", key=f"result_{key}"):
        badge = f" :orange-badge[{_('only here')}]" if is_alone else ""
        st.markdown(f"{rank}\\. **{search_result.title(result)}**{badge}")
        st.html(search_result.excerpt_html(result.excerpt))
        st.caption(search_result.reason(result))
        search_result.thumbs(
            result,
            key,
            grades.get(result.item),
            lambda judged, grade: prototype.bench.judge(found.query, judged.hit.chunk, grade),
        )


def _moved(move: Move) -> str:
    title = notice.plain(move.result.title[: search_result.MAX_TITLE])
    match move.change:
        case "came":
            return ":green[:material/add:] " + _("{title}: new at {n}", title=title, n=move.after)
        case "went":
            return ":red[:material/remove:] " + _(
                "{title}: gone, was {n}", title=title, n=move.before
            )
        case "up":
            sign = ":green[▲]"
        case _:
            sign = ":orange[▼]"
    return f"{sign} " + _(
        "{title}: {before} → {after}", title=title, before=move.before, after=move.after
    )


def _top(found: Found) -> Found:
    return replace(found, results=found.results[:N_SHOWN])
