"""An outline for a topic: headings by the model, facts put to the headings they fit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from studio.prototypes.content.composing import Composer, Watcher
from studio.prototypes.content.form import items_of
from studio.prototypes.content.long_records import Outline, OutlineSection
from studio.prototypes.content.prompt import fence_for
from studio.prototypes.content.sandbox import fenced
from studio.records import Message, Notice, Sampling

MAX_HEADING = 90
_SYSTEM = {
    "en": (
        "You plan texts. Answer with JSON: a title and {n} different section headings of three to "
        "eight words, in the order a reader needs them."
    ),
    "zh": (
        "你为文章列提纲。用JSON回答：一个标题，{n}个互不相同的小标题，每个四到十二字，"
        "按读者需要的顺序。"
    ),
}
_TOPIC = {"en": "Topic", "zh": "主题"}
_FACTS = {"en": "Facts", "zh": "事实"}
_USUAL = {
    "en": (
        "What it is about", "Why it matters", "What to look for", "How it works", "In everyday use",
        "What to avoid", "Questions people ask", "What it costs", "Care and upkeep", "Alternatives",
        "Next steps", "In short",
    ),
    "zh": (
        "讲的是什么", "为什么重要", "该看什么", "怎么用", "日常使用", "要避免什么", "常见问题",
        "花费多少", "保养和维护", "其他选择", "下一步", "小结",
    ),
}  # fmt: skip


def propose_outline(
    composer: Composer, topic: str, facts: str, n_sections: int, watcher: Watcher
) -> Outline:
    """An outline with `n_sections` sections; the usual headings where the model's are of no use.

    Raises:
        StudioError: the model failed.
    """
    language = composer.settings.language
    schema = _schema(n_sections)
    fence = fence_for(composer.model)
    colon = "：" if language == "zh" else ": "
    asked = f"{_TOPIC[language]}{colon}{fenced(topic, fence)}"
    if facts.strip():
        asked += f"\n{_FACTS[language]}{colon}{fenced('; '.join(items_of(facts)), fence)}"
    written, _ = composer.say(
        (
            Message(role="system", content=_SYSTEM[language].format(n=n_sections)),
            Message(role="user", content=asked),
        ),
        Sampling(
            max_new_tokens=60 + 40 * n_sections,
            seed=composer.settings.seed,
            json_schema=json.dumps(schema, ensure_ascii=False),
        ),
        watcher,
    )
    title, headings = _read(written, n_sections)
    note = None
    if len(headings) < n_sections:
        headings = list(_USUAL[language][:n_sections])
        title = topic
        note = Notice(
            "{model} proposed no usable headings; these are the usual ones. Change them as you like.",
            model=composer.model.name,
        )
    listed = items_of(facts)
    # The usual headings say nothing of the topic, and one would draw all facts: each gets its share.
    most = len(listed) if note is None else -(-len(listed) // len(headings))
    points = _points(headings, listed, most, composer)
    return Outline(
        title=title or topic,
        sections=tuple(
            OutlineSection(heading=heading, points=tuple(points[at]))
            for at, heading in enumerate(headings)
        ),
        is_written=note is None,
        note=note,
    )


def _points(
    headings: Sequence[str], facts: Sequence[str], most: int, composer: Composer
) -> list[list[str]]:
    """Each fact with the nearest heading that has fewer than `most`.

    One after another where nothing can compare them.
    """
    points: list[list[str]] = [[] for _ in headings]
    if not facts:
        return points
    vectors = composer.vectors_of((*headings, *facts))
    for at, fact in enumerate(facts):
        if vectors is None:
            points[at % len(headings)].append(fact)
        else:
            cosines = vectors[: len(headings)] @ vectors[len(headings) + at]
            nearest = (int(place) for place in (-cosines).argsort(stable=True))
            points[next(place for place in nearest if len(points[place]) < most)].append(fact)
    return points


def _schema(n: int) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "title": {"type": "string", "minLength": 3, "maxLength": MAX_HEADING},
            "headings": {
                "type": "array",
                "items": {"type": "string", "minLength": 3, "maxLength": MAX_HEADING},
                "minItems": n,
                "maxItems": n,
            },
        },
        "required": ["title", "headings"],
        "additionalProperties": False,
    }


def _read(written: str, n: int) -> tuple[str, list[str]]:
    """Title and different headings of what a model wrote; as many as can be used."""
    from json_repair import repair_json

    found = repair_json(written, return_objects=True)
    if not isinstance(found, Mapping):
        return "", []
    listed = found.get("headings")
    headings: dict[str, str] = {}
    for heading in listed if isinstance(listed, list) else ():
        text = " ".join(str(heading).split()).strip(" #*.0123456789:")[:MAX_HEADING]
        if len(text) >= 3:
            headings.setdefault(text.casefold(), text)
    title = " ".join(str(found.get("title", "")).split())[:MAX_HEADING]
    return title, list(headings.values())[:n]
