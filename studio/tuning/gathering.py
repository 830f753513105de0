"""Examples that a prototype already has: judged results, answers of the team, feedback.

Reads the stores; keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studio.evaluation.case import EvaluationCase, part_of_case
from studio.inference.training.plan import Method
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.prototypes.bench.judging import Judged
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.documented import DocumentedPrototype
from studio.tuning.examples import Example
from studio.tuning.labelled import label_examples
from studio.workspace.feedback_record import FeedbackFilter, FeedbackRecord

N_FEEDBACK = 5000


def gathered_examples(
    prototype: StoredPrototype[Any], method: Method, tools: Toolbox
) -> tuple[Example, ...]:
    """What a model could learn from a prototype, the surest source first.

    For a search model these are the judged results, of a classifier its labelled texts; for a text
    model the answers of the team, the corrections in feedback and the answers that people liked. The
    questions of evaluation sets with what is right for them come last; see `tested_prompts` for those
    that must not be learnt.
    """
    if method == "contrastive":
        if isinstance(prototype, Classifier):
            found = prototype.labelled_texts()
            return () if found is None else label_examples(found, tested_prompts(prototype, tools))
        if not isinstance(prototype, DocumentedPrototype):
            return ()
        judged = judged_examples(prototype.bench.judgements())
        return (*judged, *set_examples(_cases(prototype, tools), method))
    team = tools.workspace.curated_answers.list(prototype.id, only_on=True)
    examples = [
        Example(prompt=one.question, answer=one.answer, source="team") for one in reversed(team)
    ]
    records = tools.workspace.feedback.list(
        FeedbackFilter(prototype_id=prototype.id), limit=N_FEEDBACK
    )
    examples += filter(None, map(_of_feedback, reversed(records)))
    return (*examples, *set_examples(_cases(prototype, tools), method))


def tested_prompts(prototype: StoredPrototype[Any], tools: Toolbox) -> tuple[str, ...]:
    """What the test parts of a prototype's evaluation sets ask: held out, and never learnt."""
    sets = tools.workspace.evaluation_sets
    return tuple(
        case.question
        for record in sets.list(prototype.id)
        for case in map(EvaluationCase.from_json, sets.cases(record.id))
        if part_of_case(case, record.seed, record.tune_share) == "test"
    )


def set_examples(cases: Iterable[EvaluationCase], method: Method) -> tuple[Example, ...]:
    """Questions with the passage or item that is right for them, or with the first right answer."""
    found = []
    for case in cases:
        if not case.is_answerable or case.values:
            continue
        if method == "lora" and case.answers:
            found.append(
                Example(prompt=case.question, answer=case.answers[0], source="evaluation set")
            )
        elif method == "contrastive" and (case.gold_passage or case.gold):
            found.append(
                Example(
                    prompt=case.question,
                    answer=case.gold_passage,
                    item="" if case.gold_passage else case.gold[0],
                    source="evaluation set",
                )
            )
    return tuple(found)


def _cases(prototype: StoredPrototype[Any], tools: Toolbox) -> tuple[EvaluationCase, ...]:
    sets = tools.workspace.evaluation_sets
    return tuple(
        EvaluationCase.from_json(stored)
        for record in sets.list(prototype.id)
        for stored in sets.cases(record.id)
    )


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
