"""Explanations as pages and notebooks ask for them.

explaining = workbench.explaining
explaining.why(bot.id, "How long do I have to return a tent?").shares
explaining.why_results(search.id, "a tent for two").results[0].match.matches
explaining.look("smollm2-135m-instruct", "Name a colour.", "Blue.").tokens
explaining.map(search.id).outliers
"""

from __future__ import annotations

import hashlib
import math
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.explaining.passage_map import PassageMap, chosen_passages, passage_map
from studio.explaining.result_match import ResultMatch, by_leaving_out, by_pairs
from studio.inference.inspection import Inspection, inspect_answer
from studio.inference.local_weights import is_universal_sentence
from studio.inference.model_spec import ModelSpec
from studio.inference.provisioning import Provisioner
from studio.inference.word_vectors import word_vectors
from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.search.results import SearchResult
from studio.prototypes.search.search import Search
from studio.records import CallContext, EmbeddingRequest, Message, Notice

LOOK_JOB, WHY_JOB, MAP_JOB = "look-into-model", "explain-answer", "map-passages"
RESULTS_JOB = "explain-results"
N_RESULTS = 5
N_EMBEDDED_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageShare:
    """A passage an answer was written from and what it contributed.

    `nats` is by how much the answer's log-probability falls without the passage; below 0 the answer is
    likelier without it. Per token of the answer in `nats_per_token`.
    """

    name: str
    text: str
    nats: float
    nats_per_token: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyAnswer:
    """Why a chatbot answers as it does: its answer, and each passage's contribution, largest first.

    `is_quoted` says that the answer is of the documents' own words, which the model has not written:
    then all figures are of how likely it would find them. `inspection` has that of each of its tokens.
    """

    question: str
    answer: str
    is_quoted: bool
    model: str
    shares: tuple[PassageShare, ...]
    inspection: Inspection


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedResult:
    """A result of a search, and its passage beside the query."""

    result: SearchResult
    match: ResultMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyResults:
    """Why a search found what it found: its first results, in their order; () where there is none."""

    query: str
    model: str
    results: tuple[ExplainedResult, ...]


class Explaining:
    """Explanations of a studio. Every method may be called by any thread.

    Args:
        tools: the stores and the model service.
        provisioner: gives weights.
        prototype: gives a prototype by id or address.
    """

    def __init__(
        self,
        tools: Toolbox,
        provisioner: Provisioner,
        prototype: Callable[[str], StoredPrototype[Any]],
    ) -> None:
        self._tools = tools
        self._provisioner = provisioner
        self._prototype = prototype

    def why(self, prototype_id: str, question: str, context: JobContext | None = None) -> WhyAnswer:
        """Ask a chatbot, and ask its model how likely the answer is without each of the passages.

        Passages are left out one at a time, everything else stays as the model read it.

        Raises:
            InvalidInput: nothing was found for the question, or the team has answered it.
            StudioError: a model failed.
        """
        bot = self._prototype(prototype_id)
        if not isinstance(bot, Chatbot):
            raise InvalidInput("Only a chatbot's answers can be explained by their passages.")
        answer = bot.ask(question)
        if answer.kind == "curated":
            raise InvalidInput(
                "The team has answered this question itself: no passage was read and no model wrote. "
                "Ask something else, or switch off the answers of the team."
            )
        if answer.kind == "greeting":
            raise InvalidInput("That is small talk, which nothing is searched for. Ask something.")
        prompts = bot.prompts_without_each(question)
        if not prompts.without or not answer.text.strip():
            raise InvalidInput(
                "Nothing was found in the documents for this question, so there is nothing to leave "
                "out. Ask about something that they tell."
            )
        inspection = self._inspected(
            bot.model.id,
            [prompts.whole, *(messages for _, _, messages in prompts.without)],
            answer.text,
            context=context,
        )
        whole, *others = inspection.log_likelihoods
        n_tokens = max(1, len(inspection.tokens))
        shares = [
            PassageShare(
                name=name,
                text=text,
                nats=whole - other,
                nats_per_token=(whole - other) / n_tokens,
            )
            for (name, text, _), other in zip(prompts.without, others, strict=True)
        ]
        return WhyAnswer(
            question=question,
            answer=answer.text,
            is_quoted=answer.kind == "quoted",
            model=bot.model.name,
            shares=tuple(sorted(shares, key=lambda one: -one.nats)),
            inspection=inspection,
        )

    def look(
        self, model_id: str, prompt: str, answer: str, context: JobContext | None = None
    ) -> Inspection:
        """How likely a model finds each token of an answer, and what its heads attend to.

        Raises:
            InvalidInput: prompt or answer is empty, or the model does not run on this computer.
            StudioError: the model cannot be loaded.
        """
        if not prompt.strip() or not answer.strip():
            raise InvalidInput("Enter a question and an answer to look at.")
        messages = (Message(role="user", content=prompt),)
        return self._inspected(model_id, [messages], answer, with_attention=True, context=context)

    def map(self, prototype_id: str, context: JobContext | None = None) -> PassageMap:
        """The passages of a prototype's index on a map.

        Raises:
            InvalidInput: nothing is indexed.
            StudioError: the model failed.
        """
        prototype = self._prototype(prototype_id)
        found = prototype.bench.passages() if isinstance(prototype, DocumentedPrototype) else ()
        if not isinstance(prototype, DocumentedPrototype) or not found:
            raise InvalidInput("There is nothing to draw yet. Add documents first.")
        passages = chosen_passages(found)
        behalf = CallContext(request_id=uuid.uuid4().hex, prototype_id=prototype.id, surface="job")
        parts = []
        for start in range(0, len(passages), N_EMBEDDED_AT_ONCE):
            if context is not None:
                context.raise_if_cancelled()
                context.report(start, len(passages), "passages")
            texts = tuple(text for _, text in passages[start : start + N_EMBEDDED_AT_ONCE])
            request = EmbeddingRequest(
                model=prototype.embedding_model, texts=texts, purpose="passage", context=behalf
            )
            parts.append(self._tools.models.embed(request).vectors)
        return passage_map(passages, np.concatenate(parts), len(found))

    def why_results(
        self, prototype_id: str, query: str, context: JobContext | None = None
    ) -> WhyResults:
        """Search, and look at each of the first results beside the query, word by word.

        Raises:
            InvalidInput: it is no search, or the query is empty or too long.
            StudioError: a model failed.
        """
        search = self._prototype(prototype_id)
        if not isinstance(search, Search):
            raise InvalidInput("Only the results of a search can be explained by their words.")
        found = search.search(query, surface="job").results[:N_RESULTS]
        spec = self._tools.catalogue.get(search.embedding_model)
        behalf = CallContext(request_id=uuid.uuid4().hex, prototype_id=search.id, surface="job")

        def embed(
            texts: Sequence[str], purpose: Literal["query", "passage"]
        ) -> NDArray[np.float32]:
            request = EmbeddingRequest(
                model=spec.id, texts=tuple(texts), purpose=purpose, context=behalf
            )
            return self._tools.models.embed(request).vectors

        texts = [result.hit.chunk.text for result in found]
        folder = self._seen_through(spec, context) if texts else None
        if folder is None:
            matches = [by_leaving_out(query, text, embed) for text in texts]
        else:
            read = word_vectors(
                folder,
                [query, *texts],
                prefixes=[spec.query_prefix, *[spec.passage_prefix] * len(texts)],
                n_threads=self._tools.settings.n_threads,
                cancelled=context.cancelled if context else lambda: False,
            )
            likeness = embed(texts, "passage") @ embed([query], "query")[0]
            matches = [
                by_pairs(query, text, read[0], own, float(like))
                for text, own, like in zip(texts, read[1:], likeness, strict=True)
            ]
        return WhyResults(
            query=query,
            model=spec.name,
            results=tuple(
                ExplainedResult(result=result, match=match)
                for result, match in zip(found, matches, strict=True)
            ),
        )

    # In the background

    def start_results(self, prototype_id: str, query: str) -> Job[WhyResults]:
        """`why_results` as a job; the same one while it runs for that query."""
        return self._tools.jobs.start(
            RESULTS_JOB,
            Notice("Explaining results"),
            lambda context: self.why_results(prototype_id, query, context),
            key=_asked_key(prototype_id, query),
        )

    def start_why(self, prototype_id: str, question: str) -> Job[WhyAnswer]:
        """`why` as a job; the same one while it runs for that question."""
        return self._tools.jobs.start(
            WHY_JOB,
            Notice("Explaining an answer"),
            lambda context: self.why(prototype_id, question, context),
            key=_asked_key(prototype_id, question),
        )

    def start_look(self, key: str, model_id: str, prompt: str, answer: str) -> Job[Inspection]:
        """`look` as a job; `key` tells those who look apart."""
        return self._tools.jobs.start(
            LOOK_JOB,
            Notice("Looking into the model"),
            lambda context: self.look(model_id, prompt, answer, context),
            key=key,
        )

    def start_map(self, prototype_id: str) -> Job[PassageMap]:
        """`map` as a job; the same one while it runs."""
        return self._tools.jobs.start(
            MAP_JOB,
            Notice("Drawing the map of the passages"),
            lambda context: self.map(prototype_id, context),
            key=prototype_id,
        )

    def latest_asked(self, kind: str, prototype_id: str, asked: str) -> Job[Any] | None:
        """The job of `start_results` or `start_why` for that query; None where none is remembered."""
        return self._tools.jobs.latest(kind, _asked_key(prototype_id, asked))

    def latest(self, kind: str, key: str) -> Job[Any] | None:
        """The job of such a kind that was started last; None where none is remembered."""
        return self._tools.jobs.latest(kind, key)

    def _seen_through(self, spec: ModelSpec, context: JobContext | None) -> Path | None:
        """The folder of a model whose words can be seen; None for one that shows whole texts only."""
        if self._tools.settings.is_demo or spec.source in ("remote", "fake"):
            return None
        relay = context.relay if context else None
        cancelled = context.cancelled if context else None
        folder = self._provisioner.ensure(spec, relay, cancelled).folder
        if folder is None or is_universal_sentence(folder):
            return None
        return folder

    def _inspected(
        self,
        model_id: str,
        prompts: Sequence[Sequence[Message]],
        answer: str,
        *,
        with_attention: bool = False,
        context: JobContext | None,
    ) -> Inspection:
        spec = self._tools.catalogue.get(model_id)
        if self._tools.settings.is_demo or spec.source in ("remote", "fake"):
            raise InvalidInput(
                "{name} does not run on this computer, so nobody can look into it. Choose a model "
                "that does.",
                name=spec.name,
            )
        relay = context.relay if context else None
        cancelled = context.cancelled if context else None
        folder = self._provisioner.transformers_folder(spec, relay, cancelled)
        return inspect_answer(
            folder,
            prompts,
            answer,
            n_threads=self._tools.settings.n_threads,
            with_attention=with_attention,
            cancelled=cancelled or (lambda: False),
        )


def perplexity(inspection: Inspection) -> float:
    """Exp of the mean loss per token of the answer; NaN for an empty one."""
    n = len(inspection.tokens)
    return math.exp(-inspection.log_likelihoods[0] / n) if n else math.nan


def _asked_key(prototype_id: str, asked: str) -> str:
    """Of a job: another query is other work."""
    return f"{prototype_id}.{hashlib.sha256(asked.encode('utf-8', 'replace')).hexdigest()[:16]}"
