"""Batches measured on the real model: many rows at once against one at a time, and estimates that hold.

    studio bench content [--quick] [--json FILE]

Three pairs of template and sheet from the sample company's catalogue, and one that is written from its
documents: answers to its customers' questions. For each the dry run's estimate is
held against what the batch then took; for the first, all rows are also written one at a time, greedily,
and the texts compared. In a workspace of its own; the weights are the studio's.

The machine's own pace changes within minutes, which no dry run can foresee. So a few texts are written
alone before and after everything that is timed (`estimate_pace`): bounds are held against the estimate
at the pace that the batch then had, and what was told beforehand stands beside it. The speed-up, whose
two sides are measured minutes apart, is taken at one pace, too.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from studio.benchmarks.estimate_pace import PROBE_S, Pace, Pacemaker
from studio.config import Settings
from studio.prototypes.content.batch import Batch
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import CheckRules
from studio.prototypes.content.sheet import Sheet
from studio.records import Notice
from studio.sample_company import sample_briefs, sample_of, sample_questions
from studio.workbench import Workbench

N_ROWS = 64
N_ROWS_QUICK = 32  # twice what a dry run writes: else the estimate could not be wrong
N_PROBED = 4  # texts that tell the pace, in turn
SPEED_UP = 2.5
TOKENS_OFF, TIME_OFF = 0.15, 0.25
GROUNDED = "faq"
PAIRS = ("product-description", "ad", "seo", GROUNDED)
POLL_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMeasured:
    """An estimate against what the batch took; shares are (estimate - actual) / actual.

    `time_off` is at the pace that the machine had during the batch, `time_off_before` as it was told:
    at the pace of the dry run. `drift` is by how much the machine was slower during the batch.
    """

    template: str
    n_rows: int
    n_measured: int
    tokens: int
    tokens_off: float
    seconds: float
    time_off: float
    time_off_before: float
    drift: float
    tokens_out_per_s: float
    n_accepted: int

    @property
    def is_within(self) -> bool:
        """Whether tokens and time are within the bounds."""
        return abs(self.tokens_off) <= TOKENS_OFF and abs(self.time_off) <= TIME_OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentReport:
    """What was measured. `n_same` counts rows whose greedy text is that of the row written alone.

    The paces are the machine's while the rows were written alone and in the batch: seconds for a second
    at the beginning.
    """

    model: str
    pairs: tuple[PairMeasured, ...]
    n_alone: int
    alone_tokens_per_s: float
    batch_tokens_per_s: float
    alone_pace: float
    batch_pace: float
    n_same: int

    @property
    def speed_up(self) -> float:
        """Tokens per second in the batch against one row at a time, both at one pace."""
        return self.speed_up_before * self.batch_pace / self.alone_pace

    @property
    def speed_up_before(self) -> float:
        """The same with each at its own pace."""
        return self.batch_tokens_per_s / self.alone_tokens_per_s

    @property
    def is_passed(self) -> bool:
        """Whether every bound is met."""
        return (
            self.speed_up >= SPEED_UP
            and self.n_same == self.n_alone
            and all(pair.is_within for pair in self.pairs)
        )

    def as_json(self) -> str:
        """All figures."""
        ratios = {"speed_up": self.speed_up, "speed_up_before": self.speed_up_before}
        return json.dumps({**asdict(self), **ratios}, indent=2)

    def as_text(self) -> str:
        """A table for people."""
        lines = [
            f"model: {self.model}",
            f"one row at a time: {self.alone_tokens_per_s:.1f} tokens/s; in the batch: "
            f"{self.batch_tokens_per_s:.1f}; {self.speed_up_before:.2f} times, at one pace "
            f"{self.speed_up:.2f} (wanted {SPEED_UP})",
            f"same greedy texts: {self.n_same} of {self.n_alone}",
            "",
            f"{'template':22}{'rows':>6}{'tokens':>9}{'estimate':>10}{'seconds':>9}{'estimate':>10}"
            f"{'at pace':>9}{'drift':>7}{'tokens/s':>10}{'accepted':>10}",
        ]
        for pair in self.pairs:
            lines.append(
                f"{pair.template:22}{pair.n_rows:>6}{pair.tokens:>9,}{pair.tokens_off:>+10.0%}"
                f"{pair.seconds:>9.1f}{pair.time_off_before:>+10.0%}{pair.time_off:>+9.0%}"
                f"{pair.drift:>+7.0%}{pair.tokens_out_per_s:>10.1f}{pair.n_accepted:>10}"
            )
        lines.append("passed" if self.is_passed else "NOT passed")
        return "\n".join(lines)


def run_content_benchmark(
    settings: Settings,
    *,
    quick: bool = False,
    probe_s: float = PROBE_S,
    progress: Callable[[Notice], object] = lambda _: None,
) -> ContentReport:
    """Measure; takes minutes on a CPU.

    Args:
        settings: those of the studio, whose weights are used.
        quick: 32 rows instead of 64.
        probe_s: how long the machine's pace is probed at least, before and after everything timed.
        progress: told what is being measured.

    Raises:
        StudioError: the model cannot be had, or failed.
    """
    n_rows = N_ROWS_QUICK if quick else N_ROWS
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        settings.models_dir.mkdir(parents=True, exist_ok=True)
        (home / "models").symlink_to(settings.models_dir, target_is_directory=True)
        with Workbench.open(settings=replace(settings, home=home)) as workbench:
            return _measured(workbench, n_rows, probe_s, progress)


def _measured(
    workbench: Workbench, n_rows: int, probe_s: float, progress: Callable[[Notice], object]
) -> ContentReport:
    pacemaker = _pacemaker(_content(workbench, PAIRS[0]), probe_s)
    paces = [pacemaker.probe()]
    pairs, batches, contents, during = [], [], [], []
    for template in PAIRS:
        content = _content(workbench, template)
        sheet = _sheet(content, template, n_rows)
        progress(Notice("{template}: the dry run", template=template))
        trial = content.batches.dry_run(sheet, content.batches.guess(sheet)).result()
        paces.append(pacemaker.probe())
        progress(Notice("{template}: the batch of {n} rows", template=template, n=n_rows))
        batch = content.batches.start(sheet, content.batches.guess(sheet), estimate=trial.estimate)
        batch = _waited(content, batch)
        paces.append(pacemaker.probe())
        tried = Pace(before=paces[-3], after=paces[-2]).mean
        ran = Pace(before=paces[-2], after=paces[-1]).mean
        pairs.append(_pair(template, batch, trial.estimate.n_measured, ran / tried))
        during.append(ran)
        batches.append(batch)
        contents.append((content, sheet))
    content, sheet = contents[0]
    progress(Notice("{n} rows one at a time", n=n_rows))
    alone_s, n_tokens, texts = _one_at_a_time(content, sheet)
    alone = Pace(before=paces[-1], after=pacemaker.probe())
    rows = content.batches.rows(batches[0].id, limit=None)
    return ContentReport(
        model=content.model.id,
        pairs=tuple(pairs),
        n_alone=len(texts),
        alone_tokens_per_s=n_tokens / alone_s,
        batch_tokens_per_s=batches[0].tokens_out / batches[0].seconds,
        alone_pace=alone.mean,
        batch_pace=during[0],
        n_same=sum(
            row.text is not None and row.text.content == text
            for row, text in zip(rows, texts, strict=True)
        ),
    )


def _pacemaker(content: Content, probe_s: float) -> Pacemaker:
    """Writes a few texts alone, in turn; what each takes now is the pace of 1."""
    sheet = _sheet(content, PAIRS[0], N_PROBED)
    mapping = content.batches.guess(sheet)
    forms = [mapping.values(row) for row in sheet.rows]

    def ask(position: int) -> str:
        return content.write(forms[position], 1, "bench").request_id

    def took_s(position: int) -> float:
        began_s = time.perf_counter()
        ask(position)
        return time.perf_counter() - began_s

    ask(0)  # loads the model
    alone_s = np.array([min(took_s(at) for _ in range(2)) for at in range(len(forms))])
    return Pacemaker(ask, alone_s, probe_s)


def _content(workbench: Workbench, template: str) -> Content:
    content = workbench.create(Content, template, Content.default_settings("en"))
    content.use_template(template)
    settings = content.settings
    rules = replace(settings.checks, must_pass=CheckRules().must_pass)
    # Greedy, written once: retries are drawn freely, and would compare chance with chance.
    content.configure(replace(settings, temperature=0.0, n_retries=0, checks=rules))
    if template == GROUNDED:
        content.take_sample(sample_of("chatbot", "en").files)
        content.update_index().result()
    return content


def _sheet(content: Content, template: str, n_rows: int) -> Sheet:
    given = sample_questions("en") if template == GROUNDED else sample_briefs("en")
    sheet = content.batches.read("rows.csv", given)
    step = len(sheet.rows) // n_rows
    rows = [dict(row) for row in sheet.rows[:: max(1, step)][:n_rows]]
    if template == "seo":
        rows = [{**row, "topic": row["product"]} for row in rows]
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    return replace(sheet, rows=tuple(rows), columns=columns)


def _waited(content: Content, batch: Batch) -> Batch:
    while batch.state in ("waiting", "running"):
        time.sleep(POLL_S)
        batch = content.batches.get(batch.id)
    return batch


def _pair(template: str, batch: Batch, n_measured: int, pace: float) -> PairMeasured:
    """`pace` is the machine's during the batch against that during the dry run."""
    tokens = batch.tokens_in + batch.tokens_out
    estimate = batch.estimate
    if estimate is None:
        raise AssertionError("the batch was started with an estimate")
    return PairMeasured(
        template=template,
        n_rows=batch.n_rows,
        n_measured=n_measured,
        tokens=tokens,
        tokens_off=(estimate.tokens_in + estimate.tokens_out - tokens) / tokens,
        seconds=batch.seconds,
        time_off=(estimate.seconds * pace - batch.seconds) / batch.seconds,
        time_off_before=(estimate.seconds - batch.seconds) / batch.seconds,
        drift=pace - 1,
        tokens_out_per_s=batch.tokens_out / batch.seconds,
        n_accepted=batch.n_done,
    )


def _one_at_a_time(content: Content, sheet: Sheet) -> tuple[float, int, Sequence[str]]:
    """Seconds, tokens and texts of the rows written one after another."""
    mapping = content.batches.guess(sheet)
    texts, n_tokens = [], 0
    began_s = time.perf_counter()
    for row in sheet.rows:
        text = content.write(mapping.values(row), 1, "bench").texts[0]
        n_tokens += text.figures.tokens_out if text.figures else 0
        texts.append(text.content)
    return time.perf_counter() - began_s, n_tokens, texts
