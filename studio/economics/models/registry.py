"""All business models, in the order they are shown."""

from __future__ import annotations

from studio.economics.business_model import BusinessModel
from studio.economics.models.advertising import ADVERTISING
from studio.economics.models.api import API
from studio.economics.models.consulting import CONSULTING
from studio.economics.models.data_service import DATA_SERVICE
from studio.economics.models.freemium import FREEMIUM
from studio.economics.models.subscription import SUBSCRIPTION
from studio.errors import NotFound

MODELS: tuple[BusinessModel, ...] = (
    SUBSCRIPTION,
    API,
    FREEMIUM,
    ADVERTISING,
    DATA_SERVICE,
    CONSULTING,
)


def model_named(key: str) -> BusinessModel:
    """The business model of that key.

    Raises:
        NotFound: there is none; says which there are.
    """
    for model in MODELS:
        if model.key == key:
            return model
    raise NotFound(
        "There is no business model {key}. There are {allowed}.",
        key=key,
        allowed=", ".join(model.key for model in MODELS),
    )
