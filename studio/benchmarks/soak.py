"""`studio bench soak`: the studio under what is thrown at it, for long.

A process that writes is killed at random points, and what it had acknowledged is looked for. Then mixed
requests of many callers, good and bad, go to the model service, of which some are stopped in the
middle: each gets a result or a clear error, and the memory comes back. `tests/faults` runs both in
short. Knows no page.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from studio.benchmarks import soak_child
from studio.benchmarks.own_studio import own_studio
from studio.config import Settings
from studio.errors import StudioError
from studio.inference.hardware import describe_machine, family_bytes, release_memory
from studio.inference.service import LocalModelService
from studio.ledger.store import Ledger
from studio.records import (
    CallContext,
    EmbeddingRequest,
    GenerationRequest,
    Message,
    RerankRequest,
    Sampling,
    Surface,
)
from studio.workbench import Workbench

N_CALLERS = 8
WARM_GROWTH = 1.01  # of a round that adds nothing
MOST_WARM_ROUNDS = 20
MEMORY_BOUND = 1.05
LATE_BOUND = 1.05
"""Of the deadline: at it an error is on its way, which takes a moment."""
LATEST_KILL_S = 1.5
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class KillReport:
    """What came of killing: how often, how much had been acknowledged, and what of it was lost."""

    n_kills: int
    n_acknowledged: int
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MixReport:
    """What came of mixed requests.

    `outcomes` counts results and errors by name; `unclear` names failures that no user could read.
    `slowest_s` is the longest that anybody waited, to be held against `deadline_s`, which is a
    person's (a job's is longer). Memory is that of the studio's processes, after what can be freed was.
    """

    n_requests: int
    outcomes: dict[str, int]
    unclear: tuple[str, ...]
    slowest_s: float
    deadline_s: float
    before_bytes: int
    after_bytes: int

    @property
    def growth(self) -> float:
        """Memory afterwards to before."""
        return self.after_bytes / self.before_bytes

    @property
    def is_in_time(self) -> bool:
        """Whether everybody had a result or an error by the deadline."""
        return self.slowest_s <= LATE_BOUND * self.deadline_s


@dataclass(frozen=True, slots=True, kw_only=True)
class SoakReport:
    """Both, and the machine."""

    machine: str
    kills: KillReport
    mix: MixReport

    @property
    def is_passed(self) -> bool:
        """Whether nothing was lost, unclear or late and the memory came back to within 5 %."""
        mix = self.mix
        is_answered = not mix.unclear and mix.is_in_time
        return not self.kills.lost and is_answered and mix.growth <= MEMORY_BOUND

    def as_text(self) -> str:
        """A few lines for the terminal."""
        kills, mix = self.kills, self.mix
        outcomes = ", ".join(f"{name} {n}" for name, n in sorted(mix.outcomes.items()))
        return "\n".join(
            (
                self.machine,
                f"killed {kills.n_kills} times, {kills.n_acknowledged} things acknowledged, lost:"
                f" {', '.join(kills.lost) or 'none'}",
                f"{mix.n_requests} mixed requests of {N_CALLERS} callers: {outcomes}; slowest"
                f" {mix.slowest_s:.1f} s of {mix.deadline_s:.0f} s"
                f"{'' if mix.is_in_time else ' (MISSED)'}; unclear: {', '.join(mix.unclear) or 'none'}",
                f"memory {mix.before_bytes / 1e6:.0f} MB before, {mix.after_bytes / 1e6:.0f} MB after:"
                f" {mix.growth:.3f} <= {MEMORY_BOUND:g}",
            )
        )

    def as_json(self) -> str:
        """The same for programs."""
        return json.dumps(asdict(self), indent=2)


def run_soak(
    settings: Settings, *, quick: bool = False, say: Callable[[str], object] = lambda _: None
) -> SoakReport:
    """Kill 100 times, then send 5,000 mixed requests to the real default models; 5 and 1,000 if quick.

    Both in studios of their own, which are deleted; only the models of the settings are used.

    Raises:
        StudioError: weights are missing.
    """
    say("killing")
    with TemporaryDirectory() as folder:
        kills = killed(Path(folder) / "home", 5 if quick else 100, say=say)
    say("mixed requests")
    with own_studio(settings) as workbench:
        specs = workbench.catalogue.defaults()
        models = {spec.task.value: spec.id for spec in specs}
        mix = mixed(
            workbench.models,
            models,
            1_000 if quick else 5_000,
            deadline_s=settings.deadline_s,
            ledger=workbench.ledger,
            say=say,
        )
    machine = describe_machine()
    return SoakReport(machine=f"{machine.cpu}, {machine.n_cores} cores", kills=kills, mix=mix)


def killed(
    home: Path, n_kills: int, *, seed: int = 0, say: Callable[[str], object] = lambda _: None
) -> KillReport:
    """Start a process that writes, kill it at a random moment, and look for what it acknowledged.

    Args:
        home: of the studio; the same for all processes.
        n_kills: how often.
        seed: of the moments.
        say: told of each kill.
    """
    dice = random.Random(seed)
    acknowledged: list[str] = []
    lost: list[str] = []
    for number in range(n_kills):
        told = _until_killed(home, number, dice.uniform(0, LATEST_KILL_S))
        acknowledged += told
        lost += _lost(home, told)
        say(f"kill {number + 1}: {len(told)} acknowledged, {len(lost)} lost")
    lost += _lost(home, acknowledged)  # nothing that a later kill took, either
    return KillReport(
        n_kills=n_kills, n_acknowledged=len(acknowledged), lost=tuple(sorted(set(lost)))
    )


def _until_killed(home: Path, number: int, after_s: float) -> list[str]:
    command = [sys.executable, "-m", soak_child.__name__, str(home), str(number)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != soak_child.READY:
            process.kill()
            return [f"start {number}"]  # which is then found to be lost
        timer = threading.Timer(after_s, process.kill)
        timer.start()
        lines = process.stdout.read().split("\n")
        timer.cancel()
    return lines[:-1]  # the last one is empty, or was cut


def _lost(home: Path, acknowledged: Sequence[str]) -> list[str]:
    """What of it a studio that is opened now does not have."""
    with Workbench.open(settings=Settings(home=home, is_demo=True), resume=False) as workbench:
        workspace = workbench.workspace
        there = {f"call {one}" for one in workbench.ledger.frame()["request_id"]}
        there |= {f"key {key.id}" for key in workspace.api_keys.list()}
        for record in workbench.prototypes("chatbot"):
            documents = workspace.documents.list(record.id)
            there |= {f"document {document.name}" for document in documents}
        return [
            one
            for one in acknowledged
            if one not in there
            and not (
                one.startswith("preference ")
                and workspace.preferences.get(one.removeprefix("preference ")) is not None
            )
        ]


def mixed(
    service: LocalModelService,
    models: dict[str, str],
    n_requests: int,
    *,
    deadline_s: float,
    seed: int = 0,
    ledger: Ledger | None = None,
    say: Callable[[str], object] = lambda _: None,
) -> MixReport:
    """Send requests of every kind from many callers at once.

    Args:
        service: answers them.
        models: task -> id of the model to ask; "reranking" may be missing.
        n_requests: how many, after tenths of them to warm up, until what is kept is full.
        deadline_s: by when a person is to have a result or an error.
        seed: of their order.
        ledger: where their records go, to be written out before memory is measured; None for elsewhere.
        say: told how far it is.
    """
    work = _Mix(service, models)
    before = _warmed_bytes(work, max(50, n_requests // 10), seed + 1, ledger)
    work.forget()
    work.run(n_requests, seed, say)
    return MixReport(
        n_requests=n_requests,
        outcomes=dict(work.outcomes),
        unclear=tuple(sorted(set(work.unclear))),
        slowest_s=work.slowest_s,
        deadline_s=deadline_s,
        before_bytes=before,
        after_bytes=_settled_bytes(ledger),
    )


def _warmed_bytes(work: _Mix, n: int, seed: int, ledger: Ledger | None) -> int:
    """Memory once rounds of requests no longer add to it, or after the most of them.

    What a model keeps of earlier prompts grows to its bound (a gigabyte) within some thousands of
    requests; only what grows beyond that is lost.
    """
    held = 0
    for round_ in range(MOST_WARM_ROUNDS):
        work.run(n, seed + round_)
        before, held = held, _settled_bytes(ledger)
        if held <= before * WARM_GROWTH:
            break
    return held


class _Mix:
    """Asks, and counts what came of it."""

    def __init__(self, service: LocalModelService, models: dict[str, str]) -> None:
        self._service = service
        self._models = models
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Count anew."""
        self.outcomes: Counter[str] = Counter()
        self.unclear: list[str] = []
        self.slowest_s = 0.0

    def run(self, n: int, seed: int, say: Callable[[str], object] = lambda _: None) -> None:
        """Make requests from all callers."""
        with ThreadPoolExecutor(N_CALLERS) as pool:
            for i, _ in enumerate(pool.map(lambda i: self._one(i, seed), range(n)), start=1):
                if i % 500 == 0:
                    say(f"{i} of {n}")

    def _one(self, i: int, seed: int) -> None:
        dice = random.Random(seed * 1_000_003 + i)
        asks = [self._embed, self._embed_many, self._write, self._stop, self._leave]
        asks += [self._too_long, self._unknown]
        if "reranking" in self._models:
            asks.append(self._rerank)
        began_s = time.perf_counter()
        try:
            name = dice.choice(asks)(i, dice)
        except StudioError as error:
            name = type(error).__name__
        except Exception as error:  # noqa: BLE001 - this is what the soak looks for
            name = "unclear"
            self.unclear.append(f"{type(error).__name__}: {error}")
        took_s = time.perf_counter() - began_s
        with self._lock:
            self.outcomes[name] += 1
            self.slowest_s = max(self.slowest_s, took_s)

    def _embed(self, i: int, dice: random.Random) -> str:
        self._vectors((f"question {i % 50}",), dice.choice(("page", "api")), i)
        return "embedded"

    def _embed_many(self, i: int, dice: random.Random) -> str:
        texts = tuple(
            "word " * dice.randint(1, 60) + str(j % 10) for j in range(dice.randint(2, 40))
        )
        self._vectors(texts, "job", i)
        return "embedded"

    def _vectors(self, texts: tuple[str, ...], surface: Surface, i: int) -> None:
        request = EmbeddingRequest(
            model=self._models["embedding"], texts=texts, context=_context(i, surface)
        )
        found = self._service.embed(request).vectors
        assert found.shape[0] == len(texts)

    def _write(self, i: int, dice: random.Random) -> str:
        stream = self._service.generate(self._request(i, "Name a colour.", dice))
        text = "".join(stream)
        assert stream.result().text == text
        return "written"

    def _stop(self, i: int, dice: random.Random) -> str:
        stream = self._service.generate(self._request(i, "Tell a story.", dice))
        stream.cancel()
        stream.result()
        return "stopped"

    def _leave(self, i: int, dice: random.Random) -> str:
        for _ in self._service.generate(self._request(i, "Tell a story.", dice)):
            break
        return "left"

    def _too_long(self, i: int, dice: random.Random) -> str:
        self._service.generate(self._request(i, "word " * 10_000, dice))
        return "too long, and written all the same"

    def _unknown(self, i: int, dice: random.Random) -> str:  # noqa: ARG002 - as the others
        context = _context(i, "api")
        self._service.embed(EmbeddingRequest(model="no-such", texts=("x",), context=context))
        return "unknown, and embedded all the same"

    def _rerank(self, i: int, dice: random.Random) -> str:
        texts = tuple(f"passage {j}" for j in range(dice.randint(1, 20)))
        request = RerankRequest(
            model=self._models["reranking"], query="which", texts=texts, context=_context(i, "page")
        )
        assert self._service.rerank(request).scores.shape == (len(texts),)
        return "ordered"

    def _request(self, i: int, prompt: str, dice: random.Random) -> GenerationRequest:
        return GenerationRequest(
            model=self._models["generation"],
            messages=(Message(role="user", content=prompt),),
            sampling=Sampling(max_new_tokens=dice.randint(1, 16), temperature=0.7, seed=i),
            context=_context(i, dice.choice(("page", "api", "job"))),
        )


def _context(i: int, surface: Surface) -> CallContext:
    return CallContext(request_id=f"soak-{i}", surface=surface, account=f"key:{i % 5}")


def _settled_bytes(ledger: Ledger | None) -> int:
    """Memory of the studio's processes after what can be freed was."""
    if ledger is not None:
        ledger.flush()
    time.sleep(0.3)  # threads of ended requests go
    release_memory()
    return family_bytes()
