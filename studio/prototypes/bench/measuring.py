"""What came of measuring a prototype's search: the ways, on which judgements, and the verdict.

Values and their sentences; measuring itself is `comparing`, the verdict's numbers are `evaluation`'s.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from studio.evaluation.comparison import MIN_QUERIES, Comparison, compare_scores, signed
from studio.prototypes.document_settings import DocumentSettings
from studio.prototypes.search.comparing import DEPTH, MEASURES, Measured
from studio.records import Notice
from studio.workspace.records import JudgementSource

if TYPE_CHECKING:
    import pandas as pd

Part = Literal["keyword", "semantic", "hybrid", "now", "trial"]

PARTS: Mapping[Part, Notice] = {
    "keyword": Notice("keyword search"),
    "semantic": Notice("semantic search"),
    "hybrid": Notice("hybrid search"),
    "now": Notice("the search as it is set now"),
    "trial": Notice("the search on trial"),
}
"""What each way is called within a sentence."""

ENOUGH = 50
"""Queries on which a difference of a usual size is told apart from chance."""
SMALLEST = 0.02
"""A difference in nDCG that is not worth judging more queries for."""
_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredWay:
    """One way of searching with its figures.

    `parts` says what it stands for: plain keyword search may also be what is set now. `settings` are
    those of the prototype with this way's ranking in them.
    """

    parts: tuple[Part, ...]
    settings: DocumentSettings
    measured: Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOutcome:
    """How two ways did on one query: nDCG@10 and the rank of the first right result, None for none."""

    query: str
    ndcg: float
    other_ndcg: float
    rank: int | None
    other_rank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The ways of searching on the judged queries.

    `queries` has each measured query by its id. `n_judgements` counts what was measured with,
    `n_by_source` where that came from; `n_gone` judgements were left out as their item is not there
    any more. `version` is the prototype's when it was measured. `verdicts` are sentences, the most
    useful first.
    """

    ways: tuple[MeasuredWay, ...]
    queries: Mapping[str, str]
    n_judgements: int
    n_by_source: Mapping[JudgementSource, int]
    n_gone: int
    version: int
    measured_at: datetime
    verdicts: tuple[Notice, ...]

    def way(self, part: Part) -> MeasuredWay | None:
        """The way that stands for this; None where it was not measured."""
        return next((way for way in self.ways if part in way.parts), None)

    def outcomes(self, ours: MeasuredWay, other: MeasuredWay) -> tuple[QueryOutcome, ...]:
        """Query by query, the largest gain first and the largest loss last."""
        a, b = ours.measured, other.measured
        found = [
            QueryOutcome(
                query=text,
                ndcg=a.ndcg_of[key],
                other_ndcg=b.ndcg_of[key],
                rank=a.first_right[key],
                other_rank=b.first_right[key],
            )
            for key, text in self.queries.items()
        ]
        return tuple(sorted(found, key=lambda one: one.other_ndcg - one.ndcg))

    def frame(self) -> pd.DataFrame:
        """One row per way: its figures, each with the ends of its 95% interval; times in ms."""
        import pandas as pd

        rows = []
        for way in self.ways:
            row: dict[str, Any] = {"way": " / ".join(way.parts)}  # text and numbers
            found = (way.measured.ndcg, way.measured.recall, way.measured.reciprocal_rank)
            for measure, interval in zip(MEASURES, found, strict=True):
                row[measure] = interval.mean
                row[f"{measure} low"], row[f"{measure} high"] = interval.low, interval.high
            row["search_ms"] = way.measured.search_ms
            row["search_p95_ms"] = way.measured.search_p95_ms
            rows.append(row)
        return pd.DataFrame(rows)

    def _repr_html_(self) -> str:
        """The verdict and a table for notebooks."""
        from html import escape

        said = "".join(f"<p>{escape(str(verdict))}</p>" for verdict in self.verdicts)
        head = "".join(f"<th>{measure} (95%)</th>" for measure in MEASURES)
        rows = "".join(
            f"<tr><td>{escape(' / '.join(way.parts))}</td>"
            + "".join(
                f"<td>{interval.mean:.3f} ({interval.low:.3f} to {interval.high:.3f})</td>"
                for interval in (
                    way.measured.ndcg,
                    way.measured.recall,
                    way.measured.reciprocal_rank,
                )
            )
            + f"<td>{way.measured.search_ms:.1f} / {way.measured.search_p95_ms:.1f} ms</td></tr>"
            for way in self.ways
        )
        top = f"<tr><th>way</th>{head}<th>median / p95</th></tr>"
        basis = (
            f"{len(self.queries)} queries, {self.n_judgements} judgements, version {self.version}"
        )
        return f"{said}<table>{top}{rows}</table><p>{basis}</p>"


def ways_of(now: DocumentSettings, trial: DocumentSettings | None) -> dict[Part, DocumentSettings]:
    """What is worth measuring: the three plain ways, the settings as they are, and those on trial.

    The plain ways neither read again (rerank) nor vary the results, so that keyword search is BM25 as
    everybody knows it; in the hybrid, words and meaning are weighed as set now.
    """
    plain = replace(now, diversity=0.0, rerank_model="")
    ways: dict[Part, DocumentSettings] = {
        "keyword": replace(plain, mode="keyword"),
        "semantic": replace(plain, mode="semantic"),
        "hybrid": replace(plain, mode="hybrid"),
        "now": now,
    }
    if trial is not None:
        ways["trial"] = trial
    return ways


def distinct(
    ways: Mapping[Part, DocumentSettings],
) -> tuple[dict[Part, DocumentSettings], dict[Part, tuple[Part, ...]]]:
    """Each ranking once, under its first name; and all names of each."""
    wanted: dict[Part, DocumentSettings] = {}
    parts: dict[Part, tuple[Part, ...]] = {}
    for part, settings in ways.items():
        same = next((p for p, other in wanted.items() if _ranks_alike(settings, other)), None)
        if same is None:
            wanted[part], parts[part] = settings, (part,)
        else:
            parts[same] = (*parts[same], part)
    return wanted, parts


def _ranks_alike(one: DocumentSettings, other: DocumentSettings) -> bool:
    """Whether two settings give the same order, whatever their thresholds and numbers of results."""

    def ranking(settings: DocumentSettings) -> tuple[object, ...]:
        weighing = (settings.semantic_weight, settings.fusion) if settings.mode == "hybrid" else ()
        return (settings.mode, *weighing, settings.diversity, settings.rerank_model)

    return ranking(one) == ranking(other)


def verdicts_on(ways: Sequence[MeasuredWay], *, seed: int = 0) -> tuple[Notice, ...]:
    """The sentences that a decision needs: the trial, the best other way, and keyword search.

    Each against the settings as they are; these against keyword search. Nothing is said twice.
    """
    by_part = {part: way for way in ways for part in way.parts}
    plain: list[Part] = ["keyword", "semantic", "hybrid"]
    best = max(plain, key=lambda part: by_part[part].measured.ndcg.mean)
    wanted: list[tuple[Part, Part]] = [(best, "now"), ("now", "keyword")]
    if "trial" in by_part:
        wanted.insert(0, ("trial", "now"))
    said: list[frozenset[int]] = []
    notices = []
    for part, other in wanted:
        ours, theirs = by_part[part], by_part[other]
        pair = frozenset((id(ours), id(theirs)))
        if ours is theirs or pair in said:
            continue
        said.append(pair)
        names = (_called(ours, part), _called(theirs, other))
        notices.append(_verdict(_compared(ours, theirs, seed), *names))
    return tuple(notices)


def n_more_queries(comparison: Comparison) -> int | None:
    """About how many more judged queries would show the difference that was seen; None if too many.

    From the usual formula for a mean: `n = (1.96 s / d)^2`, `s` being the standard deviation of the
    differences and `d` their mean, at least 0.02, as a smaller difference is not worth knowing.
    """
    values = [value for _, value in comparison.differences]
    if len(values) < MIN_QUERIES:
        return max(1, MIN_QUERIES - len(values))
    mean = math.fsum(values) / len(values)
    variance = math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
    worth_knowing = max(abs(mean), SMALLEST)
    more = math.ceil(variance * (1.96 / worth_knowing) ** 2 - len(values))
    if more > _MOST:
        return None
    return max(5, 5 * math.ceil(more / 5))  # it is a rough figure


def _compared(ours: MeasuredWay, theirs: MeasuredWay, seed: int) -> Comparison:
    return compare_scores(
        ours.measured.ndcg_of,
        theirs.measured.ndcg_of,
        name="",
        baseline="",
        measure=MEASURES[0],
        seed=seed,
    )


def _called(way: MeasuredWay, part: Part) -> Part:
    """The plain name of a way where it has one, else what it stands for."""
    return next((one for one in way.parts if one not in ("now", "trial")), part)


def _verdict(compared: Comparison, part: Part, other: Part) -> Notice:
    difference = compared.difference
    facts = {
        "name": PARTS[part],
        "other": PARTS[other],
        "n": difference.n,
        "difference": signed(difference.mean, ".2f"),
        "low": f"{difference.low:.2f}",
        "high": f"{difference.high:.2f}",
        "n_better": compared.n_wins,
        "n_worse": compared.n_losses,
    }
    if compared.outcome == "better":
        return Notice(
            "On your {n} queries, {name} is better than {other}: nDCG@10 {difference} ({low} to "
            "{high}); better on {n_better}, worse on {n_worse}.",
            **facts,
        )
    if compared.outcome == "worse":
        return Notice(
            "On your {n} queries, {name} is worse than {other}: nDCG@10 {difference} ({low} to "
            "{high}); better on {n_better}, worse on {n_worse}.",
            **facts,
        )
    if compared.outcome == "same":
        return Notice("{name} and {other} rank equally well on all your {n} queries.", **facts)
    more = n_more_queries(compared)
    if difference.n < MIN_QUERIES:
        return Notice(
            "{n} queries are too few to tell {name} from {other}. Judge at least {more} more.",
            "One query is too few to tell {name} from {other}. Judge at least {more} more.",
            more=more,
            **facts,
        )
    if more is None:
        return Notice(
            "No difference can be shown between {name} and {other} on your {n} queries: nDCG@10 "
            "{difference} ({low} to {high}). They are about equally good; judging more would hardly "
            "tell them apart.",
            **facts,
        )
    return Notice(
        "No difference can be shown between {name} and {other} on your {n} queries: nDCG@10 "
        "{difference} ({low} to {high}). Judge about {more} more queries.",
        more=more,
        **facts,
    )


__all__ = [
    "DEPTH",
    "ENOUGH",
    "PARTS",
    "Measurement",
    "MeasuredWay",
    "Part",
    "QueryOutcome",
    "distinct",
    "n_more_queries",
    "verdicts_on",
    "ways_of",
]
