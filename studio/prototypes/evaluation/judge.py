"""A model as judge: whether an answer says what was expected. Only one that the user names judges.

Such judges err, and favour texts like their own (Zheng et al., 2023, "Judging LLM-as-a-judge with
MT-Bench and Chatbot Arena"), so that their word is shown only beside their agreement with people.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from studio.evaluation.case import EvaluationCase
from studio.inference.protocol import ModelService
from studio.records import CallContext, GenerationRequest, Message, Sampling

_INSTRUCTION = (
    "You check answers. You are given a question, an expected answer, and an answer. Say whether the "
    "answer tells the expected facts and contradicts none of them. Other words and more detail are "
    "fine. Reply with one word only: yes or no."
)
_WORD = re.compile(r"[^\W\d_]+")
_YES = frozenset({"yes", "correct", "right", "是", "对", "正确"})
_NO = frozenset({"no", "incorrect", "wrong", "否", "不", "错", "不正确", "错误"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """One model that judges.

    Attributes:
        models: the shared service.
        model: its catalogue id.
        prototype_id: on whose behalf it is called.
    """

    models: ModelService
    model: str
    prototype_id: str

    def score(self, case: EvaluationCase, text: str, *, request_id: str = "") -> float | None:
        """1 for right, 0 for wrong; None where no answer is expected, or it said neither.

        An empty answer is wrong without asking. One call, greedy.

        Args:
            case: with what is expected.
            text: the answer.
            request_id: of its call in the ledger; a new one by default.

        Raises:
            StudioError: the model failed.
        """
        if not case.answers:
            return None
        if not text.strip():
            return 0.0
        stream = self.models.generate(
            GenerationRequest(
                model=self.model,
                messages=messages_for(case.question, case.answers, text),
                sampling=Sampling(max_new_tokens=8, temperature=0.0),
                context=CallContext(
                    request_id=request_id or f"judge-{uuid.uuid4().hex[:12]}",
                    prototype_id=self.prototype_id,
                    surface="bench",
                ),
            )
        )
        for _ in stream:
            pass
        return verdict_in(stream.result().text)


def messages_for(question: str, expected: Sequence[str], text: str) -> tuple[Message, ...]:
    """What the judge is told."""
    wanted = "\nor: ".join(expected)
    told = f"Question: {question}\nExpected answer: {wanted}\nAnswer: {text}\n\nyes or no?"
    return (
        Message(role="system", content=_INSTRUCTION),
        Message(role="user", content=told),
    )


def verdict_in(reply: str) -> float | None:
    """1 or 0 by the first word that says yes or no; None where none does."""
    for word in _WORD.findall(reply.casefold()):
        if word in _YES:
            return 1.0
        if word in _NO or word[0] in _NO:
            return 0.0
        if word[0] in _YES:
            return 1.0
    return None
