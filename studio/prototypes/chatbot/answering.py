"""From a question to an answer: search, decide what may be said, write or quote, check, price.

One object serves one question. It reports to an `AnswerStream` and knows no page and no store; the
documents come through `Knowledge`, the models through the shared service.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.inference.model_spec import ModelSpec
from studio.prototypes.base import Toolbox
from studio.prototypes.chatbot.answer import (
    Answer,
    AnswerFigures,
    AnswerKind,
    Citation,
    Sentence,
)
from studio.prototypes.chatbot.citation import attribute, numbered
from studio.prototypes.chatbot.follow_up import leans_on_before
from studio.prototypes.chatbot.gate import SentenceGate
from studio.prototypes.chatbot.prompt import (
    free_messages,
    grounded_messages,
    instructions_in,
    memory_within,
    small_model_messages,
)
from studio.prototypes.chatbot.question import checked_question
from studio.prototypes.chatbot.quoting import best_sentences, candidates_of
from studio.prototypes.chatbot.secrecy import InstructionGuard
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.chatbot.stream import AnswerStream
from studio.prototypes.chatbot.team_answers import TeamAnswer, TeamAnswers
from studio.prototypes.chatbot.wording import NOT_FOUND, default_greeting, is_small_talk
from studio.prototypes.close_reading import read_closely, split_sentences
from studio.prototypes.knowledge import Knowledge, relevant_hits
from studio.records import (
    CallContext,
    CallRecord,
    FinishReason,
    GenerationRequest,
    Hit,
    Message,
    Notice,
    Sampling,
    Stage,
)

Manner = Literal["write", "check", "quote"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An answer before it has figures."""

    kind: AnswerKind
    sentences: tuple[Sentence, ...]
    quotes: tuple[Sentence, ...] = ()
    finish_reason: FinishReason = "stop"
    note: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """What a model reads: everything, and the same without each passage (its name, text, the turns)."""

    whole: tuple[Message, ...]
    without: tuple[tuple[str, str, tuple[Message, ...]], ...]


class Answering:
    """How one question is answered.

    Args:
        toolbox: models, catalogue and prices.
        knowledge: documents and index.
        settings: the chatbot's settings of this version.
        model: the catalogue's entry of the model that writes.
        context: on whose behalf; its request id joins all calls of this answer.
        history: earlier turns of the conversation in order, this question not among them.
        team: answers of the team.
        seed: decides what is drawn where the temperature is above 0.
    """

    def __init__(
        self,
        *,
        toolbox: Toolbox,
        knowledge: Knowledge,
        settings: ChatbotSettings,
        model: ModelSpec,
        context: CallContext,
        history: Sequence[Message],
        team: TeamAnswers,
        seed: int,
    ) -> None:
        self._tools = toolbox
        self._knowledge = knowledge
        self._prices = toolbox.prices()
        self._settings = settings
        self._model = model
        self._searcher = knowledge.searcher()
        self._context = context
        self._history = history
        self._team = team
        self._seed = seed
        self._given: TeamAnswer | None = None
        self._seen: tuple[Hit, ...] = ()
        self._calls: list[CallRecord] = []
        self._arrived_s = time.perf_counter()
        self._search_ms = 0.0
        self._first_text_ms: float | None = None
        self._best_relevance: float | None = None
        self._similarities: Mapping[str, float] = {}  # of the passages' sentences with the question

    def run(self, stream: AnswerStream) -> Answer:
        """Answer `stream.question`, reporting to the stream.

        Raises:
            InvalidInput: the question is empty or too long.
            StudioError: search or model failed.
        """
        question = checked_question(stream.question)
        if is_small_talk(question):
            text = self._settings.greeting or default_greeting(self._settings.language)
            draft = Draft(kind="greeting", sentences=(Sentence(text=text, citations=()),))
            stream.write(text)
            return self._finished(question, draft, ())
        given, hits = self._looked_up(question)
        if given is not None:
            stream.write(given.sentences[0].text)
            return self._finished(question, given, ())
        stream.enter("waiting", n_passages=len(hits))
        if stream.is_cancelled:
            return self._finished(question, _stopped(), hits)
        if hits:
            draft = self._from_documents(stream, question, hits)
        elif self._settings.only_from_documents or not self._knows_language():
            draft = self._not_found()
            stream.write(draft.sentences[0].text)
        else:
            draft = self._freely(stream, question)
        return self._finished(question, draft, hits)

    def prompts_without_each(self, question: str) -> Prompts:
        """What the model reads for a question, and what it would read without each of the passages.

        Nothing is written. No passages give none to leave out.

        Raises:
            InvalidInput: the question is empty or too long.
            StudioError: the search failed.
        """
        asked = checked_question(question)
        queries = self._queries(asked)
        hits = self._search(queries, self._vectors(queries))
        quotes = self._quotes(asked, hits) if self._manner() != "write" and hits else ()

        def prompt(left_out: int | None) -> tuple[Message, ...]:
            if quotes:
                kept = [quote.text for quote in quotes if left_out not in quote.citations]
                return small_model_messages(self._settings, asked, kept, self._memory())
            read = [
                (hit.chunk.document_name, hit.chunk.text) for hit in hits if hit.rank != left_out
            ]
            return grounded_messages(self._settings, asked, read, self._memory())

        read = {number for quote in quotes for number in quote.citations}
        return Prompts(
            whole=prompt(None),
            without=tuple(
                (hit.chunk.document_name, hit.chunk.text, prompt(hit.rank))
                for hit in hits
                if not quotes or hit.rank in read
            ),
        )

    def _knows_language(self) -> bool:
        return writes_language(self._model, self._settings.language)

    def _manner(self) -> Manner:
        style = self._settings.answer_style
        if style == "quote" or (style == "auto" and not self._knows_language()):
            return "quote"
        return "check" if self._model.is_small and self._settings.only_from_documents else "write"

    def _queries(self, question: str) -> list[str]:
        """What is searched for: the question, and for a follow-up also with the one before it."""
        earlier = next((m.content for m in reversed(self._history) if m.role == "user"), "")
        if not earlier or not leans_on_before(question):
            return [question]
        return [question, f"{earlier}\n{question}"]

    def _looked_up(self, question: str) -> tuple[Draft | None, tuple[Hit, ...]]:
        """The answer of the team where there is one, else the passages for the question."""
        began_s = time.perf_counter()
        queries = self._queries(question)
        try:
            vectors = self._vectors(queries)
        except StudioError:
            given = self._of_the_team(question, None)  # which no model is needed for
            if given is None:
                raise
        else:
            given = self._of_the_team(question, vectors[0])
        hits = () if given is not None else self._search(queries, vectors)
        self._search_ms = (time.perf_counter() - began_s) * 1000
        return given, hits

    def _of_the_team(self, question: str, vector: NDArray[np.float32] | None) -> Draft | None:
        """The answer of the team to this very question; None where there is none."""
        if not self._settings.uses_team_answers:
            return None
        given, calls = self._team.find(
            question,
            vector,
            threshold=self._settings.team_similarity,
            searcher=self._searcher,
            call=self._calls[-1] if self._calls else None,
            context=self._context,
        )
        self._calls += calls
        if given is None:
            return None
        if self._context.surface != "bench":  # a measurement is nobody's question
            self._team.count_hit(given)
        self._given = given
        said = Sentence(text=given.record.answer, citations=())
        return Draft(kind="curated", sentences=(said,), note=Notice("Answered by the team."))

    def _search(
        self, queries: Sequence[str], vectors: Sequence[NDArray[np.float32] | None]
    ) -> tuple[Hit, ...]:
        """The passages of the first query for which there are relevant ones."""
        wanted = self._settings.search_options(self._settings.n_passages)
        best: tuple[Hit, ...] = ()
        for query, vector in zip(queries, vectors, strict=True):
            hits = self._searcher.search(
                query,
                vector,
                wanted,
                rerank_model=self._settings.rerank_model,
                context=self._context,
                on_call=self._calls.append,
            )
            read = read_closely(self._searcher, query, vector, hits, self._context)
            hits = read.hits
            if read.call is not None:
                self._calls.append(read.call)
            top = max((hit.relevance for hit in hits), default=0.0)
            if hits and (self._best_relevance is None or top > self._best_relevance):
                self._best_relevance, self._seen = top, hits
            best = relevant_hits(hits, self._settings.min_relevance)
            if best:
                self._similarities = read.similarities
                break
        return best

    def _vectors(self, queries: Sequence[str]) -> Sequence[NDArray[np.float32] | None]:
        """The vector of each query, or None for each where words alone must do."""
        embedded = self._searcher.read(queries, self._context)
        if embedded is None:
            return [None] * len(queries)
        self._calls.append(embedded.call)
        self._knowledge.note_revision(embedded.call.model, embedded.call.revision)
        if not self._searcher.fits(embedded.call.revision):
            return [None] * len(queries)
        return list(embedded.vectors)

    def _not_found(self) -> Draft:
        """That nothing was found; where a free answer was wanted, also why there is none."""
        note = None
        if not self._settings.only_from_documents:
            note = Notice(
                "Nothing relevant was found, and {model} does not write this language, so it was"
                " not asked.",
                model=self._model.name,
            )
        said = Sentence(text=NOT_FOUND[self._settings.language], citations=())
        return Draft(kind="not_found", sentences=(said,), note=note)

    def _from_documents(self, stream: AnswerStream, question: str, hits: tuple[Hit, ...]) -> Draft:
        manner = self._manner()
        if manner == "write":
            return self._write(stream, question, hits)
        quotes = self._quotes(question, hits)
        if manner == "check":
            return self._write_checked(stream, question, quotes)
        self._show(stream, " ".join(quote.text for quote in quotes))
        note = None
        if not self._knows_language():
            note = Notice(
                "Quoted from your documents: {model} does not write this language.",
                model=self._model.name,
            )
        return Draft(kind="quoted", sentences=quotes, note=note)

    def _quotes(self, question: str, hits: Sequence[Hit]) -> tuple[Sentence, ...]:
        """The sentences of the passages that fit the question best."""
        candidates = candidates_of(hits)
        if not candidates:
            return tuple(Sentence(text=hit.chunk.text, citations=(hit.rank,)) for hit in hits[:1])
        similarities = None
        if self._similarities:
            found = [self._similarities[candidate.text] for candidate in candidates]
            similarities = np.asarray(found, np.float32)
        return best_sentences(question, candidates, similarities, self._searcher.term_weight)

    def _write(self, stream: AnswerStream, question: str, hits: Sequence[Hit]) -> Draft:
        """The model's own words, shown as they come; each sentence with what bears it out."""
        passages = [(hit.chunk.document_name, hit.chunk.text) for hit in hits]
        messages = grounded_messages(self._settings, question, passages, self._memory())
        text, reason, note = self._guarded(stream, messages)
        sentences = attribute(text, [passage for _, passage in passages], question)
        return Draft(kind="written", sentences=sentences, finish_reason=reason, note=note)

    def _write_checked(
        self,
        stream: AnswerStream,
        question: str,
        quotes: tuple[Sentence, ...],
    ) -> Draft:
        """A small model's words, each sentence shown only once a quote bears it out; then quotes."""
        messages = small_model_messages(
            self._settings, question, [quote.text for quote in quotes], self._memory()
        )
        gate = SentenceGate(quotes, question, lambda text: self._show(stream, text))
        _, reason = self._generate(stream, messages, gate.take, should_stop=lambda: gate.is_shut)
        kept = gate.finish(is_complete=reason == "stop")
        if stream.is_cancelled:
            reason = "cancelled"
        elif gate.is_shut:
            reason = "stop"  # what is missing was left out on purpose
        if not kept:
            return self._quoted_instead(stream, quotes, reason, is_unborne=gate.is_shut)
        said = " ".join(sentence.text for sentence in kept)
        return Draft(
            kind="written",
            sentences=kept,
            quotes=tuple(quote for quote in quotes if quote.text not in said),
            finish_reason=reason,
        )

    def _quoted_instead(
        self,
        stream: AnswerStream,
        quotes: tuple[Sentence, ...],
        reason: FinishReason,
        *,
        is_unborne: bool,
    ) -> Draft:
        """The quotes in the place of what the model wrote, of which no sentence could be shown."""
        self._show(stream, " ".join(quote.text for quote in quotes))
        if reason == "cancelled":
            note = Notice("Stopped before an answer was written; quoted from your documents.")
        elif is_unborne:
            note = Notice(
                "Quoted from your documents: they do not bear out what {model} wrote.",
                model=self._model.name,
            )
        else:
            note = Notice(
                "Quoted from your documents: {model} wrote no whole sentence within the length"
                " limit. A longer limit can be set under Behaviour.",
                model=self._model.name,
            )
        return Draft(
            kind="quoted",
            sentences=quotes,
            finish_reason="cancelled" if reason == "cancelled" else "stop",  # the quotes are whole
            note=note,
        )

    def _freely(self, stream: AnswerStream, question: str) -> Draft:
        """An answer without documents, said to be one."""
        messages = free_messages(self._settings, question, self._memory())
        text, reason, note = self._guarded(stream, messages)
        return Draft(
            kind="free",
            sentences=tuple(Sentence(text=piece, citations=()) for piece in split_sentences(text)),
            finish_reason=reason,
            note=note or Notice("Not from your documents: nothing relevant was found in them."),
        )

    def _guarded(
        self, stream: AnswerStream, messages: tuple[Message, ...]
    ) -> tuple[str, FinishReason, Notice | None]:
        """The model's words up to where it recites its instructions, and that it did."""
        guard = InstructionGuard(instructions_in(messages), lambda piece: self._show(stream, piece))
        text, reason = self._generate(
            stream, messages, guard.take, should_stop=lambda: guard.is_shut
        )
        shown = guard.finish()
        if not guard.is_shut:
            return text, reason, None
        return shown, "stop", Notice("Stopped: the model began to recite its instructions.")

    def _generate(
        self,
        stream: AnswerStream,
        messages: tuple[Message, ...],
        take: Callable[[str], None],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> tuple[str, FinishReason]:
        settings = self._settings
        model_stream = self._tools.models.generate(
            GenerationRequest(
                model=self._model.id,
                messages=messages,
                sampling=Sampling(
                    max_new_tokens=settings.max_new_tokens,
                    temperature=settings.temperature,
                    top_p=0.95 if settings.temperature > 0 else 1.0,
                    seed=self._seed,
                ),
                context=self._context,
            )
        )
        stream.follow(model_stream)
        stream.enter("writing")
        for piece in model_stream:
            take(piece)
            if should_stop():
                model_stream.cancel()
                break
        result = model_stream.result()
        self._calls.append(result.call)
        return result.text, result.finish_reason

    def _memory(self) -> tuple[Message, ...]:
        def count(turns: Sequence[Message]) -> int:
            return self._tools.models.count_tokens(self._model.id, turns)

        return memory_within(self._history, self._settings.memory_tokens, count)

    def _show(self, stream: AnswerStream, text: str) -> None:
        if text and self._first_text_ms is None:
            self._first_text_ms = (time.perf_counter() - self._arrived_s) * 1000
        stream.write(text)

    def _finished(self, question: str, draft: Draft, hits: Sequence[Hit]) -> Answer:
        sentences, quotes, citations = numbered(draft.sentences, draft.quotes, hits)
        return Answer(
            question=question,
            kind=draft.kind,
            sentences=sentences,
            quotes=quotes,
            citations=citations,
            figures=self._figures(draft.kind, len(hits)),
            finish_reason=draft.finish_reason,
            note=draft.note,
            retrieved=tuple(Citation.of(hit.rank, hit) for hit in self._seen),
            curated_id=self._given.record.id if self._given else "",
            similarity=self._given.similarity if self._given else None,
        )

    def _figures(self, kind: AnswerKind, n_passages: int) -> AnswerFigures:
        price = self._prices.price_of_all(self._calls)
        worked = _main_call(self._calls)
        return AnswerFigures(
            n_passages=n_passages,
            best_relevance=self._best_relevance,
            tokens_in=sum(call.tokens_in for call in self._calls),
            tokens_out=sum(call.tokens_out for call in self._calls),
            search_ms=self._search_ms,
            first_token_ms=self._first_text_ms if kind in ("written", "free") else None,
            total_ms=(time.perf_counter() - self._arrived_s) * 1000,
            cost=price.amount if price else Decimal(0),
            currency="USD",
            cost_source=price.source if price else Notice("no model was called"),
            model=worked.model if worked else "",
            engine=worked.engine if worked else "",
            request_id=self._context.request_id,
        )


def writes_language(model: ModelSpec, language: str) -> bool:
    """Whether a model is known to write a language; a model of unknown languages is trusted."""
    return not model.languages or language in model.languages


def _stopped() -> Draft:
    return Draft(kind="free", sentences=(), finish_reason="cancelled")


def _main_call(calls: Sequence[CallRecord]) -> CallRecord | None:
    """The call of the model that wrote, else of the one that read the question; None for none."""
    wrote = [call for call in calls if call.stage is Stage.GENERATION]
    return next(iter([*wrote, *calls]), None)
