"""Texts to plain JSON for the workspace, and back. Knows no store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from studio.evaluation.text_checks.result import CheckResult
from studio.prototypes.content.text import SourcePassage, Text, TextFigures
from studio.records import Notice

Json = Mapping[str, Any]  # Any: what JSON can say


def text_to_json(text: Text) -> dict[str, Any]:
    """A text as plain values, without its id and what people said of it."""
    return {
        "content": text.content,
        "fields": [list(one) for one in text.fields],
        "values": dict(text.values),
        "checks": [check_to_json(check) for check in text.checks],
        "origin": text.origin,
        "parent_id": text.parent_id,
        "n_attempts": text.n_attempts,
        "attempts": [[content, reason.to_json()] for content, reason in text.attempts],
        "passages": [asdict(passage) for passage in text.passages],
        "finish_reason": text.finish_reason,
        "figures": None if text.figures is None else figures_to_json(text.figures),
        "note": None if text.note is None else text.note.to_json(),
        "version": text.version,
        "created_at": text.created_at.isoformat(),
    }


def text_from_json(
    stored: Json, *, id: str = "", is_kept: bool = False, rating: int | None = None
) -> Text:
    """The text that `text_to_json` was called on, with what the store knows of it."""
    return Text(
        id=id,
        content=stored["content"],
        fields=tuple((name, value) for name, value in stored["fields"]),
        values=dict(stored["values"]),
        checks=tuple(check_from_json(check) for check in stored["checks"]),
        origin=stored["origin"],
        parent_id=stored["parent_id"],
        n_attempts=stored["n_attempts"],
        attempts=tuple((content, Notice.from_json(why)) for content, why in stored["attempts"]),
        passages=tuple(SourcePassage(**passage) for passage in stored["passages"]),
        finish_reason=stored["finish_reason"],
        figures=None if stored["figures"] is None else figures_from_json(stored["figures"]),
        note=None if stored["note"] is None else Notice.from_json(stored["note"]),
        version=stored["version"],
        created_at=datetime.fromisoformat(stored["created_at"]),
        is_kept=is_kept,
        rating=rating,
    )


def check_to_json(check: CheckResult) -> dict[str, Any]:
    """A check's finding as plain values."""
    return {
        "name": check.name,
        "status": check.status,
        "value": check.value,
        "unit": check.unit,
        "notice": check.notice.to_json(),
        "found": list(check.found),
        "is_required": check.is_required,
    }


def check_from_json(stored: Json) -> CheckResult:
    """The finding that `check_to_json` was called on."""
    return CheckResult(
        name=stored["name"],
        status=stored["status"],
        value=stored["value"],
        unit=stored["unit"],
        notice=Notice.from_json(stored["notice"]),
        found=tuple(stored["found"]),
        is_required=stored["is_required"],
    )


def figures_to_json(figures: TextFigures) -> dict[str, Any]:
    """Figures as plain values; the exact amount as text."""
    return {
        **asdict(figures),
        "cost": None if figures.cost is None else str(figures.cost),
        "cost_source": figures.cost_source.to_json(),
    }


def figures_from_json(stored: Json) -> TextFigures:
    """The figures that `figures_to_json` was called on."""
    return TextFigures(
        **{
            **stored,
            "cost": None if stored["cost"] is None else Decimal(stored["cost"]),
            "cost_source": Notice.from_json(stored["cost_source"]),
        }
    )
