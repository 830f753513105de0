"""A chatbot over public paragraphs, measured as its founder would: search, answers, time and cost.

    studio bench evaluation [--quick] [--json FILE]

XQuAD's 240 English paragraphs are its documents, its questions the evaluation set. Measured are the
sentences that it quotes by itself (extraction), what the default model writes from them, and how often
it refuses what could be answered and answers what could not (`refusals`). In a workspace of its own; the
weights are the studio's.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from studio.benchmarks.refusals import MAX_REFUSED, RefusalMeasure, measure_refusals
from studio.config import Settings
from studio.errors import NotFound
from studio.evaluation.comparison import Interval
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import AnswerStyle, ChatbotSettings
from studio.prototypes.evaluation.run import EvaluationRun
from studio.records import Notice
from studio.workbench import Workbench

RECALL = 0.97
"""Least recall@5 of the right paragraph."""
N_WRITTEN, N_REPEATED = 120, 12
N_QUICK_QUOTED, N_QUICK_WRITTEN = 200, 24
POLL_S = 0.5
MEASURES = (
    "R@5", "nDCG@10", "RR@10", "answered", "token_recall", "token_f1", "exact_match", "rouge_l",
    "bleu", "chrf", "similarity", "citation_precision", "citation_recall", "groundedness",
    "latency_ms", "cost_usd",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WayMeasured:
    """One way of answering: each measure with its interval, and the seconds that the run took."""

    name: str
    n_cases: int
    n_failed: int
    figures: dict[str, Interval]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """What was measured; `is_repeatable` says that the same run again gave the same to the digit."""

    n_documents: int
    ways: tuple[WayMeasured, ...]
    is_repeatable: bool
    refusals: tuple[RefusalMeasure, ...]

    @property
    def is_passed(self) -> bool:
        """Whether the right paragraph is found and answered often enough, and runs can be repeated."""
        is_found = self.ways[0].figures["R@5"].mean >= RECALL
        return is_found and self.is_repeatable and all(one.is_passed for one in self.refusals)

    def as_text(self) -> str:
        """A table for the terminal: the mean of each measure with its 95 % interval."""
        lines = [f"{self.n_documents} paragraphs"]
        for way in self.ways:
            lines += [
                "",
                f"{way.name}: {way.n_cases} questions, {way.n_failed} failed, {way.seconds:.0f} s",
            ]
            lines += [
                f"  {name:20} {found.mean:10.4g}  [{found.low:.4g}, {found.high:.4g}]  n={found.n}"
                for name, found in way.figures.items()
            ]
        for one in self.refusals:
            lines += ["", *one.as_lines()]
        recall = self.ways[0].figures["R@5"].mean
        lines += [
            "",
            f"recall@5 {recall:.3f}, at least {RECALL}; the same again gives the same: "
            f"{'yes' if self.is_repeatable else 'NO'}; of the sample's answerable questions at most "
            f"{MAX_REFUSED:.0%} refused: {'yes' if all(r.is_passed for r in self.refusals) else 'NO'}",
            "passed" if self.is_passed else "FAILED",
        ]
        return "\n".join(lines)

    def as_json(self) -> str:
        """The figures as JSON."""
        return json.dumps(asdict(self), indent=1)


def run_evaluation_benchmark(
    settings: Settings,
    data: Path,
    *,
    quick: bool = False,
    progress: Callable[[Notice], None] = lambda _: None,
) -> EvaluationReport:
    """Measure both ways of answering.

    Args:
        settings: whose models are used; its workspace is not touched.
        data: folder of the public data sets.
        quick: only some of the questions.
        progress: told what is being done.

    Raises:
        NotFound: the data is not there.
        StudioError: a model failed.
    """
    folder = data / "xquad_en"
    if not (folder / "qa.jsonl").is_file():
        raise NotFound("{path} is not there.", path=folder / "qa.jsonl")
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary) / "home"
        home.mkdir()
        settings.models_dir.mkdir(parents=True, exist_ok=True)
        (home / "models").symlink_to(settings.models_dir.resolve(), target_is_directory=True)
        with Workbench.open(settings=replace(settings, home=home, database_url="")) as workbench:
            refusals = measure_refusals(workbench, data, quick=quick, progress=progress)
            bot = _bot(workbench, folder, progress)
            report = _measured(workbench, bot, folder, quick=quick, progress=progress)
            return replace(report, refusals=refusals)


def _bot(workbench: Workbench, folder: Path, progress: Callable[[Notice], None]) -> Chatbot:
    progress(Notice("Reading the paragraphs"))
    bot = workbench.create_chatbot("XQuAD", ChatbotSettings(n_passages=5))
    for line in (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        bot.add_file(f"{row['_id']}.txt", row["text"].encode())
    bot.update_index().result()
    return bot


def _measured(
    workbench: Workbench,
    bot: Chatbot,
    folder: Path,
    *,
    quick: bool,
    progress: Callable[[Notice], None],
) -> EvaluationReport:
    evaluation = workbench.evaluation(bot.id)

    def measure(name: str, style: AnswerStyle, n: int | None) -> tuple[EvaluationRun, float]:
        chosen = evaluation.sets.read(f"{name}.csv", questions(folder, n)).record
        began_s = time.perf_counter()
        settings = replace(bot.settings, answer_style=style)
        started = evaluation.start(chosen.id, settings=settings, name=name)
        job = evaluation.job(started.id)
        while job is not None and not job.wait(POLL_S):
            progress(job.progress.notice)
        if job is not None:
            job.result()
        return evaluation.get(started.id), time.perf_counter() - began_s

    quoted = measure("quoted sentences", "quote", N_QUICK_QUOTED if quick else None)
    written = measure(
        f"written by {bot.model.name}", "auto", N_QUICK_WRITTEN if quick else N_WRITTEN
    )
    first, again = (measure("repeated", "auto", N_REPEATED)[0] for _ in range(2))
    return EvaluationReport(
        n_documents=len(bot.documents()),
        ways=(_way(*quoted), _way(*written)),
        is_repeatable=first.digest == again.digest,
        refusals=(),
    )


def questions(folder: Path, n: int | None) -> bytes:
    """The questions as a file for an evaluation set: all, or `n` at equal distances."""
    rows = [
        json.loads(line)
        for line in (folder / "qa.jsonl").read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    if n is not None:
        rows = rows[:: max(1, len(rows) // n)][:n]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("id", "question", "answer", "gold_document"))
    writer.writerows(
        (row["id"], row["question"], " | ".join(row["answers"]), f"{row['doc_id']}.txt")
        for row in rows
    )
    return text.getvalue().encode()


def _way(run: EvaluationRun, seconds: float) -> WayMeasured:
    return WayMeasured(
        name=run.name,
        n_cases=len(run.results),
        n_failed=run.n_failed,
        figures={name: run.interval(name) for name in MEASURES if name in run.measures},
        seconds=seconds,
    )
