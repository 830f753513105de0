"""Long documents: an outline first, then section by section; and summaries of long documents."""

from __future__ import annotations

from dataclasses import dataclass

from studio.prototypes.content.text import Text, TextFigures
from studio.prototypes.content.writing import Writing
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
class SummaryStep:
    """A part of a summary: which characters of the document it stands for."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LongSummary:
    """A summary of a document of any length.

    `steps` are the summaries of its parts, in order; () where it fitted into one. `n_levels` is how
    often summaries were summarised again.
    """

    text: Text
    steps: tuple[SummaryStep, ...]
    n_levels: int
    figures: TextFigures


class LongTexts:
    """Long texts of one prototype. Every method may be called by any thread."""

    def outline(self, topic: str, *, facts: str = "", n_sections: int = 5) -> Writing[Outline]:
        """Propose an outline.

        Args:
            topic: what the text is about.
            facts: what may be said; documents are used as the settings say.
            n_sections: 1 to 12.

        Raises:
            InvalidInput: there is no topic, or a number is out of range.
        """
        raise NotImplementedError

    def write(self, outline: Outline, *, facts: str = "", words: int = 120) -> Writing[Text]:
        """Write an outline section by section, each with a running summary of those before.

        Stopping keeps what was written. The glimpses have one text: the document so far, in Markdown.

        Args:
            outline: its sections, 1 to 12.
            facts: what may be said.
            words: wanted length of a section; characters in Chinese.

        Raises:
            InvalidInput: there is no section, or too many.
        """
        raise NotImplementedError

    def summarise(self, text: str, *, words: int = 100) -> Writing[LongSummary]:
        """Summarise a document, also one longer than the model's context (map-reduce).

        Args:
            text: the document.
            words: wanted length; characters in Chinese.

        Raises:
            InvalidInput: it is empty, or longer than 400,000 characters.
        """
        raise NotImplementedError
