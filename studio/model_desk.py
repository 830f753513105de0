"""What is done with a model of the catalogue beside letting it work.

It is tested, given another key or a price, its files are deleted, it is taken out:

    bench.model_desk.test("my-endpoint")  # one short request: what came back, and how long it took
    bench.model_desk.set_key("my-endpoint", key)

Joins the catalogue, the weights, the stored keys and the prices. Knows no page.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from studio.acting import Role
from studio.economics.hosted import Rates
from studio.economics.prices import TokenPrice
from studio.inference.engines.remote_endpoint import device_of
from studio.inference.model_spec import ModelSpec
from studio.inference.provisioning import Provisioner
from studio.prototypes.base import Toolbox
from studio.records import (
    CallContext,
    EmbeddingRequest,
    GenerationRequest,
    Message,
    Notice,
    Sampling,
    Task,
)
from studio.workspace.secrets import SecretStore

TEST_TEXT = "Say hello."
TEST_TOKENS = 16
"""A word or two; fewer are refused by models that think before they write."""
TEST_DEADLINE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTest:
    """What came of a test: the text (empty for a model that searches), its numbers, and the time.

    `n_numbers` is how many numbers a text became, 0 for a model that writes; `took_ms` counts from
    the request to its end.
    """

    text: str = ""
    n_numbers: int = 0
    took_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPrice:
    """What the tokens of a remote model cost now, and who says so; `rates` is None where unknown.

    `is_own` tells that the user entered it.
    """

    rates: Rates | None
    source: Notice
    is_own: bool


class ModelDesk:
    """The care of the models in the catalogue. Thread-safe.

    Args:
        toolbox: catalogue, models, prices and who acts.
        provisioner: the weights on this computer.
        secrets: keys of endpoints.
        unload: takes a model out of memory, so that it is loaded anew.
        set_price: stores the user's own price of a model; None takes it back.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        provisioner: Provisioner,
        secrets: SecretStore,
        unload: Callable[[str], None],
        set_price: Callable[[str, TokenPrice | None], None],
    ) -> None:
        self._tools = toolbox
        self._provisioner = provisioner
        self._secrets = secrets
        self._unload = unload
        self._set_price = set_price

    def test(self, model_id: str) -> ModelTest:
        """Ask a model for something short and wait for it; a call in the ledger like any other.

        Raises:
            NotFound: the catalogue has no such model.
            InvalidInput: it is a reranking model.
            StudioError: it does not answer; the message says why.
        """
        spec = self._tools.catalogue.get(model_id)
        context = CallContext(
            request_id=uuid.uuid4().hex, surface="page", deadline_s=TEST_DEADLINE_S
        )
        if spec.task is Task.EMBEDDING:
            made = self._tools.models.embed(
                EmbeddingRequest(model=spec.id, texts=(TEST_TEXT,), context=context)
            )
            return ModelTest(n_numbers=made.vectors.shape[1], took_ms=made.call.total_ms)
        result = self._tools.models.generate(
            GenerationRequest(
                model=spec.id,
                messages=(Message(role="user", content=TEST_TEXT),),
                sampling=Sampling(max_new_tokens=TEST_TOKENS),
                context=context,
            )
        ).result()
        return ModelTest(text=result.text.strip(), took_ms=result.call.total_ms)

    def set_key(self, model_id: str, key: str) -> None:
        """Keep another key for an endpoint; it counts from the next request on.

        Raises:
            NotFound: the catalogue has no such model.
            AccessDenied: whoever acts is no owner.
            InvalidInput: the key is empty.
        """
        spec = self._tools.catalogue.get(model_id)
        self._secrets.set(spec.secret_name or spec.id, key)
        if not spec.secret_name:
            self._tools.catalogue.change(replace(spec, secret_name=spec.id))
        self._unload(spec.id)  # what is connected holds the old key

    def price(self, model_id: str) -> ModelPrice:
        """What the tokens of a remote model cost now. Raises NotFound."""
        spec = self._tools.catalogue.get(model_id)
        book = self._tools.prices()
        rates, source = book.token_rates(
            spec.id, revision=spec.location, device=device_of(spec), at=self._tools.clock()
        )
        is_own = bool({spec.id, spec.location} & book.overrides.keys())
        return ModelPrice(rates=rates, source=source, is_own=is_own)

    def set_price(self, model_id: str, price: TokenPrice | None) -> None:
        """Keep the user's own price of a model's tokens, or take it back with None.

        Raises:
            NotFound: the catalogue has no such model.
        """
        self._set_price(self._tools.catalogue.get(model_id).id, price)

    def size_on_disk(self, model_id: str) -> int:
        """Bytes of the model on this computer, 0 where there is nothing of it. Raises NotFound."""
        return self._provisioner.size_on_disk(self._tools.catalogue.get(model_id))

    def delete_files(self, model_id: str) -> None:
        """Delete what was fetched or made of a model; it is fetched again when it is used next.

        Raises:
            NotFound: the catalogue has no such model.
            AccessDenied: whoever acts is no editor.
            ModelUnavailable: the system does not let the files be deleted.
        """
        self._tools.acting.require(Role.EDITOR)
        self._delete_files(self._tools.catalogue.get(model_id))

    def remove(self, model_id: str) -> None:
        """Take an added model out of the catalogue, with its key, its price and what was fetched.

        Installed packages and files that the user named are left alone.

        Raises:
            NotFound: the catalogue has no such model.
            InvalidInput: it comes with the studio.
            AccessDenied: whoever acts may not.
            ModelUnavailable: it is out of the catalogue, but its files cannot be deleted.
        """
        spec = self._tools.catalogue.get(model_id)
        self._tools.catalogue.remove(spec.id)
        self._set_price(spec.id, None)
        if spec.secret_name:
            self._secrets.delete(spec.secret_name)
        self._delete_files(spec)

    def _delete_files(self, spec: ModelSpec) -> None:
        self._unload(spec.id)
        self._provisioner.remove(spec)
