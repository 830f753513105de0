"""Examples that a prototype already has: judged results, answers of the team, feedback.

Reads the stores; keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studio.inference.training.plan import Method
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.prototypes.bench.judging import Judged
from studio.prototypes.documented import DocumentedPrototype
from studio.tuning.examples import Example
from studio.workspace.feedback_record import FeedbackFilter, FeedbackRecord

N_FEEDBACK = 5000


def gathered_examples(
    prototype: StoredPrototype[Any], method: Method, tools: Toolbox
) -> tuple[Example, ...]:
    """What a model could learn from a prototype, the surest source first.

    For a search model these are the judged results; for a text model the answers of the team, the
    corrections in feedback and the answers that people liked.
    """
    if method == "contrastive":
        if not isinstance(prototype, DocumentedPrototype):
            return ()
        return judged_examples(prototype.bench.judgements())
    team = tools.workspace.curated_answers.list(prototype.id, only_on=True)
    found = [
        Example(prompt=one.question, answer=one.answer, source="team") for one in reversed(team)
    ]
    records = tools.workspace.feedback.list(
        FeedbackFilter(prototype_id=prototype.id), limit=N_FEEDBACK
    )
    found += filter(None, map(_of_feedback, reversed(records)))
    return tuple(found)


def judged_examples(judged: Iterable[Judged]) -> tuple[Example, ...]:
    """A right item of a query gives an example; the wrong ones are its hard negatives."""
    kept = [one for one in judged if one.item is not None]
    wrong: dict[str, tuple[str, ...]] = {}
    for one in kept:
        if one.grade == 0 and one.item is not None:
            wrong[one.query] = (*wrong.get(one.query, ()), one.item)
    return tuple(
        Example(
            prompt=one.query,
            item=one.item,
            negative_items=wrong.get(one.query, ()),
            source="judgement",
        )
        for one in kept
        if one.grade > 0 and one.item is not None
    )


def _of_feedback(record: FeedbackRecord) -> Example | None:
    """A correction, or an answer that was liked; None for anything else and what was put aside."""
    opinion, exchange = record.opinion, record.exchange
    if record.state == "dismissed":
        return None
    answer = opinion.correction.strip()
    if not answer and opinion.thumb == "up":
        answer = exchange.answer
    if not answer:
        return None
    return Example(prompt=exchange.question, answer=answer, source="feedback")
