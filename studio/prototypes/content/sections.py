"""A long text written section by section, each told what was said before."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from studio.errors import Cancelled, InvalidInput, StudioError
from studio.evaluation.text_checks.reading import sentences_of
from studio.evaluation.text_checks.repetition import without_repeats
from studio.prototypes.content.borne_out import borne_out
from studio.prototypes.content.composing import SMALL_MODEL_PENALTY, Composer
from studio.prototypes.content.form import items_of
from studio.prototypes.content.long_records import Outline, OutlineSection
from studio.prototypes.content.patience import patiently
from studio.prototypes.content.prompt import fence_for
from studio.prototypes.content.sandbox import fenced
from studio.prototypes.content.text import SourcePassage, Text
from studio.prototypes.content.trimming import whole_sentences
from studio.prototypes.content.wanted_length import TOKENS_PER_WORD
from studio.prototypes.content.writing import Writing
from studio.records import CallRecord, Message, Notice, Sampling
from studio.retrieval.terms import terms_of

MAX_SUMMARY = 700
"""Characters of the running summary: a section needs to know what was said, not how."""
_SYSTEM = {
    "en": (
        "You write one section of a longer text in English, without its heading. Use the points that "
        "are given and no other numbers, names or claims. Do not repeat what was said before."
    ),
    "zh": (
        "你用简体中文写长文里的一节，不写小标题。只用给出的要点，不添加别的数字、名称和说法，"
        "不重复前文。"
    ),
}
_LABELS = {
    "en": ("Text", "Section", "Points", "Said before", "Write about {n} words."),
    "zh": ("全文", "本节", "要点", "前文说过", "写大约{n}字。"),
}


@dataclass(slots=True)
class _SoFar:
    """A long text in the making: what stands, what was said in it, what was left out and why."""

    text: str
    summary: str = ""
    n_written: int = 0
    empty: list[str] = field(default_factory=list)
    missing: Sequence[OutlineSection] = ()
    error: StudioError | None = None


def write_sections(
    composer: Composer, outline: Outline, facts: str, words: int, writing: Writing[Text]
) -> Text:
    """The text of an outline in Markdown, checked as a whole; what there is of it when it is stopped.

    Once a section stands a busy model is waited for, and one that fails ends the text there: its note
    says so.

    Raises:
        StudioError: the model failed, or it was stopped, before there was a section.
    """
    began_s = time.perf_counter()
    calls: list[CallRecord] = []
    so_far = _SoFar(text=f"# {outline.title}" if outline.title else "")
    for number, section in enumerate(outline.sections):
        writing.report(
            Notice("Writing: {heading}", heading=section.heading),
            number,
            len(outline.sections),
            "sections",
        )
        ask = partial(_section, composer, outline, number, facts, words, writing, so_far, calls)
        try:
            text = patiently(ask, lambda: writing.is_cancelled) if so_far.n_written else ask()
        except StudioError as error:
            if not so_far.n_written:
                raise
            so_far.error, so_far.missing = error, outline.sections[number:]
            break
        if text:
            so_far.text = f"{so_far.text}\n\n## {section.heading}\n\n{text}"
            so_far.n_written += 1
            so_far.summary = running_summary(so_far.summary, text)
        else:
            so_far.empty.append(section.heading)
        writing.show(0, so_far.text)
        if writing.is_cancelled:
            break
    if not so_far.n_written:
        raise _nothing(composer, writing)
    values = {"topic": outline.title, "facts": _all_facts(outline, facts)}
    checked = composer.check_long(so_far.text.strip(), values, calls)
    return replace(
        checked,
        finish_reason="cancelled" if writing.is_cancelled else "stop",
        note=_note(composer, so_far),
        figures=composer.figures(calls, (time.perf_counter() - began_s) * 1000),
    )


def _section(
    composer: Composer,
    outline: Outline,
    number: int,
    facts: str,
    words: int,
    writing: Writing[Text],
    so_far: _SoFar,
    calls: list[CallRecord],
) -> str:
    """The text of a section, its points where the model wrote nothing that can be kept."""
    section = outline.sections[number]
    passages = composer.passages_for(f"{outline.title} {section.heading}", calls.append)
    head = f"{so_far.text}\n\n## {section.heading}\n\n"
    kept = partial(_kept, composer, outline, section, facts, passages)
    written, call = composer.say(
        _messages(composer, outline, section, facts, so_far.summary, words, passages),
        _sampling(composer, words, number),
        writing.watcher(),
        lambda written: head + kept(written),
    )
    calls.append(call)
    text = without_echo(whole_sentences(written) or written, section.heading)
    return kept(text) or "\n".join(f"- {point}" for point in section.points)


def _kept(
    composer: Composer,
    outline: Outline,
    section: OutlineSection,
    facts: str,
    passages: Sequence[SourcePassage],
    text: str,
) -> str:
    """What is kept, and shown meanwhile, of a section: of a small model's what the facts bear out."""
    if not composer.model.is_small:
        return text
    heads = f"{outline.title}\n{section.heading}"
    told = (*section.points, *items_of(facts), *(passage.text for passage in passages))
    kept = without_repeats(borne_out(whole_sentences(text), "\n".join((heads, *told))))
    return kept if not set(terms_of(kept)) <= set(terms_of(heads)) else ""


def _nothing(composer: Composer, writing: Writing[Text]) -> StudioError:
    """Why there is no text at all."""
    if writing.is_cancelled:
        return Cancelled("Stopped before anything was written.")
    return InvalidInput(
        "{model} wrote nothing that your facts bear out. Give facts for the sections, or take a larger "
        "model.",
        model=composer.model.name,
    )


def _note(composer: Composer, so_far: _SoFar) -> Notice | None:
    """What is missing in the text and why; None for nothing."""
    left_out = broken_off = None
    if so_far.empty:
        left_out = Notice(
            "Left out, as {model} wrote nothing there that your facts bear out: {headings}. Give facts "
            "for these sections, or take a larger model.",
            model=composer.model.name,
            headings=", ".join(so_far.empty),
        )
    if so_far.error is not None and not isinstance(so_far.error, Cancelled):
        broken_off = Notice(
            "Not written, as the model failed: {headings}. {reason}",
            headings=", ".join(section.heading for section in so_far.missing),
            reason=so_far.error.notice,
        )
    if left_out and broken_off:
        return Notice("{one} {other}", one=broken_off, other=left_out)
    return broken_off or left_out


def without_echo(text: str, heading: str) -> str:
    """The text of a section without its own heading and label, which small models like to repeat."""
    labels = "|".join(
        re.escape(one) for one in (heading, *(label[1] for label in _LABELS.values()))
    )
    found = re.match(rf"[#*\s]*(?:(?:{labels})[*\s]*[:：]\s*)+", text, re.IGNORECASE)
    rest = text[found.end() :] if found else text
    return rest[:1].upper() + rest[1:] if rest.strip() else text


def running_summary(before: str, section: str) -> str:
    """What was said, a sentence or two of each section, the newest kept where it gets too long."""
    said = " ".join((before, *sentences_of(section)[:2])).strip()
    while len(said) > MAX_SUMMARY and len(sentences_of(said)) > 1:
        said = said[len(sentences_of(said)[0]) :].strip()
    return said[-MAX_SUMMARY:]


def _messages(
    composer: Composer,
    outline: Outline,
    section: OutlineSection,
    facts: str,
    summary: str,
    words: int,
    passages: Sequence[SourcePassage],
) -> tuple[Message, ...]:
    language = composer.settings.language
    fence = fence_for(composer.model)
    text, part, points, before, length = _LABELS[language]
    colon = "：" if language == "zh" else ": "
    told = "; ".join((*section.points, *(p.text for p in passages)))
    if not told.strip():
        told = facts
    lines = [
        f"{text}{colon}{fenced(outline.title, fence)}",
        f"{part}{colon}{fenced(section.heading, fence)}",
        f"{points}{colon}{fenced(told, fence)}" if told.strip() else "",
        f"{before}{colon}{fenced(summary, fence)}" if summary else "",
        length.format(n=words),
    ]
    system = _SYSTEM[language]
    if composer.settings.voice.tone:
        system += f" {'; '.join(composer.settings.voice.tone)}."
    return (
        Message(role="system", content=system),
        Message(role="user", content="\n".join(line for line in lines if line)),
    )


def _sampling(composer: Composer, words: int, number: int) -> Sampling:
    settings = composer.settings
    return Sampling(
        max_new_tokens=round(words * TOKENS_PER_WORD[settings.language]) + 24,
        temperature=settings.temperature,
        top_p=0.95 if settings.temperature > 0 else 1.0,
        repetition_penalty=SMALL_MODEL_PENALTY if composer.model.is_small else 1.0,
        seed=(settings.seed + 1009 * number) % 2**31,
    )


def _all_facts(outline: Outline, facts: str) -> str:
    points = [point for section in outline.sections for point in section.points]
    headings = [section.heading for section in outline.sections]
    return "\n".join((facts, *points, *headings)).strip()
