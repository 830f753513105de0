"""Sentence vectors from an OpenAI-compatible endpoint. Knows one model; knows no queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.inference.engines.remote_endpoint import asked, client_of, device_of, plain_failure
from studio.inference.engines.vectors import unit_rows
from studio.inference.model_spec import ModelSpec
from studio.inference.protocol import EngineInfo, Prepared
from studio.records import Task

CHARACTERS_PER_TOKEN = 4
DEFAULT_MAX_TOKENS = 8192
READ_TIMEOUT_S = 25.0  # twice that, as it is asked again, is less than a step may take


class RemoteEmbeddingEngine:
    """An embedding model that runs elsewhere.

    Token counts are estimates (four characters each): only the endpoint has the tokenizer. Making the
    engine embeds one word, to know the length of the vectors and that the key works; a studio's service
    tells the revision of its weights there, so an index fits wherever the same ones run.

    Args:
        spec: the catalogue entry, with `base_url` and the model's name there as `location`.
        api_key: the key, or None if the endpoint wants none.

    Raises:
        ModelUnavailable: the endpoint cannot be reached or does not accept the key or model.
        Overloaded: the endpoint is busy.
    """

    def __init__(self, spec: ModelSpec, api_key: str | None) -> None:
        self._spec = spec
        self._client: Any = client_of(spec, api_key, READ_TIMEOUT_S)
        vectors, revision = self._ask(["length"])
        self.info = EngineInfo(
            model=spec.id,
            task=Task.EMBEDDING,
            revision=revision or spec.location,
            engine="remote",
            device=device_of(spec),
            precision="",
            max_tokens=spec.max_tokens or DEFAULT_MAX_TOKENS,
            dim=vectors.shape[1],
        )

    def prepare(self, texts: Sequence[str], purpose: str) -> list[Prepared]:  # noqa: ARG002
        """The texts, cut at about `info.max_tokens`."""
        limit = self.info.max_tokens * CHARACTERS_PER_TOKEN
        return [
            Prepared(payload=text[:limit], n_tokens=estimated_tokens(text[:limit]))
            for text in texts
        ]

    def forward(self, batch: Sequence[Prepared]) -> NDArray[np.float32]:
        """One request to the endpoint, `(n, dim)` float32."""
        # Endpoints refuse empty texts.
        return self._ask([prepared.payload or " " for prepared in batch])[0]

    def finish(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows of unit length."""
        return unit_rows(raw)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, texts: list[str]) -> tuple[NDArray[np.float32], str]:
        """Their vectors, `(n, dim)`, and the revision of the weights; empty where it is not told."""
        import openai

        try:
            answer = asked(
                lambda: self._client.embeddings.create(
                    model=self._spec.location, input=texts, encoding_format="float"
                )
            )
            rows = sorted(answer.data or [], key=lambda row: row.index)
            vectors = np.array([row.embedding for row in rows], np.float32)
        except (openai.OpenAIError, AttributeError, TypeError, ValueError) as error:
            # The client takes any answer with status 200 for one of an endpoint, a web page too.
            raise plain_failure(error, self._spec) from error
        if len(rows) != len(texts):
            raise ModelUnavailable(
                "{url} gave {n} vectors for {wanted} texts. Check the address.",
                url=self._spec.base_url,
                n=len(rows),
                wanted=len(texts),
            )
        revision = getattr(answer, "revision", None)  # no field of OpenAI's
        return vectors, revision if isinstance(revision, str) else ""


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, at least 1: four Latin characters or one Chinese each."""
    n_wide = sum(character > "\u2e7f" for character in text)
    return max(1, n_wide + (len(text) - n_wide) // CHARACTERS_PER_TOKEN)
