"""What a founder can set of a search, with defaults that work and the ranges that are allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from studio.prototypes import document_settings
from studio.prototypes.document_settings import DocumentSettings
from studio.prototypes.prototype_settings import Range
from studio.records import Filter, Notice
from studio.retrieval.query import SearchOptions

MAX_SUGGESTIONS = 8

LABELS: Mapping[str, Notice] = {
    "language": Notice("Language"),
    "title": Notice("Title above the search box"),
    "suggestions": Notice("Suggested queries"),
    "n_results": Notice("Results, at most (top k)"),
    "per_document": Notice("One result per document"),
    **document_settings.LABELS,
}
"""What a person calls each setting: in forms, in messages, in the list of versions."""

RANGES: Mapping[str, Range] = {"n_results": (1, 50), **document_settings.RANGES}


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings(DocumentSettings):
    """A search's behaviour, beside what `DocumentSettings` says.

    Attributes:
        title: what visitors read above the search box; empty for none.
        suggestions: queries offered before the first one, at most 8.
        min_relevance: results below it are left out. On the sample's catalogue loose wishes ("don't get
            wet", "present for somebody who cycles") still reach 0.04 to 0.3, things it does not have
            ("mortgage rates", "football tickets") 0.00 to 0.02.
        n_results: most results of a search, 1 to 50.
        per_document: give the best passage of each document only; else of each table row.
    """

    labels: ClassVar[Mapping[str, Notice]] = LABELS
    ranges: ClassVar[Mapping[str, Range]] = RANGES
    k_field: ClassVar[str] = "n_results"

    title: str = ""
    suggestions: tuple[str, ...] = ()
    min_relevance: float = 0.03
    n_results: int = 10
    per_document: bool = False

    def search_options(self, k: int, filters: tuple[Filter, ...] = ()) -> SearchOptions:
        """How `k` results are to be searched, with the threshold."""
        return replace(
            DocumentSettings.search_options(self, k, filters),
            per_document=self.per_document,
            per_row=True,
            min_relevance=self.min_relevance,
        )

    def _problems(self) -> dict[str, Notice]:
        # Written out, as a dataclass with slots is another class than the one `super()` would mean.
        problems = DocumentSettings._problems(self)
        if len(self.suggestions) > MAX_SUGGESTIONS:
            problems["suggestions"] = Notice(
                "There are {n} suggested queries; at most {limit} can be shown. Take some away.",
                n=len(self.suggestions),
                limit=MAX_SUGGESTIONS,
            )
        return problems
