"""SEO reports to plain JSON for the workspace, and back. Knows no store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from studio.prototypes.content.seo_records import OutlineItem, SeoQuery, SeoReport, SeoVariant
from studio.prototypes.content.text_json import figures_from_json, figures_to_json
from studio.prototypes.search.intents import Intent
from studio.records import Notice

Json = Mapping[str, Any]  # Any: what JSON can say


def report_to_json(report: SeoReport) -> dict[str, Any]:
    """A report as plain values."""
    return {
        "topic": report.topic,
        "page": report.page,
        "queries": [{**asdict(one), "intent": one.intent.value} for one in report.queries],
        "outline": [asdict(item) for item in report.outline],
        "titles": [_variant_to_json(one) for one in report.titles],
        "descriptions": [_variant_to_json(one) for one in report.descriptions],
        "keywords": list(report.keywords),
        "figures": None if report.figures is None else figures_to_json(report.figures),
        "notices": [notice.to_json() for notice in report.notices],
    }


def report_from_json(stored: Json) -> SeoReport:
    """The report that `report_to_json` was called on."""
    return SeoReport(
        topic=stored["topic"],
        page=stored["page"],
        queries=tuple(
            SeoQuery(**{**one, "intent": Intent(one["intent"])}) for one in stored["queries"]
        ),
        outline=tuple(
            OutlineItem(**{**item, "queries": tuple(item["queries"])}) for item in stored["outline"]
        ),
        titles=tuple(map(_variant_from_json, stored["titles"])),
        descriptions=tuple(map(_variant_from_json, stored["descriptions"])),
        keywords=tuple(stored["keywords"]),
        figures=None if stored["figures"] is None else figures_from_json(stored["figures"]),
        notices=tuple(map(Notice.from_json, stored["notices"])),
    )


def _variant_to_json(variant: SeoVariant) -> dict[str, Any]:
    reasons = [[what.to_json(), points, most] for what, points, most in variant.reasons]
    return {
        "text": variant.text,
        "score": variant.score,
        "reasons": reasons,
        "n_characters": variant.n_characters,
        "width": variant.width,
        "is_written": variant.is_written,
    }


def _variant_from_json(stored: Json) -> SeoVariant:
    reasons = tuple((Notice.from_json(what), n, most) for what, n, most in stored["reasons"])
    return SeoVariant(**{**stored, "reasons": reasons})
