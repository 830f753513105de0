"""One recommended item: its picture, title, price, how well it fits, and why it is shown.

Texts of tables enter the browser escaped. The module recommends nothing.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

import streamlit as st

from components import notice
from components import recommendation_words as words
from components.i18n import _, translate
from studio.prototypes.recommendation.results import RecommendedItem, ShownItem

MAX_TITLE = 90
PICTURE_PX = 150

ItemAction = Callable[[str], None]


def show(
    found: RecommendedItem,
    *,
    key: str,
    is_liked: bool = False,
    like: ItemAction | None = None,
    open_item: ItemAction | None = None,
    mark: str = "",
    has_place: bool = False,
) -> None:
    """Draw an item with its place, score and reason.

    Args:
        found: what is recommended.
        key: tells it from other cards on the page.
        is_liked: whether the visitor likes it already.
        like: told the id when the heart is clicked; without it there is none.
        open_item: told the id when the item's page is wanted; without it that is not offered.
        mark: a word beside the place, such as that the other list has it, too.
        has_place: an item without a picture keeps the place of one, as its neighbours have theirs.
    """
    with st.container(border=True, gap="small", key=f"recommended_{key}", height="stretch"):
        picture(found.item, has_place=has_place)
        st.markdown(f"**{found.rank} · {title(found.item)}**" + (f" :gray[{mark}]" if mark else ""))
        facts = words.facts(found.item)
        if facts:
            st.caption(notice.plain(facts))
        st.markdown(reason(found))
        if (
            found.relative > 0
        ):  # else the method knows nothing for it: a bar of 0% would say it does
            st.html(bar(found))
        with st.container(horizontal=True, gap="small"):
            if like is not None:
                st.button(
                    _("Liked") if is_liked else _("Like"),
                    key=f"_recommended.like.{key}",
                    icon=":material/favorite:" if is_liked else ":material/favorite_border:",
                    type="tertiary",
                    disabled=is_liked,
                    on_click=like,
                    args=(found.item.item_id,),
                )
            if open_item is not None:
                st.button(
                    _("Look at it"),
                    key=f"_recommended.open.{key}",
                    icon=":material/open_in_full:",
                    type="tertiary",
                    on_click=open_item,
                    args=(found.item.item_id,),
                )


def title(item: ShownItem) -> str:
    """An item's title, literal; a long one is cut."""
    text = item.title
    return notice.plain(text if len(text) <= MAX_TITLE else text[: MAX_TITLE - 1] + "…")


def reason(found: RecommendedItem) -> str:
    """Why it is shown, as one line."""
    icon = words.REASON_ICONS[found.reason.kind]
    return f":gray[{icon}] {notice.plain(translate(found.reason.notice))}"


def bar(found: RecommendedItem) -> str:
    """How well it fits beside the best of the list, as HTML with its exact score to hover over."""
    share = max(0.0, min(1.0, found.relative))
    label = html.escape(
        _(
            "{share}% of the best; score {score}",
            share=round(100 * share),
            score=f"{found.score:.4g}",
        )
    )
    return (
        f"<div role='img' aria-label='{label}' title='{label}' style='display:flex;gap:.5rem;"
        "align-items:center;font-size:.8rem;font-variant-numeric:tabular-nums'>"
        "<span style='flex:1;height:4px;border-radius:2px;"
        "background:color-mix(in srgb, currentColor 15%, transparent)'>"
        f"<span style='display:block;height:4px;border-radius:2px;width:{100 * share:.0f}%;"
        "background:var(--st-primary-color,#0b7a75)'></span></span>"
        f"<span style='opacity:.8'>{round(100 * share)}%</span></div>"
    )


def have_pictures(found: Sequence[RecommendedItem]) -> bool:
    """Whether any item of a list has a picture, so that all keep the place of one."""
    return any(one.item.image for one in found)


def picture(item: ShownItem, *, has_place: bool = False) -> None:
    """Draw an item's picture on a plain ground, which is all there is where it cannot be had.

    Its place is kept from the start, so that nothing moves when it comes. Without a size of its own a
    picture that is missing draws nothing, no frame and no sign of the browser.
    """
    if not item.image and not has_place:
        return
    source = html.escape(item.image, quote=True)
    shown = (
        f"<img src='{source}' alt='' loading='lazy' referrerpolicy='no-referrer'"
        f" style='max-width:100%;max-height:{PICTURE_PX}px'>"
        if item.image
        else ""
    )
    st.html(
        f"<div style='height:{PICTURE_PX}px;display:grid;place-items:center;overflow:hidden;"
        "border-radius:.5rem;background:color-mix(in srgb, currentColor 5%, transparent)'>"
        f"{shown}</div>"
    )
