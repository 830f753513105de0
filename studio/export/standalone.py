"""The one prototype of exported code: taken from its data once, then opened with its settings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from studio.errors import ModelUnavailable
from studio.export.archive_source import FolderSource
from studio.export.importing import import_prototype
from studio.export.kinds.registry import export_of
from studio.export.needed_models import needed_models
from studio.inference.provisioning import Provisioner
from studio.prototypes.base import StoredPrototype, Toolbox

logger = logging.getLogger(__name__)

_PRODUCT = "export.product"


def standalone_prototype(
    data: Path,
    settings: Mapping[str, Any],
    toolbox: Toolbox,
    provisioner: Provisioner,
    opened: Callable[[str], StoredPrototype[Any]],
) -> StoredPrototype[Any]:
    """The prototype of the data; waits until what its models and settings need is there.

    Args:
        data: the folder `data` beside the code.
        settings: as JSON; a new version where they differ from those before.
        toolbox: of the studio in `state`.
        provisioner: fetches weights; models that cannot be had now are left out.
        opened: gives the prototype of an id.

    Raises:
        DataError: the data are damaged.
        InvalidInput: a setting cannot be used; the message says what is allowed.
    """
    with FileLock(toolbox.settings.home / "product.lock"):
        product_id = toolbox.workspace.preferences.get(_PRODUCT)
        if product_id is None:
            imported = import_prototype(FolderSource(data), toolbox, opened)
            product_id = imported.record.id
            toolbox.workspace.preferences.set(_PRODUCT, product_id)
        found = opened(product_id)
        found.configure(found.settings_type.from_json(settings))
    _fetch_models(found, toolbox, provisioner)
    found.refresh()
    for job in toolbox.jobs.jobs():
        job.wait()
    return found


def _fetch_models(
    prototype: StoredPrototype[Any], toolbox: Toolbox, provisioner: Provisioner
) -> None:
    needed = needed_models(prototype, export_of(prototype.kind), toolbox.catalogue)
    for spec in needed.all:
        if toolbox.settings.is_demo or provisioner.is_ready(spec):
            continue
        logger.warning("fetching the model %s, once", spec.name)
        try:
            provisioner.ensure(spec)
        except ModelUnavailable as error:
            logger.warning("%s could not be fetched: %s", spec.name, error)
