"""`/classify`: the label of a text, or that a person has to decide."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, JsonValue

from studio.api.following import Line
from studio.api.kinds.endpoint import KindEndpoint
from studio.api.replies import RequestBody
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.data import MAX_TEXT
from studio.prototypes.classifier.results import Classification
from studio.records import Notice


class ClassifyBody(RequestBody):
    """What is to be classified."""

    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class LabelReply(BaseModel):
    """A label with the confidence in it, 0 to 1."""

    label: str
    confidence: float


class LikeReply(BaseModel):
    """An example that the text is like; `similarity` is a cosine."""

    text: str
    label: str
    similarity: float


class ClassifyReply(BaseModel):
    """What a text is. `label` is null where a person has to decide, and `reason` says why."""

    label: str | None
    confidence: float
    is_sure: bool
    reason: str
    labels: list[LabelReply] = Field(description="The likeliest ones, best first")
    nearest: list[LikeReply]


def _run(classifier: Classifier, body: ClassifyBody, _line: Line) -> ClassifyReply:
    return _reply(classifier.classify(body.text, surface="api"))


def _reply(found: Classification) -> ClassifyReply:
    return ClassifyReply(
        label=found.answer or None,
        confidence=round(found.confidence, 4),
        is_sure=found.is_sure,
        reason="" if found.reason is None else str(found.reason),
        labels=[
            LabelReply(label=one.label, confidence=round(one.confidence, 4)) for one in found.ranked
        ],
        nearest=[
            LikeReply(text=one.text, label=one.label, similarity=round(one.likeness, 4))
            for one in found.nearest
        ],
    )


def _describe(classifier: Classifier) -> dict[str, JsonValue]:
    state = classifier.training_state()
    return {"labels": list(state.labels), "threshold": classifier.settings.threshold}


def _example(classifier: Classifier) -> dict[str, JsonValue]:
    known = (*classifier.settings.suggestions, *classifier.replay_inputs(1))
    return {"text": known[0] if known else "Where is my parcel?"}


ENDPOINT = KindEndpoint(
    kind=Classifier,
    action="classify",
    summary=Notice("Classify a text"),
    body=ClassifyBody,
    reply=ClassifyReply,
    run=_run,
    example=_example,
    describe=_describe,
)
