"""What a kind of prototype says about its export; a fifth kind adds a file that makes one of these.

The code that an export has at its top lies in `studio/export/templates/<kind>/`: `product.py`, `app.py`
and `notebook.py`, as real files that are linted and typed like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.export.kinds.findings import Exchange, Findings
from studio.prototypes.prototype_settings import PrototypeSettings
from studio.records import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class KindExport:
    """The export of one kind. Its functions are asked with a prototype of the kind.

    Attributes:
        kind: its name.
        settings_type: the class of its settings.
        packages: what it needs of `requirements.PACKAGES` beside the base, by name of the group.
        models: gives the models of a prototype: what for (the name of a setting, or anything else)
            -> catalogue id.
        example: gives what the notebook and the README ask first; "" where nothing is known to ask.
        exchanges: gives up to a number of things that were asked and what came of them; of what was
            really asked here where that is wanted, else asked now. May take as long as models do.
        findings: gives how good a prototype was found to be, None where nothing was measured. Raises
            StudioError where a model fails.
        how_to_find: what its owner can do to get findings.
        index_names_documents: whether what is derived names documents by their ids, so that it is of no
            use where these are new.
        guide: what an engineer looks for -> the file of the library that does it, in order.
    """

    kind: str
    settings_type: type[PrototypeSettings]
    packages: tuple[str, ...]
    models: Callable[[Any], Mapping[str, str]]
    example: Callable[[Any], str | dict[str, str]]
    guide: tuple[tuple[Notice, str], ...]
    exchanges: Callable[[Any, int, bool], tuple[Exchange, ...]]
    findings: Callable[[Any], Findings | None]
    how_to_find: Notice
    index_names_documents: bool = True
