"""`POST /v1/embeddings`: texts as vectors, by a model of the catalogue."""

from __future__ import annotations

import asyncio
import base64
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Request
from numpy.typing import NDArray
from pydantic import BaseModel, Field, StrictInt

from studio.api.api_error import ApiError
from studio.api.caller import TheCaller
from studio.api.following import Line, outcome
from studio.api.keyed_route import KeyedRoute
from studio.api.replies import RequestBody
from studio.inference.protocol import Embeddings, ModelService
from studio.records import EmbeddingRequest, Task

MAX_TEXTS = 2_048

router = APIRouter(tags=["OpenAI-compatible"], route_class=KeyedRoute)

Tokens = list[StrictInt]


class EmbeddingsBody(RequestBody):
    """A request for vectors."""

    model: str = Field(description="A model of the catalogue")
    input: str | Annotated[list[str] | Tokens | list[Tokens], Field(max_length=MAX_TEXTS)] = Field(
        description="A text or up to 2,048 texts; lists of tokens are refused"
    )
    encoding_format: Literal["float", "base64"] | None = "float"
    dimensions: int | None = Field(None, description="Only the model's own length")
    user: str | None = Field(None, description="Passed over")


class EmbeddingItem(BaseModel):
    """A vector of unit length; in base64 its float32 values, the least significant byte first."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingUsage(BaseModel):
    """Tokens that the model read."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingsReply(BaseModel):
    """Vectors in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[EmbeddingItem]
    model: str
    usage: EmbeddingUsage
    revision: str = Field(description="Of the weights; vectors of the same one can be compared")


@router.post("/embeddings", response_model=EmbeddingsReply, summary="Turn texts into vectors")
async def embeddings(body: EmbeddingsBody, request: Request, caller: TheCaller) -> EmbeddingsReply:
    """Turn texts into vectors. The key must be allowed to use the catalogue's models.

    Texts that are longer than the model reads are cut.
    """
    texts = texts_of(body)
    model = await asyncio.to_thread(caller.model, body.model, Task.EMBEDDING)
    wanted = EmbeddingRequest(model=model.id, texts=texts, context=caller.context())
    return await reply(caller.workbench.models, wanted, body, request)


async def reply(
    models: ModelService, wanted: EmbeddingRequest, body: EmbeddingsBody, request: Request
) -> EmbeddingsReply:
    """The vectors of the texts, in the form that the body asks for.

    Raises:
        ApiError: another length is asked for than the model's.
        ClientGone: the client went away.
        StudioError: the model failed.
    """

    def work(_line: Line) -> Embeddings:
        _check_length(body.dimensions, models, wanted.model)
        return models.embed(wanted)

    made = await outcome(work, request.is_disconnected)
    items = [
        EmbeddingItem(index=index, embedding=_encoded(vector, body.encoding_format))
        for index, vector in enumerate(made.vectors)
    ]
    n_tokens = sum(made.n_tokens)
    usage = EmbeddingUsage(prompt_tokens=n_tokens, total_tokens=n_tokens)
    return EmbeddingsReply(data=items, model=body.model, usage=usage, revision=made.call.revision)


def texts_of(body: EmbeddingsBody) -> tuple[str, ...]:
    """The texts to embed, one or more.

    Raises:
        ApiError: they are tokens, or one is empty.
    """
    given = [body.input] if isinstance(body.input, str) else body.input
    texts = tuple(text for text in given if isinstance(text, str))
    if len(texts) != len(given):
        raise ApiError(
            400,
            "input has tokens of another model's tokenizer. Send the texts themselves (in LangChain:"
            " check_embedding_ctx_length=False).",
            param="input",
            code="unsupported_value",
        )
    if not texts or not all(texts):
        raise ApiError(400, "'input' has an empty text.", param="input", code="invalid_value")
    return texts


def _check_length(wanted: int | None, models: ModelService, model: str) -> None:
    if wanted is None:
        return
    dim = models.info(model).dim
    if wanted != dim:
        raise ApiError(
            400,
            f"dimensions is {wanted}; vectors of this model have {dim}.",
            param="dimensions",
            code="unsupported_value",
        )


def _encoded(vector: NDArray[np.float32], encoding: str | None) -> list[float] | str:
    if encoding == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
    values: list[float] = vector.tolist()
    return values
