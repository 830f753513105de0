"""Work that takes a while: how far it is, what is left, cancel and try again.

`watch` polls a job in a fragment and only while the job is active; when the job ends, the page runs
once more. The module starts no job and knows no kind of job.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from components import format as fmt
from components import notice, shell
from components.i18n import _, translate
from studio.jobs.runner import Job, JobState
from studio.records import Progress

POLL_S = 0.7
WORTH_GUESSING = 0.01  # a rate measured on less promises days
PERCENT = "%"
BYTES = ("B", "bytes", "byte")


def is_active(job: Job[Any] | None) -> bool:
    """Whether the job still waits or runs."""
    return job is not None and not job.state.is_final


def unit_name(unit: str) -> str:
    """A counted unit in the user's language; one that is not known here stays as it is."""
    names = {
        "documents": _("documents"),
        "pages": _("pages"),
        "passages": _("passages"),
        "texts": _("texts"),
        "queries": _("queries"),
        "questions": _("questions"),
        "tokens": _("tokens"),
        "tensors": _("parts"),
        "parts": _("parts"),
        "rows": _("rows"),
        "sections": _("sections"),
        "files": _("files"),
        "items": _("items"),
        "methods": _("ways"),
        "trials": _("trials"),
        "requests": _("requests"),
        "examples": _("examples"),
    }
    return names.get(unit, unit)


def figures(progress: Progress) -> str:
    """What a progress says in numbers: "45 MB of 93 MB · 12 MB/s · about 4 s left"; may be empty."""
    parts = []
    if progress.unit == PERCENT and progress.fraction is not None:
        left = _left(progress) if progress.fraction >= WORTH_GUESSING else []
        return " · ".join([fmt.share(progress.fraction), *left])
    is_bytes = progress.unit in BYTES
    # What is counted is said to the last one: 144 questions are no 140, as the page says 144.
    amount = fmt.size if is_bytes else _counted
    if progress.total:
        parts.append(
            _("{done} of {total}", done=amount(progress.done), total=amount(progress.total))
        )
    elif progress.done:
        parts.append(amount(progress.done))
    if parts and progress.unit and not is_bytes:
        parts[0] += f" {unit_name(progress.unit)}"
    if progress.fraction is not None and progress.fraction < WORTH_GUESSING:
        return " · ".join(parts)
    if progress.rate_per_s:
        unit = progress.unit if is_bytes else unit_name(progress.unit)
        parts.append(fmt.per_second(progress.rate_per_s, unit))
    return " · ".join([*parts, *_left(progress)])


def _left(progress: Progress) -> list[str]:
    """What is left of the time, in words; nothing where it is not known or next to nothing."""
    if progress.remaining_s is None or progress.remaining_s < 1:
        return []
    return [_("about {time} left", time=fmt.duration(progress.remaining_s))]


def _counted(n: float) -> str:
    return fmt.count(round(n))


def show(progress: Progress) -> None:
    """Draw what is happening with its figures, and a bar where the total is known."""
    text, numbers = translate(progress.notice), figures(progress)
    if progress.fraction is None:
        shown = f"{text} :gray[{numbers}]" if numbers else text
        st.markdown(f":material/hourglass_top: {shown}")
    else:
        st.progress(progress.fraction, text=f"{text}  \n:gray[{numbers}]" if numbers else text)


def watch(
    find_job: Callable[[], Job[Any] | None],
    *,
    key: str,
    retry: Callable[[], object] | None = None,
    seen_active: bool = False,
    until: Callable[[], bool] = lambda: False,
) -> None:
    """Draw a job and keep the drawing fresh while it is active; a finished one draws nothing.

    Args:
        find_job: gives the job now; called again at every look.
        key: prefix of the widget keys.
        retry: offered when the job failed or was stopped; starts it again.
        seen_active: the page was drawn as it is while the job is active; a job that has ended since
            is not missed.
        until: the page runs again once this is so, though the job goes on.
    """
    was_active = seen_active or is_active(find_job())

    @st.fragment(run_every=POLL_S if was_active else None)
    @shell.guarded()
    def panel() -> None:
        job = find_job()
        if was_active and (not is_active(job) or until()):
            st.rerun()
        if job is not None:
            _draw(job, key, retry)

    panel()


def _draw(job: Job[Any], key: str, retry: Callable[[], object] | None) -> None:
    if is_active(job):
        show(job.progress)
        cancel_button(job, key)
    elif job.error is not None:
        notice.show(job.error, "info" if job.state is JobState.CANCELLED else "error")
        if retry is not None:
            label = _("Try again")
            st.button(label, key=f"_{key}.retry", on_click=_call, args=(retry,), type="primary")


def cancel_button(job: Job[Any], key: str) -> None:
    """A button that asks an active job to stop, and then says that it is stopping."""
    st.button(
        _("Stopping") if job.is_cancel_requested else _("Cancel"),
        key=f"_{key}.cancel",
        on_click=job.cancel,
        disabled=job.is_cancel_requested,
    )


def _call(retry: Callable[[], object]) -> None:
    retry()
