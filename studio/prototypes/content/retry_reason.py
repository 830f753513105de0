"""Why a text was not accepted, said to the model that is to write it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from studio.evaluation.text_checks.result import CheckName, CheckResult
from studio.prototypes.content.sandbox import Fence, fenced

# The model reads these, no person: they are in the language of the texts and name what to change.
_REASONS: Mapping[str, Mapping[CheckName, str]] = {
    "en": {
        "length": "The length was wrong ({value} words; wanted: {limits}).",
        "required_words": "These words were missing: {found}.",
        "banned_words": "These words must not be used: {found}.",
        "keywords": "More of these keywords are needed: {found}.",
        "language": "It has to be in English.",
        "readability": "Use shorter sentences and simpler words.",
        "repetition": "Do not say the same thing twice.",
        "support": "These facts were not given, leave them out: {found}.",
        "variants": "It was too much like another text; say it in another way.",
        "copying": "Do not copy the facts word for word.",
        "voice": "It did not sound like the voice.",
        "fields": "The JSON was not as asked for.",
    },
    "zh": {
        "length": "长度不对（{value}字，要求{limits}）。",
        "required_words": "缺少这些词：{found}。",
        "banned_words": "不能用这些词：{found}。",
        "keywords": "还需要这些关键词：{found}。",
        "language": "必须用中文写。",
        "readability": "句子要短，用词要简单。",
        "repetition": "同样的话不要说两遍。",
        "support": "这些内容没有给出，请去掉：{found}。",
        "variants": "和另一篇太像，换一种说法。",
        "copying": "不要照抄事实。",
        "voice": "语气不像品牌的声音。",
        "fields": "JSON结构不符合要求。",
    },
}
_MOST_FOUND = 6


def retry_reason(
    failed: Sequence[CheckResult], language: str, min_words: int, max_words: int, fence: Fence
) -> str:
    """What the model is told before its next attempt; empty where nothing failed.

    Args:
        failed: the checks that it must pass and did not.
        language: of the texts.
        min_words: least length, 0 for none.
        max_words: greatest length, 0 for none.
        fence: what was typed or written by others, such as a word that is missing, is kept in its place.
    """
    separator = "、" if language == "zh" else ", "
    limits = f"{min_words or 1}-{max_words}" if max_words else f"{min_words or 1}+"
    sentences = [
        _REASONS[language][check.name].format(
            value=round(check.value or 0),
            limits=limits,
            found=fenced(separator.join(check.found[:_MOST_FOUND]), fence),
        )
        for check in failed
    ]
    return ("" if language == "zh" else " ").join(sentences)
