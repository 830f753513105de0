"""Titles and descriptions for a page: put together from what people ask, and written by a model."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from studio.errors import ModelUnavailable, Overloaded
from studio.evaluation.text_checks.reading import is_cjk, sentences_of
from studio.evaluation.text_checks.repetition import without_repeats
from studio.prototypes.content.borne_out import borne_out
from studio.prototypes.content.composing import Composer, Watcher
from studio.prototypes.content.prompt import fence_for
from studio.prototypes.content.sandbox import fenced
from studio.prototypes.content.seo_score import (
    DESCRIPTION_PX,
    TITLE_PX,
    repeats_words,
    width_px,
)
from studio.prototypes.content.trimming import whole_sentences
from studio.records import CallRecord, Message, Notice, Sampling

logger = logging.getLogger(__name__)

Proposed = tuple[tuple[str, bool], ...]
"""Texts, and whether a model wrote each."""

N_TOLD = 6
_SYSTEM = {
    "en": (
        "You write what a search engine shows of a page: a title of at most 60 characters and a "
        "description of at most 150 characters. Use the words people search for and no facts that "
        "are not given. Answer with JSON."
    ),
    "zh": (
        "你写搜索结果里显示的标题（不超过30字）和描述（不超过75字）。用大家搜索的词，不添加没有给出的事实。"
        "用JSON回答。"
    ),
}
_EXAMPLE = {
    "en": (
        "Page: enamel mugs\nPeople search for: camping mug; enamel mug 350 ml\n"
        "On the page: Holds 350 ml and weighs 180 g.",
        '{"title": "Camping mugs: enamel mug 350 ml", "description": "Enamel mugs for camping that '
        'hold 350 ml and weigh 180 g. Choose your camping mug here."}',
    ),
    "zh": (
        "页面：搪瓷杯\n大家会搜：露营杯；350毫升搪瓷杯\n页面内容：容量350毫升，重180克。",
        '{"title": "露营杯：350毫升搪瓷杯", "description": "容量350毫升、只有180克的露营杯。'
        '在这里挑一只搪瓷杯。"}',
    ),
}
_LABELS = {
    "en": ("Page", "People search for", "On the page"),
    "zh": ("页面", "大家会搜", "页面内容"),
}
_SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 5, "maxLength": 75},
        "description": {"type": "string", "minLength": 20, "maxLength": 180},
    },
    "required": ["title", "description"],
    "additionalProperties": False,
}


def propose_variants(
    composer: Composer,
    topic: str,
    queries: Sequence[str],
    page: str,
    n: int,
    watcher: Watcher,
    on_call: Callable[[CallRecord], object],
    on_done: Callable[[int], object] = lambda _: None,
) -> tuple[Proposed, Proposed, tuple[Notice, ...]]:
    """Titles and descriptions, those put together first, and what should be known of them.

    The model is asked for all of them at once, so that it can write them together.

    Args:
        composer: whose model writes.
        topic: what the page is about.
        queries: what people ask, the most asked first.
        page: its text; empty for none.
        n: how many the model is asked for.
        watcher: who looks on.
        on_call: told of each call.
        on_done: told how many were written, whenever one more is.

    Raises:
        StudioError: the model failed in a way that trying again does not help.
    """
    titles: dict[str, bool] = dict.fromkeys(_titles(topic, queries), False)
    descriptions: dict[str, bool] = dict.fromkeys(_descriptions(topic, queries, page), False)
    notices: list[Notice] = []
    with ThreadPoolExecutor(max(1, n), "studio-seo") as pool:
        asked = [
            pool.submit(
                copy_context().run,
                _written,
                composer,
                topic,
                queries,
                page,
                number,
                watcher,
                on_call,
            )
            for number in range(n)
        ]
        for number, future in enumerate(asked, start=1):
            try:
                written = future.result()
            except (ModelUnavailable, Overloaded) as error:
                logger.warning("no titles are written: %s", error)
                notices = [error.notice]
                continue
            on_done(number)
            if written is not None:
                titles.setdefault(written[0], True)
                descriptions.setdefault(written[1], True)
    if n and not any(titles.values()) and not notices:
        notices.append(
            Notice(
                "{model} wrote nothing usable; all of these are put together from your words.",
                model=composer.model.name,
            )
        )
    return tuple(titles.items()), tuple(descriptions.items()), tuple(notices)


def _titles(topic: str, queries: Sequence[str]) -> list[str]:
    top = [_capital(query) for query in queries[:3]]
    colon = "：" if is_cjk(topic) else ": "
    candidates = [
        _capital(topic),
        f"{top[0]} | {_capital(topic)}",
        f"{_capital(topic)}{colon}{queries[0]}",
    ]
    if len(top) > 1:
        candidates.append(f"{top[0]}{colon}{queries[1]}")
    return [one for one in dict.fromkeys(candidates) if width_px(one) <= TITLE_PX]


def _descriptions(topic: str, queries: Sequence[str], page: str) -> list[str]:
    """The sentences of the page that fit, the first one with the most asked words in front."""
    from studio.retrieval.terms import terms_of

    wanted = [term for query in queries[:3] for term in terms_of(query)]
    ranked = sorted(sentences_of(page), key=lambda one: -len(set(wanted) & set(terms_of(one))))
    separator = "" if ord(topic[0]) >= 0x2E80 else " "
    made = []
    for start in range(min(2, len(ranked))):
        text = ""
        for sentence in ranked[start:]:
            longer = f"{text}{separator}{sentence}".strip()
            if width_px(longer) * 0.75 > DESCRIPTION_PX:
                continue
            text = longer
        if text:
            made.append(text)
    return list(dict.fromkeys(made))


def _written(
    composer: Composer,
    topic: str,
    queries: Sequence[str],
    page: str,
    number: int,
    watcher: Watcher,
    on_call: Callable[[CallRecord], object],
) -> tuple[str, str] | None:
    if watcher.is_cancelled():
        return None
    language = composer.settings.language
    written, call = composer.say(
        _messages(composer, topic, queries, page),
        Sampling(
            max_new_tokens=160,
            temperature=max(0.4, composer.settings.temperature) if number else 0.0,
            top_p=0.95 if number else 1.0,
            seed=(composer.settings.seed + 1009 * number) % 2**31,
            json_schema=json.dumps(_SCHEMA),
        ),
        watcher,
    )
    on_call(call)
    from json_repair import repair_json

    found: Any = repair_json(written, return_objects=True)  # Any: parsed JSON
    if not isinstance(found, dict):
        return None
    title, description = (str(found.get(name, "")).strip() for name in ("title", "description"))
    description = whole_sentences(description) or description  # the schema cuts it where it is full
    if composer.model.is_small:
        description = borne_out(without_repeats(description), "\n".join((topic, page, *queries)))
    is_usable = len(title) >= (3 if language == "zh" else 5) and len(description) >= 10
    return (title, description) if is_usable and not repeats_words(description) else None


def _messages(
    composer: Composer, topic: str, queries: Sequence[str], page: str
) -> tuple[Message, ...]:
    language = composer.settings.language
    fence = fence_for(composer.model)
    colon, separator = ("：", "；") if language == "zh" else (": ", "; ")
    labels = _LABELS[language]
    parts = [topic, separator.join(queries[:N_TOLD]), " ".join(sentences_of(page)[:6])[:800]]
    asked = "\n".join(
        f"{label}{colon}{fenced(part, fence)}"
        for label, part in zip(labels, parts, strict=True)
        if part.strip()
    )
    example_asked, example_answered = _EXAMPLE[language]
    return (
        Message(role="system", content=_SYSTEM[language]),
        Message(role="user", content=example_asked),
        Message(role="assistant", content=example_answered),
        Message(role="user", content=asked),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
