"""Two versions of a prototype on the same judged queries, where one index serves both."""

from __future__ import annotations

from dataclasses import dataclass

from studio.errors import InvalidInput
from studio.evaluation.comparison import compare_scores
from studio.prototypes.document_settings import OF_INDEX, DocumentSettings
from studio.prototypes.search.comparing import MEASURES, Measured
from studio.records import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsMeasured:
    """How well each version finds, and what can be said of the difference."""

    first: Measured
    second: Measured
    verdict: Notice


def check_same_index(settings: DocumentSettings, other: DocumentSettings) -> None:
    """Refuse versions of which only one can be in the index.

    Raises:
        InvalidInput: they read or cut documents in different ways; says in which.
    """
    differing = [one for one in OF_INDEX if getattr(settings, one) != getattr(other, one)]
    if differing:
        raise InvalidInput(
            "These versions read or cut the documents differently ({setting}), and the index holds"
            " only one way at a time. Duplicate the prototype to measure both.",
            setting=settings.labels[differing[0]],
        )


def versions_measured(
    first: Measured, second: Measured, names: tuple[Notice, Notice]
) -> VersionsMeasured:
    """The second version against the first, by nDCG@10 query by query."""
    compared = compare_scores(
        second.ndcg_of,
        first.ndcg_of,
        name=names[1],
        baseline=names[0],
        measure=MEASURES[0],
        seed=0,
    )
    return VersionsMeasured(first=first, second=second, verdict=compared.verdict)
