"""From a case and what a prototype made of it to a figure per measure; what does not apply is left out.

An answerable question that was refused counts as answered badly, and not as nothing. Knows no kind and
no store; the likeness of meaning comes as a function, as a model computes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from studio.evaluation.answer_overlap import answer_tokens, exact_match, token_f1, token_recall
from studio.evaluation.case import Attempt, EvaluationCase, same_label
from studio.evaluation.judgements import Judgement
from studio.evaluation.ranking import score_rankings
from studio.evaluation.text_overlap import bleu, chrf, rouge_l
from studio.prototypes.chatbot.citation import MIN_COVERAGE, support_of

RETRIEVAL = ("R@5", "nDCG@10", "RR@10")
READ_SHARE = 0.8
"""Share of the right passage's words that one passage must have to count as that passage."""

Likeness = Callable[[str, Sequence[str]], float | None]
"""The greatest cosine of a text with others; None where no model could read them."""


def scores_of(case: EvaluationCase, attempt: Attempt, likeness: Likeness) -> dict[str, float]:
    """Every measure that applies, by name, in [0, 1].

    Args:
        case: with what would be right.
        attempt: what was made of it.
        likeness: computes the likeness of meaning.
    """
    if attempt.label is not None:
        return _of_label(case, attempt, attempt.label)
    scores: dict[str, float] = {}
    if attempt.is_refusal is not None:
        is_right = attempt.is_refusal != case.is_answerable
        scores["answered" if case.is_answerable else "refused"] = float(is_right)
    if attempt.text is not None and case.answers:
        scores |= _of_answer(attempt.text, case.answers, likeness)
    if attempt.ranking is not None and case.gold:
        scores |= _of_ranking(case, attempt.ranking)
    if case.gold_passage and attempt.ranking is not None and attempt.text is not None:
        scores["passage_read"] = float(was_read(case.gold_passage, attempt.passages))
    if not attempt.is_refusal:
        scores |= _of_sources(case, attempt)
    if attempt.checks:
        scores["checks"] = sum(passed for _, passed in attempt.checks) / len(attempt.checks)
    if attempt.is_accepted is not None:
        scores["accepted"] = float(attempt.is_accepted)
    return scores


def _of_label(case: EvaluationCase, attempt: Attempt, label: str) -> dict[str, float]:
    """Of a label: whether it is right, whether it was given, and whether it is right where it was."""
    is_sure = not attempt.is_refusal
    if not case.is_answerable:
        return {"out_of_scope": float(not is_sure)}
    scores = {"decided": float(is_sure)}
    if case.answers:
        scores["accuracy"] = float(same_label(label) in map(same_label, case.answers))
        if is_sure:
            scores["right_when_sure"] = scores["accuracy"]
    return scores


def as_gold(items: Sequence[str], gold: Sequence[str]) -> list[str]:
    """The items, but rows of a table that is right as a whole are called as that table."""
    files = [name for name in gold if "#" not in name]
    return [next((name for name in files if item.startswith(f"{name}#")), item) for item in items]


def was_read(passage: str, read: Sequence[str]) -> bool:
    """Whether four fifths of a passage's words stand in one of the texts that were read."""
    wanted = set(answer_tokens(passage))
    shares = (len(wanted & set(answer_tokens(text))) / len(wanted) for text in read if wanted)
    return max(shares, default=0.0) >= READ_SHARE


def _of_answer(text: str, expected: Sequence[str], likeness: Likeness) -> dict[str, float]:
    scores = {
        "token_recall": token_recall(text, expected),
        "token_f1": token_f1(text, expected),
        "exact_match": exact_match(text, expected),
        "rouge_l": rouge_l(text, expected),
        "bleu": bleu(text, expected),
        "chrf": chrf(text, expected),
    }
    if text.strip():
        alike = likeness(text, expected)
        return scores if alike is None else {**scores, "similarity": alike}
    return {**scores, "similarity": 0.0}


def _of_ranking(case: EvaluationCase, ranking: Sequence[str]) -> dict[str, float]:
    judged = [
        Judgement(query_id=case.case_id, query=case.question, document_id=item, grade=1)
        for item in case.gold
    ]
    found = score_rankings(judged, {case.case_id: as_gold(ranking, case.gold)}, RETRIEVAL)
    return {measure: found.values[measure][0] for measure in RETRIEVAL}


def _of_sources(case: EvaluationCase, attempt: Attempt) -> dict[str, float]:
    scores: dict[str, float] = {}
    if attempt.cited is not None and case.gold:
        cited = set(as_gold(attempt.cited, case.gold))
        right = len(cited & set(case.gold))
        scores["citation_recall"] = right / len(set(case.gold))
        if cited:
            scores["citation_precision"] = right / len(cited)
    if attempt.passages and attempt.sentences:
        borne = [_is_borne_out(one, attempt.passages) for one in attempt.sentences]
        scores["groundedness"] = sum(borne) / len(borne)
    return scores


def _is_borne_out(sentence: str, passages: Sequence[str]) -> bool:
    """Whether a sentence stands in a passage, or nearly all of its words, numbers and names do.

    Words of the question count here as any others: the chatbot holds them for nothing, as repeating
    them proves nothing, but a quote that consists of them is a quote.
    """
    words = _squeezed(sentence)
    return any(
        (words and words in _squeezed(passage)) or support_of(sentence, passage) >= MIN_COVERAGE
        for passage in passages
    )


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold().rstrip("…")
