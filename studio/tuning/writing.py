"""Examples that a model writes: a question that a passage answers, or a prompt in other words.

They are marked as synthetic, so that they are learnt from and never held out. A question that shares no
word with its passage, or only repeats it, is dropped: small models lose the thread. Knows no store.
"""

from __future__ import annotations

import random
import re
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.evaluation.judgements import normalised
from studio.inference.protocol import ModelService
from studio.inference.training.plan import Method
from studio.jobs.runner import JobContext
from studio.records import CallContext, GenerationRequest, Message, Notice, Sampling
from studio.retrieval.terms import terms_of
from studio.tuning.examples import NOT_ASKED, Example

N_WRITTEN = 20
MAX_PASSAGE = 900
"""Characters of a passage that the model reads."""
MAX_QUESTION = 200
_ASKED: Mapping[str, Mapping[str, str]] = {
    "contrastive": {
        "en": (
            "Write one short question that a customer might ask and that this text answers. Reply with "
            "the question only.\n\nText: {text}"
        ),
        "zh": "写一个顾客可能会问、而下面这段文字能回答的简短问题。只回复问题。\n\n文字：{text}",
    },
    "lora": {
        "en": (
            "Write this question in other words, with the same meaning. Reply with the question only."
            "\n\nQuestion: {text}"
        ),
        "zh": "用别的话把下面这个问题重写一遍，意思不变。只回复问题。\n\n问题：{text}",
    },
}
_ANNOUNCED = re.compile(r"^\W*(?:question|new question|问题|新问题)\s*[:：]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a model wrote: examples to learn from, and how many of its texts were of no use."""

    examples: tuple[Example, ...]
    n_dropped: int


def written_examples(
    method: Method,
    language: str,
    passages: Sequence[str],
    examples: Sequence[Example],
    models: ModelService,
    model: str,
    context: JobContext,
) -> Written:
    """Up to 20 examples, one call of the model for each.

    Asked again with what was written before among the examples, it reads what was read least.

    Args:
        method: a search model gets questions for passages, a text model prompts in other words.
        language: of the texts, "en" or "zh".
        passages: what is searched; each is read once at most.
        examples: what is there already; what somebody asked is rephrased.
        models: the shared service.
        model: catalogue id of the model that writes.
        context: of the job.

    Raises:
        StudioError: it was stopped, or the model failed.
    """
    sources = _sources(method, passages, examples)
    asked = _ASKED[method]["zh" if language == "zh" else "en"]
    behalf = CallContext(request_id=f"writing-{uuid.uuid4().hex[:12]}", surface="job")
    known = {normalised(one.prompt) for one in examples}
    n_before = N_WRITTEN * sum(one.source == "synthetic" for one in examples)
    made: dict[str, Example] = {}
    for number, source in enumerate(sources):
        context.raise_if_cancelled()
        context.report(number, len(sources), "examples", Notice("Writing examples"))
        request = GenerationRequest(
            model=model,
            messages=(Message(role="user", content=asked.format(text=source[0])),),
            sampling=Sampling(temperature=0.7, max_new_tokens=60, seed=n_before + number),
            context=behalf,
        )
        question = _tidy(models.generate(request).result().text)
        if normalised(question) not in known and _is_of_use(question, source[0]):
            made[normalised(question)] = Example(
                prompt=question, answer=source[1], source="synthetic"
            )
    return Written(examples=tuple(made.values()), n_dropped=len(sources) - len(made))


def _sources(
    method: Method, passages: Sequence[str], examples: Sequence[Example]
) -> list[tuple[str, str]]:
    """What the model reads, and the answer of the example it then writes; those read least.

    What was read before is known by the answers of the examples that were written.
    """
    if method == "contrastive":
        found = [(text[:MAX_PASSAGE], text) for text in dict.fromkeys(passages) if text.strip()]
    else:
        found = [
            (one.prompt, one.answer)
            for one in examples
            if one.source not in NOT_ASKED and one.answer and one.part != "held_out"
        ]
    n_read = Counter(one.answer for one in examples if one.source == "synthetic")
    drawn = random.Random(0).sample(found, len(found))
    return sorted(drawn, key=lambda one: n_read[one[1]])[:N_WRITTEN]


def _tidy(text: str) -> str:
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return _ANNOUNCED.sub("", first).strip("\"'“”「」 ")


def _is_of_use(question: str, source: str) -> bool:
    """Whether it is of the length of a question, shares a word with its source, and is no copy."""
    if not 3 <= len(question) <= MAX_QUESTION or normalised(question) in normalised(source):
        return False
    return bool(set(terms_of(question)) & set(terms_of(source)))
