"""What every kind over documents can be set: how they are cut and indexed, and how they are searched.

A kind adds its own settings to these. Says what each is called and which values are allowed; knows no
kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, get_args

from studio.prototypes import prototype_settings
from studio.prototypes.prototype_settings import PrototypeSettings, Range
from studio.records import Filter, Notice
from studio.retrieval.chunking import ChunkingMethod, ChunkingOptions, Role
from studio.retrieval.index_choice import IndexWish
from studio.retrieval.query import Fusion, SearchMode, SearchOptions

LABELS: Mapping[str, Notice] = {
    **prototype_settings.LABELS,
    "embedding_model": Notice("Model that searches"),
    "mode": Notice("Search by"),
    "semantic_weight": Notice("Weight of the meaning"),
    "fusion": Notice("How words and meaning are joined (fusion)"),
    "min_relevance": Notice("Relevance needed (threshold)"),
    "diversity": Notice("Variety of the results (diversity)"),
    "rerank_model": Notice("Model that reads the best results again (reranking)"),
    "passage_method": Notice("How documents are cut into passages"),
    "passage_tokens": Notice("Passage length, at most (tokens)"),
    "passage_overlap": Notice("Overlap of passages (tokens)"),
    "roles": Notice("What the columns of tables are for"),
    "index_kind": Notice("Kind of index"),
}
RANGES: Mapping[str, Range] = {
    "semantic_weight": (0.0, 1.0),
    "min_relevance": (0.0, 1.0),
    "diversity": (0.0, 1.0),
    "passage_tokens": (16, 512),
    "passage_overlap": (0, 256),
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    **prototype_settings.CHOICES,
    "mode": get_args(SearchMode),
    "fusion": get_args(Fusion),
    "passage_method": get_args(ChunkingMethod),
    "index_kind": get_args(IndexWish),
}

OF_INDEX = ("embedding_model", "passage_method", "passage_tokens", "passage_overlap", "roles")
"""The settings that say what an index holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSettings(PrototypeSettings):
    """Settings of a prototype over documents.

    Attributes:
        language: the language it speaks; documents may be in any.
        embedding_model: catalogue id of the model that searches; empty for one that reads the
            language.
        mode: "hybrid" joins words and meaning, "semantic" is meaning alone, "keyword" words alone.
        semantic_weight: share of meaning against words in "hybrid", 0 to 1.
        fusion: whether scores or ranks are joined.
        min_relevance: passages below it are left out, 0 to 1 (`Hit.relevance`).
        diversity: how much results should differ from each other, 0 to 1.
        rerank_model: catalogue id of the model that orders the best results anew; empty for none.
        passage_method: how documents are cut (`ChunkingOptions.method`).
        passage_tokens: greatest length of a passage, 16 to 512.
        passage_overlap: how much of a passage the next one repeats, at most half of it.
        roles: what columns of tables are for, by name, where the guess is not right.
        index_kind: kind of vector index; "auto" chooses by size and memory.

    Raises:
        InvalidInput: a value is not allowed; `fields` names each with what is.
    """

    labels: ClassVar[Mapping[str, Notice]] = LABELS
    ranges: ClassVar[Mapping[str, Range]] = RANGES
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = CHOICES
    k_field: ClassVar[str] = ""  # the setting that says how many passages are taken

    embedding_model: str = ""
    mode: SearchMode = "hybrid"
    semantic_weight: float = 0.5
    fusion: Fusion = "score"
    min_relevance: float = 0.1
    diversity: float = 0.0
    rerank_model: str = ""
    passage_method: ChunkingMethod = "auto"
    passage_tokens: int = 160
    passage_overlap: int = 32
    roles: tuple[tuple[str, Role], ...] = ()
    index_kind: IndexWish = "auto"

    def chunking(self, guessed: Mapping[str, Role]) -> ChunkingOptions:
        """How documents are to be cut.

        Args:
            guessed: what each column of the tables seems to be for; the settings' roles win.
        """
        return ChunkingOptions(
            max_tokens=self.passage_tokens,
            overlap_tokens=self.passage_overlap,
            method=self.passage_method,
            roles=tuple(sorted({**guessed, **dict(self.roles)}.items())),
        )

    def search_options(self, k: int, filters: tuple[Filter, ...] = ()) -> SearchOptions:
        """How `k` passages are to be searched. The threshold is left to who shows them."""
        return SearchOptions(
            k=k,
            n_candidates=max(50, 5 * k),
            mode=self.mode,
            semantic_weight=self.semantic_weight,
            fusion=self.fusion,
            filters=filters,
            diversity=self.diversity,
        )

    def _problems(self) -> dict[str, Notice]:
        # Written out, as a dataclass with slots is another class than the one `super()` would mean.
        problems = PrototypeSettings._problems(self)
        for _, role in self.roles:
            if role not in get_args(Role):
                problems["roles"] = self._choice_problem("roles", role, get_args(Role))
        if not problems and self.passage_overlap > self.passage_tokens // 2:
            problems["passage_overlap"] = Notice(
                "{setting} is {value}; it must be between {low} and {high}.",
                setting=self.labels["passage_overlap"],
                value=self.passage_overlap,
                low="0",
                high=str(self.passage_tokens // 2),
            )
        return problems
