"""The export of a content generator."""

from __future__ import annotations

from collections.abc import Mapping

from studio.export.kinds.contract import KindExport
from studio.export.kinds.findings import Exchange, Findings, MeasuredRow
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.text import Text
from studio.records import Notice

N_TEXTS = 200
"""Newest texts whose checks are counted in a report."""


def _models(content: Content) -> Mapping[str, str]:
    return {
        "embedding_model": content.embedding_model,
        "generation_model": content.model.id,
        "rerank_model": content.settings.rerank_model,
        "index": content.index_state().model,
    }


def _example(content: Content) -> dict[str, str]:
    """The form filled in with its own examples."""
    variables = content.settings.variables
    return {one.name: one.example or one.label for one in variables if one.required or one.example}


def _exchanges(content: Content, limit: int, is_recent: bool) -> tuple[Exchange, ...]:
    """Texts that were kept, else the newest ones; one is written where there are none."""
    texts = content.history(only_kept=True, limit=limit) if not is_recent else ()
    texts = texts or content.history(limit=limit)
    if not texts:
        texts = content.write(_example(content), 1, surface="job").texts
    return tuple(_exchange(text) for text in texts)


def _exchange(text: Text) -> Exchange:
    asked = "; ".join(value for value in text.values.values() if value.strip())
    return Exchange(
        asked=asked,
        lines=(text.content,),
        sources=tuple(dict.fromkeys(one.document_name for one in text.passages)),
        note=text.note,
        total_ms=None if text.figures is None else text.figures.total_ms,
        cost_usd=None if text.figures is None else text.figures.cost,
        asked_at=text.created_at,
    )


def _findings(content: Content) -> Findings | None:
    """Blind votes between models or instructions, and how many texts passed their checks."""
    written = [text for text in content.history(limit=N_TEXTS) if text.origin == "written"]
    standings = [one for one in content.votes.standings() if one.share is not None]
    if not written and not standings:
        return None
    verdicts = []
    if written:
        verdicts.append(
            Notice(
                "Of the last {n} texts, {n_passed} passed every check that they have to pass.",
                n=len(written),
                n_passed=sum(text.is_accepted for text in written),
            )
        )
    return Findings(
        verdicts=tuple(verdicts),
        short=Notice("blind votes won"),
        measure=Notice("share of blind votes won, ties counted half"),
        rows=tuple(
            MeasuredRow(
                name=Notice("{first} against {second}", first=one.first, second=one.second),
                mean=one.share,
                low=one.low or 0.0,
                high=one.high or 0.0,
            )
            for one in standings
            if one.share is not None
        ),
        basis=Notice(
            "{n} blind votes; half is what chance gives.",
            n=sum(one.n_first + one.n_second + one.n_ties for one in standings),
        ),
    )


CONTENT = KindExport(
    kind=Content.kind,
    settings_type=ContentSettings,
    packages=("texts", "writing"),
    models=_models,
    example=_example,
    exchanges=_exchanges,
    findings=_findings,
    how_to_find=Notice("Nothing was written yet. Write some texts, and compare two models blind."),
    guide=(
        (Notice("several texts for a form"), "prototypes/content/variants.py"),
        (Notice("one text: write, check, try again"), "prototypes/content/composing.py"),
        (Notice("what the model is told"), "prototypes/content/prompt.py"),
        (Notice("instructions as templates, in a sandbox"), "prototypes/content/sandbox.py"),
        (Notice("the checks"), "prototypes/content/checking.py"),
        (Notice("the brand's voice"), "prototypes/content/voice.py"),
        (Notice("a whole sheet of texts"), "prototypes/content/batch.py"),
        (Notice("the model that writes"), "inference/service.py"),
    ),
)
