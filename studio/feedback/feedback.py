"""Feedback from both sides: people give it, the founder reads it and makes something of it.

    feedback.give(bot.id, request_id, exchange, Opinion(thumb="down", correction="Yes, in five days."))
    feedback.accept_answer(record.id, record.exchange.question, "Yes, in five days.")
    feedback.satisfaction(bot.id)

Accepting can be undone; nothing is deleted that was accepted. Knows no page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from studio.errors import InvalidInput
from studio.feedback.cases import CaseItem, case_items, keep_case, take_case_back
from studio.feedback.reasons import REASONS
from studio.feedback.satisfaction import VersionSatisfaction, satisfaction_of
from studio.feedback.split import SplitResult, split_result
from studio.feedback.version_comparison import VersionComparison, compare_versions
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.workspace.feedback_record import (
    CuratedRecord,
    Exchange,
    FeedbackFilter,
    FeedbackRecord,
    Opinion,
)

MAX_TEXT = 4000
_EVERYTHING = FeedbackFilter()

AnyPrototype = StoredPrototype[Any]


class Feedback:
    """What people said about all prototypes. Every method may be called by any thread.

    Args:
        toolbox: stores, ledger, prices and clock.
        prototype: gives the prototype of an id.
    """

    def __init__(self, toolbox: Toolbox, prototype: Callable[[str], AnyPrototype]) -> None:
        self._tools = toolbox
        self._store = toolbox.workspace.feedback
        self._curated = toolbox.workspace.curated_answers
        self._prototype = prototype

    # Those who give it

    def give(
        self,
        prototype_id: str,
        request_id: str,
        exchange: Exchange,
        opinion: Opinion,
        *,
        version: int | None = None,
        publication_id: str | None = None,
        account: str = "",
    ) -> FeedbackRecord:
        """Keep what somebody thinks of an answer, instead of what they said of it before.

        Args:
            prototype_id: what answered.
            request_id: which of its requests; the ledger knows the version that answered it.
            exchange: question, answer and what was found.
            opinion: what they think.
            version: the one that answered, where the ledger has nothing of the request.
            publication_id: where they met it; None for the builder's own page.
            account: who they are, as in the ledger; empty for the builder.

        Raises:
            NotFound: there is no such prototype.
            InvalidInput: a text is too long, or the reason is none of the list.
        """
        checked = _checked(opinion)
        return self._store.put(
            prototype_id,
            request_id,
            exchange,
            checked,
            version=self._version_of(request_id) or version,
            publication_id=publication_id,
            account=account,
        )

    def given(
        self, prototype_id: str, request_id: str, part: str = "", account: str = ""
    ) -> FeedbackRecord | None:
        """What somebody said about an answer; None where they said nothing."""
        return self._store.find(prototype_id, request_id, part, account)

    def take_back(
        self, prototype_id: str, request_id: str, part: str = "", account: str = ""
    ) -> None:
        """Forget what somebody said about an answer, unless it was accepted already."""
        self._store.take_back(prototype_id, request_id, part, account)

    # The founder

    def list(
        self, wanted: FeedbackFilter = _EVERYTHING, *, limit: int | None = None, offset: int = 0
    ) -> tuple[FeedbackRecord, ...]:
        """The opinions that are wanted, the newest first."""
        return self._store.list(wanted, limit=limit, offset=offset)

    def get(self, feedback_id: str) -> FeedbackRecord:
        """The opinion of that id. Raises NotFound."""
        return self._store.get(feedback_id)

    def count(self, wanted: FeedbackFilter = _EVERYTHING) -> int:
        """How many opinions are wanted so."""
        return self._store.count(wanted)

    def accept_answer(self, feedback_id: str, question: str, answer: str) -> CuratedRecord:
        """Give this answer to the question, and to those like it, from now on.

        Raises:
            NotFound: there is no such opinion, or its prototype is gone or no chatbot.
            InvalidInput: question or answer is empty or too long.
        """
        record = self._store.get(feedback_id)
        bot = self._prototype(record.prototype_id)
        if not isinstance(bot, Chatbot):
            raise InvalidInput(
                "{name} is no chatbot; only chatbots give answers of the team.", name=bot.name
            )
        self.undo(feedback_id)
        kept = bot.team_answers.add(
            question, answer, language=record.exchange.language, feedback_id=record.id
        )
        self._store.settle(record.id, "curated", {"curated_id": kept.id})
        return kept

    def case_items(self, feedback_id: str) -> tuple[CaseItem, ...]:
        """What may be right for the question: what was found first, then everything else by name.

        None where the prototype has no judgements to keep it in, or nothing is indexed.

        Raises:
            NotFound: there is no such opinion, or its prototype is gone.
        """
        record = self._store.get(feedback_id)
        return case_items(self._prototype(record.prototype_id), record.exchange.retrieved)

    def accept_case(self, feedback_id: str, right: Sequence[str], query: str = "") -> int:
        """Keep which results are right for the question, for the bench; gives how many judgements.

        What was found and is not among the right ones counts as wrong.

        Args:
            feedback_id: whose question.
            right: keys of what is right, of `case_items`.
            query: the question in other words; as it was asked by default.

        Raises:
            NotFound: there is no such opinion, or its prototype is gone.
            InvalidInput: nothing is right, or the prototype keeps no judgements.
        """
        record = self._store.get(feedback_id)
        prototype = self._prototype(record.prototype_id)
        self.undo(feedback_id)
        asked = query.strip() or record.exchange.question
        before = keep_case(prototype, asked, right, record.exchange.retrieved)
        self._store.settle(record.id, "case", {"query": asked, "before": before})
        return len(before)

    def dismiss(self, feedback_id: str) -> None:
        """Put an opinion aside; what was made of it is taken back.

        Raises:
            NotFound: there is no such opinion (any more).
            AccessDenied: whoever acts is no editor.
        """
        self.undo(feedback_id)
        self._store.settle(feedback_id, "dismissed")

    def undo(self, feedback_id: str) -> None:
        """Take back what was made of an opinion: it is as new again.

        Raises:
            NotFound: there is no such opinion (any more).
            AccessDenied: whoever acts is no editor.
        """
        record = self._store.get(feedback_id)
        if record.state == "curated":
            self._curated.delete(str(record.outcome["curated_id"]))
        if record.state == "case":
            prototype = self._prototype(record.prototype_id)
            take_case_back(prototype, record.outcome["query"], record.outcome["before"])
        if record.state != "new":
            self._store.settle(feedback_id, "new")

    # What it amounts to

    def satisfaction(
        self, prototype_id: str, *, publication_id: str | None = None
    ) -> tuple[VersionSatisfaction, ...]:
        """How content people are with each version that has thumbs, the newest first.

        Args:
            prototype_id: whose answers.
            publication_id: only those met there; "" only the builder's own.
        """
        wanted = FeedbackFilter(prototype_id=prototype_id, publication_id=publication_id)
        return satisfaction_of(self._store.list(wanted))

    def compare_versions(
        self, prototype_id: str, version: int, other: int, *, seed: int = 0
    ) -> VersionComparison:
        """Two versions of a prototype by all that was measured: time, cost, satisfaction.

        Raises:
            NotFound: there is no such prototype.
        """
        found = self._prototype(prototype_id)
        wanted = FeedbackFilter(prototype_id=found.id)
        opinions = [self._store.list(replace(wanted, version=one)) for one in (version, other)]
        self._tools.ledger.flush()
        calls = self._tools.prices().attach(self._tools.ledger.frame(prototype_id=found.id))
        return compare_versions(calls, opinions[0], opinions[1], version, other, seed=seed)

    def split_result(self, publication_id: str, *, seed: int = 0) -> SplitResult | None:
        """How the test of two versions of a publication stands; None while none is running.

        Raises:
            NotFound: there is no such publication.
        """
        publication = self._tools.workspace.publications.get(publication_id)
        if publication.second_version is None or publication.split_since is None:
            return None
        since = publication.split_since
        self._tools.ledger.flush()
        ledger, prefix = self._tools.ledger, f"demo:{publication.id}:"
        calls = self._tools.prices().attach(ledger.frame(since=since, account_prefix=prefix))
        opinions = self._store.list(FeedbackFilter(publication_id=publication.id, since=since))
        return split_result(
            calls, opinions, publication.version, publication.second_version, seed=seed
        )

    def _version_of(self, request_id: str) -> int | None:
        """The version that answered a request; None where the ledger has nothing of it."""
        calls = self._tools.ledger.frame(request_id=request_id)
        versions = calls["version"].dropna()
        return int(versions.iloc[0]) if len(versions) else None


def _checked(opinion: Opinion) -> Opinion:
    """The opinion without surrounding space.

    Raises:
        InvalidInput: a text is too long, or the reason is none of the list.
    """
    if opinion.reason and opinion.reason not in REASONS:
        raise InvalidInput(
            "{reason} is no reason of the list; choose one of: {allowed}.",
            reason=opinion.reason[:40],
            allowed=", ".join(REASONS),
        )
    for text in (opinion.comment, opinion.correction):
        if len(text) > MAX_TEXT:
            raise InvalidInput(
                "The text has {n:,} characters; at most {limit:,} can be kept. Say it shorter.",
                n=len(text),
                limit=MAX_TEXT,
            )
    return replace(opinion, comment=opinion.comment.strip(), correction=opinion.correction.strip())
