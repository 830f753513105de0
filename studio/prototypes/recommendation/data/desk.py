"""Where the tables of a recommender come in: kept as they came, read, cleaned, described.

Tables are stored before anything is made of them; what is made of them is computed again whenever a
table or the use of a column changes. Knows no method of recommending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import Toolbox
from studio.prototypes.recommendation.interactions import Interactions, Items

PREPARING = "recommendation-data"
"""The kind of job that reads and cleans the tables of a prototype, keyed by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedData:
    """What recommenders learn from; `fingerprint` changes with the tables and the use of columns."""

    fingerprint: str
    items: Items
    events: Interactions


class DataDesk:
    """The tables of one recommender. Every method may be called by any thread.

    Args:
        prototype_id: whose tables.
        toolbox: the stores.
    """

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        self._id = prototype_id
        self._tools = toolbox

    def add(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Store tables (name, content) as they came; `prepare` reads them."""
        raise NotImplementedError

    def prepare(self) -> Job[PreparedData]:
        """Read, clean and describe the stored tables in the background; the same job while it runs."""
        raise NotImplementedError

    def prepare_now(self, context: JobContext) -> PreparedData:
        """The same within a job that runs."""
        raise NotImplementedError

    def fingerprint(self) -> str:
        """Of the tables and the use of their columns as they are now; "" without a table of events."""
        raise NotImplementedError

    def current(self) -> PreparedData | None:
        """What was prepared last, from memory or the disk; None before, or while nothing is usable.

        Its fingerprint differs from `fingerprint()` while newer tables are being prepared.
        """
        raise NotImplementedError
