"""What a small model writes is shown only sentence by sentence, once a quoted sentence bears it out.

Knows no model: text comes in pieces, sentences that hold go out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from studio.prototypes.chatbot.answer import Sentence
from studio.prototypes.chatbot.citation import attribute
from studio.prototypes.close_reading import split_sentences

# A sentence must add two content words to the question. "Seven people work for you." adds one, which
# some sentence about something else holds easily.
MIN_OWN_TERMS = 2


_NEGATION = re.compile(
    r"\b(?:no|not|never|cannot|nor|neither|none|nothing|without)\b|n['’]t\b|[不没无未别非勿]",
    re.IGNORECASE,
)
_VERDICT = re.compile(r"(?:yes|no|是的|不是|对|不)\b", re.IGNORECASE)


class SentenceGate:
    """Lets sentences through that a quote bears out; shuts at the first other and at a repetition.

    Args:
        quotes: what they are held against; a sentence let through gets the quote's citations.
        question: what was asked; its words prove nothing.
        show: called with each sentence let through.
    """

    def __init__(
        self, quotes: Sequence[Sentence], question: str, show: Callable[[str], None]
    ) -> None:
        self._quotes = quotes
        self._question = question
        self._show = show
        self._pending = ""
        self._kept: list[Sentence] = []
        self.is_shut = False

    def take(self, piece: str) -> None:
        """More text from the model; judges the sentences that another one follows."""
        self._pending += piece
        sentences = split_sentences(self._pending)
        for sentence in sentences[:-1]:
            self._judge(sentence)
        if len(sentences) > 1:
            self._pending = self._pending[self._pending.rindex(sentences[-1]) :]

    def finish(self, *, is_complete: bool) -> tuple[Sentence, ...]:
        """The sentences let through; a last one that was broken off is left out."""
        if is_complete and self._pending.strip():
            self._judge(self._pending.strip())
        return tuple(self._kept)

    def _judge(self, sentence: str) -> None:
        if self.is_shut:
            return
        texts = [quote.text for quote in self._quotes]
        for judged in attribute(sentence, texts, self._question, min_own_terms=MIN_OWN_TERMS):
            if not judged.citations or any(judged.text == kept.text for kept in self._kept):
                self.is_shut = True
                return
            bearing = [self._quotes[i - 1] for i in judged.citations]
            if _turns_round(judged.text, [quote.text for quote in bearing]):
                self.is_shut = True
                return
            ranks = dict.fromkeys(rank for quote in bearing for rank in quote.citations)
            self._show((" " if self._kept else "") + judged.text)
            self._kept.append(Sentence(text=judged.text, citations=tuple(ranks)))


def _turns_round(sentence: str, quotes: Sequence[str]) -> bool:
    """Whether a sentence says yes or no, or denies what no quote denies (or the other way round).

    The words of a quote bear out "No, it is open" as well as "Yes, it is open", so neither is shown.
    """
    if _VERDICT.match(sentence):
        return True
    is_denied = _NEGATION.search(sentence) is not None
    return all((_NEGATION.search(quote) is not None) != is_denied for quote in quotes)
