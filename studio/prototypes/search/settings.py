"""What a founder can set of a search, with defaults that work and the ranges that are allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from studio.errors import InvalidInput
from studio.records import Notice
from studio.retrieval.query import Fusion, SearchMode

Language = Literal["en", "zh"]
Role = Literal["text", "title", "filter", "link", "ignore"]

RANGES: Mapping[str, tuple[float, float]] = {
    "n_results": (1, 50),
    "semantic_weight": (0.0, 1.0),
    "min_relevance": (0.0, 1.0),
    "diversity": (0.0, 1.0),
}
MAX_SUGGESTIONS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """A search's behaviour.

    Attributes:
        language: of its own words; what is searched may be in any language.
        title: what visitors read above the search box; empty for the prototype's name.
        suggestions: queries offered before the first one, at most 8.
        embedding_model: catalogue id of the model that searches; empty for the default.
        mode: "hybrid" joins words and meaning, "semantic" is meaning alone, "keyword" words alone.
        semantic_weight: share of meaning against words in "hybrid", 0 to 1.
        fusion: whether ranks or scores are joined.
        n_results: most results of a search, 1 to 50.
        min_relevance: results below it are left out, 0 to 1 (`Hit.relevance`).
        diversity: how much results should differ from each other, 0 to 1.
        per_document: give the best passage of each document only.
        roles: what each column of a table is for, by its name; others are guessed.

    Raises:
        InvalidInput: a value is out of range; `fields` names each with what is allowed.
    """

    language: Language = "en"
    title: str = ""
    suggestions: tuple[str, ...] = ()
    embedding_model: str = ""
    mode: SearchMode = "hybrid"
    semantic_weight: float = 0.5
    fusion: Fusion = "score"
    n_results: int = 10
    min_relevance: float = 0.1
    diversity: float = 0.0
    per_document: bool = False
    roles: tuple[tuple[str, Role], ...] = ()

    def __post_init__(self) -> None:
        problems = dict(self._problems())
        if problems:
            raise InvalidInput(
                "This setting cannot be used: {name}. {problem}",
                fields={name: str(problem) for name, problem in problems.items()},
                name=next(iter(problems)),
                problem=next(iter(problems.values())),
            )

    def to_json(self) -> dict[str, Any]:
        """The settings as plain JSON values, for the workspace."""
        return {
            **asdict(self),
            "suggestions": list(self.suggestions),
            "roles": [list(pair) for pair in self.roles],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> SearchSettings:
        """Settings from stored values; unknown names (of a newer studio) are left out.

        Raises:
            InvalidInput: a value is out of range.
        """
        known = {field.name for field in fields(cls)}
        kept = {name: value for name, value in values.items() if name in known}
        kept["suggestions"] = tuple(kept.get("suggestions", ()))
        kept["roles"] = tuple((name, role) for name, role in kept.get("roles", ()))
        return cls(**kept)

    def _problems(self) -> list[tuple[str, Notice]]:
        found: list[tuple[str, Notice]] = []
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not low <= value <= high:
                notice = Notice(
                    "{value} is not between {low} and {high}.",
                    value=str(value),
                    low=f"{low:g}",
                    high=f"{high:g}",
                )
                found.append((name, notice))
        choices: list[tuple[str, Any, tuple[str, ...]]] = [
            ("language", self.language, get_args(Language)),
            ("mode", self.mode, get_args(SearchMode)),
            ("fusion", self.fusion, get_args(Fusion)),
            *(("roles", role, get_args(Role)) for _, role in self.roles),
        ]
        for name, value, allowed in choices:
            if value not in allowed:
                known = ", ".join(allowed)
                found.append(
                    (name, Notice("{value} is not one of: {allowed}.", value=value, allowed=known))
                )
        if len(self.suggestions) > MAX_SUGGESTIONS:
            notice = Notice("At most {n} suggestions can be shown.", n=MAX_SUGGESTIONS)
            found.append(("suggestions", notice))
        return found
