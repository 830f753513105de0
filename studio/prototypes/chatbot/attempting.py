"""What an evaluation looks at in an answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from studio.evaluation.case import Attempt
from studio.prototypes.chatbot.answer import Answer, Citation

_DOES_NOT_KNOW = re.compile(
    r"\b(?:could|can|do|does|did|was|were|am|is)(?: ?n[o']t| not|n’t)\b.{0,40}"
    r"\b(?:find|found|know|answer|mention\w*|contain\w*|provide\w*|say|specif\w*|state\w*|include\w*)\b"
    r"|\bno (?:information|mention|answer)\b"
    r"|(?:没有|未能|无法|未|没)(?:在.{0,20})?(?:找到|提到|提及|说明|回答|相关信息|答案)|不知道",
    re.IGNORECASE | re.DOTALL,
)
_MAX_REFUSAL = 300  # characters: what says more than that it does not know is an answer


def attempt_of(
    answer: Answer, ranking: Sequence[str], item_of: Callable[[Citation], str | None]
) -> Attempt:
    """An answer as an attempt at a case.

    Cited are the passages that its own sentences rest on; those of the quotes below it are not, as
    they are shown to check it by. A cited passage whose document is gone is left out.

    Args:
        answer: as a visitor gets it.
        ranking: the items found for the question, best first.
        item_of: what the item of a passage is called.
    """
    used = {number for sentence in answer.sentences for number in sentence.citations}
    items = [item_of(one) for one in answer.citations if one.number in used]
    says_something = answer.kind not in ("not_found", "greeting")
    return Attempt(
        request_id=answer.figures.request_id,
        text=answer.text,
        sentences=tuple(one.text for one in answer.sentences) if says_something else (),
        ranking=tuple(ranking),
        cited=tuple(dict.fromkeys(item for item in items if item is not None)),
        passages=tuple(one.text for one in answer.retrieved[: answer.figures.n_passages]),
        is_refusal=answer.kind == "not_found"
        or (answer.kind in ("written", "free") and says_it_does_not_know(answer.text)),
        total_ms=answer.figures.total_ms,
    )


def says_it_does_not_know(text: str) -> bool:
    """Whether a model's own words say that it does not know, by the usual phrases of both languages.

    Looks at the first sentence of a short text only: "I could not find it. It costs $4." is one, too,
    and "It does not contain nuts." in answer to a question about nuts may be taken for one; a quoted
    text is therefore never asked.
    """
    first = re.split(r"(?<=[.!?。！？])", text.strip(), maxsplit=1)[0]
    return len(text) <= _MAX_REFUSAL and _DOES_NOT_KNOW.search(first) is not None
