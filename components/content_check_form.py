"""The checks: which must pass, and what each holds a text against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from components import content_words, session
from components import setting_words as words
from components.content_voice_form import lines
from components.i18n import _, translate
from components.setting_field import bind
from studio.errors import StudioError
from studio.evaluation.text_checks.result import CheckName
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import RANGES, ContentSettings

MAX_WORDS = 5000
SHARES: Mapping[CheckName, str] = {
    "keywords": "min_keyword_share",
    "repetition": "max_repetition",
    "variants": "max_variant_similarity",
    "copying": "max_copying",
    "voice": "min_voice_similarity",
}
"""Checks with a limit between 0 and 1, and the rule that says it."""


def show(content: Content, settings: ContentSettings) -> None:
    """Draw every check with its limits and whether a text must pass it."""
    st.caption(
        _(
            "Every text is checked. One that fails a check that it must pass is written again, with"
            " the reason."
        )
    )
    low, high = RANGES["n_retries"]
    st.slider(
        words.label("n_retries", ContentSettings),
        int(low),
        int(high),
        **bind(content, settings, "n_retries"),
    )
    names, help_ = content_words.checks(), content_words.check_help()
    for name in names:
        if name == "fields" and settings.shape != "fields":
            continue
        with st.container(gap="xxsmall", key=f"content_check_{name}"):
            with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
                st.markdown(f"**{names[name]}**", help=help_[name])
                st.space("stretch")
                _must_pass(content, settings, name)
            _limits(content, settings, name)


def _must_pass(content: Content, settings: ContentSettings, name: CheckName) -> None:
    key = f"_content.must.{content.id}.{name}"
    is_required = name in settings.checks.must_pass
    session.fill_widget(key, is_required)
    st.toggle(_("must pass"), key=key, on_change=_keep_must, args=(content, name, key))


def _keep_must(content: Content, name: CheckName, key: str) -> None:
    settings = content.settings
    chosen = set(settings.checks.must_pass) ^ {name}
    if bool(session.widget_value(key)) == (name in settings.checks.must_pass):
        return
    ordered = tuple(one for one in content_words.checks() if one in chosen)
    try:
        content.configure(replace(settings, checks=replace(settings.checks, must_pass=ordered)))
    except StudioError as error:
        session.flash(translate(error.notice))


def _limits(content: Content, settings: ContentSettings, name: CheckName) -> None:
    """Draw what a check holds a text against."""
    match name:
        case "length":
            left, right = st.columns(2)
            with left:
                _number(content, settings, "min_words")
            with right:
                _number(content, settings, "max_words")
        case "required_words" | "banned_words":
            _phrases(content, settings, name)
            which = "variables_required" if name == "required_words" else "variables_banned"
            _variables(content, settings, which)
        case "keywords":
            _phrases(content, settings, "keywords")
        case "readability":
            _number(content, settings, "min_readability", high=100)
        case "voice" if not settings.voice.samples:
            st.caption(_("Give sample texts under Voice and output first."))
            return
    if name in SHARES and (name != "keywords" or settings.checks.keywords):
        _share(content, settings, SHARES[name])


def _number(content: Content, settings: ContentSettings, rule: str, high: int = MAX_WORDS) -> None:
    is_whole = isinstance(getattr(settings.checks, rule), int)
    st.number_input(
        content_words.rules()[rule],
        min_value=0,
        max_value=high,
        step=10 if is_whole else 5,
        help=_("0 for no limit."),
        **bind(
            content,
            settings,
            "checks",
            part=rule,
            shown=int,
            kept=int if is_whole else float,
        ),
    )


def _share(content: Content, settings: ContentSettings, rule: str) -> None:
    st.slider(
        content_words.rules()[rule],
        0.0,
        1.0,
        step=0.01,
        **bind(content, settings, "checks", part=rule, shown=float),
    )


def _phrases(content: Content, settings: ContentSettings, rule: str) -> None:
    st.text_area(
        content_words.rules()[rule],
        height=80,
        **bind(content, settings, "checks", part=rule, shown="\n".join, kept=lines, is_typed=True),
    )


def _variables(content: Content, settings: ContentSettings, rule: str) -> None:
    """Draw which fields of the form hold such words, of those that hold lists."""
    lists = {one.name: one.label or one.name for one in settings.variables if one.type == "list"}
    if not lists:
        return
    st.multiselect(
        content_words.rules()[rule],
        list(lists),
        format_func=lambda name: lists.get(name, name),
        **bind(
            content,
            settings,
            "checks",
            part=rule,
            shown=lambda names: [name for name in names if name in lists],
            kept=tuple,
        ),
    )
