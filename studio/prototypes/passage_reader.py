"""How a job reads passages with a model: on whose behalf, and how fast those go that are new.

Knows no index and no documents.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from studio.inference.protocol import ModelService
from studio.jobs.rate import RateMeter
from studio.jobs.runner import JobContext
from studio.records import CallContext, EmbeddingRequest, Progress


class PassageReader:
    """Embeds the passages of one job. For the thread of the job.

    Args:
        models: the shared service.
        model: catalogue id of the embedding model.
        prototype_id: on whose behalf.
        job: told how far the reading is.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        models: ModelService,
        model: str,
        prototype_id: str,
        job: JobContext,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._models = models
        self._model = model
        self._job = job
        self._clock = clock
        self._call = CallContext(
            request_id=f"index-{uuid.uuid4().hex[:12]}", prototype_id=prototype_id, surface="job"
        )
        self._pace = RateMeter()
        self._n_known = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, `(n, dim)` float32 in their order. Raises StudioError."""
        request = EmbeddingRequest(
            model=self._model, texts=tuple(texts), purpose="passage", context=self._call
        )
        made = self._models.embed(request)
        if not made.call.tokens_in:
            self._n_known += len(texts)
        return made.vectors

    def report(self, progress: Progress) -> None:
        """Pass a progress on, with the rate of what is new.

        Passages that were embedded before pass at once and say nothing of the model's speed.
        """
        if progress.unit == "passages":
            rate = self._pace.update(progress.done - self._n_known, self._clock())
            n_left = (progress.total or 0) - progress.done
            progress = replace(
                progress, rate_per_s=rate, remaining_s=n_left / rate if rate else None
            )
        self._job.relay(progress)
