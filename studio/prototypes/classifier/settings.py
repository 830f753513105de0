"""The settings of a classifier: its labels, when it answers, how it decides, what its tables are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from studio.prototypes import prototype_settings
from studio.prototypes.data_care import CARES
from studio.prototypes.prototype_settings import PrototypeSettings, Range
from studio.records import Notice

MethodName = Literal["descriptions", "examples"]
METHODS: tuple[MethodName, ...] = ("descriptions", "examples")

LABELS: Mapping[str, Notice] = {
    **prototype_settings.LABELS,
    "label_meanings": Notice("Labels and what they mean"),
    "merged": Notice("Labels counted as another"),
    "threshold": Notice("Answer from this confidence on (threshold)"),
    "method": Notice("How it decides"),
    "embedding_model": Notice("Model that reads the texts"),
    "table_uses": Notice("What each table is for"),
    "text_columns": Notice("Columns with the text"),
    "label_columns": Notice("Columns with the label"),
    "cleaning": Notice("What is mended in the texts"),
    "suggestions": Notice("Texts to try"),
}
"""What a person calls each setting: in forms, in messages, in the list of versions."""

RANGES: Mapping[str, Range] = {"threshold": (0, 1)}
CHOICES: Mapping[str, tuple[str, ...]] = {
    **prototype_settings.CHOICES,
    "method": ("", *METHODS),
}
LEARNT_BY = (
    *("label_meanings", "merged", "method", "embedding_model"),
    *("table_uses", "text_columns", "label_columns", "cleaning"),
)
"""The settings that decide what is learnt; after a change of one of them it has to learn again."""
MAX_LABELS = 500
MAX_LABEL = 200
MAX_DESCRIPTION = 1000
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierSettings(PrototypeSettings):
    """A classifier's behaviour, beside what `PrototypeSettings` says.

    Attributes:
        label_meanings: (label, what it means, may be empty): labels that have no examples yet, and
            descriptions of those that have.
        merged: (label, the one it counts as), for typing mistakes in tables.
        threshold: below this confidence a person decides; 0 answers always.
        method: "" for the one that the number of examples allows.
        embedding_model: catalogue id of the model that reads; "" for the automatic one.
        table_uses: (table, use), where it is not as guessed; see `tables.USES`.
        text_columns: (table, column), where it is not as guessed.
        label_columns: (table, column), where it is not as guessed; "" for none.
        cleaning: what is mended in each text before it is learnt from or classified, of `CARES`.
        suggestions: texts that are offered to try.
    """

    labels: ClassVar[Mapping[str, Notice]] = LABELS
    ranges: ClassVar[Mapping[str, Range]] = RANGES
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = CHOICES

    label_meanings: Pairs = ()
    merged: Pairs = ()
    threshold: float = 0.5
    method: str = ""
    embedding_model: str = ""
    table_uses: Pairs = ()
    text_columns: Pairs = ()
    label_columns: Pairs = ()
    cleaning: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()

    def _problems(self) -> dict[str, Notice]:
        """What is wrong, by setting."""
        problems = PrototypeSettings._problems(self)
        unknown = [one for one in self.cleaning if one not in CARES]
        if unknown:
            problems["cleaning"] = Notice(
                "There is no {care} to mend; choose of: {known}.",
                care=unknown[0],
                known=", ".join(CARES),
            )
        names = [name for name, _ in self.label_meanings]
        if len(names) > MAX_LABELS:
            problems["label_meanings"] = Notice(
                "There are {n} labels; at most {limit} can be told apart.",
                n=len(names),
                limit=MAX_LABELS,
            )
        elif any(not name.strip() or len(name) > MAX_LABEL for name in names):
            problems["label_meanings"] = Notice(
                "A label needs a name of 1 to {limit} characters.", limit=MAX_LABEL
            )
        elif len({name.casefold() for name in names}) < len(names):
            problems["label_meanings"] = Notice("Each label may be listed once only.")
        elif any(len(meaning) > MAX_DESCRIPTION for _, meaning in self.label_meanings):
            problems["label_meanings"] = Notice(
                "What a label means can be told in {limit} characters.", limit=MAX_DESCRIPTION
            )
        return problems
