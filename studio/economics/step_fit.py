"""The engine behind calls that ran together, learnt from the ledger: how long a step is, and of what.

A text in the making takes part in a number of steps; each costs a fixed time, a time for each request
in it, and times for each prompt read meanwhile and for its tokens, its own or another's. The ledger has
all of that: so ordinary traffic calibrates the simulation, and the sweep of "measure now" does so
quickly. Least squares on relative errors with terms that cannot be negative. Knows the ledger's frame;
knows no engine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studio.economics.pass_simulation import PassEngine, waking
from studio.economics.service_time import MIN_POINTS, relative_fit
from studio.economics.simulation import StepEngine
from studio.errors import InvalidInput
from studio.records import Stage

Floats = NDArray[np.float64]

_SAME_PASS_S = 50e-6
"""Calls whose work began within it shared a pass: the next one begins milliseconds later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedEngine:
    """An engine with how well it fits: mean absolute relative error over the calls held out."""

    engine: StepEngine
    error: float
    n_calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPasses:
    """The same for an engine that works in passes."""

    engine: PassEngine
    error: float
    n_calls: int


def fit_generation(calls: pd.DataFrame, *, slots: int, slice_tokens: int | None) -> FittedEngine:
    """The engine that wrote these texts.

    Args:
        calls: rows of the ledger; those of other stages and failed ones are left out. They say most
            where some ran alone and some beside others.
        slots: how many it takes in.
        slice_tokens: most tokens it reads in a step; None for no limit.

    Raises:
        InvalidInput: there are fewer than 6 calls.
    """
    own = _usable(calls, Stage.GENERATION)
    own = own[own["tokens_out"] > 0]
    began, ended = _began_s(own), _ended_s(own)
    n_slices = 1.0 if slice_tokens is None else np.ceil(own["tokens_in"] / slice_tokens)
    n_steps = (own["tokens_out"] - 1 + n_slices).to_numpy(float)
    read = _read_meanwhile(began, ended, own["tokens_in"].to_numpy(float))
    prompts = _read_meanwhile(began, ended, np.ones(len(own)))
    together = n_steps * own["batch_size"].to_numpy(float)
    inside_s = (own["total_ms"] - own["queue_ms"]).to_numpy(float) / 1e3
    columns = np.stack([n_steps, together, read, prompts], axis=1)
    (step_s, sequence_s, prompt_token_s, prompt_s), error = _fit(columns, inside_s)
    return FittedEngine(
        engine=StepEngine(
            step_s=step_s,
            sequence_s=sequence_s,
            prompt_token_s=prompt_token_s,
            prompt_s=prompt_s,
            slots=slots,
            slice_tokens=slice_tokens,
        ),
        error=error,
        n_calls=len(own),
    )


def fit_passes(calls: pd.DataFrame, engine: PassEngine) -> FittedPasses:
    """The times of an engine's passes, of one text or of many that ran together.

    Args:
        calls: rows of the ledger of one stage, one text each. They say most where some ran alone, some
            after pauses, some beside others, and some came while others ran.
        engine: says what may share a pass; its times are replaced.

    Raises:
        InvalidInput: there are fewer than 6 passes.
    """
    own = calls[calls["error"].isna() & (calls["busy_ms"] > 0)]
    passes = _passes(own)
    n = passes["n"].to_numpy(float)
    padded = n * passes["longest"].to_numpy(float)
    come = passes["n_come"].to_numpy(float)
    columns = np.stack([np.ones(len(n)), n, padded, waking(passes["pause_s"]), come], axis=1)
    (pass_s, text_s, token_s, wake_s, arrival_s), error = _fit(
        columns, passes["pass_s"].to_numpy(float)
    )
    overhead_s, answer_s = _outside_s(passes)
    fitted = replace(
        engine,
        pass_s=pass_s,
        text_s=text_s,
        token_s=token_s,
        wake_s=wake_s,
        arrival_s=arrival_s,
        gap_s=_gap_s(passes),
        overhead_s=overhead_s,
        answer_s=answer_s,
    )
    return FittedPasses(engine=fitted, error=error, n_calls=len(own))


def _passes(calls: pd.DataFrame) -> pd.DataFrame:
    """One row per pass, in their order; its calls begin at the same moment and share its time by tokens.

    `n` texts, tokens of the `longest`, `pass_s`, the `pause_s` before it, `n_come` calls that came while
    it ran, `waited_s` of the call that waited longest for it, and `after_s` from its end until its
    calls ended, in the mean.
    """
    began = pd.Series(_began_s(calls), index=calls.index).sort_values()
    number = (began.diff() > _SAME_PASS_S).cumsum()
    ordered = calls.loc[began.index]
    passes = pd.DataFrame(
        {
            "began_s": began.groupby(number).first(),
            "n": began.groupby(number).size(),
            "longest": ordered["tokens_in"].groupby(number).max(),
            "pass_s": ordered["busy_ms"].groupby(number).sum() / 1e3,
            "waited_s": ordered["queue_ms"].groupby(number).max() / 1e3,
        }
    )
    inside_ms = (ordered["total_ms"] - ordered["queue_ms"]).groupby(number).mean()
    passes["after_s"] = inside_ms / 1e3 - passes["pass_s"]
    ended_s = passes["began_s"] + passes["pass_s"]
    passes["pause_s"] = (passes["began_s"] - ended_s.shift()).clip(lower=0.0).fillna(np.inf)
    came_s = np.sort(_came_s(calls))
    passes["n_come"] = np.searchsorted(came_s, ended_s) - np.searchsorted(
        came_s, passes["began_s"], side="right"
    )
    return passes


def _outside_s(passes: pd.DataFrame) -> tuple[float, float]:
    """What a call that finds nothing running waits beside its pass; and for each other text in it."""
    from scipy.optimize import nnls

    free = passes[(passes["waited_s"] < passes["pause_s"]) & (passes["n"] == 1)]
    begin_s = free["waited_s"].mean() if len(free) else 0.0
    others = passes["n"].to_numpy(float) - 1
    after = np.stack([np.ones(len(passes)), others], axis=1)
    (alone_s, answer_s), _ = nnls(after, passes["after_s"].clip(lower=0.0).to_numpy(float))
    return float(begin_s + alone_s), float(answer_s)


def _gap_s(passes: pd.DataFrame) -> float:
    """Between a pass and the next one where somebody waited for it; in the middle."""
    pressed = passes[passes["waited_s"] > passes["pause_s"]]
    return float(pressed["pause_s"].median()) if len(pressed) else 0.0


def _usable(calls: pd.DataFrame, stage: Stage) -> pd.DataFrame:
    found = calls[(calls["stage"] == stage.value) & calls["error"].isna()]
    return found[found["total_ms"] > found["queue_ms"]]


def _came_s(calls: pd.DataFrame) -> Floats:
    return np.asarray(calls["started_at"].astype("int64").to_numpy(float) / 1e6, np.float64)


def _began_s(calls: pd.DataFrame) -> Floats:
    return np.asarray(_came_s(calls) + calls["queue_ms"].to_numpy(float) / 1e3, np.float64)


def _ended_s(calls: pd.DataFrame) -> Floats:
    return np.asarray(_came_s(calls) + calls["total_ms"].to_numpy(float) / 1e3, np.float64)


def _read_meanwhile(began: Floats, ended: Floats, tokens_in: Floats) -> Floats:
    """Prompt tokens (or prompts) read while each call was inside: its own, and those that began then."""
    order = np.argsort(began, kind="stable")
    so_far = np.concatenate([[0.0], np.cumsum(tokens_in[order])])
    starts = began[order]
    before = np.searchsorted(starts, began, side="left")
    until = np.searchsorted(starts, ended, side="left")
    return np.asarray(np.maximum(so_far[until] - so_far[before], tokens_in), np.float64)


def _fit(columns: Floats, seconds: Floats) -> tuple[list[float], float]:
    n = len(seconds)
    if n < MIN_POINTS:
        raise InvalidInput(
            "{n} measured requests are too few to learn from; {least} are needed. Measure more.",
            n=n,
            least=MIN_POINTS,
        )
    held_out = np.arange(n) % 3 == 1
    trial = relative_fit(columns[~held_out], seconds[~held_out])
    error = float(np.abs(columns[held_out] @ trial / seconds[held_out] - 1).mean())
    return relative_fit(columns, seconds).tolist(), error
