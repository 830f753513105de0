"""Plans of long texts and summaries to plain JSON for the workspace, and back. Knows no store.

A text that was written is not part of it: that lies in the history, and its id stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from studio.prototypes.content.long_records import (
    LongPlan,
    LongSummary,
    Outline,
    OutlineSection,
    SummaryStep,
)
from studio.prototypes.content.text import Text
from studio.prototypes.content.text_json import figures_from_json, figures_to_json
from studio.records import Notice

Json = Mapping[str, Any]  # Any: what JSON can say


def plan_to_json(plan: LongPlan) -> dict[str, Any]:
    """A plan as plain values."""
    outline = plan.outline
    return {
        "topic": plan.topic,
        "facts": plan.facts,
        "outline": {
            "title": outline.title,
            "sections": [[one.heading, list(one.points)] for one in outline.sections],
            "is_written": outline.is_written,
            "note": None if outline.note is None else outline.note.to_json(),
        },
        "text_id": plan.text_id,
    }


def plan_from_json(stored: Json) -> LongPlan:
    """The plan that `plan_to_json` was called on."""
    outline = stored["outline"]
    return LongPlan(
        topic=stored["topic"],
        facts=stored["facts"],
        outline=Outline(
            title=outline["title"],
            sections=tuple(
                OutlineSection(heading=heading, points=tuple(points))
                for heading, points in outline["sections"]
            ),
            is_written=outline["is_written"],
            note=None if outline["note"] is None else Notice.from_json(outline["note"]),
        ),
        text_id=stored["text_id"],
    )


def summary_to_json(summary: LongSummary) -> dict[str, Any]:
    """A summary as plain values, with the id of its text."""
    return {
        "document": summary.document,
        "text_id": summary.text.id,
        "steps": [asdict(step) for step in summary.steps],
        "n_levels": summary.n_levels,
        "figures": figures_to_json(summary.figures),
    }


def summary_from_json(stored: Json, text: Text) -> LongSummary:
    """The summary that `summary_to_json` was called on, with the text that its id stands for."""
    return LongSummary(
        document=stored["document"],
        text=text,
        steps=tuple(SummaryStep(**step) for step in stored["steps"]),
        n_levels=stored["n_levels"],
        figures=figures_from_json(stored["figures"]),
    )
