"""Long documents: an outline first, then section by section; and summaries of long documents.

A section is written with a running summary of those before it, so that no context has to hold the whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from studio.errors import Cancelled, InvalidInput
from studio.prototypes.base import Toolbox
from studio.prototypes.content.composing import Composer
from studio.prototypes.content.drafts import Drafts
from studio.prototypes.content.history import History
from studio.prototypes.content.long_json import (
    plan_from_json,
    plan_to_json,
    summary_from_json,
    summary_to_json,
)
from studio.prototypes.content.long_records import (
    MAX_SECTIONS,
    LongPlan,
    LongSummary,
    Outline,
    OutlineSection,
    SummaryStep,
)
from studio.prototypes.content.map_reduce import MAX_DOCUMENT, Summariser
from studio.prototypes.content.outlining import propose_outline
from studio.prototypes.content.sections import write_sections
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.text import Text
from studio.prototypes.content.writing import Writing
from studio.records import Notice

__all__ = [
    "MAX_DOCUMENT", "MAX_SECTIONS", "LongPlan", "LongSummary", "LongTexts", "Outline",
    "OutlineSection", "SummaryStep",
]  # fmt: skip

MAX_FACTS = 20_000
MAX_TITLE = 60
"""Characters of a document that its summary is found by."""


class LongTexts:
    """Long texts of one prototype. Every method may be called by any thread.

    Attributes:
        plans: outlines with what they were made from, by title.
        summaries: those that were made, by the beginning of their document.

    Args:
        prototype_id: whose they are.
        toolbox: what it works with.
        history: keeps what is written.
        settings: those of the prototype, read anew.
        composer: a composer for settings and the id of a request.
    """

    def __init__(
        self,
        prototype_id: str,
        toolbox: Toolbox,
        history: History,
        settings: Callable[[], ContentSettings],
        composer: Callable[[ContentSettings, str], Composer],
    ) -> None:
        self._models = toolbox.models
        self._in_turn = toolbox.acting.in_turn
        self._history = history
        self._settings = settings
        self._composer = composer
        drafts = toolbox.workspace.drafts
        self.plans: Drafts[LongPlan] = Drafts(
            prototype_id, drafts, "outline", plan_to_json, plan_from_json
        )
        self.summaries: Drafts[LongSummary] = Drafts(
            prototype_id,
            drafts,
            "summary",
            summary_to_json,
            lambda stored: summary_from_json(stored, history.get(stored["text_id"])),
        )

    def outline(self, topic: str, *, facts: str = "", n_sections: int = 5) -> Writing[Outline]:
        """Propose an outline, which is kept as a plan.

        Args:
            topic: what the text is about.
            facts: what may be said, one per line; each is put to a section.
            n_sections: 1 to 12.

        Raises:
            InvalidInput: there is no topic, or a number is out of range.
        """
        topic = " ".join(topic.split())
        if not topic or len(topic) > 300:
            raise InvalidInput("Say in a few words what the text is about.")
        _check_facts(facts)
        _check_sections(n_sections)
        settings = self._settings()

        def work(writing: Writing[Outline]) -> Outline:
            writing.report(Notice("Thinking of {n} headings", n=n_sections))
            composer = self._composer(settings, writing.request_id)
            outline = propose_outline(composer, topic, facts, n_sections, writing.watcher())
            if writing.is_cancelled:
                raise Cancelled("Stopped before there was an outline.")
            self.plans.add(outline.title, LongPlan(topic=topic, facts=facts, outline=outline))
            return outline

        return Writing(self._in_turn(work)).begin()

    def change(self, plan_id: str, outline: Outline) -> None:
        """Keep a plan's outline as a person changed it. Raises NotFound."""
        self.plans.change(plan_id, lambda plan: replace(plan, outline=outline))

    def write(
        self, outline: Outline, *, facts: str = "", words: int = 120, plan_id: str = ""
    ) -> Writing[Text]:
        """Write an outline section by section, each with a running summary of those before.

        Stopping keeps what was written. The glimpses have one text: the document so far, in Markdown.

        Args:
            outline: its sections, 1 to 12.
            facts: what may be said, beside the points of the sections.
            words: wanted length of a section, 20 to 500; characters in Chinese.
            plan_id: of the plan that is to remember the text; empty for none.

        Raises:
            InvalidInput: there is no section, or a number is out of range.
        """
        _check_sections(len(outline.sections))
        _check_words(words, 20, 500)
        _check_facts(facts)
        settings = self._settings()

        def work(writing: Writing[Text]) -> Text:
            composer = self._composer(settings, writing.request_id)
            text = self._history.add((write_sections(composer, outline, facts, words, writing),))[0]
            if plan_id:
                self.plans.change(plan_id, lambda plan: replace(plan, text_id=text.id))
            return text

        return Writing(self._in_turn(work)).begin()

    def summarise(self, text: str, *, words: int = 100) -> Writing[LongSummary]:
        """Summarise a document, also one longer than the model's context (map-reduce). It is kept.

        Args:
            text: the document.
            words: wanted length, 20 to 500; characters in Chinese.

        Raises:
            InvalidInput: it is empty, or longer than 400,000 characters.
        """
        document = text.strip()
        if not document or len(document) > MAX_DOCUMENT:
            raise InvalidInput(
                "The document has {n:,} characters; between 1 and {limit:,} can be summarised.",
                n=len(document),
                limit=MAX_DOCUMENT,
            )
        _check_words(words, 20, 500)
        settings = self._settings()

        def work(writing: Writing[LongSummary]) -> LongSummary:
            began_s = time.perf_counter()
            composer = self._composer(settings, writing.request_id)
            summariser = Summariser(composer, self._models.info(composer.model.id), words, writing)
            summary = summariser.summarise(document)
            if not summary.content:
                raise Cancelled("Stopped before there was a summary.")
            text, figures = summariser.checked(
                summary.content, document, (time.perf_counter() - began_s) * 1000
            )
            made = LongSummary(
                document=document,
                text=self._history.add((text,))[0],
                steps=summary.steps,
                n_levels=summary.n_levels,
                figures=figures,
            )
            self.summaries.add(title_of(document), made)
            return made

        return Writing(self._in_turn(work)).begin()


def _check_sections(n: int) -> None:
    if not 1 <= n <= MAX_SECTIONS:
        raise InvalidInput(
            "{n} sections were asked for; between 1 and {limit} can be written.",
            n=n,
            limit=MAX_SECTIONS,
        )


def _check_words(words: int, least: int, most: int) -> None:
    if not least <= words <= most:
        raise InvalidInput(
            "The length is {n}; it must be between {least} and {most}.",
            n=words,
            least=least,
            most=most,
        )


def _check_facts(facts: str) -> None:
    if len(facts) > MAX_FACTS:
        raise InvalidInput(
            "The facts have {n:,} characters; at most {limit:,} can be read.",
            n=len(facts),
            limit=MAX_FACTS,
        )


def title_of(document: str) -> str:
    """What a document is called in a list: its first line with words, without the marks of a heading."""
    for line in document.splitlines():
        words = " ".join(line.strip().lstrip("#*-=").split())
        if words:
            return words[:MAX_TITLE]
    return ""
