"""One written text as its reader sees it, with a badge for every check and what it took.

Gives nothing back: what can be done with a text is drawn by who shows it (`actions`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from components import content_words as words
from components import format as fmt
from components import notice
from components.i18n import _, ngettext, translate
from components.safe_markdown import escape, plain_lines
from studio.evaluation.text_checks.result import CheckResult
from studio.prototypes.content.composing import CUT
from studio.prototypes.content.template import OutputShape
from studio.prototypes.content.text import Text

N_FOUND = 6  # words that made a check fail, shown in full
N_CHARACTERS = 4000  # of a source passage and of a failed attempt


def show(
    text: Text, shape: OutputShape, *, key: str, actions: Callable[[Text], None] | None = None
) -> None:
    """Draw a text with its checks, its sources and what it took.

    Args:
        text: what was written.
        shape: what it looks like.
        key: tells it from other texts on the page.
        actions: draws what can be done with it, below the text.
    """
    with st.container(border=True, gap="small", key=f"content_text_{key}"):
        body(text, shape)
        if text.finish_reason == "length":
            st.caption(
                _("Cut at the length limit. A longer limit can be set under Voice and output.")
            )
        elif text.finish_reason == "cancelled":
            st.caption(_("Stopped before it was whole."))
        if text.note is not None and text.note != CUT:  # which was just said
            st.caption(notice.plain(translate(text.note)))
        badges(text.checks)
        failures(text.checks)
        if actions is not None:
            actions(text)
        _behind(text, key)


def body(text: Text, shape: OutputShape) -> None:
    """Draw the text alone, as its shape wants it."""
    if shape == "fields" and text.fields:
        for name, value in text.fields:
            st.markdown(f"**{notice.plain(name)}**  \n{plain_lines(value) or '–'}")
    else:
        draft(text.content, shape)


def draft(content: str, shape: OutputShape) -> None:
    """Draw a text that is finished or still growing."""
    if not content.strip():
        st.caption(_("Nothing was written."))
    elif shape == "markdown":
        st.markdown(markdown(content))
    else:
        st.markdown(plain_lines(content))


def markdown(content: str) -> str:
    """Markdown made safe, whose headings stay headings, two levels lower than the page's."""
    lines = []
    for line in content.splitlines():
        hashes = len(line) - len(line.lstrip("#"))
        if 0 < hashes <= 6 and line[hashes : hashes + 1] == " ":
            lines.append("#" * min(6, hashes + 2) + " " + escape(line[hashes + 1 :]))
        else:
            lines.append(escape(line))
    return "\n".join(lines)


def badges(checks: Sequence[CheckResult]) -> None:
    """Draw a badge for each check that looked at something: passed, failed, and which are required.

    What was measured and held against nothing has a grey one with the figure.
    """
    seen = [check for check in checks if check.status != "skipped" or check.value is not None]
    if not seen:
        return
    with st.container(horizontal=True, gap="xxsmall"):
        for check in seen:
            label, icon, colour = badge(check)
            st.badge(
                label,
                icon=icon,
                color=colour,  # type: ignore[arg-type] # one of its colours
                help=notice.plain(translate(check.notice)),
            )


def badge(check: CheckResult) -> tuple[str, str | None, str]:
    """What stands on a check's badge, its icon and its colour."""
    name = words.checks()[check.name]
    match check.status:
        case "passed":
            return name, ":material/check:", "green"
        case "failed":
            return name, ":material/close:", "red" if check.is_required else "orange"
    value = check.value or 0.0
    shown = fmt.share(value) if check.unit == "share" else fmt.count(round(value))
    return f"{name} {shown}", None, "gray"


def failures(checks: Sequence[CheckResult]) -> None:
    """Draw what failed and why: what must pass first."""
    names = words.checks()
    failed = [check for check in checks if check.status == "failed"]
    lines = []
    for check in sorted(failed, key=lambda one: not one.is_required):
        found = ", ".join(check.found[:N_FOUND])
        told = translate(check.notice)
        shown = f"{told} ({found})" if found and not any(w in told for w in check.found) else told
        parts = {"check": notice.plain(names[check.name]), "finding": notice.plain(shown)}
        lines.append(
            _("**{check}** (must pass): {finding}", **parts)
            if check.is_required
            else _("**{check}**: {finding}", **parts)
        )
    if lines:
        st.caption("  \n".join(lines))


def _behind(text: Text, key: str) -> None:
    """Draw what it took, which opens into attempts, sources and the price."""
    if text.figures is None and not text.passages and not text.attempts:
        return
    with st.expander(summary(text), type="compact", key=f"content_strip_{key}"):
        for number, (attempt, reason) in enumerate(text.attempts, start=1):
            told = notice.plain(translate(reason))
            st.caption(_("Attempt {n} was not good enough: {reason}", n=number, reason=told))
            st.markdown(plain_lines(attempt[:N_CHARACTERS]))
        for passage in text.passages:
            page = _(", page {page}", page=passage.page) if passage.page is not None else ""
            place = notice.plain(f"[{passage.number}] {passage.document_name}{page}")
            st.caption(f"**{place}**  \n{plain_lines(passage.text[:N_CHARACTERS])}")
        if text.figures is not None:
            st.caption(_origin(text))


def summary(text: Text) -> str:
    """What a text took in one line: tokens, time, cost, attempts, sources."""
    parts = []
    figures = text.figures
    if figures is not None:
        parts += [
            _(
                "{tokens_in} tokens in, {tokens_out} out",
                tokens_in=fmt.count(figures.tokens_in),
                tokens_out=fmt.count(figures.tokens_out),
            ),
            fmt.duration(figures.total_ms / 1000),
            _("cost unknown")
            if figures.cost is None
            else fmt.money(figures.cost, figures.currency),
        ]
    if text.n_attempts > 1:
        parts.append(ngettext("{n} attempt", "{n} attempts", text.n_attempts))
    if text.passages:
        parts.append(ngettext("{n} passage", "{n} passages", len(text.passages)))
    return " · ".join(parts)


def _origin(text: Text) -> str:
    figures = text.figures
    assert figures is not None
    source = translate(figures.cost_source).rstrip(".。")
    model = _("Model: {model} ({engine}).", model=figures.model, engine=figures.engine or "–")
    if figures.cost is None:
        cost = _("Cost: unknown. {source}.", source=source)
    else:
        cost = _(
            "Cost: {amount} {currency}. Price: {source}.",
            amount=f"{figures.cost:.10f}".rstrip("0").rstrip("."),
            currency=figures.currency,
            source=source,
        )
    return notice.plain(f"{model} {cost}")
