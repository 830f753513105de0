"""One text, from a form to the end: prompt, model, mending, checks, and again with the reason.

A composer serves the texts of one request or one batch. Knows no page and no store; documents come
through a searcher, models through the shared service. Every method may be called by any thread.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput, ModelUnavailable
from studio.evaluation.text_checks.result import CheckResult
from studio.evaluation.text_checks.similarity import Vector
from studio.inference.model_spec import ModelSpec
from studio.inference.protocol import GenerationStream
from studio.prototypes.base import Toolbox
from studio.prototypes.content.checking import (
    Checked,
    TextVectors,
    check_text,
    copied_source,
)
from studio.prototypes.content.grounding import FactFinder
from studio.prototypes.content.part_prompt import part_messages
from studio.prototypes.content.prompt import fence_for, messages_for
from studio.prototypes.content.retry_reason import retry_reason
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.structure import read_fields, schema_of
from studio.prototypes.content.template import Variable
from studio.prototypes.content.text import SourcePassage, Text, TextFigures
from studio.prototypes.content.trimming import cleaned, whole_sentences
from studio.prototypes.content.wanted_length import settings_for
from studio.records import (
    CallContext,
    CallRecord,
    EmbeddingRequest,
    FinishReason,
    GenerationRequest,
    GenerationResult,
    Message,
    Notice,
    Sampling,
    Stage,
)

logger = logging.getLogger(__name__)

RETRY_TEMPERATURE = 0.4
"""A text written again is drawn at least this freely: greedy decoding would fall into the same hole."""
SMALL_MODEL_PENALTY = 1.1
"""Repetition penalty of models under 300 million parameters, which else run in circles."""
CUT = Notice("It came to its length limit and was cut at the last whole sentence.")
REPAIRED = Notice("The model's JSON was broken and was mended.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Who looks on while a text is written: told of its beginnings, and able to stop it.

    `again` is told why a text was not accepted, before it is written again.
    """

    show: Callable[[str], None] = lambda _: None
    again: Callable[[Notice], None] = lambda _: None
    follow: Callable[[GenerationStream], None] = lambda _: None
    is_cancelled: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A text with its vector (None where no model made one) and the calls it took."""

    text: Text
    vector: Vector | None
    calls: tuple[CallRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    text: Text
    vector: Vector | None
    result: GenerationResult


class Composer:
    """Writes texts by settings that do not change meanwhile.

    Args:
        toolbox: models, prices, the time.
        settings: of the prototype's version.
        version: its number.
        model: that writes.
        embedding_model: catalogue id of the model that compares; asked for when it is first needed.
        context: on whose behalf.
        facts: finds facts in the documents; None where none are used.
    """

    def __init__(
        self,
        *,
        toolbox: Toolbox,
        settings: ContentSettings,
        version: int,
        model: ModelSpec,
        embedding_model: Callable[[], str],
        context: CallContext,
        facts: FactFinder | None = None,
    ) -> None:
        self.settings = settings
        self.model = model
        self.context = context
        self._models = toolbox.models
        self._version = version
        self._embedding_model = embedding_model
        self._prices = toolbox.prices()
        self._clock = toolbox.clock
        self._facts = facts
        self._lock = threading.Lock()
        self._voice: tuple[Vector, ...] | None = None
        self._cannot_compare = False

    def compose(
        self,
        values: Mapping[str, str],
        *,
        number: int = 0,
        watcher: Watcher | None = None,
        others: Sequence[Vector] = (),
        reason: str = "",
        uses_voice: bool = True,
    ) -> Composed:
        """A text for a form; of several attempts the first that passes, else the least bad.

        Args:
            values: what was typed.
            number: which variant, from 0: the same number, seed and reason give the same text.
            watcher: who looks on.
            others: vectors of the texts it should not be like.
            reason: why an earlier text was not accepted.
            uses_voice: whether the model is told the voice.

        Raises:
            InvalidInput: the form is not complete, or too long for the model.
            StudioError: the model failed, or it was stopped before it wrote anything.
        """
        watcher = watcher or Watcher()
        began_s = time.perf_counter()
        calls: list[CallRecord] = []
        passages = self._facts.find(values, self.context, calls.append) if self._facts else ()
        attempts: list[_Attempt] = []
        for n in range(1 + self.settings.n_retries):
            attempt = self._attempt(
                values, passages, watcher, others, reason, uses_voice, (number, n), calls
            )
            attempts.append(attempt)
            failed = attempt.text.failed_required
            if not failed or attempt.result.finish_reason == "cancelled" or watcher.is_cancelled():
                break
            if n < self.settings.n_retries:
                reason = self.reason_for(failed, values)
                watcher.again(failed[0].notice)
        best = min(attempts, key=lambda one: len(one.text.failed_required))
        text = replace(
            best.text,
            n_attempts=len(attempts),
            attempts=tuple(
                (one.text.content, one.text.failed_required[0].notice)
                for one in attempts
                if one is not best and one.text.failed_required
            ),
            figures=self.figures(calls, (time.perf_counter() - began_s) * 1000),
        )
        return Composed(text=text, vector=best.vector, calls=tuple(calls))

    def reason_for(self, failed: Sequence[CheckResult], values: Mapping[str, str]) -> str:
        """What the model is told of a text for a form that did not pass these checks; empty for none."""
        settings = settings_for(self.settings, values)
        rules, fence = settings.checks, fence_for(self.model)
        return retry_reason(failed, settings.language, rules.min_words, rules.max_words, fence)

    def check(
        self, content: str, values: Mapping[str, str], passages: Sequence[SourcePassage] = ()
    ) -> Composed:
        """A text that a person typed, checked like any other. Raises as the models do."""
        calls: list[CallRecord] = []
        text, vector = self._judged(content, values, passages, "stop", (), calls)
        return Composed(text=text, vector=vector, calls=tuple(calls))

    def check_long(self, content: str, values: Mapping[str, str], calls: list[CallRecord]) -> Text:
        """A long text that was written otherwise, held against what it was written from.

        Its form is not the prototype's: lengths and lists of words of that do not count, and all of
        `values` is a source.
        """
        source = tuple(
            Variable(name=name, label=name, type="long_text", is_source=True) for name in values
        )
        rules = replace(
            self.settings.checks,
            min_words=0,
            max_words=0,
            variables_required=(),
            variables_banned=(),
        )
        settings = replace(
            self.settings, variables=source, shape="markdown", fields=(), checks=rules
        )
        text, _ = self._judged(content, values, (), "stop", (), calls, settings)
        return text

    def passages_for(
        self, query: str, on_call: Callable[[CallRecord], object]
    ) -> tuple[SourcePassage, ...]:
        """Passages of the documents about something; () where documents are not used."""
        return self._facts.about(query, self.context, on_call) if self._facts else ()

    def vectors_of(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """Vectors of texts, `(n, dim)` float32 of unit length; None where no model can make them."""
        try:
            return self._models.embed(
                EmbeddingRequest(
                    model=self._embedding_model(), texts=tuple(texts), context=self.context
                )
            ).vectors
        except ModelUnavailable as error:
            logger.warning("texts are not compared by meaning: %s", error)
            return None

    def rewrite_part(
        self, text: str, start: int, end: int, wish: str, n_before: int, watcher: Watcher
    ) -> tuple[str, tuple[CallRecord, ...]]:
        """The text with a part written anew, and the call it took.

        Args:
            text: the whole.
            start: first character of the part.
            end: the one after its last.
            wish: how it should be.
            n_before: how often it was rewritten: another number gives another wording.
            watcher: who looks on.

        Raises:
            StudioError: the model failed.
        """
        part, sampling = text[start:end], self._sampling(n_before, 1, {}, is_again=True)
        lead, tail = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
        written, call = self.say(
            part_messages(self.settings, self.model, text, start, end, wish),
            replace(sampling, json_schema="", max_new_tokens=max(48, len(part))),
            watcher,
            lambda so_far: f"{text[:start]}{lead}{so_far}{tail}{text[end:]}",
        )
        return f"{text[:start]}{lead}{cleaned(written)}{tail}{text[end:]}", (call,)

    def say(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        watcher: Watcher,
        shown: Callable[[str], str] = str,
    ) -> tuple[str, CallRecord]:
        """What the model answers to some turns, and the call; `shown` is what the watcher sees of it.

        Raises:
            StudioError: the model failed.
        """
        stream = self._models.generate(
            GenerationRequest(
                model=self.model.id,
                messages=tuple(messages),
                sampling=sampling,
                context=self.context,
            )
        )
        watcher.follow(stream)
        written = ""
        for piece in stream:
            written += piece
            watcher.show(shown(written))
        result = stream.result()
        return result.text.strip(), result.call

    def count_tokens(self, values: Mapping[str, str]) -> int:
        """Tokens of the first prompt for a form, without passages; 0 where it cannot be written."""
        try:
            messages = self._messages(values)
            return self._models.count_tokens(self.model.id, messages)
        except InvalidInput:
            return 0

    def figures(self, calls: Sequence[CallRecord], total_ms: float) -> TextFigures:
        """What calls took together; nothing costs nothing."""
        price = self._prices.price_of_all(calls)
        cost = Decimal(0) if not calls else price.amount if price else None
        return TextFigures(
            tokens_in=sum(call.tokens_in for call in calls if call.stage is Stage.GENERATION),
            tokens_out=sum(call.tokens_out for call in calls),
            total_ms=total_ms,
            cost=cost,
            currency="USD",
            cost_source=price.source if price else Notice("no model was called"),
            model=self.model.id,
            engine=next((call.engine for call in reversed(calls) if call.engine), ""),
            request_id=self.context.request_id,
        )

    def _attempt(
        self,
        values: Mapping[str, str],
        passages: Sequence[SourcePassage],
        watcher: Watcher,
        others: Sequence[Vector],
        reason: str,
        uses_voice: bool,
        turn: tuple[int, int],
        calls: list[CallRecord],
    ) -> _Attempt:
        messages = self._messages(
            values, [passage.text for passage in passages], reason, uses_voice=uses_voice
        )
        stream = self._models.generate(
            GenerationRequest(
                model=self.model.id,
                messages=messages,
                sampling=self._sampling(*turn, values, is_again=bool(reason) or turn[1] > 0),
                context=self.context,
            )
        )
        watcher.follow(stream)
        written: list[str] = []
        for piece in stream:
            written.append(piece)
            watcher.show("".join(written))
        result = stream.result()
        calls.append(result.call)
        text, vector = self._judged(
            result.text, values, passages, result.finish_reason, others, calls
        )
        watcher.show(text.content)
        return _Attempt(text=text, vector=vector, result=result)

    def _messages(
        self,
        values: Mapping[str, str],
        passages: Sequence[str] = (),
        reason: str = "",
        *,
        uses_voice: bool = True,
    ) -> tuple[Message, ...]:
        has_schema = self.settings.shape == "fields"
        return messages_for(
            self.settings,
            self.model,
            values,
            passages=passages,
            reason=reason,
            uses_voice=uses_voice,
            follows_schema=not has_schema or self._models.info(self.model.id).follows_schema,
        )

    def _sampling(
        self, number: int, n_attempt: int, values: Mapping[str, str], *, is_again: bool
    ) -> Sampling:
        settings = settings_for(self.settings, values)
        temperature = settings.temperature
        if is_again:
            temperature = max(temperature, RETRY_TEMPERATURE)
        schema = ""
        if settings.shape == "fields":
            schema = json.dumps(schema_of(settings.fields), ensure_ascii=False)
        return Sampling(
            max_new_tokens=settings.max_new_tokens,
            temperature=temperature,
            top_p=0.95 if temperature > 0 else 1.0,
            repetition_penalty=SMALL_MODEL_PENALTY if self.model.is_small else 1.0,
            seed=(settings.seed + 1009 * number + 100_003 * n_attempt) % 2**31,
            json_schema=schema,
        )

    def _judged(
        self,
        written: str,
        values: Mapping[str, str],
        passages: Sequence[SourcePassage],
        finish_reason: FinishReason,
        others: Sequence[Vector],
        calls: list[CallRecord],
        settings: ContentSettings | None = None,
    ) -> tuple[Text, Vector | None]:
        settings = settings or settings_for(self.settings, values)
        content, note = written.strip(), None
        fields: tuple[tuple[str, str], ...] = ()
        is_cut_off = finish_reason == "length"
        is_repaired = False
        if settings.shape == "fields":
            made = read_fields(content, settings.fields)
            content, fields, is_repaired = made.content, made.fields, made.is_repaired
            note = REPAIRED if is_repaired else None
            is_cut_off = is_cut_off and not fields
        else:
            content = cleaned(content)
            if is_cut_off and (whole := whole_sentences(content)):
                content, note, is_cut_off = whole, CUT, False
        prose = "\n".join(value for _, value in fields) if fields else content
        texts = [passage.text for passage in passages]
        vectors = self._vectors(prose, copied_source(settings, values, texts), calls)
        checks = check_text(
            Checked(
                content=content,
                prose=prose,
                parts=tuple(value for _, value in fields),
                is_cut_off=is_cut_off,
                is_repaired=is_repaired,
            ),
            settings,
            values,
            texts,
            vectors,
            others,
        )
        text = Text(
            id="",
            content=content,
            fields=fields,
            values=dict(values),
            checks=checks,
            version=self._version,
            created_at=self._clock(),
            passages=tuple(passages),
            finish_reason=finish_reason,
            note=note,
        )
        return text, vectors.text

    def _vectors(self, prose: str, source: str, calls: list[CallRecord]) -> TextVectors:
        """Vectors of a text, its source, and the samples of the voice, which are read once."""
        with self._lock:
            if self._cannot_compare or not prose.strip():
                return TextVectors()
            voice = self._voice
        samples = () if voice is not None else self.settings.voice.samples
        wanted = [prose, *([source] if source else []), *samples]
        try:
            embedded = self._models.embed(
                EmbeddingRequest(
                    model=self._embedding_model(), texts=tuple(wanted), context=self.context
                )
            )
        except ModelUnavailable as error:
            logger.warning("texts are not compared by meaning: %s", error)
            with self._lock:
                self._cannot_compare = True
            return TextVectors()
        calls.append(embedded.call)
        rest = list(embedded.vectors[1:])
        source_vector = rest.pop(0) if source else None
        with self._lock:
            if self._voice is None:
                self._voice = tuple(rest)
            return TextVectors(text=embedded.vectors[0], source=source_vector, voice=self._voice)
