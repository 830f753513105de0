"""A text model looked into: how likely each token of a text is, and what every head attends to.

Read by transformers, whatever engine answers otherwise: the weights are the same, and only it shows
what happens inside. Done in a process of its own (`python -m` this module), as it needs torch and memory
for a moment only.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.inference.token_texts import TokenText, text_in_place, token_texts
from studio.inference.training.plan import FAILURE, write_json
from studio.inference.training.process import run_module
from studio.records import Message

N_ALTERNATIVES = 5
MAX_ATTENTION_TOKENS = 96
"""Tokens at the end whose attention is kept: more than can be read off a picture."""
MAX_TOKENS, MAX_TOKENS_INSIDE = 4096, 1024
"""Tokens of prompt and answer together that are read, and that are while looking inside: every head
keeps the square of them, over 1 GB of a small model."""
_REQUEST, _TOKENS, _ATTENTION = "request.json", "tokens.json", "attention.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLook:
    """A token of an answer: its text, its probability, and the likeliest tokens in its place.

    `of` says which part of its character it is; an alternative that is but a part of one is "".
    """

    of: TokenText
    probability: float
    alternatives: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was seen.

    `tokens` are those of the answer after the first prompt. `log_likelihoods` has, for each prompt, the
    sum of the log-probabilities of the answer's tokens in nats. `attention` is
    `(layers, heads, n, n)` float16 over the last tokens of prompt and answer, row: who looks, column: at
    what; empty where it was not asked for. `attended` are these tokens. `attributions` has, for each of
    them, how much the answer's log-probability hangs on it (gradient times input, in nats; tokens of the
    answer count for those after them); empty likewise.
    """

    tokens: tuple[TokenLook, ...]
    log_likelihoods: tuple[float, ...]
    attention: NDArray[np.float16]
    attended: tuple[TokenText, ...]
    attributions: tuple[float, ...] = ()


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
        StudioError: the model cannot be loaded, knows no conversation, or the texts are too long.
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
        run_module("studio.inference.inspection", work, cancelled)
        seen = json.loads((work / _TOKENS).read_text(encoding="utf-8"))
        with np.load(work / _ATTENTION) as arrays:
            attention = np.asarray(arrays["attention"], np.float16)
    return Inspection(
        tokens=tuple(
            TokenLook(
                of=TokenText(**of),
                probability=probability,
                alternatives=tuple((other, share) for other, share in alternatives),
            )
            for of, probability, alternatives in seen["tokens"]
        ),
        log_likelihoods=tuple(seen["log_likelihoods"]),
        attention=attention,
        attended=tuple(TokenText(**one) for one in seen["attended"]),
        attributions=tuple(seen["attributions"]),
    )


def _inspect(work: Path) -> None:
    """Do what `request.json` says; in the process of its own.

    Raises:
        StudioError: the model cannot be loaded, knows no conversation, or the texts are too long.
    """
    import torch

    request = json.loads((work / _REQUEST).read_text(encoding="utf-8"))
    torch.set_num_threads(int(request["n_threads"]))
    tokenizer, model = _loaded(request["folder"], inside=request["with_attention"])
    limit = _limit_of(model, inside=request["with_attention"])
    answer = tokenizer.encode(request["answer"], add_special_tokens=False)
    tokens: list[Any] = []
    likelihoods: list[float] = []
    attention = np.zeros((0, 0, 0, 0), np.float16)
    attended: list[Any] = []
    attributions: list[float] = []
    for number, turns in enumerate(request["prompts"]):
        prompt = tokenizer.encode(prompt_of(tokenizer, turns), add_special_tokens=False)
        if len(prompt) + len(answer) > limit:
            raise StudioError(
                "Question, passages and answer have {n:,} tokens together; at most {limit:,} can be "
                "looked into. Shorten them, or let fewer passages be read.",
                n=len(prompt) + len(answer),
                limit=limit,
            )
        ids = torch.tensor([prompt + answer])
        looks_inside = request["with_attention"] and number == 0
        with torch.inference_mode():
            seen = model(ids, output_attentions=looks_inside)
        logs = torch.log_softmax(seen.logits[0, len(prompt) - 1 : -1].float(), dim=-1)
        own = logs[torch.arange(len(answer)), torch.tensor(answer)]
        likelihoods.append(float(own.sum()))
        if number:
            continue
        best = logs.topk(N_ALTERNATIVES, dim=-1)
        for row, text in enumerate(token_texts(tokenizer.decode, answer)):
            pairs = zip(best.indices[row].tolist(), best.values[row].exp().tolist(), strict=True)
            before = answer[row - text.part + 1 : row]
            others = [
                [text_in_place(tokenizer.decode, before, other), share] for other, share in pairs
            ]
            tokens.append([asdict(text), float(own[row].exp()), others])
        if request["with_attention"]:
            kept = ids[0, -MAX_ATTENTION_TOKENS:]
            texts = token_texts(tokenizer.decode, prompt + answer)
            attended = [asdict(one) for one in texts[-MAX_ATTENTION_TOKENS:]]
            layers = [layer[0, :, -len(kept) :, -len(kept) :] for layer in seen.attentions]
            attention = torch.stack(layers).numpy().astype(np.float16)
            attributions = _attributions(model, ids, len(prompt))[-len(kept) :]
    np.savez(work / _ATTENTION, attention=attention)
    write_json(
        work / _TOKENS,
        {
            "tokens": tokens,
            "log_likelihoods": likelihoods,
            "attended": attended,
            "attributions": attributions,
        },
    )


def _loaded(folder: str, *, inside: bool) -> tuple[Any, Any]:
    """Tokenizer and model. Raises StudioError."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(
            folder,
            local_files_only=True,
            dtype=torch.float32,
            attn_implementation="eager" if inside else "sdpa",
        )
    except (OSError, ValueError, KeyError) as error:
        raise StudioError(
            "This model cannot be looked into: its files cannot be read for that ({reason}). Choose "
            "another model.",
            reason=str(error).strip().split("\n")[0][:200],
        ) from error
    return tokenizer, model.eval()


def _limit_of(model: Any, *, inside: bool) -> int:
    """Tokens that can be read at once."""
    most = MAX_TOKENS_INSIDE if inside else MAX_TOKENS
    return min(most, int(getattr(model.config, "max_position_embeddings", None) or most))


def prompt_of(tokenizer: Any, turns: Sequence[Sequence[str]]) -> str:
    """A conversation as the model reads it.

    Args:
        tokenizer: of transformers.
        turns: role and content of each.

    Raises:
        StudioError: the model knows no conversation, or not one like this.
    """
    from jinja2 import TemplateError

    if not tokenizer.chat_template:
        raise StudioError(
            "This model knows no conversation: it only goes on with a text (it has no chat template). "
            "Choose a model that is made for instructions or chat."
        )
    messages = [{"role": role, "content": content} for role, content in turns]
    try:
        text = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    except TemplateError as error:
        raise StudioError(
            "This model does not take such a conversation: {reason}", reason=str(error)[:200]
        ) from error
    return str(text)


def _attributions(model: Any, ids: Any, n_prompt: int) -> list[float]:
    """Gradient times input of each token for the log-probability of the answer, in nats.

    The derivative of that log-probability by the token's vector, times the vector (Shrikumar et al.,
    2017, "Learning Important Features Through Propagating Activation Differences", section 2.2).
    """
    import torch

    vectors = model.get_input_embeddings()(ids).detach().requires_grad_(True)  # (1, tokens, dim)
    logits = model(inputs_embeds=vectors).logits[0, n_prompt - 1 : -1].float()
    answer = ids[0, n_prompt:]
    own = torch.log_softmax(logits, dim=-1)[torch.arange(len(answer)), answer]
    (slope,) = torch.autograd.grad(own.sum(), vectors)
    return [float(one) for one in (slope[0] * vectors.detach()[0]).sum(dim=-1)]


if __name__ == "__main__":
    try:
        _inspect(Path(sys.argv[1]))
    except StudioError as refusal:
        write_json(Path(sys.argv[1]) / FAILURE, refusal.notice.to_json())
        sys.exit(3)
