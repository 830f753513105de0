"""The export of a recommender."""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_uppercase

from studio.export.kinds.contract import KindExport
from studio.export.kinds.findings import Exchange, Findings, MeasuredRow
from studio.prototypes.recommendation.goals import METHOD_LABELS
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.results import Recommendations
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.records import Notice

N_ITEMS, N_HISTORY = 5, 4
"""Of a list in a report, and of what its user did before."""


def _models(recommender: Recommendation) -> Mapping[str, str]:
    trained = recommender.workshop.trained()
    return {
        "embedding_model": recommender.settings.embedding_model,
        "index": "" if trained is None else trained.model,
    }


def _example(recommender: Recommendation) -> str:
    users = recommender.find_users("", 1)
    return users[0].user_id if users else ""


def _exchanges(recommender: Recommendation, limit: int, is_recent: bool) -> tuple[Exchange, ...]:
    """Lists for users of different activity, made now; letters stand for their ids."""
    del is_recent
    users = recommender.find_users("", limit)
    return tuple(
        _exchange(recommender.recommend(user.user_id, "job"), letter)
        for user, letter in zip(users, ascii_uppercase, strict=False)
    )


def _exchange(found: Recommendations, letter: str) -> Exchange:
    before = " · ".join(one.item.title for one in found.history[:N_HISTORY])
    person = Notice("Person {letter}", letter=letter)
    return Exchange(
        asked=Notice("{person}: {items}", person=person, items=before) if before else person,
        lines=tuple(
            Notice(
                "{rank}. {title} ({reason})",
                rank=one.rank,
                title=one.item.title,
                reason=one.reason.notice,
            )
            for one in found.items[:N_ITEMS]
        ),
        total_ms=found.figures.total_ms,
        cost_usd=found.figures.cost,
    )


def _findings(recommender: Recommendation) -> Findings | None:
    """What the offline test found."""
    found = recommender.workshop.evaluation()
    if found is None:
        return None
    ours = recommender.method_for_goal()
    return Findings(
        verdicts=(found.verdict,),
        short=Notice("nDCG@10"),
        measure=Notice("nDCG@10: how well what users took next stands at the top of ten, 0 to 1"),
        rows=tuple(
            MeasuredRow(
                name=METHOD_LABELS[one.method],
                mean=one.measures["nDCG@10"].mean,
                low=one.measures["nDCG@10"].low,
                high=one.measures["nDCG@10"].high,
                is_ours=one.method == ours,
                is_baseline=one.method == "popular",
            )
            for one in found.methods
        ),
        basis=Notice(
            "{n_users} users, {n_train} events to learn from, {n_wanted} items to foretell.",
            n_users=found.n_users,
            n_train=found.n_train,
            n_wanted=found.n_wanted,
        ),
    )


RECOMMENDATION = KindExport(
    kind=Recommendation.kind,
    settings_type=RecommendationSettings,
    packages=("texts", "recommending"),
    models=_models,
    example=_example,
    index_names_documents=False,
    exchanges=_exchanges,
    findings=_findings,
    how_to_find=Notice("The recommender was not tested yet. Open Test, and run it."),
    guide=(
        (Notice("a list, step by step"), "prototypes/recommendation/recommendation.py"),
        (Notice("the ways of recommending, one file each"), "prototypes/recommendation/methods/"),
        (Notice("which way serves which goal"), "prototypes/recommendation/goals.py"),
        (Notice("business rules"), "prototypes/recommendation/reranking.py"),
        (Notice("reading and cleaning the tables"), "prototypes/recommendation/data/cleaning.py"),
        (Notice("training"), "prototypes/recommendation/training.py"),
        (Notice("the offline test"), "prototypes/recommendation/evaluating.py"),
    ),
)
