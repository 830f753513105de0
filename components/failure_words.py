"""What a failed call's record says of the failure, in words and with what to do.

The ledger keeps the class of an error only, as its sentence may have what somebody wrote in it.
"""

from __future__ import annotations

from components.i18n import _


def said(error: str) -> str:
    """The sentence for the class name of an error; the name itself where there is none."""
    return _words().get(error, error)


def _words() -> dict[str, str]:
    return {
        "ModelUnavailable": _("The model could not be loaded or failed: see Models"),
        "WeightsDiffer": _("The model's files are not the expected ones: see Models"),
        "DeadlineExceeded": _("No answer came in time: ask for less at once, or another model"),
        "Overloaded": _("Too many were waiting, so it was refused: a smaller model is quicker"),
        "Cancelled": _("It was stopped by whoever asked"),
        "InvalidInput": _("The model was asked for something it does not do"),
        "StorageFull": _("The disk was full: make room"),
    }
