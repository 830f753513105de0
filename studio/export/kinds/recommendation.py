"""The export of a recommender."""

from __future__ import annotations

from collections.abc import Mapping

from studio.export.kinds.contract import KindExport
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.records import Notice


def _models(recommender: Recommendation) -> Mapping[str, str]:
    trained = recommender.workshop.trained()
    return {
        "embedding_model": recommender.settings.embedding_model,
        "index": "" if trained is None else trained.model,
    }


def _example(recommender: Recommendation) -> str:
    users = recommender.find_users("", 1)
    return users[0].user_id if users else ""


RECOMMENDATION = KindExport(
    kind=Recommendation.kind,
    settings_type=RecommendationSettings,
    packages=("texts", "recommending"),
    models=_models,
    example=_example,
    index_names_documents=False,
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
