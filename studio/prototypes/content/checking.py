"""All checks of one text by the rules of the settings, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from studio.evaluation.text_checks.language import check_language
from studio.evaluation.text_checks.length import check_length
from studio.evaluation.text_checks.readability import check_readability
from studio.evaluation.text_checks.repetition import check_repetition
from studio.evaluation.text_checks.result import CheckName, CheckResult
from studio.evaluation.text_checks.similarity import (
    Vector,
    check_copying,
    check_variants,
    check_voice,
)
from studio.evaluation.text_checks.structure import check_fields
from studio.evaluation.text_checks.support import check_support
from studio.evaluation.text_checks.wording import check_banned, check_keywords, check_required
from studio.prototypes.content.form import facts_of, items_of, source_of
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.structure import schema_of

CHECK_ORDER: tuple[CheckName, ...] = get_args(CheckName)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextVectors:
    """Vectors of a text and what it is compared with, `(dim,)` float32 of unit length.

    `text` is None where no model could make any; then nothing is compared by meaning.
    """

    text: Vector | None = None
    source: Vector | None = None
    voice: tuple[Vector, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A text as it came from the model, with what its checks need to know.

    `prose` is what is read: of the shape "fields" the values, one per line, else the text itself.
    `parts` are these values, () for a text without fields: a title may come again in a description,
    but nothing should come twice within either.
    """

    content: str
    prose: str
    parts: tuple[str, ...] = ()
    is_cut_off: bool = False
    is_repaired: bool = False


def facts_source(
    settings: ContentSettings, values: Mapping[str, str], passages: Sequence[str]
) -> str:
    """Everything that facts of a text may come from: the form, and passages of documents."""
    return "\n".join((source_of(settings.variables, values), *passages)).strip()


def copied_source(
    settings: ContentSettings, values: Mapping[str, str], passages: Sequence[str]
) -> str:
    """What a text must not simply repeat: the facts of the form, and passages of documents."""
    return "\n".join((facts_of(settings.variables, values), *passages)).strip()


def check_text(
    checked: Checked,
    settings: ContentSettings,
    values: Mapping[str, str],
    passages: Sequence[str],
    vectors: TextVectors,
    others: Sequence[Vector] = (),
) -> tuple[CheckResult, ...]:
    """Every check of a text, in the order of `CheckName`.

    Args:
        checked: the text.
        settings: the rules, the language, the form.
        values: what was typed; lists of required and banned words among them are held against it.
        passages: texts of the documents' passages that were read.
        vectors: of the text and what it is compared with.
        others: of the other texts for the same form.
    """
    rules, language, prose = settings.checks, settings.language, checked.prose
    required = (*rules.required_words, *_lists(values, rules.variables_required))
    banned = (*rules.banned_words, *_lists(values, rules.variables_banned))
    source = copied_source(settings, values, passages)
    schema = schema_of(settings.fields) if settings.shape == "fields" else None
    results = (
        check_length(
            prose, rules.min_words, rules.max_words, language, is_cut_off=checked.is_cut_off
        ),
        check_required(prose, required),
        check_banned(prose, banned),
        check_keywords(prose, rules.keywords, rules.min_keyword_share),
        check_language(prose, language),
        check_readability(prose, rules.min_readability, language),
        _worst_repetition(checked.parts or (prose,), rules.max_repetition),
        check_support(prose, facts_source(settings, values, passages)),
        variants_check(vectors.text, others, settings),
        check_copying(prose, source, vectors.text, vectors.source, rules.max_copying),
        check_voice(vectors.text, vectors.voice, rules.min_voice_similarity),
        check_fields(checked.content, schema, is_repaired=checked.is_repaired),
    )
    return tuple(
        replace(one, is_required=one.is_required or one.name in rules.must_pass) for one in results
    )


def _worst_repetition(parts: Sequence[str], maximum: float) -> CheckResult:
    """The check of the part that fails, else of the one that repeats itself most."""
    results = [check_repetition(part, maximum) for part in parts]
    return max(results, key=lambda one: (one.status == "failed", one.value or 0.0))


def variants_check(
    vector: Vector | None, others: Sequence[Vector], settings: ContentSettings
) -> CheckResult:
    """The check against the other texts for the same form, by itself: it is made when all stand."""
    result = check_variants(vector, others, settings.checks.max_variant_similarity)
    return replace(result, is_required="variants" in settings.checks.must_pass)


def with_check(checks: Sequence[CheckResult], changed: CheckResult) -> tuple[CheckResult, ...]:
    """The checks with one of them replaced."""
    return tuple(changed if one.name == changed.name else one for one in checks)


def _lists(values: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(item for name in names for item in items_of(values.get(name, "")))
