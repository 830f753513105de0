"""How good rankings are, query by query: nDCG, recall, precision (also averaged), first hit, success.

The measures are those of ir-measures (the definitions of trec_eval): nDCG takes the grade as gain, the
others count grade 1 and more as relevant. A ranking is document ids, best first; its order counts,
scores do not, so that there are no ties to break. The module knows no index and no model.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.errors import InvalidInput
from studio.evaluation.judgements import Judgement, grades_of

Rankings = Mapping[str, Sequence[str]]
"""Query id to document ids, best first; a repeated id counts where it first stands."""

MEASURES: tuple[str, ...] = ("nDCG@10", "R@10", "RR@10", "P@5", "Success@1")
_MEASURE = re.compile(r"(?:nDCG|R|RR|P|AP|Success)@[1-9]\d{0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingScores:
    """Scores in [0, 1] of every query that can be judged.

    `values[measure][i]` belongs to `query_ids[i]`. Queries without a relevant document have no best
    ranking and are left out: `n_without_relevant` counts those judged with grade 0 alone,
    `n_unjudged` the rankings of queries nobody judged. `n_unanswered` queries are scored 0 as they
    have no ranking or an empty one.
    """

    query_ids: tuple[str, ...]
    values: Mapping[str, tuple[float, ...]]
    n_unjudged: int
    n_without_relevant: int
    n_unanswered: int

    @property
    def n_queries(self) -> int:
        """Queries that were scored."""
        return len(self.query_ids)

    def mean(self, measure: str) -> float:
        """The mean over all queries; NaN where there are none. Raises KeyError."""
        values = self.values[measure]
        return math.fsum(values) / len(values) if values else math.nan

    def by_query(self, measure: str) -> dict[str, float]:
        """Query id to score, in order. Raises KeyError for a measure that was not asked for."""
        return dict(zip(self.query_ids, self.values[measure], strict=True))


def score_rankings(
    judgements: Iterable[Judgement],
    rankings: Rankings,
    measures: Sequence[str] = MEASURES,
) -> RankingScores:
    """Score the rankings against the judgements. Documents nobody judged count as not relevant.

    Args:
        judgements: in the order that the scores shall have; of a repeated pair the last counts.
        rankings: as long as the deepest measure needs; shorter ones are taken as they are.
        measures: `nDCG`, `R` (recall), `RR` (reciprocal rank), `P` (precision), `AP` (average
            precision; its mean is MAP) or `Success`, each with `@` and a depth of 1 to 9999.

    Raises:
        InvalidInput: a measure that there is not; the message says which there are.
    """
    parsed = {name: _parsed(name) for name in measures}
    grades = grades_of(judgements)
    judged = {query: found for query, found in grades.items() if max(found.values()) > 0}
    run = {
        query: {document: -float(rank) for rank, document in enumerate(dict.fromkeys(ranking))}
        for query, ranking in rankings.items()
        if query in judged and ranking
    }
    values = {name: dict.fromkeys(judged, 0.0) for name in measures}
    for metric in _calculated(list(parsed.values()), judged, run):
        name = next(name for name, measure in parsed.items() if measure == metric.measure)
        values[name][metric.query_id] = float(metric.value)
    return RankingScores(
        query_ids=tuple(judged),
        values={name: tuple(scores.values()) for name, scores in values.items()},
        n_unjudged=sum(query not in grades for query in rankings),
        n_without_relevant=len(grades) - len(judged),
        n_unanswered=len(judged) - len(run),
    )


def _parsed(name: str) -> Any:  # Any: a measure of ir-measures, imported only when it is needed
    if not _MEASURE.fullmatch(name):
        raise InvalidInput(
            "There is no measure {name}. Use nDCG, R, RR, P, AP or Success with @ and a depth, such "
            "as nDCG@10.",
            name=name,
        )
    import ir_measures

    return ir_measures.parse_measure(name)


def _calculated(
    measures: list[Any], grades: dict[str, dict[str, int]], run: dict[str, dict[str, float]]
) -> Iterable[Any]:
    if not measures or not grades or not run:
        return ()
    import ir_measures

    return ir_measures.iter_calc(measures, grades, run)
