"""Words for feedback: thumbs, reasons, what became of it, where it came from. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping

from components.i18n import _, translate
from studio.feedback.reasons import REASONS
from studio.workspace.feedback_record import FeedbackRecord

THUMB_ICONS = {"up": ":material/thumb_up:", "down": ":material/thumb_down:"}
N_QUESTION = 90  # characters of a question in a list


def states() -> dict[str, str]:
    """What can have become of an opinion, in the order they are offered; "" is all of them."""
    return {
        "new": _("New"),
        "curated": _("Team answers"),
        "case": _("Evaluation cases"),
        "dismissed": _("Put aside"),
        "": _("All"),
    }


def thumbs() -> dict[str, str]:
    """The thumbs; "" is either."""
    return {"": _("Up and down"), "up": _("Thumb up"), "down": _("Thumb down")}


def reason(code: str) -> str:
    """What a reason is called; "" for none."""
    return translate(REASONS[code]) if code in REASONS else ""


def place(record: FeedbackRecord, publications: Mapping[str, str]) -> str:
    """Where it was said: the headline of the demo, or the builder's own page."""
    if record.publication_id is None:
        return _("your own page")
    return publications.get(record.publication_id, _("a demo that has ended"))


def short(question: str) -> str:
    """A question as it fits into a list."""
    text = " ".join(question.split())
    return text if len(text) <= N_QUESTION else text[: N_QUESTION - 1].rstrip() + "…"
