"""An outline, and the summary of a long document: values."""

from __future__ import annotations

from dataclasses import dataclass

from studio.prototypes.content.text import Text, TextFigures
from studio.records import Notice

MAX_SECTIONS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineSection:
    """A section to be written: its heading and what it should say."""

    heading: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a long text will be: its title and sections; people edit it before it is written.

    `is_written` says whether a model proposed it; else its headings are the usual ones, and `note`
    tells why.
    """

    title: str
    sections: tuple[OutlineSection, ...]
    is_written: bool = True
    note: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LongPlan:
    """What a long text is to be made of, as it was typed and changed by hand.

    `text_id` is the text that was written by it last; empty before.
    """

    topic: str
    facts: str
    outline: Outline
    text_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryStep:
    """A part of a summary: which characters of the document it stands for."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LongSummary:
    """A summary of a document of any length.

    `document` is what was summarised. `steps` are the summaries of its parts, in order; () where it
    fitted into one. `n_levels` is how often summaries were summarised again.
    """

    document: str
    text: Text
    steps: tuple[SummaryStep, ...]
    n_levels: int
    figures: TextFigures
