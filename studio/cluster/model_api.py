"""The model service alone behind `/v1`: vectors, texts and the list of models, for who has its key.

What `studio.api` answers for models of the catalogue, without a workspace: no keys of customers, no
prototypes, and no ledger, as the studio that asks keeps the record of every call.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from studio.api import chat, embeddings, failures
from studio.api.api_error import no_such_model
from studio.api.body_limit import BodyLimit
from studio.api.chat_body import ChatBody, check
from studio.api.chat_reply import ChatReply
from studio.api.chat_work import model_work
from studio.api.credentials import Credentials
from studio.api.embeddings import EmbeddingsBody, EmbeddingsReply
from studio.api.frame import Frame
from studio.api.interface import mounted
from studio.api.keyed_route import KeyedRoute
from studio.api.metrics import Metrics
from studio.api.model_list import ModelReply, ModelsReply
from studio.config import Settings
from studio.errors import NotFound
from studio.inference.builtin_models import BUILTIN_MODELS
from studio.inference.catalogue import Catalogue
from studio.inference.model_spec import ModelSpec
from studio.inference.protocol import ModelService
from studio.inference.provisioning import Provisioner
from studio.inference.service import LocalModelService
from studio.inference.service_models import SERVED
from studio.records import CallContext, CallRecord, EmbeddingRequest, Task
from studio.tidying import tidied

router = APIRouter(route_class=KeyedRoute)


def served_catalogue() -> Catalogue:
    """The built-in models that OpenAI's protocol can ask for.

    They put nothing before a text: whoever asks knows whether it is a query or a passage.
    """
    specs = (
        replace(spec, query_prefix="", passage_prefix="")
        for spec in BUILTIN_MODELS
        if spec.task in SERVED
    )
    return Catalogue(_NothingAdded(), tuple(specs))


def model_app(settings: Settings, preload: Sequence[str] = ()) -> ASGIApp:
    """An application with a model service of its own, which it opens at its start and closes at its end.

    Args:
        settings: memory, threads, queue, demo mode, where weights lie, and the key that is wanted.
        preload: ids of models that are loaded before the first request is taken.
    """
    catalogue = served_catalogue()
    service = LocalModelService(catalogue, Provisioner(settings), _keep_nothing, settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        for model in preload:
            await asyncio.to_thread(service.load, model)
        with tidied():
            yield
        await asyncio.to_thread(service.close)

    api = FastAPI(openapi_url=None)
    api.include_router(router)
    failures.install(api)
    api.state.metrics = Metrics()
    api.state.gate = _ServiceGate(service, catalogue, settings.service_key)
    framed = Frame(BodyLimit(api, settings.max_api_body_bytes), api.state.metrics)
    return _WholePath(Starlette(routes=[mounted(framed)], lifespan=lifespan))


class ServiceCaller:
    """A request with the models that it may ask.

    Args:
        models: the service.
        catalogue: the models there are.
        request_id: of the request.
    """

    def __init__(self, models: ModelService, catalogue: Catalogue, request_id: str) -> None:
        self.models = models
        self.catalogue = catalogue
        self.context = CallContext(request_id=request_id, surface="api")

    def model(self, name: str, task: Task) -> ModelSpec:
        """A model by its id.

        Raises:
            ApiError: there is none for that task.
        """
        try:
            spec = self.catalogue.get(name)
        except NotFound as error:
            raise no_such_model(name) from error
        if spec.task is not task:
            raise no_such_model(name)
        return spec


@router.get("/models", response_model=ModelsReply)
async def models(request: Request) -> ModelsReply:
    """The models that can be asked; one that is not loaded yet is loaded with its first request."""
    return ModelsReply(data=[ModelReply.of(spec) for spec in _caller(request).catalogue.list()])


@router.post("/embeddings", response_model=EmbeddingsReply)
async def vectors(body: EmbeddingsBody, request: Request) -> EmbeddingsReply:
    """Turn texts into vectors, just as they are."""
    caller = _caller(request)
    texts = embeddings.texts_of(body)
    model = caller.model(body.model, Task.EMBEDDING)
    wanted = EmbeddingRequest(model=model.id, texts=texts, context=caller.context)
    return await embeddings.reply(caller.models, wanted, body, request)


@router.post("/chat/completions", response_model=ChatReply)
async def chat_completions(body: ChatBody, request: Request) -> Any:
    """Let a model answer a conversation."""
    check(body)
    caller = _caller(request)
    model = caller.model(body.model, Task.GENERATION)
    work = model_work(caller.models, model, body, caller.context)
    return await chat.reply(work, body, request, datetime.now(UTC))


def _caller(request: Request) -> ServiceCaller:
    caller: ServiceCaller = request.state.caller  # set by `KeyedRoute`
    return caller


class _ServiceGate:
    """Lets in who has the service's key; everybody where it has none."""

    def __init__(self, models: ModelService, catalogue: Catalogue, key: str) -> None:
        self._models = models
        self._catalogue = catalogue
        self._key = key
        self._credentials = Credentials(self._find, time.monotonic)

    async def let_in(self, request: Request) -> ServiceCaller:
        """The caller of a request. Raises ApiError for a missing or wrong key."""
        if self._key:
            await self._credentials.of(request)
        return ServiceCaller(self._models, self._catalogue, request.state.request_id)

    async def _find(self, secret: str) -> str | None:
        is_right = hmac.compare_digest(secret.encode(), self._key.encode())
        return self._key if is_right else None


class _WholePath:
    """Reads addresses from their beginning, whatever part of them brought a request here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "root_path": ""}, receive, send)


class _NothingAdded:
    """A catalogue's store in which users keep nothing."""

    def load(self) -> tuple[ModelSpec, ...]:
        return ()

    def save(self, specs: Sequence[ModelSpec]) -> None:
        raise NotImplementedError


def _keep_nothing(_call: CallRecord) -> None:
    """The studio that asks records the call; what it took here stands in the log."""
