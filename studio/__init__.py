"""Prototype Studio: build, measure, price and show prototypes of AI products.

`Workbench.open()` is the way in; everything a page does is one or two calls on it. Importing the
package loads no model library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.config import VERSION as __version__

if TYPE_CHECKING:
    from studio.workbench import Workbench

__all__ = ["Workbench", "__version__"]


def __getattr__(name: str) -> Any:  # a module attribute may be anything
    if name == "Workbench":
        from studio.workbench import Workbench

        return Workbench
    raise AttributeError(f"module 'studio' has no attribute {name!r}")
