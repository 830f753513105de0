"""A chatbot that answers from its owner's documents: the handle that pages, notebooks and API hold.

Combines settings and versions (workspace), documents and index (`Knowledge`), conversations
(workspace) and answers (`Answering`). Settings are read anew for each question, so a change counts
from the next question on.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from studio.errors import StudioError
from studio.evaluation.case import Attempt, EvaluationCase
from studio.inference.model_spec import ModelSpec
from studio.inference.model_store import ModelStore
from studio.prototypes.base import Toolbox
from studio.prototypes.chatbot.answer import Answer, Citation
from studio.prototypes.chatbot.answering import Answering, Prompts, writes_language
from studio.prototypes.chatbot.attempting import attempt_of
from studio.prototypes.chatbot.question import checked_question
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.chatbot.stream import AnswerStream
from studio.prototypes.chatbot.team_answers import TeamAnswers
from studio.prototypes.chatbot.wording import default_greeting
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.replay.questions import own_questions
from studio.records import Message, Replied, Surface, Task
from studio.workspace.records import ConversationSummary, TurnRecord

if TYPE_CHECKING:
    import pandas as pd

REPEATABLE_SEED = 0
"""Of questions that measure: asked again, they are to be answered the same."""


class Chatbot(DocumentedPrototype[ChatbotSettings]):
    """One chatbot. Every method may be called by any thread.

    Args:
        prototype_id: of a stored prototype of the kind "chatbot".
        toolbox: what it works with.

    Raises:
        NotFound: there is no prototype of that id.
    """

    kind: ClassVar[str] = "chatbot"
    settings_type: ClassVar[type[ChatbotSettings]] = ChatbotSettings
    reads_every_query: ClassVar[bool] = True
    reads_closely: ClassVar[bool] = True

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        super().__init__(prototype_id, toolbox)
        self.team_answers = TeamAnswers(
            self._id, toolbox.workspace.curated_answers, self._priced_calls
        )
        self._running: dict[str, AnswerStream] = {}
        self._lock = threading.Lock()

    @property
    def model(self) -> ModelSpec:
        """The model that writes: the chosen one, or the default."""
        chosen = self.settings.generation_model
        return (
            self._tools.catalogue.get(chosen)
            if chosen
            else self._tools.catalogue.default(Task.GENERATION)
        )

    @property
    def greeting(self) -> str:
        """What it says before the first question."""
        settings = self.settings
        return settings.greeting or default_greeting(settings.language)

    def writes_language(self) -> bool:
        """Whether its model writes its language; where it does not, answers are quoted."""
        return writes_language(self.model, self.settings.language)

    def models_ready(self) -> bool:
        """Whether the default models that it asks are on the disk; others are fetched when asked."""
        tools = self._tools
        store = ModelStore(tools.settings.models_dir)
        return tools.settings.is_demo or all(
            store.present(spec) for spec in tools.catalogue.defaults() if self._asks(spec)
        )

    def _asks(self, model: ModelSpec) -> bool:
        """Whether answering may take this one of the default models."""
        settings = self.settings
        if model.task is not Task.GENERATION:
            return model.id in (self.embedding_model, settings.rerank_model)
        if settings.generation_model not in ("", model.id):
            return False
        if settings.answer_style == "quote":
            return not settings.only_from_documents
        return settings.answer_style == "write" or writes_language(model, settings.language)

    # Its conversations

    def start_conversation(self) -> str:
        """A new conversation of whoever acts; gives its id, which cannot be guessed."""
        return self._tools.workspace.conversations.start(self._id, self._talker()).id

    def conversations(self, limit: int = 8) -> tuple[ConversationSummary, ...]:
        """The conversations of whoever acts, the one in which something was said last first."""
        return self._tools.workspace.conversations.recent(self._id, self._talker(), limit)

    def end_conversation(self, conversation_id: str) -> None:
        """Begin anew: the conversation is kept, but no longer the one to go on with. NotFound."""
        self._tools.workspace.conversations.end(conversation_id)

    def open_conversation(self) -> str | None:
        """The id of the conversation to go on with; None where the latest one was ended."""
        latest = next(iter(self.conversations(1)), None)
        return None if latest is None or latest.is_over else latest.id

    def _talker(self) -> str:
        """Whose conversations these are: the id of an account, empty without signing in."""
        return self._tools.acting.current().user_id

    def turns(self, conversation_id: str) -> tuple[TurnRecord, ...]:
        """What was said, in order."""
        return self._tools.workspace.conversations.turns(conversation_id)

    def recent_turns(self, n_conversations: int = 20) -> tuple[TurnRecord, ...]:
        """What was said in the conversations that began last, the newest conversation first."""
        conversations = self._tools.workspace.conversations
        latest = sorted(conversations.list(self._id), key=lambda one: one.started_at, reverse=True)[
            :n_conversations
        ]
        return tuple(turn for one in latest for turn in conversations.turns(one.id))

    def running(self, conversation_id: str) -> AnswerStream | None:
        """The answer in the making, also after a page was reloaded; None when there is none."""
        with self._lock:
            return self._running.get(conversation_id)

    # Answers

    def ask(
        self,
        question: str,
        conversation_id: str | None = None,
        surface: Surface = "notebook",
        turns: Sequence[Message] = (),
        seed: int | None = None,
    ) -> Answer:
        """The answer to a question; waits for it.

        Without a conversation nothing is kept but the calls in the ledger; `turns` and `seed` as in
        `stream`.

        Raises:
            InvalidInput: the question is empty or too long.
            StudioError: search or model failed; the message says what to do.
        """
        return self.stream(question, conversation_id, surface, turns, seed).answer()

    def stream(
        self,
        question: str,
        conversation_id: str | None = None,
        surface: Surface = "page",
        turns: Sequence[Message] = (),
        seed: int | None = None,
    ) -> AnswerStream:
        """Start an answer; gives its stream at once. In a conversation both turns are kept.

        Args:
            question: what is asked.
            conversation_id: of a conversation that is kept here; None keeps nothing.
            surface: where the question came from, for the ledger.
            turns: what was said before, in order, where the asker keeps the conversation; those of
                a conversation that is kept here are read there, and these are not.
            seed: decides what is drawn where the temperature is above 0; another one each time by
                default.

        Raises:
            InvalidInput: the question is empty or too long.
        """
        asked = checked_question(question)
        history = tuple(turns) if conversation_id is None else self._history(conversation_id)
        if conversation_id is not None:
            self._tools.workspace.conversations.append_turn(conversation_id, "user", asked, {})

        drawn = secrets.randbits(31) if seed is None else seed

        def work(stream: AnswerStream) -> Answer:
            return self._answering(stream.request_id, history, surface, drawn).run(stream)

        def keep(outcome: Answer | StudioError) -> None:
            if conversation_id is not None:
                self._keep(conversation_id, stream, outcome)

        stream = AnswerStream(asked, self._tools.acting.in_turn(work), keep, self._new_request_id())
        if conversation_id is not None:
            with self._lock:
                self._running[conversation_id] = stream
        return stream.start()

    # Measuring

    def replay_inputs(self, limit: int) -> tuple[str, ...]:
        """Questions to measure with: those asked here, the starters, those that were judged, drafts."""
        conversations = self._tools.workspace.conversations
        asked = (
            turn.content
            for conversation in conversations.list(self._id)
            for turn in conversations.turns(conversation.id)
            if turn.role == "user" and turn.content.strip()
        )
        return own_questions(self.bench, chain(asked, self.settings.starter_questions), limit)

    def replay(self, text: str) -> Replied:
        """Answer a question as for a visitor and keep nothing but the calls.

        Raises:
            StudioError: search or model failed.
        """
        stream = self.stream(text, surface="bench", seed=REPEATABLE_SEED)
        answer = stream.answer()
        return Replied(request_id=stream.request_id, first_token_ms=answer.figures.first_token_ms)

    def attempt(self, case: EvaluationCase) -> Attempt:
        """Answer a question of an evaluation as for a visitor and keep nothing but the calls.

        Answers of the team are left out: they are right by definition, and where the set was filled
        with them they would be held against themselves.

        Raises:
            InvalidInput: the question is empty or too long.
            StudioError: search or model failed.
        """
        alone = self.tried_with(replace(self.settings, uses_team_answers=False), self.version)
        answer = alone.ask(case.question, surface="bench", seed=REPEATABLE_SEED)
        return attempt_of(answer, self.bench.ranking(case.question, self.settings), self._item_of)

    def _item_of(self, citation: Citation) -> str | None:
        """What the item of a cited passage is called in judgements; None where it is gone."""
        at = (citation.page, citation.start)
        chunks = self.passages(citation.document_id)
        found = next((chunk for chunk in chunks if (chunk.page, chunk.start) == at), None)
        return None if found is None else self.bench.names().of(found)

    def _keep(
        self, conversation_id: str, stream: AnswerStream, outcome: Answer | StudioError
    ) -> None:
        """Store what came of a question, also when that is an error."""
        if isinstance(outcome, StudioError):
            text, extra = "", {"error": outcome.notice.to_json()}
        else:
            text, extra = outcome.text, {"answer": outcome.to_json()}
        try:
            self._tools.workspace.conversations.append_turn(
                conversation_id, "assistant", text, extra
            )
        finally:
            with self._lock:
                if self._running.get(conversation_id) is stream:
                    del self._running[conversation_id]

    def _answering(
        self, request_id: str, history: Sequence[Message], surface: Surface, seed: int
    ) -> Answering:
        record = self.record
        return Answering(
            toolbox=self._tools,
            knowledge=self._knowledge,
            settings=ChatbotSettings.from_json(record.settings),
            model=self.model,
            context=self._call_context(request_id, surface, record.version),
            history=history,
            team=self.team_answers,
            seed=seed,
        )

    def prompts_without_each(self, question: str) -> Prompts:
        """What its model reads for a question, and what it would without each of the passages.

        Raises:
            InvalidInput: the question is empty or too long.
            StudioError: the search failed.
        """
        answering = self._answering(self._new_request_id(), (), "bench", REPEATABLE_SEED)
        return answering.prompts_without_each(question)

    def _priced_calls(self) -> pd.DataFrame:
        self._tools.ledger.flush()
        return self._tools.prices().attach(self._tools.ledger.frame(prototype_id=self._id))

    def _history(self, conversation_id: str) -> tuple[Message, ...]:
        return tuple(
            Message(role="user" if turn.role == "user" else "assistant", content=turn.content)
            for turn in self.turns(conversation_id)
            if turn.content
        )

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        state = self.index_state()
        return (
            f"**{self.name}** · chatbot, version {self.version} · {len(self.documents())} documents, "
            f"{state.n_passages} passages · answers with {self.model.name}"
        )
