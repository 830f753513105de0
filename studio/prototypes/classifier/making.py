"""Texts that a model makes for labels with few examples: proposed, looked at, kept by a person.

Each is made from an example that is learnt from, never from one that tests, and the classifier must give
it the label it was made for. What is kept stands in a table of its own that says what each was made
from; it is learnt from and never tested with. Knows no page.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio.errors import InvalidInput
from studio.evaluation.leakage import leakage
from studio.jobs.runner import JobContext
from studio.prototypes.base import Toolbox
from studio.prototypes.classifier.data import Example, LabelledData, text_key
from studio.prototypes.classifier.tables import MADE_FROM
from studio.prototypes.classifier.trained import Trained
from studio.records import (
    CallContext,
    EmbeddingRequest,
    GenerationRequest,
    Message,
    Notice,
    Sampling,
)
from studio.workspace.files import write_atomically

if TYPE_CHECKING:
    from studio.prototypes.prototype_settings import Language

logger = logging.getLogger(__name__)

FILE, COUNT = "proposals.json", "makings.json"
SHARE_OF_MOST = 0.5
"""Labels with fewer than this share of the most frequent label's examples are offered."""
MOST_TEXTS = 10_000
"""Of one making, so that no two makings draw alike."""
N_EACH = 5
"""Texts that are asked for each label."""
MAX_TEXT = 600
"""Longer examples are not given to the model: small ones lose the thread."""
_LONGER, _SHORTER = 3.0, 0.3  # than the example, in characters
_ASKED: Mapping[Language, str] = {
    "en": (
        "Write one new message that says the same as this one in other words, as another customer would "
        "write it. Reply with the message only.\n\nMessage: {text}"
    ),
    "zh": (
        "用别的话把下面这条消息重新写一遍，意思不变，就像另一位顾客写的。只回复这条消息。"
        "\n\n消息：{text}"
    ),
}
_LABELLED = re.compile(
    r"^\W*(?:new message|message|rewritten message|消息|新消息)\s*[:：]\s*", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The labels for which texts are wanted; after `n_before` makings the next examples are shown."""

    labels: tuple[str, ...]
    n_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeText:
    """A text that a model made for a label, from an example of it."""

    text: str
    label: str
    made_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """What a model made, to be looked at; `n_dropped` texts were not good enough, `model` made them."""

    made: tuple[MadeText, ...]
    n_dropped: int
    model: str


def rare_labels(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Labels with few examples beside the most frequent one, the rarest first; `counts` of examples."""
    most = max(counts.values(), default=0)
    few = [label for label, n in counts.items() if 0 < n < SHARE_OF_MOST * most]
    return tuple(sorted(few, key=lambda label: (counts[label], label)))


def make_texts(
    wanted: Wanted,
    data: LabelledData,
    trained: Trained,
    tools: Toolbox,
    context: JobContext,
    *,
    model: str,
    prototype_id: str,
    language: Language,
) -> Proposals:
    """Five new texts a label: one call of the model for each, and one pass that reads all of them.

    Left out are copies of what is there, texts that say nearly what a text of the test says, and those
    that the classifier takes for another label.

    Args:
        wanted: for which labels texts are made.
        data: with the examples that may be shown to the model, and the texts that test.
        trained: what answers now, to look at each text.
        tools: the models.
        context: of the job.
        model: catalogue id of the model that writes.
        prototype_id: on whose behalf.
        language: of the texts.

    Raises:
        InvalidInput: no example of these labels may be shown.
        StudioError: it was stopped, or the model failed.
    """
    tested = [one.text for one in data.test]
    sources = list(_sources(wanted, data.learn, N_EACH))
    if not sources:
        raise InvalidInput("No example of these labels is short enough to be shown to the model.")
    behalf = CallContext(
        request_id=f"making-{uuid.uuid4().hex[:12]}", prototype_id=prototype_id, surface="job"
    )
    written = []
    for number, source in enumerate(sources):
        context.raise_if_cancelled()
        context.report(number, len(sources), "texts", Notice("Writing texts"))
        request = GenerationRequest(
            model=model,
            messages=(Message(role="user", content=_ASKED[language].format(text=source.text)),),
            sampling=Sampling(
                temperature=0.8, max_new_tokens=120, seed=wanted.n_before * MOST_TEXTS + number
            ),
            context=behalf,
        )
        text = _tidy(tools.models.generate(request).result().text)
        written.append(MadeText(text=text, label=source.label, made_from=source.text))
    known = {text_key(one.text) for one in data.learn} | {text_key(text) for text in tested}
    fresh = {
        text_key(one.text): one
        for one in written
        if text_key(one.text) not in known and _is_of_length(one)
    }
    kept = _apart_from(list(fresh.values()), tested)
    kept = _recognised(kept, trained, tools, behalf)
    return Proposals(made=tuple(kept), n_dropped=len(written) - len(kept), model=model)


def as_table(made: Sequence[MadeText]) -> bytes:
    """Kept texts as the CSV file of a table that is learnt from and never tested with."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("text", "label", MADE_FROM))
    writer.writerows((one.text, one.label, one.made_from) for one in made)
    return text.getvalue().encode("utf-8")


def n_made_before(folder: Path) -> int:
    """How often texts were made for this classifier."""
    try:
        return int(json.loads((folder / COUNT).read_bytes()))
    except (OSError, ValueError, TypeError):
        return 0


def save(proposals: Proposals, folder: Path) -> None:
    """Keep proposals until somebody has looked at them, and count them."""
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / COUNT, json.dumps(n_made_before(folder) + 1).encode("utf-8"))
    content = json.dumps(asdict(proposals), ensure_ascii=False)
    write_atomically(folder / FILE, content.encode("utf-8"))


def load(folder: Path) -> Proposals | None:
    """The proposals that wait; None where none do, or their file is damaged."""
    try:
        stored = json.loads((folder / FILE).read_bytes())
        made = tuple(MadeText(**one) for one in stored["made"])
        return Proposals(made=made, n_dropped=int(stored["n_dropped"]), model=stored["model"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("the proposals of a classifier cannot be read: %s", error)
        return None


def forget(folder: Path) -> None:
    """Drop the proposals; nothing happens where there are none."""
    (folder / FILE).unlink(missing_ok=True)


def _sources(wanted: Wanted, learn: Sequence[Example], n_each: int) -> Iterator[Example]:
    """The examples to show, each label's in turn until there are `n_each`, after those shown before."""
    for label in wanted.labels:
        own = [
            one
            for one in learn
            if one.label == label and not one.is_made and len(one.text) <= MAX_TEXT
        ]
        for at in range(n_each if own else 0):
            yield own[(wanted.n_before * n_each + at) % len(own)]


def _tidy(text: str) -> str:
    """The message alone: without the word that announces it, and without quotes around it."""
    plain = _LABELLED.sub("", " ".join(text.split()))
    return plain.strip("\"'“”「」『』 ")


def _is_of_length(one: MadeText) -> bool:
    n = len(one.made_from)
    return _SHORTER * n <= len(one.text) <= _LONGER * n


def _apart_from(made: Sequence[MadeText], tested: Sequence[str]) -> list[MadeText]:
    near = {one.second for one in leakage(tested, [one.text for one in made]).overlaps}
    return [one for one in made if one.text not in near]


def _recognised(
    made: Sequence[MadeText], trained: Trained, tools: Toolbox, behalf: CallContext
) -> list[MadeText]:
    """Those that get the label they were made for."""
    if not made:
        return []
    texts = tuple(one.text for one in made)
    vectors = tools.models.embed(
        EmbeddingRequest(model=trained.model, texts=texts, purpose="passage", context=behalf)
    ).vectors
    given = np.asarray(trained.head.confidences(texts, vectors).argmax(axis=1))
    return [
        one for one, code in zip(made, given, strict=True) if trained.labels[int(code)] == one.label
    ]
