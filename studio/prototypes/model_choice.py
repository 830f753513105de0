"""Which model searches where the user has chosen none: one that reads the language.

The default model reads English only. For another language it is the first model of the catalogue that
reads it and can be had without a model hub, so that nobody has to know why one is needed. Knows no
prototype and no documents.
"""

from __future__ import annotations

from studio.config import Settings
from studio.inference.catalogue import Catalogue
from studio.inference.model_spec import ModelSpec
from studio.inference.model_store import ModelStore
from studio.inference.service_models import is_served
from studio.records import Task


def automatic_embedding_model(catalogue: Catalogue, settings: Settings, language: str) -> ModelSpec:
    """The model that makes vectors for texts of a language, as long as the user chooses none.

    The default model where it reads the language or its languages are unknown; else the first that
    reads it and comes in a package, if it is here or may be fetched, or runs at the model service; else
    the default all the same, with which words decide. The labelled demo computes nothing real and keeps
    the default.

    Args:
        catalogue: the models there are.
        settings: where models are kept, and whether any may be fetched.
        language: ISO 639-1 code.

    Raises:
        NotFound: the catalogue has no default embedding model.
    """
    default = catalogue.default(Task.EMBEDDING)
    if settings.is_demo or not default.languages or language in default.languages:
        return default
    store = ModelStore(settings.models_dir)
    for spec in catalogue.list(Task.EMBEDDING):
        can_be_had = spec.source in ("bundled", "package") or is_served(spec, settings)
        if can_be_had and language in spec.languages:
            if settings.offline and store.present(spec) is None:
                continue
            return spec
    return default
