"""A text model looked into: how likely each token of a text is, and what every head attends to.

Read by transformers, whatever engine answers otherwise: the weights are the same, and only it shows
what happens inside. Done in a process of its own (`python -m` this module), as it needs torch and memory
for a moment only.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import Cancelled
from studio.inference.training.plan import write_json
from studio.inference.training.process import failure_of, module_environment
from studio.records import Message

N_ALTERNATIVES = 5
MAX_ATTENTION_TOKENS = 96
"""Tokens at the end whose attention is kept: more than can be read off a picture."""
_POLL_S = 0.1
_REQUEST, _TOKENS, _ATTENTION = "request.json", "tokens.json", "attention.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLook:
    """A token of an answer: its text, its probability, and the likeliest tokens in its place."""

    text: str
    probability: float
    alternatives: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was seen.

    `tokens` are those of the answer after the first prompt. `log_likelihoods` has, for each prompt, the
    sum of the log-probabilities of the answer's tokens in nats. `attention` is
    `(layers, heads, n, n)` float16 over the last tokens of prompt and answer, row: who looks, column: at
    what; empty where it was not asked for. `attended` are these tokens.
    """

    tokens: tuple[TokenLook, ...]
    log_likelihoods: tuple[float, ...]
    attention: NDArray[np.float16]
    attended: tuple[str, ...]


def inspect_answer(
    folder: Path,
    prompts: Sequence[Sequence[Message]],
    answer: str,
    *,
    n_threads: int,
    with_attention: bool = False,
    cancelled: Callable[[], bool] = lambda: False,
) -> Inspection:
    """How a model sees an answer after each of the prompts; one pass per prompt, after loading it.

    Args:
        folder: config, tokenizer and safetensors of a chat model.
        prompts: conversations, each before the same answer; at least one.
        answer: the text.
        n_threads: compute threads.
        with_attention: also keep what is attended to after the first prompt.
        cancelled: asked several times a second.

    Raises:
        Cancelled: `cancelled` said yes.
        StudioError: the model cannot be loaded, or knows no conversation.
    """
    with tempfile.TemporaryDirectory(prefix="inspection-") as name:
        work = Path(name)
        request = {
            "folder": str(folder),
            "prompts": [[[m.role, m.content] for m in prompt] for prompt in prompts],
            "answer": answer,
            "n_threads": n_threads,
            "with_attention": with_attention,
        }
        write_json(work / _REQUEST, request)
        _run(work, cancelled)
        seen = json.loads((work / _TOKENS).read_text(encoding="utf-8"))
        with np.load(work / _ATTENTION) as arrays:
            attention = np.asarray(arrays["attention"], np.float16)
    return Inspection(
        tokens=tuple(
            TokenLook(
                text=text,
                probability=probability,
                alternatives=tuple((other, share) for other, share in alternatives),
            )
            for text, probability, alternatives in seen["tokens"]
        ),
        log_likelihoods=tuple(seen["log_likelihoods"]),
        attention=attention,
        attended=tuple(seen["attended"]),
    )


def _run(work: Path, cancelled: Callable[[], bool]) -> None:
    with (work / "output.txt").open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "studio.inference.inspection", str(work)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=module_environment(),
        )
        try:
            while True:
                try:
                    code = child.wait(_POLL_S)
                    break
                except subprocess.TimeoutExpired as wait:
                    if cancelled():
                        raise Cancelled("The look into the model was stopped.") from wait
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    if code:
        raise failure_of(work, (work / "output.txt").read_text(errors="replace"))


def _inspect(work: Path) -> None:
    """Do what `request.json` says; in the process of its own."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    request = json.loads((work / _REQUEST).read_text(encoding="utf-8"))
    torch.set_num_threads(int(request["n_threads"]))
    tokenizer: Any = AutoTokenizer.from_pretrained(request["folder"], local_files_only=True)
    model: Any = AutoModelForCausalLM.from_pretrained(
        request["folder"],
        local_files_only=True,
        dtype=torch.float32,
        attn_implementation="eager" if request["with_attention"] else "sdpa",
    ).eval()
    answer = tokenizer.encode(request["answer"], add_special_tokens=False)
    tokens: list[Any] = []
    likelihoods: list[float] = []
    attention, attended = np.zeros((0, 0, 0, 0), np.float16), []
    for number, turns in enumerate(request["prompts"]):
        messages = [{"role": role, "content": content} for role, content in turns]
        before = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        prompt = tokenizer.encode(before, add_special_tokens=False)
        ids = torch.tensor([prompt + answer])
        with torch.inference_mode():
            seen = model(ids, output_attentions=request["with_attention"] and number == 0)
        logs = torch.log_softmax(seen.logits[0, len(prompt) - 1 : -1].float(), dim=-1)
        own = logs[torch.arange(len(answer)), torch.tensor(answer)]
        likelihoods.append(float(own.sum()))
        if number:
            continue
        best = logs.topk(N_ALTERNATIVES, dim=-1)
        for row, token in enumerate(answer):
            pairs = zip(best.indices[row].tolist(), best.values[row].exp().tolist(), strict=True)
            others = [[tokenizer.decode([other]), share] for other, share in pairs]
            tokens.append([tokenizer.decode([token]), float(own[row].exp()), others])
        if request["with_attention"]:
            kept = ids[0, -MAX_ATTENTION_TOKENS:]
            attended = [tokenizer.decode([int(token)]) for token in kept]
            layers = [layer[0, :, -len(kept) :, -len(kept) :] for layer in seen.attentions]
            attention = torch.stack(layers).numpy().astype(np.float16)
    np.savez(work / _ATTENTION, attention=attention)
    write_json(
        work / _TOKENS,
        {"tokens": tokens, "log_likelihoods": likelihoods, "attended": attended},
    )


if __name__ == "__main__":
    _inspect(Path(sys.argv[1]))
