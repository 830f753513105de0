"""`studio bench answers`: what a chatbot's answer takes beside what it is made of.

The time to the first words where the system prompt was read before, to where it is a new one as long;
and a whole answer of the sample's chatbot, to its parts done by hand for the same question. Both sides
take turns, and a ratio is the middle one of all turns. In a studio of its own. Knows no page.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from studio.benchmarks.estimate_targets import sample_questions
from studio.benchmarks.figures import Figure, FiguresReport
from studio.benchmarks.own_studio import own_studio
from studio.config import Settings
from studio.inference.benchmark import TOPICS
from studio.inference.hardware import describe_machine
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.close_reading import read_closely
from studio.records import (
    CallContext,
    CallRecord,
    GenerationRequest,
    Message,
    Sampling,
    Stage,
    Task,
)
from studio.workbench import Workbench

N_FIRST_TOKENS = 8  # written after each system prompt
N_RULES = 24  # sentences of a system prompt, some 300 tokens
_CONTEXT = CallContext(request_id="bench-answers", surface="bench")

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstWords:
    """Milliseconds to the first words in one turn, with a known system prompt and with a new one."""

    cached_ms: float
    fresh_ms: float
    n_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeAnswer:
    """Seconds of a whole answer, and of its parts by name, alone and one after another."""

    whole_s: float
    parts_s: dict[str, float]


def run_answers_benchmark(
    settings: Settings, *, quick: bool = False, say: Say = lambda _: None
) -> FiguresReport:
    """Measure on the default models; about 2 minutes on two cores, half a minute if quick.

    Args:
        settings: whose weights are used.
        quick: a quarter of the questions.
        say: told what is being done.

    Raises:
        StudioError: a model failed.
    """
    n = 8 if quick else 32
    with own_studio(settings) as workbench:
        workbench.prepare_models().result()
        say("first words after a system prompt")
        first_words = _first_words(workbench, n)
        say("a whole answer and its parts")
        answers = _whole_answers(workbench, n)
    machine = describe_machine()
    names = ("openvino", "openvino-genai", "faiss-cpu")
    return FiguresReport(
        machine=f"{machine.cpu}, {machine.n_cores} cores, {settings.n_threads} threads",
        versions=", ".join(f"{name} {version(name)}" for name in names),
        figures=(first_words_figure(first_words), whole_figure(answers)),
    )


def first_words_figure(turns: Sequence[FirstWords]) -> Figure:
    """The time to the first words with a known system prompt, to that without."""
    cached, fresh = (
        statistics.median(one)
        for one in zip(*((t.cached_ms, t.fresh_ms) for t in turns), strict=True)
    )
    return Figure(
        name="first words with a known system prompt, to a new one",
        value=statistics.median(turn.cached_ms / turn.fresh_ms for turn in turns),
        bound=0.35,
        detail=f"{cached:.0f} ms, new {fresh:.0f} ms, prompts of"
        f" {statistics.median(turn.n_tokens for turn in turns):.0f} tokens",
    )


def whole_figure(answers: Sequence[WholeAnswer]) -> Figure:
    """A whole answer to the sum of its parts."""
    names = answers[0].parts_s
    parts = ", ".join(
        f"{name} {statistics.median(one.parts_s[name] for one in answers) * 1e3:.0f}"
        for name in names
    )
    whole_ms = statistics.median(one.whole_s for one in answers) * 1e3
    return Figure(
        name="a whole answer from documents, to its parts",
        value=statistics.median(one.whole_s / sum(one.parts_s.values()) for one in answers),
        bound=1.1,
        detail=f"{whole_ms:.0f} ms of {len(answers)} answers; {parts} ms",
    )


def _first_words(workbench: Workbench, n: int) -> list[FirstWords]:
    model = workbench.catalogue.default(Task.GENERATION).id

    def ask(shop: int, question: str) -> CallRecord:
        messages = (
            Message(role="system", content=_system_prompt(shop)),
            Message(role="user", content=question),
        )
        return _written(workbench, model, messages, N_FIRST_TOKENS)

    ask(0, "Are you open?")  # from now on its prompt is known
    found = []
    for i in range(1, n + 1):
        question = f"What should I know about {TOPICS[i % 5]}, number {i}?"
        cached, fresh = ask(0, question), ask(i, question)
        found.append(
            FirstWords(
                cached_ms=cached.first_token_ms or 0.0,
                fresh_ms=fresh.first_token_ms or 0.0,
                n_tokens=fresh.tokens_in,
            )
        )
    return found


def _system_prompt(shop: int) -> str:
    """The rules of a shop: other ones for each from their first word on, and all equally long."""
    rules = (f"Shop {shop:03}, rule {i:02}: ask about {TOPICS[i % 5]}." for i in range(N_RULES))
    return " ".join(rules)


def _whole_answers(workbench: Workbench, n: int) -> list[WholeAnswer]:
    """Each question is answered once before it counts: then both sides find their prompts known."""
    bot = workbench.sample_chatbot("en")
    bot.update_index().wait()
    found = []
    for question in sample_questions(n):
        request_id = bot.replay(question).request_id
        calls = workbench.calls()
        own = calls[(calls["request_id"] == request_id) & (calls["stage"] == Stage.GENERATION)]
        n_written = int(own["tokens_out"].sum())
        for _ in range(2):
            began_s = time.perf_counter()
            bot.replay(question)
            whole_s = time.perf_counter() - began_s
            parts_s = _parts(workbench, bot, question, n_written)
            found.append(WholeAnswer(whole_s=whole_s, parts_s=parts_s))
    return found


def _parts(workbench: Workbench, bot: Chatbot, question: str, n_written: int) -> dict[str, float]:
    """Seconds of what an answer needs, each alone: by hand and in its order."""
    settings, searcher = bot.settings, bot.searcher()
    messages = bot.prompts_without_each(question).whole
    seconds = {}
    began_s = time.perf_counter()
    embedded = searcher.read((question,), _CONTEXT)
    vector = None if embedded is None else embedded.vectors[0]
    seconds["embedding"] = time.perf_counter() - began_s
    began_s = time.perf_counter()
    hits = searcher.search(
        question,
        vector,
        settings.search_options(settings.n_passages),
        rerank_model=settings.rerank_model,
        context=_CONTEXT,
    )
    seconds["search"] = time.perf_counter() - began_s
    began_s = time.perf_counter()
    read_closely(searcher, question, vector, hits, _CONTEXT)
    seconds["reading the passages"] = time.perf_counter() - began_s
    began_s = time.perf_counter()
    if n_written:
        _written(workbench, bot.model.id, messages, n_written)
    seconds["writing"] = time.perf_counter() - began_s
    return seconds


def _written(
    workbench: Workbench, model: str, messages: tuple[Message, ...], n_tokens: int
) -> CallRecord:
    request = GenerationRequest(
        model=model,
        messages=messages,
        sampling=Sampling(max_new_tokens=n_tokens),
        context=_CONTEXT,
    )
    return workbench.models.generate(request).result().call
