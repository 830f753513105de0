"""Opens the product once for the whole process: the studio's library on this folder.

`state/` is made from `data/` at the first call ever; models load when something is first asked.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import TypeVar

from studio.workbench import AnyPrototype, Workbench

from settings import DEMO, SETTINGS

HERE = Path(__file__).resolve().parent
_OPENING = threading.Lock()
P = TypeVar("P", bound=AnyPrototype)


@cache
def _workbench() -> Workbench:
    return Workbench.open_beside(HERE, is_demo=DEMO)


def workbench() -> Workbench:
    """Models, stores and the ledger of calls, kept in state/."""
    with _OPENING:  # several visitors may come at once
        return _workbench()


def opened(kind: type[P]) -> P:
    """The product, ready; with the data and the settings of now.

    Args:
        kind: the class of its kind.
    """
    with _OPENING:
        return _workbench().product(HERE / "data", kind, SETTINGS)
