"""Labels that people told in feedback and in evaluation sets, and which of them could be learnt from.

Nothing is learnt from before a person confirms it, and nothing that a test part asks. Reads the stores.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from studio.evaluation.case import EvaluationCase, part_of_case, same_label
from studio.prototypes.classifier.data import text_key
from studio.workspace.feedback_record import FeedbackFilter
from studio.workspace.store import Workspace

N_FEEDBACK = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelDraft:
    """A text with a label that somebody told, to be confirmed; `source` says where."""

    text: str
    label: str
    source: Literal["feedback", "evaluation set"]


def told_labels(
    prototype_id: str, labels: Collection[str], workspace: Workspace
) -> tuple[tuple[str, str], ...]:
    """Texts with the label that people called right: a correction, or a label they liked.

    The newest word on a text counts. What is no label of the classifier is left out, as are texts where
    it was not sure and nobody said what they are.
    """
    known = {same_label(label): label for label in labels}
    found: dict[str, tuple[str, str]] = {}
    for record in workspace.feedback.list(
        FeedbackFilter(prototype_id=prototype_id), limit=N_FEEDBACK
    ):
        if record.state == "dismissed":
            continue
        said = record.opinion.correction.strip()
        if not said and record.opinion.thumb == "up":
            said = record.exchange.answer
        label = known.get(same_label(said))
        text = record.exchange.question.strip()
        if label is not None and text:
            found.setdefault(text_key(text), (text, label))
    return tuple(found.values())


def label_drafts(
    prototype_id: str,
    labels: Sequence[str],
    known: Collection[str],
    workspace: Workspace,
) -> tuple[LabelDraft, ...]:
    """What could be learnt from feedback and the tune parts of evaluation sets, each text once.

    Args:
        prototype_id: whose.
        labels: that are told apart.
        known: keys (`text_key`) of the texts that have a label already.
        workspace: the stores.
    """
    tuned, tested = _in_sets(prototype_id, workspace)
    drafts = {
        text_key(text): LabelDraft(text=text, label=label, source="feedback")
        for text, label in told_labels(prototype_id, labels, workspace)
    }
    told = {same_label(label): label for label in labels}
    for case in tuned:
        answer = same_label(case.answers[0]) if len(case.answers) == 1 else ""
        if answer in told:
            draft = LabelDraft(text=case.question, label=told[answer], source="evaluation set")
            drafts.setdefault(text_key(case.question), draft)
    skipped = tested | set(known)
    return tuple(draft for key, draft in drafts.items() if key not in skipped)


def _in_sets(prototype_id: str, workspace: Workspace) -> tuple[list[EvaluationCase], set[str]]:
    """The cases of the tune parts of all sets, and the keys of what any test part asks."""
    tuned: list[EvaluationCase] = []
    tested: set[str] = set()
    for record in workspace.evaluation_sets.list(prototype_id):
        for case in map(EvaluationCase.from_json, workspace.evaluation_sets.cases(record.id)):
            if part_of_case(case, record.seed, record.tune_share) == "tune":
                tuned.append(case)
            else:
                tested.add(text_key(case.question))
    return tuned, tested
