"""From what a kind of prototype gave to the exchange that feedback keeps.

One function per kind. Draws nothing; keeps at most `N_KEPT` of what was found.
"""

from __future__ import annotations

from studio.prototypes.chatbot.answer import Answer
from studio.prototypes.classifier.results import Classification
from studio.prototypes.content.text import Text
from studio.prototypes.recommendation.results import Recommendations
from studio.prototypes.search.results import SearchOutcome
from studio.workspace.feedback_record import Exchange, Retrieved

N_KEPT = 12
MAX_CHARACTERS = 1200


def of_answer(answer: Answer, language: str) -> Exchange:
    """A chatbot's answer with the passages that were found for it."""
    return Exchange(
        question=answer.question,
        answer=answer.text or "\n".join(quote.text for quote in answer.quotes),
        language=language,
        retrieved=tuple(
            Retrieved(
                name=one.document_name,
                text=one.text[:MAX_CHARACTERS],
                relevance=one.relevance,
                document_id=one.document_id,
                page=one.page,
                start=one.start,
                end=one.end,
            )
            for one in (answer.retrieved or answer.citations)[:N_KEPT]
        ),
    )


def of_search(outcome: SearchOutcome, language: str) -> Exchange:
    """A list of results: the answer are their titles, in order."""
    return Exchange(
        question=outcome.query,
        answer="\n".join(f"{one.hit.rank}. {one.title}" for one in outcome.results[:N_KEPT]),
        language=language,
        retrieved=tuple(
            Retrieved(
                name=one.title,
                text=one.excerpt.text[:MAX_CHARACTERS],
                relevance=one.hit.relevance,
                item=one.item,
                document_id=one.hit.chunk.document_id,
                page=one.hit.chunk.page,
                start=one.hit.chunk.start,
                end=one.hit.chunk.end,
            )
            for one in outcome.results[:N_KEPT]
        ),
    )


def of_recommendations(found: Recommendations, asked: str, language: str) -> Exchange:
    """A list of recommended items; `asked` says in words for whom."""
    titles = [one.item.title for one in found.items[:N_KEPT]]
    return Exchange(
        question=asked,
        answer="\n".join(f"{rank}. {title}" for rank, title in enumerate(titles, start=1)),
        language=language,
        retrieved=tuple(
            Retrieved(
                name=one.item.title, text=one.item.text[:MAX_CHARACTERS], item=one.item.item_id
            )
            for one in found.items[:N_KEPT]
        ),
    )


def of_classification(found: Classification, given: str, language: str) -> Exchange:
    """A text and the label it got; `given` says it in words, also that a person decides."""
    return Exchange(
        question=found.text[:MAX_CHARACTERS],
        answer=given,
        language=language,
        retrieved=tuple(
            Retrieved(name=one.label, text=one.text[:MAX_CHARACTERS], relevance=one.likeness)
            for one in found.nearest
        ),
    )


def of_text(text: Text, language: str, part: str = "") -> Exchange:
    """A written text; the question is what was filled into the form."""
    return Exchange(
        question=" · ".join(value for value in map(str, text.values.values()) if value.strip()),
        answer=text.content,
        language=language,
        retrieved=tuple(
            Retrieved(
                name=one.document_name,
                text=one.text[:MAX_CHARACTERS],
                document_id=one.document_id,
                page=one.page,
            )
            for one in text.passages[:N_KEPT]
        ),
        part=part,
    )
