"""Which calls of the ledger still say how a prototype answers: those by the models that it has now.

A prototype whose model was changed has requests of both models in the ledger; a mean over them is the
time of neither. Knows the ledger's frame; knows no settings.
"""

from __future__ import annotations

import pandas as pd

from studio.records import Stage

_BY_SETTINGS = (Stage.RERANKING.value,)
"""Stages that every request has or none, by the settings: where the newest version does without them,
they are gone. Whether a text is written may depend on the question."""


def is_present(calls: pd.DataFrame, visits: pd.DataFrame) -> pd.Series:
    """For each call, whether its stage runs on that model and that device now.

    A stage is as it was in the highest version that has it: the newest settings, also where visitors of
    a published version still meet older ones.

    Args:
        calls: of the ledger, any of one prototype.
        visits: those that tell what is present.

    Returns:
        `(n_calls,)` bool, with the index of the calls.
    """
    version = visits["version"].fillna(0).astype("int64")
    newest = version[version == version.max()].index
    stages = set(visits.loc[newest, "stage"])
    highest = version.groupby(visits["stage"]).transform("max")
    known = set(_keys(visits[version == highest]))
    gone = [stage for stage in _BY_SETTINGS if stage not in stages]
    return _keys(calls).isin(known) & ~calls["stage"].isin(gone)


def outdated_names(calls: pd.DataFrame, outdated: pd.Series) -> tuple[str, ...]:
    """The models of outdated calls, the most frequent first; with the device where only that changed."""
    named = calls["stage"].astype(str) + "\n" + calls["model"].astype(str)
    is_device = named[outdated].isin(named[~outdated])
    gone = calls[outdated]
    names = gone["model"].where(~is_device, gone["model"] + " · " + gone["device"])
    return tuple(str(name) for name in names.value_counts().index)


def _keys(calls: pd.DataFrame) -> pd.Series:
    """Stage, model and device of each call as one text."""
    return calls["stage"].astype(str) + "\n" + calls["model"].astype(str) + "\n" + calls["device"]
