"""Examples that a model is to learn: cleaned, counted, and parted into learnt ones and held-out ones.

Knows no prototype, no file and no model.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from studio.errors import InvalidInput
from studio.evaluation.judgements import normalised
from studio.evaluation.leakage import leakage
from studio.inference.training.plan import Method
from studio.records import Notice

Source = Literal[
    "judgement", "team", "feedback", "file", "sample", "evaluation set", "label", "synthetic"
]
NOT_ASKED: tuple[Source, ...] = ("synthetic",)
"""Sources in which nobody asked anything: learnt from, and never held out or watched."""
Part = Literal["", "train", "held_out"]

MIN_EXAMPLES = 12
"""With fewer nothing is left to learn beside what is held out and watched."""
MIN_HELD_OUT = 5  # no verdict is given on fewer, see `comparison.MIN_QUERIES`
HELD_OUT_SHARE, HELD_OUT_OF_FEW, FEW = 0.3, 0.5, 150
"""Share of the prompts that is held out; half of fewer than 150: a handful tells nothing."""
MIN_WATCHED = 2
WATCHED_SHARE = 0.15  # of what is not held out


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A query with what is right for it, or a prompt with its answer.

    `answer` is a text; empty where `item` names what is right in a prototype's index. `negatives` are
    texts that look right and are not, `negative_items` such items. `part` says where the user wants it.
    `label` is that of the prompt where a classifier's texts are learnt from; empty for all others.
    """

    prompt: str
    answer: str = ""
    item: str = ""
    negatives: tuple[str, ...] = ()
    negative_items: tuple[str, ...] = ()
    source: Source = "file"
    part: Part = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """How many examples were left out for one reason."""

    reason: Notice
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """Examples to learn from, to watch, to hold out, and what was left out.

    What is watched decides when training stops and which weights are best; what is held out decides
    nothing, so that its scores are those of new examples. No prompt is in two parts; of a text model no
    answer is either.
    """

    train: tuple[Example, ...]
    watched: tuple[Example, ...]
    held_out: tuple[Example, ...]
    dropped: tuple[Dropped, ...]

    @property
    def fingerprint(self) -> str:
        """12 digits of a SHA-256 over all examples and their parts: the same for the same data."""
        listed = [
            [_as_list(one) for one in part] for part in (self.train, self.watched, self.held_out)
        ]
        text = json.dumps(listed, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def part_examples(
    examples: Iterable[Example],
    method: Method,
    *,
    seed: int = 0,
    tested: Collection[str] = (),
) -> Parted:
    """Clean examples and hold some of them out.

    Left out are examples without prompt or answer, repeats, and answers that only repeat the prompt.
    What a file names as held out is held out, and whatever shares a prompt with it is not learnt;
    without such names a share is held out: what test parts ask, and others drawn by the seed and the
    words alone. What a model made is never held out, as nobody asked it. What nearly repeats a prompt
    held out is not learnt either.

    Args:
        examples: of any source, in order.
        method: of a text model (lora) the answers of both parts differ, too, else an answer learnt by
            heart would look like an improvement.
        seed: another one gives another division.
        tested: what the test parts of evaluation sets ask; none of it is learnt.

    Raises:
        InvalidInput: too few examples are left to learn and to measure.
    """
    kept, dropped = _cleaned(examples)
    groups = _groups(kept, method)
    if len(groups) < MIN_EXAMPLES:
        raise InvalidInput(
            "There are {n} different examples; at least {least} are needed to train and to measure, "
            "and 50 or more make sense. Add more, or examples that differ.",
            n=len(groups),
            least=MIN_EXAMPLES,
        )
    asked_there = {normalised(text) for text in tested}
    if any(one.part == "held_out" for one in kept):
        rest, held, n_leaking = _as_named(groups)
        if n_leaking:
            dropped.append(
                Dropped(
                    reason=Notice(
                        "also in the part held out: not learnt, so that it can be measured"
                    ),
                    n=n_leaking,
                )
            )
    else:
        held, rest = _held_out(groups, seed, asked_there)
    rest, n_tested = _without(rest, asked_there)
    rest, n_near = _without(rest, _near_repeats(rest, held))
    for n, reason in (
        (n_tested, Notice("that the test part of an evaluation set asks")),
        (n_near, Notice("whose question nearly repeats one that is held out")),
    ):
        if n:
            dropped.append(Dropped(reason=reason, n=n))
    asked = [group for group in rest if _is_asked(group)] or rest
    watched, _ = _drawn(asked, seed, max(MIN_WATCHED, round(WATCHED_SHARE * len(asked))))
    chosen = {id(group) for group in watched}
    train = [group for group in rest if id(group) not in chosen]
    for part, name in ((train, Notice("to learn from")), (held, Notice("held out"))):
        if len(part) < MIN_HELD_OUT:
            raise InvalidInput(
                "Only {n} different examples are {part}; at least {least} are needed.",
                n=len(part),
                part=name,
                least=MIN_HELD_OUT,
            )
    return Parted(
        train=_flat(train),
        watched=_asked_of(watched) or _flat(watched),
        held_out=_asked_of(held),
        dropped=tuple(dropped),
    )


def _cleaned(examples: Iterable[Example]) -> tuple[list[Example], list[Dropped]]:
    kept: dict[tuple[str, str], Example] = {}
    reasons: Counter[Notice] = Counter()
    for one in examples:
        prompt, answer = one.prompt.strip(), one.answer.strip()
        key = (normalised(prompt), one.item or normalised(answer))
        if not key[0]:
            reasons[Notice("without a question")] += 1
        elif not key[1]:
            reasons[Notice("without an answer")] += 1
        elif key[0] == key[1]:
            reasons[Notice("where the answer only repeats the question")] += 1
        elif key in kept:
            reasons[Notice("that are there twice")] += 1
        else:
            kept[key] = replace(one, prompt=prompt, answer=answer)
    return list(kept.values()), [Dropped(reason=r, n=n) for r, n in reasons.items()]


def _groups(examples: Sequence[Example], method: Method) -> list[list[Example]]:
    """Examples that must be in the same part, in the order of their first."""
    leader: dict[str, str] = {}

    def find(key: str) -> str:
        leader.setdefault(key, key)
        while leader[key] != key:
            leader[key] = key = leader[leader[key]]
        return key

    prompts = [f"p\n{normalised(one.prompt)}" for one in examples]
    for one, prompt in zip(examples, prompts, strict=True):
        find(prompt)
        if method == "lora":
            leader[find(f"a\n{normalised(one.answer)}")] = find(prompt)
    groups: dict[str, list[Example]] = {}
    for one, prompt in zip(examples, prompts, strict=True):
        groups.setdefault(find(prompt), []).append(one)
    return list(groups.values())


_Group = list[Example]


def _as_named(groups: list[_Group]) -> tuple[list[_Group], list[_Group], int]:
    """What is to be learnt and what is held out, as a file says, and how much is left out for that."""
    rest: list[_Group] = []
    held_out: list[_Group] = []
    n_leaking = 0
    for group in groups:
        held = [one for one in group if one.part == "held_out"]
        if held:
            held_out.append(held)
            n_leaking += len(group) - len(held)
        else:
            rest.append(group)
    return rest, held_out, n_leaking


def _is_asked(group: _Group) -> bool:
    """Whether somebody asked so: what a model made is no fair test."""
    return any(one.source not in NOT_ASKED for one in group)


def _held_out(
    groups: list[_Group], seed: int, tested: Collection[str]
) -> tuple[list[_Group], list[_Group]]:
    """What is held out of examples that name nothing, and the rest."""
    asked = [group for group in groups if _is_asked(group)]
    held = [g for g in asked if any(normalised(one.prompt) in tested for one in g)]
    free = [group for group in asked if not any(group is other for other in held)]
    share = HELD_OUT_OF_FEW if len(asked) < FEW else HELD_OUT_SHARE
    n_spared = len(groups) - MIN_HELD_OUT - MIN_WATCHED  # enough is left to learn from
    n_wanted = max(MIN_HELD_OUT, min(round(share * len(asked)), n_spared)) - len(held)
    if n_wanted > 0:
        held = [*held, *_drawn(free, seed, n_wanted)[0]]
    chosen = {id(group) for group in held}
    return (
        [group for group in groups if id(group) in chosen],
        [group for group in groups if id(group) not in chosen],
    )


def _near_repeats(rest: list[_Group], held: list[_Group]) -> set[str]:
    """The prompts of what may be learnt that nearly repeat one held out, normalised."""
    found = leakage(
        [one.prompt for group in held for one in group],
        [one.prompt for group in rest for one in group],
    )
    return {normalised(one.second) for one in found.overlaps}


def _without(groups: list[_Group], prompts: Collection[str]) -> tuple[list[_Group], int]:
    """The groups that ask none of these prompts, and how many examples the others have."""
    kept = [g for g in groups if not any(normalised(one.prompt) in prompts for one in g)]
    return kept, sum(len(group) for group in groups) - sum(len(group) for group in kept)


def _asked_of(groups: list[_Group]) -> tuple[Example, ...]:
    """The examples that somebody asked."""
    return tuple(one for group in groups for one in group if one.source not in NOT_ASKED)


def _drawn(groups: list[_Group], seed: int, n: int) -> tuple[list[_Group], list[_Group]]:
    """`n` groups drawn by the seed and their words, and the rest, both in order."""

    def place(group: _Group) -> bytes:
        return hashlib.sha256(f"{seed}\n{normalised(group[0].prompt)}".encode()).digest()

    chosen = {id(group) for group in sorted(groups, key=place)[:n]}
    drawn = [group for group in groups if id(group) in chosen]
    return drawn, [group for group in groups if id(group) not in chosen]


def _flat(groups: list[_Group]) -> tuple[Example, ...]:
    return tuple(one for group in groups for one in group)


def _as_list(one: Example) -> list[object]:
    told: list[object] = [
        one.prompt,
        one.answer,
        one.item,
        list(one.negatives),
        list(one.negative_items),
    ]
    return [*told, one.label] if one.label else told
