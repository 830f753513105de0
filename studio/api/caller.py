"""Who calls, and what the key opens: its publications, and the catalogue's models if it may use them.

What a key does not open is answered like what is not there, so that nobody learns of it by guessing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from studio.api.api_error import no_such_model, no_such_prototype
from studio.errors import NotFound
from studio.inference.model_spec import ModelSpec
from studio.records import CallContext, Task
from studio.sharing.visitor import version_met
from studio.workbench import AnyPrototype, Workbench
from studio.workspace.api_key_record import ApiKeyRecord
from studio.workspace.publication_record import PublicationRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A publication with its prototype at the version that this key meets."""

    publication: PublicationRecord
    prototype: AnyPrototype


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The holder of a key with one request. Its methods read the workspace, so they take a moment."""

    key: ApiKeyRecord
    workbench: Workbench
    request_id: str
    now: datetime

    def published(self, slug: str) -> Published:
        """The prototype that is published at an address, at the version that the key meets.

        While two versions are tested a key meets always the same one, which each of its calls records.

        Raises:
            ApiError: there is none, or the key does not open it.
        """
        try:
            publication = self.workbench.workspace.publications.by_slug(slug)
            if not self._opens(publication):
                raise no_such_prototype(slug)
            prototype = self.workbench.prototype(publication.prototype_id)
            return Published(
                publication=publication,
                prototype=prototype.served(
                    version=self.version_of(publication),
                    account=self.key.account,
                    request_id=self.request_id,
                ),
            )
        except NotFound as error:
            raise no_such_prototype(slug) from error

    def version_of(self, publication: PublicationRecord) -> int:
        """The version of a publication that the key meets."""
        return version_met(publication, self.key.id)

    def publications(self) -> tuple[PublicationRecord, ...]:
        """What the key opens, the newest first."""
        return tuple(filter(self._opens, self.workbench.publications()))

    def models(self, task: Task | None = None) -> tuple[ModelSpec, ...]:
        """The catalogue's models that the key opens: those that are ready; none without leave."""
        if not self.key.grants.opens_models:
            return ()
        tasks = tuple(Task) if task is None else (task,)
        return tuple(spec for one in tasks for spec in self.workbench.ready_models(one))

    def model(self, name: str, task: Task) -> ModelSpec:
        """A model of the catalogue by its id.

        Raises:
            ApiError: there is none that is ready, or the key does not open it.
        """
        for spec in self.models(task):
            if spec.id == name:
                return spec
        raise no_such_model(name)

    def context(self) -> CallContext:
        """What the ledger notes of calls outside a prototype."""
        return CallContext(request_id=self.request_id, surface="api", account=self.key.account)

    def _opens(self, publication: PublicationRecord) -> bool:
        is_over = publication.expires_at is not None and publication.expires_at <= self.now
        return (
            publication.ended_at is None and not is_over and self.key.grants.opens(publication.id)
        )


def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller  # set by `KeyedRoute`
    return caller


TheCaller = Annotated[Caller, Depends(_caller)]
"""The parameter of an endpoint that wants to know who calls."""
