"""The measures of a run: what each is called, what it means, and which direction is better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from studio.records import Notice

Group = Literal["answer", "label", "refusal", "retrieval", "sources", "text", "judge", "effort"]
Unit = Literal["share", "ms", "usd"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure per case.

    `name` is the key in the scores; `label` what a person calls it, with the term of the field in
    brackets; `meaning` says in a sentence what it counts. Shares are in [0, 1], higher is better;
    times and money lower.
    """

    name: str
    label: Notice
    meaning: Notice
    group: Group
    unit: Unit = "share"

    @property
    def is_higher_better(self) -> bool:
        """Whether more of it is good."""
        return self.unit == "share"


def _measure(
    name: str, group: Group, label: Notice, meaning: Notice, unit: Unit = "share"
) -> Measure:
    return Measure(name=name, group=group, label=label, meaning=meaning, unit=unit)


_ALL = (
    _measure(
        "token_recall",
        "answer",
        Notice("Expected answer is in it (token recall)"),
        Notice("How much of the expected answer's words stands in the answer, however long it is."),
    ),
    _measure(
        "token_f1",
        "answer",
        Notice("Words shared with the expected answer (token F1)"),
        Notice(
            "As SQuAD counts it; words beside the expected answer count against it. Chinese by "
            "character."
        ),
    ),
    _measure(
        "exact_match",
        "answer",
        Notice("Exactly the expected answer (exact match)"),
        Notice("Word for word, but for case, punctuation and articles."),
    ),
    _measure(
        "rouge_l",
        "answer",
        Notice("Longest common sequence (ROUGE-L)"),
        Notice("Words that come in the same order in the answer and the expected one."),
    ),
    _measure(
        "bleu",
        "answer",
        Notice("Common word sequences (BLEU)"),
        Notice("Sequences of one to four words shared with the expected answer, text by text."),
    ),
    _measure(
        "chrf",
        "answer",
        Notice("Common letter sequences (chrF)"),
        Notice(
            "Sequences of one to six letters shared with the expected answer; forgives other endings."
        ),
    ),
    _measure(
        "similarity",
        "answer",
        Notice("Same meaning (cosine)"),
        Notice(
            "How near the answer's vector is to the expected one's. Comparable within one model only,"
            " and blind to a wrong number or a missing not."
        ),
    ),
    _measure(
        "accuracy",
        "label",
        Notice("Right label (accuracy)"),
        Notice("Texts whose likeliest label is an expected one, whether it was sure of it or not."),
    ),
    _measure(
        "right_when_sure",
        "label",
        Notice("Right where it decides (precision)"),
        Notice("Of the texts that it is sure of, those with an expected label."),
    ),
    _measure(
        "decided",
        "label",
        Notice("Texts it decides itself (coverage)"),
        Notice("Texts of which it is sure enough to give a label; the others go to a person."),
    ),
    _measure(
        "out_of_scope",
        "label",
        Notice("Texts of no label left to a person (out of scope)"),
        Notice(
            "Texts that belong to none of the labels, and of which it said that it is not sure."
        ),
    ),
    _measure(
        "answered",
        "refusal",
        Notice("Answerable questions answered"),
        Notice("Questions that the documents answer, and that it did not refuse."),
    ),
    _measure(
        "refused",
        "refusal",
        Notice("Unanswerable questions refused"),
        Notice("Questions that the documents do not answer, and where it said so."),
    ),
    _measure(
        "R@5",
        "retrieval",
        Notice("Right sources among the first five (recall@5)"),
        Notice("Share of the right documents or rows among the first five found."),
    ),
    _measure(
        "nDCG@10",
        "retrieval",
        Notice("Right sources on top (nDCG@10)"),
        Notice("Right sources among the first ten found, counting more the higher they stand."),
    ),
    _measure(
        "RR@10",
        "retrieval",
        Notice("How high the first right source stands (MRR@10)"),
        Notice("One over the rank of the first right source among the first ten."),
    ),
    _measure(
        "passage_read",
        "retrieval",
        Notice("Right passage was read"),
        Notice(
            "Whether four fifths of the right passage's words stand in one passage that it read."
        ),
    ),
    _measure(
        "citation_precision",
        "sources",
        Notice("Named sources that are right (citation precision)"),
        Notice("Share of the sources that an answer names which are right ones."),
    ),
    _measure(
        "citation_recall",
        "sources",
        Notice("Right sources that are named (citation recall)"),
        Notice("Share of the right sources that the answer names."),
    ),
    _measure(
        "groundedness",
        "sources",
        Notice("Sentences that a passage bears out (groundedness)"),
        Notice(
            "Share of the sentences whose words, numbers and names stand in a passage that was read. "
            "It goes by words: plain rewording can count as not borne out, and a missing not is not "
            "seen. A chatbot that quotes, or whose small model is checked sentence by sentence, shows "
            "no others, so that it has nearly all of them whatever its model is worth."
        ),
    ),
    _measure(
        "checks",
        "text",
        Notice("Checks passed"),
        Notice("Share of the text's checks that were passed."),
    ),
    _measure(
        "accepted",
        "text",
        Notice("Texts that pass every required check"),
        Notice("Texts that would be kept as they are."),
    ),
    _measure(
        "judge",
        "judge",
        Notice("Right, says a model (LLM as judge)"),
        Notice(
            "What the model that you named said of the answer. Read it only beside its agreement with"
            " people."
        ),
    ),
    _measure(
        "judge_ms",
        "judge",
        Notice("Time of judging an answer"),
        Notice("From the ledger: the call of the model that judges."),
        "ms",
    ),
    _measure(
        "judge_usd",
        "judge",
        Notice("Cost of judging an answer"),
        Notice(
            "From the ledger: the call of the model that judges. It is no part of an answer's cost."
        ),
        "usd",
    ),
    _measure(
        "latency_ms",
        "effort",
        Notice("Time of an answer"),
        Notice(
            "From the arrival of the question to the end of the answer: models, search and all that is "
            "done in between."
        ),
        "ms",
    ),
    _measure(
        "cost_usd",
        "effort",
        Notice("Cost of an answer"),
        Notice("From the ledger: all model calls of the answer."),
        "usd",
    ),
)

MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in _ALL}
"""Every measure by its name, in the order in which they are shown."""

HEADLINES: tuple[str, ...] = (
    *("token_recall", "accuracy", "nDCG@10", "accepted", "exact_match", "refused", "out_of_scope"),
)
"""Which measure speaks for the quality of a run: the first of these that it has."""
