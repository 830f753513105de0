"""What people say about found documents: which query, which document, how good a find.

Values, and what is done with them before anything is measured: joining thumbs, splitting by query.
The module knows neither files nor rankings.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from studio.errors import InvalidInput

MAX_GRADE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A person's word on one document for one query.

    `grade` 0 says "not what was wanted", 1 and more how much it was, up to 10; scales differ by who
    judges, and the measures count from 1 on as relevant. `document_id` names what can be found: a
    document, or a row of a table (see `studio.evaluation.items`).
    """

    query_id: str
    query: str
    document_id: str
    grade: int

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            InvalidInput: an empty query, id or document, or a grade outside 0 to 10.
        """
        if not (self.query_id and self.query.strip() and self.document_id):
            raise InvalidInput("A judgement needs a query and a document; one of them is empty.")
        if not 0 <= self.grade <= MAX_GRADE:
            raise InvalidInput(
                "The grade {grade} cannot be used; it must be a whole number from 0 to {limit}.",
                grade=self.grade,
                limit=MAX_GRADE,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumb:
    """A click under a result: up or down, for the query it was found with.

    `visitor` tells people apart; the last click of a visitor on a result counts.
    """

    query: str
    document_id: str
    is_up: bool
    visitor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Judgements with the thumbs among them, and what the thumbs did.

    `n_added` judgements came from thumbs alone. `n_undecided` pairs had as many up as down and gave
    none. `n_overruled` pairs had thumbs that contradict a judgement; the judgement stands.
    """

    judgements: tuple[Judgement, ...]
    n_added: int
    n_undecided: int
    n_overruled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Judgements to choose settings by, and those to report on; no query is in both."""

    tune: tuple[Judgement, ...]
    test: tuple[Judgement, ...]


def normalised(query: str) -> str:
    """The query as it is compared: width, case and white space do not matter."""
    return " ".join(unicodedata.normalize("NFKC", query).casefold().split())


def query_id_of(query: str) -> str:
    """A short id made of the words of a query, the same for the same words."""
    return f"q-{hashlib.sha256(normalised(query).encode()).hexdigest()[:12]}"


def grades_of(judgements: Iterable[Judgement]) -> dict[str, dict[str, int]]:
    """Query id to document id to grade, in order; of a repeated pair the last counts."""
    grades: dict[str, dict[str, int]] = {}
    for judgement in judgements:
        grades.setdefault(judgement.query_id, {})[judgement.document_id] = judgement.grade
    return grades


def queries_of(judgements: Iterable[Judgement]) -> dict[str, str]:
    """Query id to query, in order."""
    return {judgement.query_id: judgement.query for judgement in judgements}


def merge_thumbs(judgements: Sequence[Judgement], thumbs: Iterable[Thumb]) -> Merged:
    """The judgements, and one more for every pair that only thumbs speak of.

    More thumbs up than down give grade 1, more down grade 0. A judgement stands against any number
    of thumbs: it was thought about, and a click may have been a slip. Thumbs on a query with the same
    words join its judgements.

    Args:
        judgements: kept as they are, first in the result.
        thumbs: oldest first.
    """
    ids = {normalised(judgement.query): judgement.query_id for judgement in judgements}
    known = {(normalised(j.query), j.document_id): j.grade for j in judgements}
    added: list[Judgement] = []
    n_undecided = n_overruled = 0
    for (words, document_id), (query, balance) in _balances(thumbs).items():
        if (words, document_id) in known:
            is_relevant = known[words, document_id] > 0
            n_overruled += balance != 0 and (balance > 0) != is_relevant
        elif balance == 0:
            n_undecided += 1
        else:
            added.append(
                Judgement(
                    query_id=ids.get(words) or query_id_of(query),
                    query=query,
                    document_id=document_id,
                    grade=int(balance > 0),
                )
            )
    return Merged(
        judgements=(*judgements, *added),
        n_added=len(added),
        n_undecided=n_undecided,
        n_overruled=n_overruled,
    )


def split_judgements(
    judgements: Iterable[Judgement], *, seed: int, tune_share: float = 0.5
) -> Split:
    """Two parts by query, chosen by the query's words and the seed.

    A query stays in its part when others come or go, so that figures on the test part are never
    taken from a query that settings were chosen by. The parts are therefore only about as large as
    asked for, and one of them may be empty when there are few queries.

    Args:
        judgements: in any order; it is kept.
        seed: another seed gives another division.
        tune_share: expected share of the queries in `tune`, in [0, 1].

    Raises:
        InvalidInput: a share outside [0, 1].
    """
    if not 0 <= tune_share <= 1:
        raise InvalidInput(
            "The share of queries is {value}; it must be between 0 and 1.", value=tune_share
        )
    tune: list[Judgement] = []
    test: list[Judgement] = []
    for judgement in judgements:
        (tune if place_of(judgement.query, seed) < tune_share else test).append(judgement)
    return Split(tune=tuple(tune), test=tuple(test))


def place_of(query: str, seed: int) -> float:
    """A number in [0, 1) that the words of a query and the seed decide."""
    digest = hashlib.sha256(f"{seed}\n{normalised(query)}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _balances(thumbs: Iterable[Thumb]) -> Mapping[tuple[str, str], tuple[str, int]]:
    """By words and document: the query as first asked, and thumbs up less thumbs down."""
    queries: dict[str, str] = {}
    votes: dict[tuple[str, str], dict[str, int]] = {}
    for number, thumb in enumerate(thumbs):
        words = normalised(thumb.query)
        if not words:
            continue
        queries.setdefault(words, thumb.query)
        visitor = thumb.visitor or f"\n{number}"  # clicks of nobody in particular are all counted
        votes.setdefault((words, thumb.document_id), {})[visitor] = 1 if thumb.is_up else -1
    return {pair: (queries[pair[0]], sum(clicks.values())) for pair, clicks in votes.items()}
