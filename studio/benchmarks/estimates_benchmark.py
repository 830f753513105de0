"""`studio bench estimates`: opens a studio of its own, runs every target, and reports.

What it asks goes to a ledger of its own, so that a user's figures stay as they are; the weights are the
user's.
"""

from __future__ import annotations

import platform
from pathlib import Path

import pandas as pd

from studio.benchmarks.estimate_rounds import Say
from studio.benchmarks.estimate_targets import (
    ChatbotTarget,
    EmbeddingTarget,
    GenerationTarget,
)
from studio.benchmarks.estimates import EstimatesReport, estimate
from studio.benchmarks.own_studio import own_studio
from studio.config import Settings
from studio.economics.traffic import Trace, read_trace
from studio.errors import DataError
from studio.inference.hardware import describe_machine
from studio.prototypes.replay.other_load import OtherLoad

TRACE = Path("azure_llm_trace_2023", "conv.csv")
_FULL, _QUICK = 60, 30  # requests in a target's set
_QUESTIONS = {_FULL: 144, _QUICK: 72}
"""Of the chatbot: several times its callers at once, as an engine remembers prompts that come again."""


def run_estimates_benchmark(
    settings: Settings, data: Path, *, quick: bool = False, say: Say
) -> EstimatesReport:
    """Embedding, generation and a whole request of the sample's chatbot.

    Args:
        settings: whose weights are used.
        data: folder of the public collections.
        quick: half as many requests.
        say: told what is going on.

    Raises:
        DataError: the trace is not there.
        StudioError: a model cannot be loaded or does not answer.
    """
    trace = _trace(data / TRACE)
    n = _QUICK if quick else _FULL
    load = OtherLoad()
    with own_studio(settings) as workbench:
        workbench.prepare_models().result()
        sizes = trace.first(n)
        found = [
            # A hundred texts are embedded in half a second: in short parts, so that a machine whose
            # pace changes within seconds is caught as often quick as slow.
            *estimate(
                workbench,
                EmbeddingTarget(workbench, sizes),
                trace,
                n_requests=24 * n,
                say=say,
                probe_s=2.0,
                n_parts=12,
                n_probing=4,
            ),
            *(
                one
                for target in (
                    GenerationTarget(workbench, sizes),
                    ChatbotTarget(workbench, _QUESTIONS[n]),
                )
                for one in estimate(workbench, target, trace, n_requests=3 * n, say=say, n_parts=6)
            ),
        ]
    machine = describe_machine()
    return EstimatesReport(
        machine=f"{machine.cpu}, {machine.n_cores} cores, {settings.n_threads} threads a model,"
        f" Python {platform.python_version()}",
        estimates=tuple(found),
        other_load=load.share(),
    )


def _trace(path: Path) -> Trace:
    if not path.is_file():
        raise DataError(
            "The trace {path} is not there. Name the folder of the public collections with --data.",
            path=path,
        )
    return read_trace(pd.read_csv(path))
