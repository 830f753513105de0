"""Answers of the team: what a chatbot says by itself to a question that somebody answered by hand.

    bot.team_answers.add("Do you ship to Norway?", "Yes, in five days.")
    bot.ask("Can you deliver to Norway?").text          # "Yes, in five days."
    bot.team_answers.saving()                           # what that spared so far

A question gets one when it is the same, or near enough in meaning and not told apart by its words (see
`likeness`). The vector it is compared by is the one that the search needs anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studio.economics.measured_base import VISITS
from studio.prototypes.chatbot.likeness import (
    WORDS_EASIER,
    may_mean_the_same,
    same_words,
    words_alike,
)
from studio.prototypes.searcher import Searcher
from studio.records import CallContext, CallRecord, Stage
from studio.workspace.curated_answers import CuratedAnswers
from studio.workspace.feedback_record import CuratedRecord

Vector = NDArray[np.float32] | None
How = Literal["same", "meaning", "words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamAnswer:
    """The answer of the team for a question, and why; `similarity` in [0, 1] is 1 for the same words."""

    record: CuratedRecord
    how: How
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What answers of the team spared, against the mean of the `n_measured` answers a model made.

    `n_hits` answers were given so. The others are in all: tokens, milliseconds and money; `cost_usd` is
    None where a price is unknown. All are 0 while nothing was measured (`n_measured` 0).
    """

    n_hits: int
    n_measured: int
    tokens: float
    ms: float
    cost_usd: Decimal | None


class TeamAnswers:
    """The answers of the team of one chatbot. Every method may be called by any thread.

    Args:
        prototype_id: whose.
        store: keeps them.
        calls: the chatbot's calls with their cost (`PriceBook.attach`).
    """

    def __init__(
        self, prototype_id: str, store: CuratedAnswers, calls: Callable[[], pd.DataFrame]
    ) -> None:
        self._id = prototype_id
        self._store = store
        self._calls = calls

    def list(self) -> tuple[CuratedRecord, ...]:
        """All of them, the newest first, also those that are off."""
        return self._store.list(self._id)

    def add(
        self, question: str, answer: str, *, language: str = "en", feedback_id: str | None = None
    ) -> CuratedRecord:
        """Give this answer to the question, and to those like it, from now on.

        Raises:
            InvalidInput: question or answer is empty or too long.
        """
        return self._store.add(
            self._id, question, answer, language=language, feedback_id=feedback_id
        )

    def find(
        self,
        question: str,
        vector: Vector,
        *,
        threshold: float,
        searcher: Searcher,
        call: CallRecord | None,
        context: CallContext,
    ) -> tuple[TeamAnswer | None, tuple[CallRecord, ...]]:
        """The answer for a question, None where there is none; and the calls that finding it took.

        There are no such calls but once for questions that the model has not read yet.

        Args:
            question: what is asked.
            vector: `(dim,)` float32, unit length, of the question; None where no model read it.
            threshold: similarity needed where the words are not the same.
            searcher: has the model.
            call: the model's call that gave the vector.
            context: on whose behalf.

        Raises:
            StudioError: the model failed.
        """
        curated = self._store.list(self._id, only_on=True)
        same = next((one for one in curated if same_words(one.question, question)), None)
        if same is not None:
            return TeamAnswer(record=same, how="same", similarity=1.0), ()
        rivals = [one for one in curated if may_mean_the_same(one.question, question)]
        read: dict[str, NDArray[np.float32]] = {}
        calls: tuple[CallRecord, ...] = ()
        if vector is not None and call is not None and searcher.reads_script_of(question):
            readable = [one for one in rivals if searcher.reads_script_of(one.question)]
            read, calls = self._vectors(readable, searcher, call, context)
        found = [_rated(one, question, vector, read.get(one.id), threshold) for one in rivals]
        near = [one for one in found if one is not None]
        return max(near, key=lambda one: one.similarity, default=None), calls

    def count_hit(self, given: TeamAnswer) -> None:
        """Note that it was given."""
        self._store.count_hit(given.record.id)

    def saving(self) -> Saving:
        """What they spared so far."""
        return saving_of(self._calls(), sum(one.n_hits for one in self.list()))

    def _vectors(
        self,
        curated: Sequence[CuratedRecord],
        searcher: Searcher,
        call: CallRecord,
        context: CallContext,
    ) -> tuple[dict[str, NDArray[np.float32]], tuple[CallRecord, ...]]:
        """The vectors of their questions by this model at this revision; read now where they are not."""
        made = (call.model, call.revision)
        vectors = {
            one.id: np.frombuffer(one.vector, dtype=np.float32)
            for one in curated
            if one.vector is not None and (one.model, one.revision) == made
        }
        unread = [one for one in curated if one.id not in vectors]
        if not unread:
            return vectors, ()
        found = searcher.read([one.question for one in unread], context)
        if found is None or (found.call.model, found.call.revision) != made:
            return vectors, ()
        for one, vector in zip(unread, found.vectors, strict=True):
            kept = np.ascontiguousarray(vector, dtype=np.float32)
            self._store.keep_vector(one.id, *made, kept.tobytes())
            vectors[one.id] = kept
        return vectors, (found.call,)


def _rated(
    record: CuratedRecord, question: str, vector: Vector, own: Vector, threshold: float
) -> TeamAnswer | None:
    """The answer with its similarity; None where that is too low."""
    if vector is not None and own is not None and own.shape == vector.shape:
        similarity = min(1.0, float(own @ vector))
        if similarity >= threshold:
            return TeamAnswer(record=record, how="meaning", similarity=similarity)
        return None
    similarity = words_alike(record.question, question)
    if similarity >= threshold - WORDS_EASIER:
        return TeamAnswer(record=record, how="words", similarity=similarity)
    return None


def saving_of(calls: pd.DataFrame, n_hits: int) -> Saving:
    """What so many answers of the team spared.

    The mean is that of people's requests which took more than the reading of the question: all of their
    calls but the first reading, as that is made for an answer of the team, too.

    Args:
        calls: the ledger's table with cost.
        n_hits: how many were given.
    """
    asked = calls[calls["surface"].isin(VISITS) & calls["error"].isna()]
    is_reading = asked["stage"] == Stage.EMBEDDING.value
    first_reading = is_reading & ~asked[is_reading].duplicated("request_id").reindex(
        asked.index, fill_value=True
    )
    spared = asked[~first_reading]
    n_measured = int(spared["request_id"].nunique())
    if not n_measured or not n_hits:
        return Saving(n_hits=n_hits, n_measured=n_measured, tokens=0.0, ms=0.0, cost_usd=Decimal(0))
    share = n_hits / n_measured
    cost = None if spared["cost"].isna().any() else sum(spared["cost"], Decimal(0)) / n_measured
    return Saving(
        n_hits=n_hits,
        n_measured=n_measured,
        tokens=float(spared["tokens_in"].sum() + spared["tokens_out"].sum()) * share,
        ms=float(spared["total_ms"].sum()) * share,
        cost_usd=None if cost is None else cost * n_hits,
    )
